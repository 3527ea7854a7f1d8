import { CsvError, parse } from 'csv-parse/sync';
import { TalkError } from '../../../preload/contract/talk-error.ts';

/** A device as a list gives it. */
export interface ListedDevice {
  productId: string;
  deviceName: string;
  deviceSecret: string;
  /** Of the file. */
  line: number;
}

type Column = 'productId' | 'deviceName' | 'deviceSecret';

/** Header names as consoles and factories write them, without spaces, underscores and case. */
const headerNames: Record<Column, readonly string[]> = {
  productId: ['productid', 'productkey', 'product', 'pid', '产品id', '产品key', '产品'],
  deviceName: ['devicename', 'device', 'name', '设备名称', '设备名', '设备id'],
  deviceSecret: ['devicesecret', 'secret', 'psk', 'devicepsk', 'devicekey', 'key', '设备密钥', '密钥', '设备psk'],
};
/** What no device is called. */
const headerOnly = /^(product(id|key)|device(name|secret|psk|key)|产品(id|key)|设备(名称|密钥|psk))$/;
const columns = Object.keys(headerNames) as Column[];

const name = /^[^\s/+#\p{Cc}]{1,64}$/u;
const secret = /^[^\s\p{Cc}]{1,256}$/u;

/**
 * The devices of a CSV: a header that names the three columns in any order, among others, or no header and just product id, device name,
 * secret. Separated by commas, semicolons or tabs; empty lines and those that begin with '#' do not count. Throws TalkError
 * 'provisioning/bad-list' {line, reason}, which never holds a secret.
 */
export function parseDeviceList(csv: string): ListedDevice[] {
  // Of a spreadsheet's own encoding (GBK) a header would be taken for the first device.
  if (csv.includes('\uFFFD')) throw badList(lineOf(csv, '\uFFFD'), 'not UTF-8 text: save it as CSV UTF-8');
  const rows = readRows(csv);
  const [first] = rows;
  if (first === undefined) throw badList(1, 'empty');
  const places = headerPlaces(first);
  const devices = rows.slice(places === null ? 0 : 1).map((row) => deviceOf(row, places));
  if (devices.length === 0) throw badList(first.line, 'a header and no device');
  // MQTT client ids are product and device name run together.
  const lines = new Map<string, ListedDevice>();
  for (const device of devices) {
    const before = lines.get(device.productId + device.deviceName);
    if (before !== undefined) {
      const isSame = before.productId === device.productId;
      throw badList(
        device.line,
        isSame ? `the same device as in line ${before.line}` : `the same MQTT client id as in line ${before.line}`,
      );
    }
    lines.set(device.productId + device.deviceName, device);
  }
  return devices;
}

function lineOf(text: string, found: string): number {
  return text.slice(0, text.indexOf(found)).split('\n').length;
}

interface Row {
  fields: string[];
  line: number;
}

function readRows(csv: string): Row[] {
  try {
    const records = parse(csv.replace(/\r\n?/g, '\n'), {
      bom: true,
      delimiter: [',', ';', '\t'],
      record_delimiter: '\n',
      comment: '#',
      comment_no_infix: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      info: true,
    }) as unknown as { info: { lines: number }; record: string[] }[];
    return records
      .map(({ info, record }) => ({ fields: record, line: info.lines }))
      .filter(({ fields }) => fields.some((field) => field !== ''));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Its own message quotes the file.
    throw badList(typeof error.lines === 'number' ? error.lines : 1, 'a quotation mark within a value, or one that is not closed');
  }
}

/** Where the header says each column is; null when the first line is a device already. */
function headerPlaces({ fields, line }: Row): Record<Column, number> | null {
  const cells = fields.map((field) => field.toLowerCase().replace(/[\s_-]/g, ''));
  const places = columns.map((column) => [column, cells.findIndex((cell) => headerNames[column].includes(cell))] as const);
  const missing = places.filter(([, place]) => place < 0).map(([column]) => column);
  // A single plain word may be what a device is called.
  const isHeader = missing.length < 2 || cells.some((cell) => headerOnly.test(cell));
  if (!isHeader) return null;
  if (missing.length > 0) throw badList(line, `the header lacks ${missing.join(', ')}`);
  return Object.fromEntries(places) as Record<Column, number>;
}

function deviceOf({ fields, line }: Row, places: Record<Column, number> | null): ListedDevice {
  if (places === null && fields.length !== columns.length) {
    throw badList(line, `${fields.length} columns; without a header there are three: product id, device name, secret`);
  }
  const [productId = '', deviceName = '', deviceSecret = ''] = columns.map((column, index) => fields[places?.[column] ?? index] ?? '');
  const empty = columns.filter((_, index) => [productId, deviceName, deviceSecret][index] === '');
  if (empty.length > 0) throw badList(line, `${empty.join(', ')} empty`);
  if (!name.test(productId)) throw badList(line, 'not a product id: at most 64 characters, no space, /, + or #');
  if (!name.test(deviceName)) throw badList(line, 'not a device name: at most 64 characters, no space, /, + or #');
  if (!secret.test(deviceSecret)) throw badList(line, 'not a secret: at most 256 characters, no space');
  return { productId, deviceName, deviceSecret, line };
}

function badList(line: number, reason: string): TalkError {
  return new TalkError('provisioning/bad-list', { line, reason });
}
