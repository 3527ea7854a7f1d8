/** Han characters one each, other words with the space before them; what is not spoken sticks to what it follows. */
export function unitsOf(text: string): string[] {
  return text.match(/\s*(?:\p{Script=Han}|[^\s\p{Script=Han}]+)[^\p{L}\p{N}\s]*/gu) ?? [];
}

export function slicedUnits(text: string, from: number, to?: number): string {
  return from === 0 && to === undefined ? text : unitsOf(text).slice(from, to).join('').trim();
}
