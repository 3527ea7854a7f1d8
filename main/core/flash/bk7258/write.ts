import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { FlashOptions } from '../../../../preload/contract/flash.ts';
import type { FlashRun } from '../tool.ts';
import { BLOCK_BYTES, BootBoard, SECTOR_BYTES } from './board.ts';
import { putBack } from './put-back.ts';

/** At the end of the flash: one sector of the radio's calibration, one with the MAC. */
const FACTORY_BYTES = 2 * SECTOR_BYTES;

/** Of a block that differs. */
const REPAIRS = 4;

export interface BootImage {
  name: string;
  /** Of a sector. */
  address: number;
  data: Uint8Array;
}

export interface Bk7258Flash {
  images: readonly BootImage[];
  baudRate: number;
  options: FlashOptions;
}

/**
 * Writes the images: everything erased, then written, then compared. Leaves the board running, or in a state that the job names: one
 * on which nothing was written is put back into its application, one half written stays in its bootloader. Fails with `flash/…`,
 * `port/…` and the signal's reason.
 */
export async function writeBk7258(flash: Bk7258Flash, run: FlashRun): Promise<void> {
  const { progress } = run;
  const { options, images } = flash;
  const board = new BootBoard(run, options);
  try {
    await board.connect();
    progress.update({ boardState: 'download-mode' });
    progress.stage('identify');
    const chip = await board.identify();
    progress.update({ chip });
    requireRoom(images, chip.flashBytes, options);
    // Before the line is tried out: a spoiled bit in that request may set one in the flash that can never be cleared again.
    await board.unprotect();
    progress.stage('baud');
    await board.speedUp(flash.baudRate);
    progress.stage('erase');
    progress.update({ boardState: 'partially-written' });
    for (const image of images) await eraseImage(board, image);
    progress.stage('write');
    for (const [index, image] of images.entries())
      await writePiece(board, image, 0, image.data.length, (writtenBytes) => progress.file(index, { writtenBytes }));
    if (options.verify) {
      progress.stage('verify');
      for (const [index, image] of images.entries()) {
        await verifyImage(board, image, run);
        progress.file(index, { verified: true });
      }
    }
    await board.protectAgain();
    if (board.isUnprotected) run.note('not-protected');
    progress.update({ boardState: 'download-mode' });
  } catch (error) {
    await putBack(board, run);
    throw error;
  }
  progress.stage('reset');
  if (options.after === 'stay') return;
  if (await board.restart()) progress.update({ boardState: 'running' });
  else run.note('not-reset');
}

/** Never beyond the flash: there it would begin again at its start, where the bootloader is. */
function requireRoom(images: readonly BootImage[], flashBytes: number | null, { force }: FlashOptions): void {
  if (flashBytes === null) {
    if (force) return;
    throw new TalkError('flash/protocol', { command: 'READ_ID', status: null, reason: 'the flash does not say how large it is' });
  }
  // What made it a radio of its own, and its MAC.
  const kept = flashBytes - FACTORY_BYTES;
  const inside = images.find(({ address, data }) => sectorEnd(address + data.length) > kept && address + data.length <= flashBytes);
  if (inside !== undefined && !force)
    throw new TalkError('flash/protected', { offset: inside.address, sizeBytes: inside.data.length, what: 'calibration' });
  const beyond = images.find(({ address, data }) => address + data.length > flashBytes);
  if (beyond !== undefined)
    throw new TalkError('flash/too-big', {
      offset: beyond.address,
      sizeBytes: beyond.data.length,
      flashBytes,
      file: beyond.name,
    });
}

function sectorEnd(address: number): number {
  return Math.ceil(address / SECTOR_BYTES) * SECTOR_BYTES;
}

/** Its sectors; by whole blocks where it fills them. */
async function eraseImage(board: BootBoard, { address, data }: BootImage): Promise<void> {
  const end = sectorEnd(address + data.length);
  for (let at = address; at < end; ) {
    const from = at;
    const isBlock = at % BLOCK_BYTES === 0 && at + BLOCK_BYTES <= end;
    await onAnyRate(board, () => (isBlock ? board.eraseBlock(from) : board.eraseSector(from)));
    at += isBlock ? BLOCK_BYTES : SECTOR_BYTES;
  }
}

/** From and to: within the image. Sectors that stay erased are not sent. */
async function writePiece(
  board: BootBoard,
  { address, data }: BootImage,
  from: number,
  to: number,
  onProgress: (writtenBytes: number) => void = () => {},
): Promise<void> {
  for (let at = from; at < to; at += SECTOR_BYTES) {
    const sector = data.subarray(at, Math.min(at + SECTOR_BYTES, to));
    if (sector.some((byte) => byte !== 0xff)) {
      await onAnyRate(board, async (isAgain) => {
        if (isAgain) await board.eraseSector(address + at);
        await board.writeSector(address + at, sector);
      });
    }
    onProgress(at + sector.length);
  }
}

/**
 * What differs is written again, at last on slower lines: those of its sectors that do, because on a bad line a whole block never comes
 * through. Fails with `flash/verify-mismatch`.
 */
async function verifyImage(board: BootBoard, image: BootImage, run: FlashRun): Promise<void> {
  const { address, data, name } = image;
  const compare = (from: number, to: number) => onAnyRate(board, () => board.compare(address + from, data.subarray(from, to)));
  for (let at = 0; at < data.length; at += BLOCK_BYTES) {
    const to = Math.min(at + BLOCK_BYTES, data.length);
    let found = await compare(at, to);
    for (let repair = 1; repair <= REPAIRS && !found.isSame; repair++) {
      run.note('block-repeated', { offset: address + at, reason: 'crc' });
      if (repair > 1) await board.slowDown('crc');
      for (let from = at; from < to; from += SECTOR_BYTES) {
        const end = Math.min(from + SECTOR_BYTES, to);
        if ((await compare(from, end)).isSame) continue;
        await onAnyRate(board, () => board.eraseSector(address + from));
        await writePiece(board, image, from, end);
      }
      found = await compare(at, to);
    }
    const { isSame, expected, actual } = found;
    if (!isSame) throw new TalkError('flash/verify-mismatch', { offset: address + at, expected, actual, file: name });
  }
}

/** What fails for the line is done again on a slower one, as long as there is one. */
async function onAnyRate<T>(board: BootBoard, work: (isAgain: boolean) => Promise<T>): Promise<T> {
  for (let isAgain = false; ; isAgain = true) {
    try {
      return await work(isAgain);
    } catch (error) {
      if (!isTalkError(error, 'flash/protocol') || !(await board.slowDown(String(error.value.data.reason)))) throw error;
    }
  }
}
