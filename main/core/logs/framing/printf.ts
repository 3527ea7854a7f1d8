/**
 * C's printf over arguments that came in a binary log. Formats come from the device: everything is bounded, nothing is trusted, and
 * no formatter of the host sees them.
 */

/** Where the values are. Undefined: there are no more, or not of that kind. */
export interface PrintfArguments {
  integer(bits: 8 | 16 | 32 | 64, isSigned: boolean): number | bigint | undefined;
  float(): number | undefined;
  /** `maxBytes` is the precision, where the format gives one. */
  text(maxBytes: number | null): string | undefined;
  /** A width or precision given as `*`; null where the log does not carry it. */
  star(): number | null | undefined;
}

interface Conversion {
  flags: string;
  width: number;
  precision: number | null;
  specifier: string;
}

const conversion = /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?(hh|h|ll|l|z|j|t|L)?([diouxXcspfFeEgGaA%])/g;
const MAX_WIDTH = 256;
const MAX_TEXT = 64 * 1024;

/** The text, or null when the arguments do not fit the format. */
export function printf(format: string, values: PrintfArguments): string | null {
  let text = '';
  let from = 0;
  for (const match of format.matchAll(conversion)) {
    text += format.slice(from, match.index);
    from = match.index + match[0].length;
    const piece = match[5] === '%' ? '%' : convert(match, values);
    if (piece === null) return null;
    text += piece;
    if (text.length > MAX_TEXT) return text.slice(0, MAX_TEXT);
  }
  return text + format.slice(from);
}

function convert(match: RegExpExecArray, values: PrintfArguments): string | null {
  const [whole, flags = '', width, precision, length = '', specifier = ''] = match;
  const widthValue = width === '*' ? values.star() : Number(width ?? 0);
  const isPrecise = whole.includes('.');
  const precisionValue = precision === '*' ? values.star() : isPrecise ? Number(precision ?? 0) : null;
  if (widthValue === undefined || precisionValue === undefined) return null;
  const how: Conversion = {
    flags: (widthValue ?? 0) < 0 ? `${flags}-` : flags,
    width: Math.min(Math.abs(widthValue ?? 0), MAX_WIDTH),
    precision: precisionValue === null || precisionValue < 0 ? null : Math.min(precisionValue, MAX_WIDTH),
    specifier,
  };
  if ('fFeEgGaA'.includes(specifier)) {
    const value = values.float();
    return value === undefined
      ? null
      : pad(signed(floatDigits(Math.abs(value), how), value < 0 || Object.is(value, -0), how), how, Number.isFinite(value));
  }
  if (specifier === 's') {
    const value = values.text(how.precision);
    return value === undefined ? null : pad(value, how, false);
  }
  if (specifier === 'c') {
    const value = values.integer(8, false);
    return value === undefined ? null : pad(String.fromCharCode(Number(value)), how, false);
  }
  const bits = length === 'll' || length === 'j' ? 64 : length === 'hh' ? 8 : length === 'h' ? 16 : 32;
  const value = values.integer(specifier === 'p' ? 32 : bits, specifier === 'd' || specifier === 'i');
  return value === undefined ? null : pad(integerText(BigInt(value), how), how, how.precision === null);
}

function integerText(value: bigint, how: Conversion): string {
  if (how.specifier === 'p') return `0x${value.toString(16).padStart(8, '0')}`;
  const isNegative = value < 0n;
  const magnitude = isNegative ? -value : value;
  const radix = 'xX'.includes(how.specifier) ? 16 : how.specifier === 'o' ? 8 : 10;
  let digits = magnitude.toString(radix).padStart(how.precision ?? 1, '0');
  if (how.flags.includes('#') && radix === 16 && magnitude !== 0n) digits = `0x${digits}`;
  if (how.flags.includes('#') && radix === 8 && !digits.startsWith('0')) digits = `0${digits}`;
  if (how.specifier === 'X') digits = digits.toUpperCase();
  return radix === 10 && how.specifier !== 'u' ? signed(digits, isNegative, how) : digits;
}

function signed(digits: string, isNegative: boolean, { flags }: Conversion): string {
  return isNegative ? `-${digits}` : flags.includes('+') ? `+${digits}` : flags.includes(' ') ? ` ${digits}` : digits;
}

function floatDigits(value: number, { specifier, precision, flags }: Conversion): string {
  const isUpper = specifier === specifier.toUpperCase();
  const kind = specifier.toLowerCase();
  const places = Math.min(precision ?? 6, 100);
  let text: string;
  if (!Number.isFinite(value)) text = Number.isNaN(value) ? 'nan' : 'inf';
  else if (kind === 'f') text = value >= 1e21 ? BigInt(value).toString() : value.toFixed(places);
  else if (kind === 'e') text = exponential(value, places);
  else if (kind === 'g') text = general(value, Math.max(places, 1), flags.includes('#'));
  else text = `0x${value.toString(16)}`;
  return isUpper ? text.toUpperCase() : text;
}

/** C's exponent has at least two digits. */
const exponential = (value: number, places: number) => value.toExponential(places).replace(/e([+-])(\d)$/, 'e$10$2');

function general(value: number, digits: number, keepsZeros: boolean): string {
  const exponent = value === 0 ? 0 : Number(value.toExponential(digits - 1).split('e')[1]);
  const text = exponent < -4 || exponent >= digits ? exponential(value, digits - 1) : value.toFixed(Math.min(digits - 1 - exponent, 100));
  return keepsZeros || !text.includes('.') ? text : text.replace(/\.?0+(?=e|$)/, '');
}

/** To the width: with zeros after sign and 0x when asked for and allowed, else with blanks. */
function pad(text: string, { flags, width }: Conversion, mayZero: boolean): string {
  if (text.length >= width) return text;
  if (flags.includes('-')) return text.padEnd(width);
  if (!mayZero || !flags.includes('0')) return text.padStart(width);
  const prefix = /^[+ -]?(?:0[xX])?/.exec(text)?.[0] ?? '';
  return prefix + text.slice(prefix.length).padStart(width - prefix.length, '0');
}
