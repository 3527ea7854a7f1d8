import { TalkError } from '../../../../preload/contract/errors.ts';
import type { EspBoard } from './board.ts';
import { words } from './commands.ts';
import type { EspLoader } from './loader.ts';

const SECTOR_BYTES = 0x1000;
const MEGABYTE = 1024 * 1024;
const ROM_BLOCK_BYTES = 0x400;
/** A slow flash at its worst. */
const ERASE_MS_PER_MEGABYTE = 30_000;
const SHORTEST_TIMEOUT_MS = 10_000;
/** Those of 64 MB and more take minutes: data sheets say up to 16 s for each. */
const SHORTEST_CHIP_ERASE_MS = 240_000;
const CHIP_ERASE_MS_PER_MEGABYTE = 16_000;

/** Where there is no stub to erase all at once it goes by the flash's size, as far as the ROM reaches. Fails with `unsupported`. */
export function requireErasable({ loader, identity }: EspBoard): void {
  if (loader.isStub) return;
  if (identity.flashBytes === null)
    throw new TalkError('unsupported', { feature: 'erasing all', why: 'the size of the flash is not known' });
  loader.requireReach(0, identity.flashBytes);
}

/** The whole flash. By its size piece by piece where there is no stub to do it at once. */
export async function eraseAll(board: EspBoard, onProgress: (doneBytes: number) => void = () => {}): Promise<void> {
  const { loader, identity } = board;
  requireErasable(board);
  if (!loader.isStub) return eraseRegion(board, 0, identity.flashBytes ?? 0, onProgress);
  const timeoutMs = Math.max(SHORTEST_CHIP_ERASE_MS, ((identity.flashBytes ?? 0) / MEGABYTE) * CHIP_ERASE_MS_PER_MEGABYTE);
  await loader.ask('eraseFlash', undefined, { timeoutMs });
  onProgress(identity.flashBytes ?? 0);
}

/** Whole sectors. Fails with `flash/bad-offset` for what is none. */
export async function eraseRegion(
  board: EspBoard,
  offset: number,
  sizeBytes: number,
  onProgress: (doneBytes: number) => void = () => {},
): Promise<void> {
  requireSectors(offset, sizeBytes);
  board.loader.requireReach(offset, sizeBytes);
  for (let at = 0; at < sizeBytes; ) {
    const size = Math.min(MEGABYTE, sizeBytes - at);
    try {
      await erasePiece(board.loader, offset + at, size);
      at += size;
      board.worked();
      onProgress(at);
    } catch (error) {
      await board.recover(error);
    }
  }
}

export function requireSectors(offset: number, sizeBytes: number): void {
  if (offset % SECTOR_BYTES !== 0) throw new TalkError('flash/bad-offset', { offset, reason: 'off-sector' });
  if (sizeBytes % SECTOR_BYTES !== 0) throw new TalkError('flash/bad-offset', { offset: offset + sizeBytes, reason: 'ends-off-sector' });
}

async function erasePiece(loader: EspLoader, offset: number, sizeBytes: number): Promise<void> {
  const timeoutMs = Math.max(SHORTEST_TIMEOUT_MS, (sizeBytes / MEGABYTE) * ERASE_MS_PER_MEGABYTE);
  if (loader.isStub) await loader.ask('eraseRegion', words(offset, sizeBytes), { timeoutMs });
  // The ROM erases what it is about to write, of which there is nothing.
  else await loader.begin('flashBegin', { eraseBytes: sizeBytes, blocks: 0, blockBytes: ROM_BLOCK_BYTES, offset, timeoutMs });
}
