/** A section as it stands in the file, whatever it claims. */
export interface MadeSection {
  name: string;
  content: Uint8Array;
  type?: number;
  flags?: number;
  address?: number;
  link?: number;
}

const HEADER_BYTES = 52;
const ENTRY_BYTES = 40;
const STRINGS = 3;

/** An Xtensa ELF file of these sections (number 1 on), for what no compiler makes. */
export function madeElf(sections: readonly MadeSection[]): Uint8Array {
  const all: MadeSection[] = [...sections, { name: '.shstrtab', content: new Uint8Array(0), type: STRINGS }];
  const nameOffsets: number[] = [];
  let names = '\0';
  for (const { name } of all) {
    nameOffsets.push(names.length);
    names += `${name}\0`;
  }
  (all.at(-1) as MadeSection).content = Buffer.from(names);
  const table = Buffer.alloc(ENTRY_BYTES * (all.length + 1));
  let offset = HEADER_BYTES;
  for (const [index, { content, type = 1, flags = 0, address = 0, link = 0 }] of all.entries()) {
    const words = [nameOffsets[index] ?? 0, type, flags, address, offset, content.length, link];
    for (const [word, value] of words.entries()) table.writeUInt32LE(value, ENTRY_BYTES * (index + 1) + word * 4);
    offset += content.length;
  }
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('\x7fELF\x01\x01\x01', 'latin1');
  header.writeUInt16LE(94, 18);
  header.writeUInt32LE(offset, 32);
  header.writeUInt16LE(ENTRY_BYTES, 46);
  header.writeUInt16LE(all.length + 1, 48);
  header.writeUInt16LE(all.length, 50);
  return new Uint8Array(Buffer.concat([header, ...all.map(({ content }) => content), table]));
}

/** A page of code at 0x42000000. */
export const codeSection: MadeSection = { name: '.text', content: new Uint8Array(4096), flags: 6, address: 0x42000000 };

/** DWARF 4 units, each of one entry with the same attributes. */
export function madeUnits(count: number, attributes: readonly (readonly [name: number, form: number, value: number])[]): MadeSection[] {
  const unit = Buffer.alloc(12 + attributes.length * 4);
  unit.writeUInt32LE(unit.length - 4, 0);
  unit.writeUInt16LE(4, 4);
  unit[10] = 4;
  unit[11] = 1;
  for (const [index, [, , value]] of attributes.entries()) unit.writeUInt32LE(value, 12 + index * 4);
  const abbreviation = [1, 0x11, 0, ...attributes.flatMap((each) => each.slice(0, 2)), 0, 0, 0];
  return [
    { name: '.debug_info', content: Buffer.concat(Array.from({ length: count }, () => unit)) },
    { name: '.debug_abbrev', content: Uint8Array.from(abbreviation) },
  ];
}
