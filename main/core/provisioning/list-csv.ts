import { CsvError, parse } from 'csv-parse/sync';
import type { ListHeader } from '../../../preload/contract/provisioning.ts';
import type { Reason } from '../../../preload/contract/reasons.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { columns, headerPlaces, isWords, type Places, unknownHeader, unlikeTriple } from './list-header.ts';

/** A device as a list gives it. */
export interface ListedDevice {
  productId: string;
  deviceName: string;
  deviceSecret: string;
  /** Of the file. */
  line: number;
}

const name = /^[^\s/+#\p{Cc}]{1,64}$/u;
const secret = /^[^\s\p{Cc}]{1,256}$/u;

/**
 * The devices of a CSV: a header that names the three columns in any order, among others; or none, and just product id, device name,
 * secret. What has no header that is known is taken for devices only when it is said so, or when every line looks like what the cloud
 * makes: else a header in other words would be burned into the first board. Separated by commas, semicolons or tabs; empty lines and
 * those that begin with '#' do not count. Throws TalkError 'provisioning/bad-list' {line, reason} and 'provisioning/header-unknown'
 * {line, header}, which never hold a secret.
 */
export function parseDeviceList(csv: string, header: ListHeader = 'auto'): ListedDevice[] {
  // Of a spreadsheet's own encoding (GBK) a header would be taken for the first device.
  if (csv.includes('\uFFFD')) throw badList(lineOf(csv, '\uFFFD'), 'not-utf8');
  const rows = readRows(csv);
  const [first] = rows;
  if (first === undefined) throw badList(1, 'empty');
  const places = placesOf(first, header);
  const devices = rows.slice(places === null ? 0 : 1).map((row) => deviceOf(row, places));
  if (devices.length === 0) throw badList(first.line, 'only-header');
  if (places === null && header === 'auto') for (const device of devices) requireTriple(device, first);
  requireApart(devices);
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
    throw badList(typeof error.lines === 'number' ? error.lines : 1, 'quotation-mark');
  }
}

/** Null when the first line is a device already. */
function placesOf({ fields, line }: Row, header: ListHeader): Places | null {
  const found = headerPlaces(fields);
  if (header === 'none') {
    if (found?.lacks.length === 0) throw badList(line, 'is-header');
    return null;
  }
  if (found === null) {
    if (isWords(fields)) throw unknownHeader(line, fields);
    return null;
  }
  if (found.lacks.length > 0) throw badList(line, 'header-lacks', { columns: found.lacks });
  return found.places;
}

function deviceOf({ fields, line }: Row, places: Places | null): ListedDevice {
  if (places === null && fields.length !== columns.length) throw badList(line, 'column-count', { found: fields.length });
  const [productId = '', deviceName = '', deviceSecret = ''] = columns.map((column, index) => fields[places?.[column] ?? index] ?? '');
  const device = { productId, deviceName, deviceSecret, line };
  const empty = columns.filter((column) => device[column] === '');
  if (empty.length > 0) throw badList(line, 'cell-empty', { columns: empty });
  if (!name.test(productId)) throw badList(line, 'product-id');
  if (!name.test(deviceName)) throw badList(line, 'device-name');
  if (!secret.test(deviceSecret)) throw badList(line, 'device-secret');
  return device;
}

function requireTriple(device: ListedDevice, first: Row): void {
  const unlike = unlikeTriple(device);
  if (unlike.length === 0) return;
  if (device.line === first.line) throw unknownHeader(first.line, first.fields);
  throw badList(device.line, 'unlike-triple', { columns: unlike });
}

/** No device twice; nor two of one MQTT client id, which is product and device name run together. */
function requireApart(devices: readonly ListedDevice[]): void {
  const lines = new Map<string, ListedDevice>();
  for (const device of devices) {
    const before = lines.get(device.productId + device.deviceName);
    if (before !== undefined)
      throw badList(device.line, before.productId === device.productId ? 'same-device' : 'same-client-id', { otherLine: before.line });
    lines.set(device.productId + device.deviceName, device);
  }
}

function badList(line: number, reason: Reason<'provisioning/bad-list'>, facts: Record<string, unknown> = {}): TalkError {
  return new TalkError('provisioning/bad-list', { line, reason, ...facts });
}
