/**
 * How much memory is free, in the many ways applications print it by hand: IDF examples' `[APP] Free memory: 258472 bytes`,
 * `Minimum free heap size: 195052 bytes`, Arduino sketches' `Free heap: 123456, min 100000`.
 */
const number = String.raw`\s*(?:size|memory|is|now|left|bytes|=|:|-|\s|\()*\s*(\d{3,9})\b`;
const free = new RegExp(
  String.raw`\b(?:free[ _]?(?:internal |dma |system )?(?:heap|memory|ram)|heap[ _]?free|free_heap_size)${number}`,
  'i',
);
const minimum = new RegExp(String.raw`\bmin(?:imum)?[ _]?(?:ever )?(?:free )?[ _]?(?:heap|memory)?(?:[ _]free)?${number}`, 'i');

export interface FreeMemory {
  freeBytes?: number;
  minimumBytes?: number;
}

/** Null when the text does not speak of it. */
export function freeMemoryOf(text: string): FreeMemory | null {
  if (text.length > 300 || !/heap|free mem|memory|free ram/i.test(text)) return null;
  const least = minimum.exec(text);
  // "minimum free heap" must not be read as the free heap.
  const now = free.exec(least === null ? text : text.slice(0, least.index) + text.slice(least.index + least[0].length));
  if (least === null && now === null) return null;
  const found: FreeMemory = {};
  if (now !== null) found.freeBytes = Number(now[1]);
  if (least !== null) found.minimumBytes = Number(least[1]);
  return found;
}
