import type { NvsContents, NvsDamage, NvsValue } from '../../../../preload/contract/nvs.ts';
import { looksEncrypted } from './encrypted.ts';
import { isNumberType, NAMESPACE_OF_NAMESPACES, PAGE_BYTES, typeCodes } from './format.ts';
import { type NvsItem, type NvsPage, readPage } from './page.ts';
import { isSecretValue } from './secret-names.ts';

const typeNames = new Map(Object.entries(typeCodes).map(([name, code]) => [code as number, name as keyof typeof typeCodes]));

/**
 * What an NVS partition holds, as a board's firmware would read it: of a value that stands there several times, as a power cut leaves it,
 * the newest. Takes any bytes and never throws; what cannot be read is told in `damaged`. Values of secret names are null unless
 * `withSecrets`. Versions 1 and 2 of the format; an encrypted one is recognised, not read.
 */
export function readNvs(bytes: Uint8Array, options: { withSecrets?: boolean } = {}): NvsContents {
  const damaged: NvsContents['damaged'] = [];
  const report = (page: number, entry: number, reason: NvsDamage) => void damaged.push({ page, entry, reason });
  const pages: NvsPage[] = [];
  for (let index = 0; index * PAGE_BYTES < bytes.length; index++) {
    const page = bytes.subarray(index * PAGE_BYTES, (index + 1) * PAGE_BYTES);
    if (page.length < PAGE_BYTES) report(index, -1, 'cut-short');
    else pages.push(readPage(page, index, (entry, reason) => report(index, entry, reason)));
  }
  const items = pages.toSorted((a, b) => a.sequence - b.sequence).flatMap((page) => page.items);
  const isEncrypted = items.length === 0 && looksEncrypted(Buffer.concat(pages.flatMap((page) => page.unread)));
  const values = isEncrypted ? [] : new Reading(items, report).values();
  return {
    values: options.withSecrets === true ? values : values.map(withoutSecret),
    pages: pages.map(({ state, usedEntries }) => ({ state, usedEntries })),
    damaged: isEncrypted ? [] : damaged,
    isEncrypted,
  };
}

function withoutSecret(value: NvsValue): NvsValue {
  return isSecretValue({ ...value, text: value.value ?? '' }) ? { ...value, value: null } : value;
}

/** Entries in the order they were written, taken for values. */
class Reading {
  readonly #report: (page: number, entry: number, reason: NvsDamage) => void;
  readonly #namespaces = new Map<number, string>();
  /** The newest of each, in the order of the first: by namespace, key and kind. Older firmware keeps a key once for each type. */
  readonly #newest = new Map<string, NvsItem>();
  readonly #chunks = new Map<string, NvsItem>();

  constructor(items: readonly NvsItem[], report: (page: number, entry: number, reason: NvsDamage) => void) {
    this.#report = report;
    for (const item of items) {
      if (item.namespace === NAMESPACE_OF_NAMESPACES) this.#namespaces.set(item.field[0] ?? 0, item.key);
      else if (item.type === typeCodes.blobData) this.#chunks.set(chunkName(item, item.chunk), item);
      else this.#newest.set(name(item), item);
    }
  }

  values(): NvsValue[] {
    const values = [...this.#newest.values()].map((item) => this.#value(item)).filter((value) => value !== null);
    for (const stray of this.#chunks.values()) this.#fail(stray, 'stray-chunk');
    return values;
  }

  #value(item: NvsItem): NvsValue | null {
    const namespace = this.#namespaces.get(item.namespace);
    const type = typeNames.get(item.type);
    const content = type === 'blobIndex' ? this.#join(item) : item.data;
    if (namespace === undefined) return this.#fail(item, 'unknown-namespace');
    if (type === undefined || content === null) return null;
    const base = { namespace, key: item.key };
    if (isNumberType(type)) return { ...base, type, value: numberText(item.field, type), sizeBytes: Number(type.slice(1)) / 8 };
    if (type === 'blobIndex' || type === 'blob') {
      return { ...base, type: 'blob', value: Buffer.from(content).toString('hex'), sizeBytes: content.length };
    }
    const end = content.indexOf(0);
    if (end < 0) return this.#fail(item, 'no-terminator');
    return {
      ...base,
      type: 'string',
      value: new TextDecoder('utf-8', { ignoreBOM: true }).decode(content.subarray(0, end)),
      sizeBytes: content.length,
    };
  }

  /** The pieces of a blob in a row. */
  #join(index: NvsItem): Uint8Array | null {
    const view = new DataView(index.field.buffer, index.field.byteOffset);
    const [sizeBytes, count, first] = [view.getUint32(0, true), view.getUint8(4), view.getUint8(5)];
    const names = Array.from({ length: count }, (_, at) => chunkName(index, (first + at) & 0xff));
    const pieces = names.map((each) => this.#chunks.get(each)?.data).filter((data) => data !== undefined);
    for (const each of names) this.#chunks.delete(each);
    const whole = Buffer.concat(pieces);
    if (pieces.length < count || whole.length !== sizeBytes) return this.#fail(index, 'missing-chunk');
    return whole;
  }

  #fail(item: NvsItem, reason: NvsDamage): null {
    this.#report(item.page, item.entry, reason);
    return null;
  }
}

/** Both kinds of blob are one value. */
function name({ namespace, key, type }: NvsItem): string {
  return `${namespace}/${type === typeCodes.blob ? typeCodes.blobIndex : type}/${key}`;
}

function chunkName({ namespace, key }: NvsItem, chunk: number): string {
  return `${namespace}/${chunk}/${key}`;
}

function numberText(field: Uint8Array, type: string): string {
  const bits = Number(type.slice(1));
  const value = new DataView(field.buffer, field.byteOffset).getBigUint64(0, true);
  return String(type.startsWith('i') ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
}
