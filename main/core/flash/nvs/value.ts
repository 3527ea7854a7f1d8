import type { NvsEntry } from '../../../../preload/contract/nvs.ts';
import type { Reason } from '../../../../preload/contract/reasons.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import { isNumberType, NAME_BYTES, type NumberType, STRING_BYTES } from './format.ts';

/** A value as it stands in the flash. A number is the eight bytes of its entry. */
export type EncodedValue =
  | { kind: 'number'; type: NumberType; bytes: Uint8Array }
  | { kind: 'string'; bytes: Uint8Array }
  | { kind: 'blob'; bytes: Uint8Array };

const HEX = /^(?:[0-9a-f]{2})*$/i;
/** With or without the padding at its end. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** Throws TalkError 'nvs/bad-value', whose reason never holds the value: it may be a secret. */
export function encodeValue(entry: NvsEntry): EncodedValue {
  requireName(entry, 'namespace');
  requireName(entry, 'key');
  const { type, value } = entry;
  if (isNumberType(type)) return { kind: 'number', type, bytes: encodeNumber(entry, type) };
  switch (type) {
    case 'string':
      return { kind: 'string', bytes: encodeString(entry) };
    case 'hex': {
      const digits = value.trim();
      if (digits.length % 2 !== 0) throw badValue(entry, 'odd-hex');
      if (!HEX.test(digits)) throw badValue(entry, 'not-hex');
      return { kind: 'blob', bytes: new Uint8Array(Buffer.from(digits, 'hex')) };
    }
    case 'base64': {
      const text = value.replace(/\s/g, '');
      if (!BASE64.test(text)) throw badValue(entry, 'not-base64');
      return { kind: 'blob', bytes: new Uint8Array(Buffer.from(text, 'base64')) };
    }
  }
}

export function badValue(
  { namespace, key }: Pick<NvsEntry, 'namespace' | 'key'>,
  reason: Reason<'nvs/bad-value'>,
  facts: Record<string, string | number> = {},
): TalkError {
  return new TalkError('nvs/bad-value', { namespace, key, reason, ...facts });
}

function requireName(entry: NvsEntry, what: 'namespace' | 'key'): void {
  const name = entry[what];
  if (name === '') throw badValue(entry, `${what}-empty`);
  if (name.includes('\0')) throw badValue(entry, `${what}-nul`);
  if (Buffer.byteLength(name) > NAME_BYTES) throw badValue(entry, `${what}-too-long`, { mostBytes: NAME_BYTES });
}

function encodeNumber(entry: NvsEntry, type: NumberType): Uint8Array {
  const text = entry.value.trim();
  const [, sign, digits] = /^([+-]?)(\d+|0x[0-9a-f]+)$/i.exec(text) ?? [];
  if (digits === undefined) throw badValue(entry, 'not-a-number', { type });
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  const bits = Number(type.slice(1));
  const isSigned = type.startsWith('i');
  const [least, greatest] = isSigned ? [-(1n << BigInt(bits - 1)), (1n << BigInt(bits - 1)) - 1n] : [0n, (1n << BigInt(bits)) - 1n];
  if (value < least || value > greatest) throw badValue(entry, 'out-of-range', { type, least: String(least), greatest: String(greatest) });
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  return bytes.fill(0xff, bits / 8);
}

function encodeString(entry: NvsEntry): Uint8Array {
  const { value } = entry;
  // The firmware would read it as ending there.
  if (value.includes('\0')) throw badValue(entry, 'string-nul');
  if (!value.isWellFormed()) throw badValue(entry, 'not-unicode');
  const bytes = new TextEncoder().encode(`${value}\0`);
  if (bytes.length > STRING_BYTES) throw badValue(entry, 'string-too-long', { sizeBytes: bytes.length - 1, mostBytes: STRING_BYTES - 1 });
  return bytes;
}
