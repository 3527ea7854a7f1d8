/**
 * What identifies a person's SIM or modem, as digits stand in modem replies and logs: IMEI and IMSI are 15 digits (3GPP
 * TS 23.003 §2.2, §6.2.1), an ICCID starts with 89 and has 19 or 20 (ITU-T E.118; some modems print the last as a letter).
 * Any run of that shape goes, whatever it is called: an identity that stays is worse than a number that is lost.
 */
const identity = /(?<![0-9A-Za-z])(?:[0-9]{15}|89[0-9]{17}[0-9A-Fa-f]?)(?![0-9A-Za-z])/g;

/** The longest identity: bytes to look at again when more arrive. */
const LONGEST = 20;

/** Replaces within text by as many asterisks, so that every offset into it stays right. */
export type Redact = (text: string) => string;

/** `secrets` are removed always, identities unless `includeIdentities`. */
export function createRedact(options: { includeIdentities: boolean; secrets: readonly string[] }): Redact {
  const secrets = options.secrets.filter((secret) => secret.length >= 6);
  return (text) => {
    let result = options.includeIdentities ? text : text.replace(identity, mask);
    for (const secret of secrets) if (result.includes(secret)) result = result.replaceAll(secret, mask);
    return result;
  };
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
 * Redacts a byte stream that comes in chunks of any size: what looks for an identity must see across their borders.
 * Yields each chunk, unchanged in length and order, once nothing that follows can change it.
 */
export function* redactChunks<Chunk extends { bytes: Uint8Array }>(
  redact: Redact,
  chunks: Iterable<Chunk>,
  overlap = LONGEST,
): Generator<Chunk> {
  let held: Chunk[] = [];
  for (const chunk of chunks) {
    held.push(chunk);
    const isWide = held.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) > 64 * 1024;
    if (!isWide) continue;
    const redacted = redactTogether(redact, held);
    const keep = tailCount(redacted, overlap * 2);
    yield* redacted.slice(0, redacted.length - keep);
    held = redacted.slice(redacted.length - keep);
  }
  yield* redactTogether(redact, held);
}

function redactTogether<Chunk extends { bytes: Uint8Array }>(redact: Redact, chunks: readonly Chunk[]): Chunk[] {
  const whole = redactBytes(redact, Buffer.concat(chunks.map(({ bytes }) => bytes)));
  let at = 0;
  return chunks.map((chunk) => {
    const bytes = whole.subarray(at, at + chunk.bytes.byteLength);
    at += chunk.bytes.byteLength;
    return { ...chunk, bytes };
  });
}

/** How many chunks from the end hold the last `bytes` bytes. */
function tailCount(chunks: readonly { bytes: Uint8Array }[], bytes: number): number {
  let count = 0;
  for (let held = 0; held < bytes && count < chunks.length; count++) held += chunks[chunks.length - 1 - count]?.bytes.byteLength ?? 0;
  return count;
}
