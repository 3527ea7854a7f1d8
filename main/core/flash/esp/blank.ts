import { isTalkError } from '../../../../preload/contract/errors.ts';
import type { EspBoard } from './board.ts';
import { md5Of } from './compare.ts';

/** As much of a bootloader as is never blank: its header. */
const HEADER_BYTES = 24;

/**
 * Whether the flash is blank where the ROM looks for a bootloader: such a board is reset over and over, and runs nothing. False also where
 * that cannot be told, as of a chip that is locked or decrypts what it reads.
 */
export async function isBlank(board: EspBoard): Promise<boolean> {
  if (!board.isIdentified || board.isLocked || board.identity.security?.flashEncryption === true) return false;
  const { loader } = board;
  try {
    return (await loader.md5(loader.chip.bootloaderOffset, HEADER_BYTES)) === md5Of(new Uint8Array(HEADER_BYTES).fill(0xff));
  } catch (error) {
    // How the board is left is told as far as it can be seen; what went wrong before is what counts.
    if (isTalkError(error, 'flash/protocol')) return false;
    throw error;
  }
}
