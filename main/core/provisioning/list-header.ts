import { TalkError } from '../../../preload/contract/talk-error.ts';

export type Column = 'productId' | 'deviceName' | 'deviceSecret';
export const columns: readonly Column[] = ['productId', 'deviceName', 'deviceSecret'];
export type Places = Record<Column, number>;

/** Header names as consoles and factories write them, without spaces, underscores and case. */
const headerNames: Record<Column, readonly string[]> = {
  productId: ['productid', 'productkey', 'product', 'pid', '产品id', '产品key', '产品'],
  deviceName: ['devicename', 'device', 'name', '设备名称', '设备名', '设备id'],
  deviceSecret: ['devicesecret', 'secret', 'psk', 'devicepsk', 'devicekey', 'key', '设备密钥', '密钥', '设备psk'],
};
/** What no device is called. */
const headerOnly = /^(product(id|key)|device(name|secret|psk|key)|产品(id|key)|设备(名称|密钥|psk))$/;

/** Letters of any script and what stands between them in a heading: no digit, and nothing that base64 ends in. */
const words = /^[\p{L}\p{M}\s_.:()（）：、-]*$/u;
/** What a third column is called, as far as a heading may be told apart from a weak secret. */
const secretHeading = /key|secret|psk|pass|pwd|token|sign|密|钥|口令/i;

/** What a console's products, devices and secrets look like: Tencent's documents (id at most 10, name at most 48, a base64 key). */
const shapes: Record<Column, RegExp> = {
  productId: /^[A-Za-z0-9]{1,10}$/,
  deviceName: /^[\w:@-]{1,48}$/,
  deviceSecret: /^(?=.{16,})(?=.*[\d+/=])(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
};

/** Where a header says each column is; `lacks`: those that a header does not name. Null when no name of a column is in the line. */
export function headerPlaces(fields: readonly string[]): { places: Places; lacks: Column[] } | null {
  const cells = fields.map((field) => field.toLowerCase().replace(/[\s_-]/g, ''));
  const found = columns.map((column) => [column, cells.findIndex((cell) => headerNames[column].includes(cell))] as const);
  const lacks = found.filter(([, place]) => place < 0).map(([column]) => column);
  // A single plain word may be what a device is called.
  if (lacks.length > 0 && !cells.some((cell) => headerOnly.test(cell))) return null;
  return { places: Object.fromEntries(found) as Places, lacks };
}

/** A line of words may be a header that is not known, or a device; only who made the file can tell. */
export function isWords(fields: readonly string[]): boolean {
  return fields.every((field) => words.test(field));
}

/** Columns of a line without a header whose values are not as a console makes them. */
export function unlikeTriple(values: Readonly<Record<Column, string>>): Column[] {
  return columns.filter((column) => !shapes[column].test(values[column]));
}

/** The line is shown as far as it holds no secret. */
export function unknownHeader(line: number, fields: readonly string[]): TalkError {
  const shown = fields.map((field, index) => (words.test(field) && (index < 2 || secretHeading.test(field)) ? field : '…'));
  return new TalkError('provisioning/header-unknown', { line, header: shown.join(', ') });
}
