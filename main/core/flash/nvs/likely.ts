import { TalkError } from '../../../../preload/contract/errors.ts';
import { looksEncrypted } from './encrypted.ts';
import { ENTRY_BYTES, headerChecksum, PAGE_BYTES, pageStates } from './format.ts';

const begun: ReadonlySet<number> = new Set([pageStates.active, pageStates.full, pageStates.freeing, pageStates.corrupt]);

/**
 * Refuses what cannot be an NVS partition: no whole pages, or not one that begins as a page does. All of it erased is an empty one. Bytes
 * that look random throughout pass: flash encryption leaves no more to see of one, and nobody can tell it from noise. Fails with
 * `nvs/not-an-image` {sizeBytes}.
 */
export function requireNvs(bytes: Uint8Array): void {
  const pages = Array.from({ length: Math.ceil(bytes.length / PAGE_BYTES) }, (_, at) =>
    bytes.subarray(at * PAGE_BYTES, (at + 1) * PAGE_BYTES),
  );
  const used = pages.filter((page) => !isBlank(page));
  const isWhole = bytes.length > 0 && bytes.length % PAGE_BYTES === 0;
  if (used.some(isPage) || (isWhole && used.every(looksRandom))) return;
  throw new TalkError('nvs/not-an-image', { sizeBytes: bytes.length });
}

/** Either its state or its checksum: a power cut may have spoiled the other. */
function isPage(page: Uint8Array): boolean {
  if (page.length < FIRST_BYTES) return false;
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  return begun.has(view.getUint32(0, true)) || view.getUint32(28, true) === headerChecksum(page);
}

/** The head of a page, which its checksum is at the end of. */
const FIRST_BYTES = 32;

/** Of a page that is encrypted, what was never written stays blank. */
function looksRandom(page: Uint8Array): boolean {
  const blocks = Array.from({ length: page.length / ENTRY_BYTES }, (_, at) => page.subarray(at * ENTRY_BYTES, (at + 1) * ENTRY_BYTES));
  return looksEncrypted(Buffer.concat(blocks.filter((block) => !isBlank(block))));
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0xff);
}
