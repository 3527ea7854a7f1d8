import type { NvsEntry } from '../../../../preload/contract/nvs.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import {
  BITMAP_OFFSET,
  BLOB_CHUNKS,
  checksum,
  ENTRIES_PER_PAGE,
  ENTRY_BYTES,
  entryChecksum,
  FIRST_ENTRY_OFFSET,
  headerChecksum,
  LARGEST_BYTES,
  LAST_NAMESPACE,
  MINIMUM_BYTES,
  NAMESPACE_OF_NAMESPACES,
  NO_CHUNK,
  PAGE_BYTES,
  pageStates,
  typeCodes,
  VERSION_2,
} from './format.ts';
import { badValue, encodeValue } from './value.ts';

export interface NvsImage {
  data: Uint8Array;
  usedEntries: number;
  /** That can be used: one page always stays free. */
  totalEntries: number;
}

/**
 * An NVS partition of version 2 that holds `entries` in their order, byte for byte what Espressif's esp-idf-nvs-partition-gen makes of
 * the same values. `sizeBytes`: the partition's, a multiple of 4096. Throws TalkError 'nvs/bad-value' {namespace, key, reason}, 'nvs/too-big'
 * {sizeBytes, neededBytes} and 'too-large'.
 */
export function buildNvs(entries: readonly NvsEntry[], sizeBytes: number): NvsImage {
  const writer = new PageWriter();
  const namespaces = new Map<string, number>();
  const seen = new Set<string>();
  for (const entry of entries) {
    const encoded = encodeValue(entry);
    const name = `${entry.namespace}\0${entry.key}`;
    if (seen.has(name)) throw badValue(entry, 'twice');
    seen.add(name);
    const namespace = namespaces.get(entry.namespace) ?? namespaces.size + 1;
    if (!namespaces.has(entry.namespace)) {
      if (namespace > LAST_NAMESPACE) throw badValue(entry, 'too-many-namespaces', { most: LAST_NAMESPACE });
      namespaces.set(entry.namespace, namespace);
      writer.number(NAMESPACE_OF_NAMESPACES, entry.namespace, typeCodes.u8, Uint8Array.of(namespace));
    }
    if (encoded.kind === 'number') writer.number(namespace, entry.key, typeCodes[encoded.type], encoded.bytes);
    else if (encoded.kind === 'string') writer.string(namespace, entry.key, encoded.bytes);
    else if (!writer.blob(namespace, entry.key, encoded.bytes)) throw badValue(entry, 'blob-too-long', { mostPieces: BLOB_CHUNKS });
  }
  return writer.image(sizeBytes);
}

/** Fills one page after the other, as many as it takes. */
class PageWriter {
  readonly #pages: Uint8Array[] = [];
  /** In the last page. */
  #used = 0;
  #usedEntries = 0;

  constructor() {
    this.#turnPage();
  }

