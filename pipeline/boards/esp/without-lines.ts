import type { EspChip } from './chip.ts';

/** A SYNC request up to where its filler begins. */
const SYNC_START = Uint8Array.from([0xc0, 0x00, 0x08, 0x24, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x07, 0x12, 0x20]);

export interface LineWithoutControl {
  /** Bytes from the host. */
  receive(data: Uint8Array): void;
  /** The host closed its end. */
  closed(): void;
  leave(): void;
}

/**
 * Joins a chip to a host that has no DTR and RTS: a PTY or a TCP stream. There nobody can press BOOT and RESET from afar, and
 * every flashing program would find the application running, so this line presses them:
 *
 * - a SYNC request while the chip is not in download mode resets it into download mode. No console input looks like one;
 * - the host closing the line while the chip is in the download mode it was put into resets it into the application, which is
 *   what `hard_reset` would have done. (FLASH_END with reboot, if the host sends it, has done so already.)
 *
 * Of a board whose buttons no circuit can press it presses none.
 */
export function joinWithoutLines(chip: EspChip, transmit: (data: Uint8Array) => void): LineWithoutControl {
  const removeListener = chip.uart.onTransmit(transmit);
  let matched = 0;
  let isDownloadOurs = false;

  return {
    receive(data) {
      let from = 0;
      if (chip.state !== 'download' && chip.hasReachableButtons) {
        const end = endOfSync(data);
        if (end !== null) {
          isDownloadOurs = true;
          chip.pressReset('download');
          chip.uart.receive(SYNC_START);
          from = end;
        }
      }
      if (from < data.length) chip.uart.receive(from === 0 ? data : data.subarray(from));
    },
    closed() {
      matched = 0;
      if (isDownloadOurs && chip.state === 'download') chip.pressReset('run');
      isDownloadOurs = false;
    },
    leave: removeListener,
  };

  /** Index just past a SYNC start that ends in `data`, which may have begun in an earlier chunk. */
  function endOfSync(data: Uint8Array): number | null {
    for (const [index, byte] of data.entries()) {
      if (byte === SYNC_START[matched]) matched++;
      else matched = byte === SYNC_START[0] ? 1 : 0;
      if (matched === SYNC_START.length) {
        matched = 0;
        return index + 1;
      }
    }
    return null;
  }
}
