/** What is typed into the send line, as the bytes that go out. */

export const lineEndings = { none: '', lf: '\n', cr: '\r', crlf: '\r\n' } as const;
export type LineEnding = keyof typeof lineEndings;

export type SendBytes = { ok: true; bytes: Uint8Array } | { ok: false; at: number };

const simpleEscapes: Record<string, number> = { n: 0x0a, r: 0x0d, t: 0x09, b: 0x08, e: 0x1b, 0: 0x00, '\\': 0x5c };

/**
 * Text with `\n \r \t \b \e \0 \\ \xHH \uHHHH`; another backslash stands for itself, as AT commands with Windows paths want it.
 * A broken `\x` or `\u` is refused with its place.
 */
export function textToBytes(text: string, encode: (text: string) => Uint8Array = (part) => new TextEncoder().encode(part)): SendBytes {
  const parts: Uint8Array[] = [];
  let plain = '';
  const flush = (): void => {
    if (plain !== '') parts.push(encode(plain));
    plain = '';
  };
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (character !== '\\') {
      plain += character;
      continue;
    }
    const simple = simpleEscapes[next];
    const digits = next === 'x' ? 2 : next === 'u' ? 4 : 0;
    if (simple !== undefined && next !== '') {
      flush();
      parts.push(Uint8Array.of(simple));
      at++;
    } else if (digits > 0) {
      const hex = text.slice(at + 2, at + 2 + digits);
      if (hex.length < digits || !/^[\da-f]+$/i.test(hex)) return { ok: false, at };
      if (next === 'u') plain += String.fromCharCode(Number.parseInt(hex, 16));
      else {
        flush();
        parts.push(Uint8Array.of(Number.parseInt(hex, 16)));
      }
      at += 1 + digits;
    } else plain += character;
  }
  flush();
  return { ok: true, bytes: joined(parts) };
}

/** Bytes as `7E 00 ff`, `7e00ff`, `0x7E, 0x00`, `7E:00`: pairs of digits with anything usual between them. */
export function hexToBytes(text: string): SendBytes {
  const bytes: number[] = [];
  const separators = /[\s,;:_-]*(?:0x)?/iy;
  for (let at = 0; at < text.length; ) {
    separators.lastIndex = at;
    at += separators.exec(text)?.[0].length ?? 0;
    if (at >= text.length) break;
    const pair = /^[\da-f]{2}/i.exec(text.slice(at, at + 2))?.[0];
    if (pair === undefined) return { ok: false, at };
    bytes.push(Number.parseInt(pair, 16));
    at += 2;
  }
  return { ok: true, bytes: Uint8Array.from(bytes) };
}

export function sendBytes(text: string, isHex: boolean, ending: LineEnding): SendBytes {
  const body = isHex ? hexToBytes(text) : textToBytes(text);
  if (!body.ok) return body;
  // Hex is exactly what is meant: an ending would be one more byte that nobody typed.
  return isHex ? body : { ok: true, bytes: joined([body.bytes, new TextEncoder().encode(lineEndings[ending])]) };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
