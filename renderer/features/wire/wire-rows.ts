/** How many rows further down a message stands than before: what was put in front of the list, less what was taken from there. */
export function rowsMoved(before: readonly { id: number }[], now: readonly { id: number }[]): number {
  const [firstBefore, firstNow] = [before[0], now[0]];
  if (firstBefore === undefined || firstNow === undefined || firstBefore.id === firstNow.id) return 0;
  return firstNow.id < firstBefore.id ? indexOf(now, firstBefore.id) : -indexOf(before, firstNow.id);
}

/** Of the first message that is not older. Messages stand by their ids, rising. */
export function indexOf(messages: readonly { id: number }[], id: number): number {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle]?.id ?? 0) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Ids of sessions and events say nothing in a list and push what does out of sight; the message itself has them. */
export function previewText(preview: string): string {
  return preview.replace(/"[\w-]{1,40}":\s?"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,40}",?\s?/giu, '');
}