  number(namespace: number, key: string, type: number, value: Uint8Array): void {
    if (this.#free === 0) this.#turnPage();
    this.#append(header({ namespace, type, span: 1, key, field: value }));
  }

  /** In one page, whole. */
  string(namespace: number, key: string, value: Uint8Array): void {
    const span = 1 + entriesOf(value.length);
    // The generator never ends a page with a string: one that would fit exactly goes to the next page.
    if (span >= this.#free && this.#used > 0) this.#turnPage();
    this.#append(header({ namespace, type: typeCodes.string, span, key, field: sizeAndChecksum(value) }));
    this.#append(value);
  }

  /** In pieces as large as what each page has left, and an index after them. False for too many pieces. */
  blob(namespace: number, key: string, value: Uint8Array): boolean {
    let chunk = 0;
    let offset = 0;
    if (this.#free === 0) this.#turnPage();
    do {
      // With room for a header alone the piece is empty: so does the generator, and the firmware reads it.
      const piece = value.subarray(offset, offset + (this.#free - 1) * ENTRY_BYTES);
      const span = 1 + entriesOf(piece.length);
      this.#append(header({ namespace, type: typeCodes.blobData, span, chunk, key, field: sizeAndChecksum(piece) }));
      this.#append(piece);
      offset += piece.length;
      chunk++;
      if (offset < value.length || this.#free === 0) this.#turnPage();
    } while (offset < value.length);
    const index = new Uint8Array(8).fill(0xff);
    const view = new DataView(index.buffer);
    view.setUint32(0, value.length, true);
    view.setUint8(4, chunk);
    view.setUint8(5, 0); // the first piece's number
    this.#append(header({ namespace, type: typeCodes.blobIndex, span: 1, key, field: index }));
    return chunk <= BLOB_CHUNKS;
  }

  image(sizeBytes: number): NvsImage {
    // A page that was begun for an index or a value is used; one more stays free.
    const neededBytes = Math.max(MINIMUM_BYTES, (this.#pages.length + 1) * PAGE_BYTES);
    if (sizeBytes % PAGE_BYTES !== 0) {
      throw new TalkError('bad-request', { issues: [{ path: 'sizeBytes', message: `not a multiple of ${PAGE_BYTES}` }] });
    }
    // A damaged partition table says anything.
    if (sizeBytes > LARGEST_BYTES) throw new TalkError('too-large', { limitBytes: LARGEST_BYTES, sizeBytes });
    if (sizeBytes < neededBytes) throw new TalkError('nvs/too-big', { sizeBytes, neededBytes });
    const data = new Uint8Array(sizeBytes).fill(0xff);
    for (const [index, page] of this.#pages.entries()) data.set(page, index * PAGE_BYTES);
    return { data, usedEntries: this.#usedEntries, totalEntries: (sizeBytes / PAGE_BYTES - 1) * ENTRIES_PER_PAGE };
  }

  get #free(): number {
    return ENTRIES_PER_PAGE - this.#used;
  }

  #turnPage(): void {
    const last = this.#pages.at(-1);
    if (last !== undefined) new DataView(last.buffer).setUint32(0, pageStates.full, true);
    const page = new Uint8Array(PAGE_BYTES).fill(0xff);
    const view = new DataView(page.buffer);
    view.setUint32(0, pageStates.active, true);
    view.setUint32(4, this.#pages.length, true);
    page[8] = VERSION_2;
    view.setUint32(28, headerChecksum(page), true);
    this.#pages.push(page);
    this.#used = 0;
  }

  #append(bytes: Uint8Array): void {
    const page = this.#pages.at(-1);
    const count = entriesOf(bytes.length);
    if (page === undefined || count > this.#free) throw new Error('an entry beyond its page');
    page.set(bytes, FIRST_ENTRY_OFFSET + this.#used * ENTRY_BYTES);
    for (let entry = this.#used; entry < this.#used + count; entry++) {
      // 'written' clears the lower of an entry's two bits.
      const at = BITMAP_OFFSET + (entry >> 2);
      page[at] = (page[at] ?? 0) & ~(1 << (2 * (entry & 3)));
    }
    this.#used += count;
    this.#usedEntries += count;
  }
}

function header(parts: { namespace: number; type: number; span: number; chunk?: number; key: string; field: Uint8Array }): Uint8Array {
  const entry = new Uint8Array(ENTRY_BYTES).fill(0xff);
  entry.set([parts.namespace, parts.type, parts.span, parts.chunk ?? NO_CHUNK]);
  entry.fill(0, 8, 24);
  entry.set(new TextEncoder().encode(parts.key), 8);
  entry.set(parts.field, 24);
  new DataView(entry.buffer).setUint32(4, entryChecksum(entry), true);
  return entry;
}

function sizeAndChecksum(data: Uint8Array): Uint8Array {
  const field = new Uint8Array(8).fill(0xff);
  const view = new DataView(field.buffer);
  view.setUint16(0, data.length, true);
  view.setUint32(4, checksum(data), true);
  return field;
}

function entriesOf(byteCount: number): number {
  return Math.ceil(byteCount / ENTRY_BYTES);
}
