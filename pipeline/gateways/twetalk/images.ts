/** A picture a board sent, whatever it was wrapped in. */
export interface BoardImage {
  data: Uint8Array<ArrayBuffer>;
  mediaType: 'image/jpeg' | 'image/png' | 'image/webp';
}

/** Levels of protobuf messages in one another that are looked into. */
const DEEPEST = 4;
/** Fields of one message that are looked at; more are no picture's. */
const MOST_FIELDS = 64;
/** Base64 of less than this is no picture. */
const SHORTEST_BASE64 = 60;

/** By the file's first bytes; null for what is none. */
export function imageOf(bytes: Uint8Array): BoardImage | null {
  const mediaType = mediaTypeOf(bytes);
  return mediaType === null ? null : { data: new Uint8Array(bytes), mediaType };
}

function mediaTypeOf(bytes: Uint8Array): BoardImage['mediaType'] | null {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xd8 && c === 0xff) return 'image/jpeg';
  if (a === 0x89 && b === 0x50 && c === 0x4e && d === 0x47) return 'image/png';
  const isWebp = a === 0x52 && b === 0x49 && c === 0x46 && d === 0x46 && bytes[8] === 0x57 && bytes[9] === 0x45;
  return isWebp ? 'image/webp' : null;
}

/** Base64, alone or as a data: URL; null for what is no picture. */
export function imageOfBase64(text: string): BoardImage | null {
  const base64 = text.startsWith('data:') ? text.slice(text.indexOf(',') + 1) : text;
  if (base64.length < SHORTEST_BASE64 || !/^[A-Za-z0-9+/_-]{16}/.test(base64)) return null;
  const head = Buffer.from(base64.slice(0, 24), 'base64');
  return mediaTypeOf(head) === null ? null : imageOf(Buffer.from(base64, 'base64'));
}

/**
 * The first picture in any length-delimited field of a protobuf message, or of messages within it: a frame whose schema nobody published
 * still shows its bytes. Null when there is none or the bytes are no protobuf.
 */
export function imageInProtobuf(bytes: Uint8Array, levels = DEEPEST): BoardImage | null {
  const fields: Uint8Array[] = [];
  let at = 0;
  const varint = (): number | null => {
    let value = 0;
    for (let index = 0; index < 5; index++) {
      const byte = bytes[at++];
      if (byte === undefined) return null;
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    return null;
  };
  for (let count = 0; at < bytes.length; count++) {
    const key = varint();
    if (key === null || key < 8 || count === MOST_FIELDS) return null;
    const type = key % 8;
    if (type === 0) {
      // A varint may be ten bytes long; its value is of no interest.
      while ((bytes[at] ?? 0) >= 0x80) at++;
      at++;
    } else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else if (type === 2) {
      const length = varint();
      if (length === null || length > bytes.length - at) return null;
      fields.push(bytes.subarray(at, at + length));
      at += length;
    } else return null;
  }
  for (const field of fields) {
    const image = imageOf(field);
    if (image !== null) return image;
  }
  if (levels === 0) return null;
  for (const field of fields) {
    const image = imageInProtobuf(field, levels - 1);
    if (image !== null) return image;
  }
  return null;
}

/** The first picture among the texts of parsed JSON (nested no deeper than its parser lets it). */
export function imageInJson(value: unknown): BoardImage | null {
  if (typeof value === 'string') return imageOfBase64(value);
  if (typeof value !== 'object' || value === null) return null;
  for (const member of Object.values(value)) {
    const image = imageInJson(member);
    if (image !== null) return image;
  }
  return null;
}
