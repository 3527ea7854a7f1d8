/**
 * The messages of Tencent's SoftAP setup, version 2 (docs/wifi-setup.md): one JSON object a datagram, told apart by `cmdType`.
 * Boards print theirs over several lines, or with a line end behind, or (their log) not as JSON at all.
 */
export type SoftApMessage =
  /** It took network, password and token, and says who it is. Version 1 boards acknowledge without a name. */
  | { kind: 'accepted'; productId: string | null; deviceName: string | null; version: string | null }
  /** Something failed now, or in a setup before this one. `log` is `reason` with `code` behind it: … (10, 2). */
  | { kind: 'error'; isOld: boolean; log: string; reason: string; code: string | null }
  /** Lines of the board's own log. */
  | { kind: 'log'; lines: string[] }
  | { kind: 'unknown'; why: 'not JSON' | 'no such message' };

export function credentialsMessage(credentials: { ssid: string; password: string; token: string }): string {
  const { ssid, password, token } = credentials;
  return JSON.stringify({ cmdType: 1, ssid, password, token });
}

export const logQuery = '{"cmdType":3}';

/** Of an error's words: the SDK's have some fifty characters. */
const WORDS = 1000;
const acknowledged = /^data_?rece?ived$/i;
/** '12345|_app_handle_recv_data(160): …': milliseconds, function and line. */
const logLine = /^\d+\|[\w.]+\(\d+\): /;

export function parseSoftApMessage(datagram: Uint8Array): SoftApMessage {
  const text = new TextDecoder().decode(datagram).replaceAll('\0', '').trim();
  const body = parseObject(text);
  if (body === null) {
    const lines = text.split(/\r?\n/).filter((line) => line !== '');
    return lines.some((line) => logLine.test(line)) ? { kind: 'log', lines } : { kind: 'unknown', why: 'not JSON' };
  }
  const { deviceReply, productId, deviceName, protoVersion, log } = body;
  if (typeof deviceReply === 'string' && /_error$/i.test(deviceReply)) {
    const words = typeof log === 'string' ? log.slice(0, WORDS) : '';
    return { kind: 'error', isOld: /^previous/i.test(deviceReply), log: words, ...splitCode(words) };
  }
  const isNamed = typeof productId === 'string' || typeof deviceName === 'string';
  if (Number(body.cmdType) === 2 && (isNamed || (typeof deviceReply === 'string' && acknowledged.test(deviceReply)))) {
    return { kind: 'accepted', productId: textOf(productId), deviceName: textOf(deviceName), version: textOf(protoVersion) };
  }
  return { kind: 'unknown', why: 'no such message' };
}

/** The SDK's words end with a pair in brackets: which error, and which of its kind. */
export function splitCode(words: string): { reason: string; code: string | null } {
  const said = words.trimEnd();
  const [bracket, code = null] = /\((\d+, *-?\d+)\)$/.exec(said) ?? [''];
  return { reason: said.slice(0, said.length - bracket.length).trimEnd(), code };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, 128) : null;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
