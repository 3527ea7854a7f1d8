import type { PortOptions } from '../../../preload/contract/ports.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';

/**
 * An open byte port: a serial line, a TCP peer or a virtual board's UART. All failures are TalkError 'port/…'.
 * Opening never touches DTR/RTS unless `resetOnOpen`.
 */
export interface BytePort {
  readonly address: string;
  /** Resolves once the bytes have left this process (drained). */
  write(data: Uint8Array): Promise<void>;
  /** Both lines are always given: a driver's default for an unnamed one is not ours. False: this port has no such lines. */
  setSignals(lines: { dtr: boolean; rts: boolean }): Promise<boolean>;
  /** In place, without closing. */
  setBaudRate(baudRate: number): Promise<void>;
  /** Bytes in order, each chunk stamped when the driver handed it over; the array is the listener's to keep. One listener at a time: the latest. */
  onData(listener: (data: Uint8Array, atUs: MonoUs) => void): void;
  /** Exactly once; `null` after our own close(). */
  onClose(listener: (error: Error | null) => void): void;
  close(): Promise<void>;
}

export type OpenPort = (address: string, options: PortOptions) => Promise<BytePort>;
