import type { NvsContents, NvsDamage } from '../../../../preload/contract/nvs.ts';
import {
  BITMAP_OFFSET,
  checksum,
  ENTRIES_PER_PAGE,
  ENTRY_BYTES,
  entryChecksum,
  entryStates,
  FIRST_ENTRY_OFFSET,
  headerChecksum,
  pageStates,
  typeCodes,
} from './format.ts';

/** An entry that holds, with the data that follows it. */
export interface NvsItem {
  page: number;
  entry: number;
  namespace: number;
  type: number;
  chunk: number;
  key: string;
  /** Its own eight bytes: a number's value, a blob index's size and pieces. */
  field: Uint8Array;
  /** Of a string, a blob or a piece of one; empty for the others. */
  data: Uint8Array;
}

export interface NvsPage {
  state: NvsContents['pages'][number]['state'];
  /** Pages are as old as this says; 0 where nothing does. */
  sequence: number;
  /** Written and not erased. */
  usedEntries: number;
  items: NvsItem[];
  /** The entries that do not hold, or all of a page that is none. */
  unread: Uint8Array[];
}

const stateNames = new Map<number, NvsPage['state']>(Object.entries(pageStates).map(([name, code]) => [code, name as NvsPage['state']]));
const knownTypes: ReadonlySet<number> = new Set(Object.values(typeCodes));
const withData: ReadonlySet<number> = new Set([typeCodes.string, typeCodes.blob, typeCodes.blobData]);

/** What one page of 4096 bytes holds. Entries whose checksum does not hold are reported and passed over. */
export function readPage(page: Uint8Array, index: number, report: (entry: number, reason: NvsDamage) => void): NvsPage {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const state = stateNames.get(view.getUint32(0, true)) ?? 'invalid';
  const nothing = { sequence: 0, usedEntries: 0, items: [], unread: [] };
  if (state === 'empty') {
    if (page.every((byte) => byte === 0xff)) return { state, ...nothing };
    report(-1, 'page-not-empty');
    return { state: 'invalid', ...nothing };
  }
  if (state === 'invalid' || state === 'corrupt') return { state, ...nothing, unread: [page] };
  if (view.getUint32(28, true) !== headerChecksum(page)) {
    report(-1, 'page-checksum');
    return { state: 'invalid', ...nothing, unread: [page] };
  }

  const items: NvsItem[] = [];
  const unread: Uint8Array[] = [];
  let usedEntries = 0;
  for (let entry = 0; entry < ENTRIES_PER_PAGE; ) {
    if (entryState(page, entry) !== entryStates.written) {
      entry++;
      continue;
    }
    const { item, span, reason } = readEntry(page, index, entry);
    if (item !== null) items.push(item);
    if (reason !== null) {
      report(entry, reason);
      unread.push(entryAt(page, entry));
    }
    usedEntries += span;
    entry += span;
  }
  return { state, sequence: view.getUint32(4, true), usedEntries, items, unread };
}

function entryAt(page: Uint8Array, entry: number): Uint8Array {
  const start = FIRST_ENTRY_OFFSET + entry * ENTRY_BYTES;
  return page.subarray(start, start + ENTRY_BYTES);
}

function entryState(page: Uint8Array, entry: number): number {
  return ((page[BITMAP_OFFSET + (entry >> 2)] ?? 0) >> (2 * (entry & 3))) & 0b11;
}

/** `span`: how many entries to go on by. An entry that does not hold says nothing about those after it. */
function readEntry(page: Uint8Array, index: number, entry: number): { item: NvsItem | null; span: number; reason: NvsDamage | null } {
  const bytes = entryAt(page, entry);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [namespace, type, span, chunk] = [view.getUint8(0), view.getUint8(1), view.getUint8(2), view.getUint8(3)];
  if (view.getUint32(4, true) !== entryChecksum(bytes)) return { item: null, span: 1, reason: 'entry-checksum' };
  if (!knownTypes.has(type)) return { item: null, span: 1, reason: 'unknown-type' };
  const sizeBytes = withData.has(type) ? view.getUint16(24, true) : 0;
  const isWritten = (at: number) => entryState(page, at) === entryStates.written;
  const following = Array.from({ length: Math.ceil(sizeBytes / ENTRY_BYTES) }, (_, at) => entry + 1 + at);
  if (span !== 1 + following.length || entry + span > ENTRIES_PER_PAGE || !following.every(isWritten)) {
    return { item: null, span: 1, reason: 'bad-span' };
  }
  const start = FIRST_ENTRY_OFFSET + (entry + 1) * ENTRY_BYTES;
  const data = page.subarray(start, start + sizeBytes);
  if (withData.has(type) && view.getUint32(28, true) !== checksum(data)) return { item: null, span, reason: 'data-checksum' };
  const keyBytes = bytes.subarray(8, 24);
  const keyEnd = keyBytes.indexOf(0);
  const key = new TextDecoder().decode(keyEnd < 0 ? keyBytes : keyBytes.subarray(0, keyEnd));
  return { item: { page: index, entry, namespace, type, chunk, key, field: bytes.subarray(24, 32), data }, span, reason: null };
}
