/** What stands for words that nobody recorded. */
export const UNKNOWN = '…';

/** A reply that nobody recorded, as the pipeline is given it: four characters that can be said and that no model says. */
export const UNKNOWN_REPLY = '〇〇〇〇';

/** As people are shown it. */
export function shownText(text: string): string {
  return text.replaceAll(/〇{2,}。?/gu, UNKNOWN);
}
