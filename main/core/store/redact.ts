import { findSecrets } from './secret-finder.ts';

/**
 * What identifies a person's SIM or modem, as digits stand in modem replies and logs: IMEI and IMSI are 15 digits (3GPP
 * TS 23.003 §2.2, §6.2.1), an ICCID starts with 89 and has 19 or 20 (ITU-T E.118), hexadecimal letters among them in some operators' cards.
 * Any run of that shape goes, whatever it is called: an identity that stays is worse than a number that is lost.
 */
const identity = /(?<!0x|[0-9])(?:[0-9]{15}|89[0-9]{4}[0-9A-Fa-f]{13,14})(?![0-9A-Za-z])/g;

/** A stream is redacted in stretches of about this much, and where no line ends in so much, but for its last bytes: longer than what is looked for. */
const STRETCH_BYTES = 64 * 1024;
const MARGIN_BYTES = 4096;
const NEWLINE = 0x0a;

/** Replaces within text by as many asterisks, so that every offset into it stays right. */
export type Redact = (text: string) => string;

/** `secrets` are removed always, identities unless `includeIdentities`. */
export function createRedact(options: { includeIdentities: boolean; secrets: readonly string[] }): Redact {
  const find = findSecrets(options.secrets);
  return (text) => {
    const result = masked(text, find(text));
    return options.includeIdentities ? result : result.replace(identity, mask);
  };
}

function masked(text: string, found: readonly [start: number, end: number][]): string {
  if (found.length === 0) return text;
  const pieces: string[] = [];
  let from = 0;
  for (const [start, end] of found) {
    pieces.push(text.slice(from, start), '*'.repeat(end - start));
    from = end;
  }
  return pieces.join('') + text.slice(from);
}

function mask(found: string): string {
  return '*'.repeat(found.length);
}

/** Bytes are redacted as Latin-1, which maps each to one character and back. */
export function redactBytes(redact: Redact, bytes: Uint8Array): Uint8Array {
  return Buffer.from(redact(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')), 'latin1');
}

/** Every string in a JSON value, and every number that is an identity, which then becomes its asterisks. */
export function redactJson(redact: Redact, value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'number') {
    const text = String(value);
    const redacted = redact(text);
    return redacted === text ? value : redacted;
  }
  if (Array.isArray(value)) return value.map((item) => redactJson(redact, item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [redact(key), redactJson(redact, item)]));
}

/**
 * Redacts a byte stream that came in chunks of any size: what is looked for may lie across their borders. Each chunk comes
 * out in order and as long as it was. Stretches end at a line's end, which nothing that is looked for contains.
 */
export function* redactChunks<Chunk extends { bytes: Uint8Array }>(redact: Redact, chunks: Iterable<Chunk>): Generator<Chunk> {
  let held: Chunk[] = [];
  let heldBytes = 0;
  for (const chunk of chunks) {
    held.push(chunk);
    heldBytes += chunk.bytes.byteLength;
    if (heldBytes < STRETCH_BYTES) continue;
    const whole = Buffer.concat(held.map(({ bytes }) => bytes));
    const { redacted, end } = redactStretch(redact, whole);
    const released = withBytes(held, Buffer.concat([redacted.subarray(0, end), whole.subarray(end)]));
    held = [];
    heldBytes = 0;
    let at = 0;
    for (const ready of released) {
      at += ready.bytes.byteLength;
      if (at <= end) yield ready;
      else {
        held.push(ready);
        heldBytes += ready.bytes.byteLength;
      }
    }
  }
  yield* withBytes(held, redactBytes(redact, Buffer.concat(held.map(({ bytes }) => bytes))));
}

/**
 * A stretch of a stream, and how much of it stands whatever comes next: up to the last line's end, or where no line ends, not within
 * what is blacked out and not so late that the end of it may be still to come.
 */
export function redactStretch(redact: Redact, whole: Uint8Array): { redacted: Uint8Array; end: number } {
  const redacted = redactBytes(redact, whole);
  const lineEnd = whole.lastIndexOf(NEWLINE) + 1;
  if (lineEnd > 0) return { redacted, end: lineEnd };
  const isHidden = (at: number) => whole[at] !== redacted[at];
  let end = whole.length - MARGIN_BYTES;
  while (end > 0 && isHidden(end - 1) && isHidden(end)) end--;
  return { redacted, end: end > 0 ? end : whole.length };
}

/** The chunks with their share of `whole` in place of their own bytes. */
function withBytes<Chunk extends { bytes: Uint8Array }>(chunks: readonly Chunk[], whole: Uint8Array): Chunk[] {
  let at = 0;
  return chunks.map((chunk) => {
    const bytes = whole.subarray(at, at + chunk.bytes.byteLength);
    at += chunk.bytes.byteLength;
    return { ...chunk, bytes };
  });
}
