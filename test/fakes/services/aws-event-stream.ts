import { crc32 } from 'node:zlib';

/** A message of AWS's event-stream framing with its string headers (reference/providers.md §3.2). */
export interface EventMessage {
  headers: Record<string, string>;
  body: Uint8Array;
}

/** u32 length | u32 headers' length | CRC of these | headers | body | CRC of all, big endian. */
export function encodeEvent({ headers, body }: EventMessage): Uint8Array {
  const encodedHeaders = Buffer.concat(
    Object.entries(headers).map(([name, value]) => {
      const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)];
      const length = Buffer.alloc(2);
      length.writeUInt16BE(valueBytes.length);
      return Buffer.concat([Buffer.of(nameBytes.length), nameBytes, Buffer.of(7), length, valueBytes]);
    }),
  );
  const message = Buffer.alloc(16 + encodedHeaders.length + body.length);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(encodedHeaders.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  encodedHeaders.copy(message, 12);
  message.set(body, 12 + encodedHeaders.length);
  message.writeUInt32BE(crc32(message.subarray(0, -4)), message.length - 4);
  return message;
}

/** The bodies of the whole messages in `bytes` (a signed one wraps another), and what is left. Throws for a wrong checksum. */
export function decodeEvents(bytes: Buffer): { bodies: Buffer[]; rest: Buffer } {
  const bodies: Buffer[] = [];
  let rest = bytes;
  while (rest.length >= 12 && rest.length >= rest.readUInt32BE(0)) {
    const message = rest.subarray(0, rest.readUInt32BE(0));
    if (crc32(message.subarray(0, -4)) !== message.readUInt32BE(message.length - 4)) throw new Error('bad checksum');
    bodies.push(message.subarray(12 + message.readUInt32BE(4), -4));
    rest = rest.subarray(message.length);
  }
  return { bodies, rest };
}
