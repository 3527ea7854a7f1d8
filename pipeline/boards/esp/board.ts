import { openPty, type Pty } from '../pty.ts';
import type { BoardUart } from '../uart.ts';
import { createEspChip, type EspChip, type EspChipOptions } from './chip.ts';
import { joinWithoutLines } from './without-lines.ts';

export interface VirtualBoardOptions extends EspChipOptions {
  /** Offer the board on a real pseudo-terminal too; on by default. Where the system has none the board works without. */
  withPty?: boolean;
  /** A stable name for that terminal. */
  linkPath?: string;
}

export interface VirtualBoard {
  readonly name: string;
  readonly chip: EspChip;
  readonly uart: BoardUart;
  /** Null when there is no PTY. */
  readonly ptyPath: string | null;
  /** Powers the chip off and takes the terminal away. */
  close(): Promise<void>;
}

/** A chip of the family with its UART on `uart` (what `virtual://name` opens) and on a PTY. Powered on. */
export async function createVirtualBoard(options: VirtualBoardOptions): Promise<VirtualBoard> {
  const chip = createEspChip(options);
  const pty = options.withPty === false ? null : await openPty(options.linkPath === undefined ? {} : { linkPath: options.linkPath });
  const leave = pty === null ? null : joinPty(chip, pty);
  chip.powerOn();
  return {
    name: options.name,
    chip,
    uart: chip.uart,
    ptyPath: pty?.path ?? null,
    async close() {
      leave?.();
      chip.powerOff();
      await pty?.close();
    },
  };
}

function joinPty(chip: EspChip, pty: Pty): () => void {
  const line = joinWithoutLines(chip, (data) => pty.write(data));
  pty.onData((data) => {
    line.receive(data);
    const room = chip.uart.room?.();
    if (room) pty.pauseUntil(room);
  });
  pty.onOpenChange((isOpen) => {
    if (!isOpen) line.closed();
  });
  return () => line.leave();
}
