/**
 * Where the rows of a list of equal heights stand under a scroll bar. Browsers stop at about 33 million pixels of height, so beyond
 * `tallestPx` the scroll position is a share of the list instead of a distance.
 */
const tallestPx = 15_000_000;

/** Height of the scrolled content. */
export function contentHeight(length: number, rowPx: number): number {
  return Math.min(length * rowPx, tallestPx);
}

/** The index (fractional) at the top of the window for a scroll position. */
export function indexAtScroll(scrollPx: number, windowPx: number, length: number, rowPx: number): number {
  const content = contentHeight(length, rowPx);
  if (content === length * rowPx) return scrollPx / rowPx;
  const share = scrollPx / Math.max(1, content - windowPx);
  return share * Math.max(0, length - windowPx / rowPx);
}

/** The scroll position that brings `index` to the top. */
export function scrollForIndex(index: number, windowPx: number, length: number, rowPx: number): number {
  const content = contentHeight(length, rowPx);
  if (content === length * rowPx) return index * rowPx;
  return (index / Math.max(1, length - windowPx / rowPx)) * (content - windowPx);
}
