/** A flash offset as people write it: `0x10000` or `65536`. Null when it is neither or beyond 32 bits. */
export function parseOffset(text: string): number | null {
  const trimmed = text.trim().toLowerCase();
  if (!/^(0x[0-9a-f]+|\d+)$/.test(trimmed)) return null;
  const offset = Number(trimmed);
  return offset <= 0xffffffff ? offset : null;
}

/** Where ESP-IDF puts a file of this name on an ESP32-S3 by default; the reader sees it and may change it. */
export function guessOffset(name: string): string {
  const inName = /(?:^|[_@-])(0x[0-9a-f]+)/i.exec(name)?.[1];
  if (inName !== undefined) return inName.toLowerCase();
  if (/merged|factory|full/i.test(name) || /^bootloader/i.test(name)) return '0x0';
  if (/^partition/i.test(name)) return '0x8000';
  if (/ota_data|otadata/i.test(name)) return '0xd000';
  return '0x10000';
}

/** Where ESP-IDF puts a bootloader or an application, on any of its chips. */
const imageOffsets = [0x0, 0x1000, 0x2000, 0x10000];
/** The first byte of every image that an ESP's loaders boot (reference/esp.md §3). */
const imageMagic = 0xe9;

/** Whether a chip would look for an image at this offset and find none. The reader may know better, so it is no error. */
export function isUnlikelyImage(offsetText: string, data: Uint8Array): boolean {
  const offset = parseOffset(offsetText);
  return offset !== null && imageOffsets.includes(offset) && data.length > 0 && data[0] !== imageMagic;
}
