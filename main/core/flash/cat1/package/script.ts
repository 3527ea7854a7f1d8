const MAGIC = Buffer.from([0x01, 0x04, 0x5a, 0xa5, 0x5a, 0xa5]);

/** LuatOS itself takes fewer by far. */
const MAX_FILES = 4096;

export interface ScriptFile {
  name: string;
  sizeBytes: number;
}

/** The files of a LuatOS script.bin (LuaDB: type, length, value). Null where it is none, or none that we understand. */
export function listScript(bytes: Uint8Array): ScriptFile[] | null {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const head = fieldsAt(data, 0, 5);
  const count = head?.fields.get(0x04);
  if (head === null || count === undefined || count.length !== 2) return null;
  const files: ScriptFile[] = [];
  if (count.readUInt16LE() > MAX_FILES) return null;
  let at = head.end;
  for (let left = count.readUInt16LE(); left > 0; left--) {
    const entry = fieldsAt(data, at, 4);
    const name = entry?.fields.get(0x02);
    const size = entry?.fields.get(0x03);
    if (entry === null || name === undefined || size?.length !== 4) return null;
    const sizeBytes = size.readUInt32LE();
    at = entry.end + sizeBytes;
    if (at > data.length) return null;
    files.push({ name: name.toString('utf8'), sizeBytes });
  }
  return files;
}

/** So many fields from here, the first of which is the magic. */
function fieldsAt(data: Buffer, from: number, count: number): { fields: Map<number, Buffer>; end: number } | null {
  if (!data.subarray(from, from + MAGIC.length).equals(MAGIC)) return null;
  const fields = new Map<number, Buffer>();
  let at = from;
  for (let read = 0; read < count; read++) {
    const type = data[at];
    const length = data[at + 1];
    if (type === undefined || length === undefined || at + 2 + length > data.length) return null;
    fields.set(type, data.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return { fields, end: at };
}
