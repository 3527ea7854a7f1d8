/**
 * What of the generated reply the user heard. The ledger's text is a beginning of the reply, but for white space that
 * sentence splitting dropped; where it is not, all of it counts as heard and the rest cannot be told.
 */
export function heardAndUnheard(replyText: string, heardText: string): { heard: string; unheard: string } {
  let reply = 0;
  let heard = 0;
  const isSpace = (character: string | undefined): boolean => character !== undefined && /\s/.test(character);
  while (heard < heardText.length) {
    if (isSpace(heardText[heard])) heard++;
    else if (isSpace(replyText[reply])) reply++;
    else if (reply < replyText.length && replyText[reply] === heardText[heard]) {
      reply++;
      heard++;
    } else return { heard: heardText, unheard: '' };
  }
  const unheard = replyText.slice(reply);
  return unheard.trim() === '' ? { heard: replyText, unheard: '' } : { heard: replyText.slice(0, reply), unheard };
}
