import type { LogRow } from '../../../../preload/contract/logs.ts';

/** What differs from board to board and from boot to boot, most particular first. */
const varying: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5,7}\b/gi, '<mac>'],
  [/\b\d{4}[-/]\d{1,2}[-/]\d{1,2}\b/g, '<date>'],
  [/\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2} +\d{4}\b/g, '<date>'],
  [/\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?\b/g, '<time>'],
  [/\b(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}\b/gi, '<ip>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<ip>'],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b0x[0-9a-f]+\b/gi, '<n>'],
  // Hashes, addresses, tokens: long, and with a digit in them, or a word like "feedface" would go. One that has no letter is a number to any
  // reader, so both are masked alike.
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, '<n>'],
  [/\b(token|clientToken|sign(?:ature)?|nonce|password|psk)("?\s*[:=]\s*"?)[^\s"&,;]+/gi, '$1$2<secret>'],
  [/-?\d+(?:\.\d+)?/g, '<n>'],
];

/** Facts of typed rows that are one board's, one place's or one moment's; reasons and states are what a comparison is for. */
const ownFacts: ReadonlySet<string> = new Set([
  ...['id', 'mac', 'imei', 'iccid', 'imsi', 'deviceId', 'deviceName', 'productId', 'connectionId', 'sessionId', 'serialNumber'],
  ...['ip', 'ssid', 'host', 'url', 'gateway', 'topic', 'payload', 'token', 'cell', 'area', 'operator', 'time', 'text', 'sha256'],
]);

/** What stands for a board in its own log: shorter names would be found inside words. */
const LEAST_NAME_CHARACTERS = 4;

/**
 * A line with what varies masked: two boots of one firmware print the same, on this board (`names`: its device, serial number …) or another.
 * Its own time is not in it; level and tag are, so that a warning that became an error is another line. Empty for a line that says nothing.
 */
export function templateOf(row: LogRow, names: readonly string[] = []): string {
  const { level, tag, file, message, text } = row;
  const said = (message === '' ? text : message).trim();
  // A line without letters or digits is drawing.
  if (!/[\p{L}\p{N}]/u.test(said)) return '';
  let masked = said;
  for (const name of [...names, ...ownFactsOf(row)]) if (name.length >= LEAST_NAME_CHARACTERS) masked = masked.replaceAll(name, '<own>');
  masked = maskedVarying(masked);
  return `${level ?? ''} ${tag ?? file ?? ''}: ${masked.replace(/\s+/g, ' ')}`.slice(0, 500);
}

/** A text as templates have it: a secret with digits in it stands there so, and has to be looked for so. */
export function maskedVarying(text: string): string {
  return varying.reduce((masked, [pattern, mask]) => masked.replace(pattern, mask), text);
}

function ownFactsOf({ event, payload }: LogRow): string[] {
  if (event === undefined || typeof payload !== 'object' || payload === null) return [];
  return Object.entries(payload).flatMap(([name, value]) => (ownFacts.has(name) && typeof value === 'string' ? [value] : []));
}
