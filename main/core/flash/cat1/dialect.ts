import type { FlashOptions } from '../../../../preload/contract/flash.ts';
import { type EntryName, usualEntries } from './boot-entry.ts';

/** What the sources of the protocol disagree about, decided. */
export interface Dialect {
  entries: readonly EntryName[];
  infoPerPiece: boolean;
  scriptAs: 'flex' | 'ap';
  bootloaderAt: 'package' | 'zero';
  settleMs: number;
  chunkBytes: number;
  chunkPauseMs: number;
  /** An image's blocks go to the agentboot in pieces of this size, without pauses, until one is lost. */
  bulkBytes?: number | undefined;
}

/**
 * How the host's drivers like a long write: other tools found that some CDC drivers lose bytes of one, and that Windows lets a whole
 * 64 KiB time out. The modules themselves take it as it comes, as from Windows; and the agentboot, other than the ROM, checks
 * every block. So only where a block was lost does the rest go gently.
 */
const ample = { chunkBytes: 4096, chunkPauseMs: 0 };
const gentle = { chunkBytes: 64, chunkPauseMs: 1, bulkBytes: ample.chunkBytes };

/** `address`: of the port that is written to; only a real USB port needs gentleness. */
export function dialectFor(
  options: { dialect?: FlashOptions['dialect']; transport: FlashOptions['transport']; before?: FlashOptions['before'] },
  address: string,
  platform: NodeJS.Platform = process.platform,
): Dialect {
  const isUsbDevice = options.transport === 'usb' && !/^[a-z][a-z0-9+.-]*:\/\//i.test(address);
  return {
    entries: options.before === 'no-reset' ? [] : usualEntries,
    infoPerPiece: true,
    scriptAs: 'flex',
    bootloaderAt: 'package',
    settleMs: 50,
    ...(isUsbDevice && platform !== 'win32' ? gentle : ample),
    ...(options.dialect?.chunkBytes === undefined ? {} : { bulkBytes: undefined }),
    ...given(options.dialect ?? {}),
  };
}

/** What was named without a value is not given. */
function given(choices: NonNullable<FlashOptions['dialect']>): Partial<Dialect> {
  return Object.fromEntries(Object.entries(choices).filter(([, value]) => value !== undefined));
}
