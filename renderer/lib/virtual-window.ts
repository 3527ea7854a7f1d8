/**
 * Which rows of a list of equal heights to draw, and where. Browsers stop at about 33 million pixels of height, so beyond
 * `tallestPx` the scroll position is a share of the list instead of a distance.
 */
const tallestPx = 15_000_000;

export interface VirtualWindow {
  /** Height of the scrolled content. */
  contentPx: number;
  firstIndex: number;
  count: number;
  /** Where the first drawn row stands in the content. */
  offsetPx: number;
}

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

export function virtualWindow(scrollPx: number, windowPx: number, length: number, rowPx: number, overscan = 8): VirtualWindow {
  const top = indexAtScroll(scrollPx, windowPx, length, rowPx);
  const firstIndex = Math.max(0, Math.floor(top) - overscan);
  const count = Math.min(length - firstIndex, Math.ceil(windowPx / rowPx) + 2 * overscan + 1);
  return {
    contentPx: contentHeight(length, rowPx),
    firstIndex,
    count: Math.max(0, count),
    offsetPx: scrollPx - (top - firstIndex) * rowPx,
  };
}
