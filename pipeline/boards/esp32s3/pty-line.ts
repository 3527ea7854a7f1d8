import type { Pty } from '../pty.ts';
import type { Chip } from './chip.ts';
import { syncData } from './serial-loader.ts';

/**
 * Joins a chip to a PTY. A PTY carries bytes only, no DTR and RTS, so two things that a loader does with those lines happen
 * otherwise: the chip enters its ROM loader when a SYNC arrives (as if BOOT had been held and EN tapped), and restarts when
 * the program that had it there closes the line. Returns what separates them again.
 */
export function joinPty(chip: Chip, pty: Pty): () => void {
  let recent = new Uint8Array(0);
  let isInDownload = false;

  function isSyncing(data: Uint8Array): boolean {
    const joined = Buffer.concat([recent, data]);
    recent = Uint8Array.from(joined.subarray(-syncData.length));
    return joined.includes(Buffer.from(syncData));
  }

  pty.onData((data) => {
    if (chip.mode !== 'download' && chip.mode !== 'off' && isSyncing(data)) {
      recent = new Uint8Array(0);
      isInDownload = true;
      chip.reset('download');
    } else chip.receive(data);
  });
  pty.onOpenChange((isOpen) => {
    if (isOpen || !isInDownload) return;
    isInDownload = false;
    if (chip.mode === 'download') chip.reset('run');
  });
  return chip.onTransmit((data) => pty.write(data));
}
