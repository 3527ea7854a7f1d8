import { openPty } from '../pty.ts';
import type { BoardUart } from '../uart.ts';
import { Cat1Modem, type Cat1Options } from './modem.ts';

export interface Cat1BoardOptions extends Cat1Options {
  /** Offer the AT port on a real pseudo-terminal too; on by default. */
  withPty?: boolean;
  /** A stable name for that terminal. */
  linkPath?: string;
}

export interface Cat1Board {
  readonly modem: Cat1Modem;
  readonly uart: BoardUart;
  /** Null when there is no PTY. */
  readonly ptyPath: string | null;
  close(): Promise<void>;
}

/** A cat.1 module with its AT port in this process and on a PTY. Powered on. */
export async function createCat1Board(options: Cat1BoardOptions): Promise<Cat1Board> {
  const modem = new Cat1Modem(options);
  const pty = options.withPty === false ? null : await openPty(options.linkPath === undefined ? {} : { linkPath: options.linkPath });
  const leave = pty === null ? () => {} : modem.uart.onTransmit((data) => pty.write(data));
  pty?.onData((data) => modem.uart.receive(data));
  modem.powerOn();
  return {
    modem,
    uart: modem.uart,
    ptyPath: pty?.path ?? null,
    async close() {
      leave();
      modem.powerOff();
      await pty?.close();
    },
  };
}
