import { createHash } from 'node:crypto';
import { TalkError } from '../../../../../preload/contract/errors.ts';

const LEGACY_HEADER_BYTES = 0x34;
const IMAGE_COUNT_AT = 0x10;
const PKGMODE_AT = 0x38;
const PKGMODE_HEADER_BYTES = 0x1d8;
const PRODUCT = { at: 0x190, bytes: 16 };
const META_BYTES = 364;
const MAX_ENTRIES = 64;
const EMPTY = new Set([0x00, 0xff]);

/** One file of a package. */
export interface BinpkgEntry {
  name: string;
  /** As the package has it: of EC7xx within the mapped flash (0x800000…). */
  address: number;
  /** Room for it; 0 where the package does not say. */
  roomBytes: number;
  /** 'BL', 'AP', 'CP', 'CFG', 'VIRTUALIMG', … */
  type: string;
  data: Uint8Array;
}

export interface Binpkg {
  /** 'EC718P_PRD'; null in the older format. */
  product: string | null;
  entries: BinpkgEntry[];
}

export function isBinpkg(bytes: Uint8Array, name: string): boolean {
  return /\.h?binpkg$/i.test(name) || isPkgmode(bytes);
}

/**
 * A `.binpkg` of Eigencomm's tools, old and new format: a header, then for each file 364 bytes about it and its bytes. Every
 * SHA-256 it has is checked. Fails with 'flash/bad-file' {path, reason}.
 */
export function readBinpkg(bytes: Uint8Array, path: string): Binpkg {
  const bad = (reason: string) => new TalkError('flash/bad-file', { path, reason });
  const isNew = isPkgmode(bytes);
  const headerBytes = isNew ? PKGMODE_HEADER_BYTES : LEGACY_HEADER_BYTES;
  if (bytes.length < headerBytes) throw bad('truncated: no whole header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: BinpkgEntry[] = [];
  let at = headerBytes;
  for (; at + META_BYTES <= bytes.length; ) {
    const meta = bytes.subarray(at, at + META_BYTES);
    if (meta.every((byte) => EMPTY.has(byte))) break;
    if (entries.length === MAX_ENTRIES) throw bad(`more than ${MAX_ENTRIES} files`);
    const name = textAt(meta, 0, 64);
    const type = textAt(meta, 336, 16);
    const sizeBytes = view.getUint32(at + 76, true);
    const from = at + META_BYTES;
    if (name === '' || type === '') throw bad(`no package: what stands at ${at} is no file`);
    if (sizeBytes > bytes.length - from) throw bad(`truncated in ${name}`);
    const data = bytes.subarray(from, from + sizeBytes);
    const hash = textAt(meta, 80, 256).toLowerCase();
    if (/^[0-9a-f]{64}$/.test(hash) && hash !== createHash('sha256').update(data).digest('hex'))
      throw bad(`${name} does not match its SHA-256`);
    entries.push({ name, type, data, address: view.getUint32(at + 64, true), roomBytes: view.getUint32(at + 68, true) });
    at = from + sizeBytes;
  }
  if (bytes.subarray(at).some((byte) => !EMPTY.has(byte))) throw bad('truncated: the last file is not whole');
  const count = view.getUint32(IMAGE_COUNT_AT, true);
  if (entries.length === 0) throw bad('no files in it');
  if (count <= MAX_ENTRIES && entries.length < count) throw bad(`truncated: ${entries.length} of ${count} files`);
  const product = isNew ? textAt(bytes, PRODUCT.at, PRODUCT.bytes) : '';
  return { product: product === '' ? null : product, entries };
}

function isPkgmode(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(PKGMODE_AT, PKGMODE_AT + 7)).toString('latin1') === 'pkgmode';
}

/** Up to its NUL. What is no text becomes replacement characters, which no name has. */
function textAt(bytes: Uint8Array, at: number, maxBytes: number): string {
  const field = Buffer.from(bytes.subarray(at, at + maxBytes));
  const end = field.indexOf(0);
  return field
    .subarray(0, end < 0 ? field.length : end)
    .toString('utf8')
    .trim();
}
