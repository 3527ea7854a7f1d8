import { createHash } from 'node:crypto';
import { TalkError } from '../../../../preload/contract/errors.ts';
import { joinPieces, type Piece } from './sparse.ts';

/** Microsoft's USB Flashing Format: blocks of 512 bytes, each with the address of its payload. */
const BLOCK_BYTES = 512;
const MAGICS = [0x0a324655, 0x9e5d5157] as const;
const END_MAGIC = 0x0ab16f30;
const LARGEST_PAYLOAD = 476;
const FLAG_NOT_FLASH = 0x0001;
const FLAG_FILES = 0x1000;
const FLAG_FAMILY = 0x2000;
const FLAG_MD5 = 0x4000;

/** From the list of families in the format's own repository. */
const families: Readonly<Record<number, string>> = {
  475996592: 'esp32',
  3218951918: 'esp32s2',
  3296614247: 'esp32s3',
  3559628908: 'esp32c3',
  730387100: 'esp32c2',
  858203894: 'esp32h2',
  1410195298: 'esp32c6',
  1026592404: 'esp32p4',
  4145808195: 'esp32c5',
  2010665156: 'esp32c61',
};

export function isUf2(data: Uint8Array): boolean {
  return data.length >= 8 && viewOf(data).getUint32(0, true) === MAGICS[0] && viewOf(data).getUint32(4, true) === MAGICS[1];
}

/**
 * What a UF2 file for an ESP32 holds. The format is made for boards that show up as a USB drive; its addresses are those of the
 * flash all the same. Fails with `flash/bad-file` {path: `name`, reason}.
 */
export function readUf2(data: Uint8Array, name: string): { chip: string; pieces: Piece[] } {
  const fail = (reason: string) => new TalkError('flash/bad-file', { path: name, reason: `UF2: ${reason}` });
  if (data.length % BLOCK_BYTES !== 0) throw fail('truncated');
  const view = viewOf(data);
  const pieces: Piece[] = [];
  let family: number | null = null;
  // esptool counts the blocks of each image that it joins from 0 again.
  let expected = { number: 0, total: 0 };
  for (let at = 0; at < data.length; at += BLOCK_BYTES) {
    const word = (offset: number) => view.getUint32(at + offset, true);
    if (word(0) !== MAGICS[0] || word(4) !== MAGICS[1] || word(508) !== END_MAGIC) throw fail(`block ${at / BLOCK_BYTES} is none`);
    const [flags, address, sizeBytes] = [word(8), word(12), word(16)];
    const [number, total] = [word(20), word(24)];
    const isFirst = number === 0 && expected.number === expected.total;
    if (!isFirst && (number !== expected.number || total !== expected.total)) throw fail('blocks are missing, or of several files');
    expected = { number: number + 1, total };
    if ((flags & FLAG_NOT_FLASH) !== 0) continue;
    if ((flags & FLAG_FILES) !== 0 || (flags & FLAG_FAMILY) === 0)
      throw fail('says no chip: copy it to the USB drive that the board shows');
    if (sizeBytes > LARGEST_PAYLOAD) throw fail(`block ${at / BLOCK_BYTES} is longer than a block`);
    if (family !== null && family !== word(28)) throw fail('for several chips');
    family = word(28);
    const payload = data.subarray(at + 32, at + 32 + sizeBytes);
    // Perhaps of several blocks together, which nothing we know of makes: those are taken as they are.
    const hasOwnMd5 = (flags & FLAG_MD5) !== 0 && word(484) === address && word(488) === sizeBytes;
    if (
      hasOwnMd5 &&
      !createHash('md5')
        .update(payload)
        .digest()
        .equals(data.subarray(at + 492, at + 508))
    )
      throw fail(`block ${at / BLOCK_BYTES}: MD5 does not match`);
    pieces.push({ address, data: payload });
  }
  if (expected.number !== expected.total) throw fail('truncated');
  const chip = family === null ? undefined : families[family];
  if (chip === undefined) throw fail('for no chip that is flashed from here: copy it to the USB drive that the board shows');
  return { chip, pieces: joinPieces(pieces, name) };
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}
