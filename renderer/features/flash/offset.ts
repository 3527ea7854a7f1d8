/** A flash offset or size as people write it: `0x10000` or `65536`. Null when it is neither or beyond 32 bits. */
export function parseOffset(text: string): number | null {
  const trimmed = text.trim().toLowerCase();
  if (!/^(0x[0-9a-f]+|\d+)$/.test(trimmed)) return null;
  const offset = Number(trimmed);
  return offset <= 0xffffffff ? offset : null;
}
