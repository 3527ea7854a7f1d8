import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { PortLog } from '../logs/port-log.ts';
import type { BytePort } from './port.ts';
import { PortListeners } from './port-listeners.ts';

/** More of a boot log than fits between a flasher's reset and its giving back. */
const KEPT_AFTER_RESET_BYTES = 256 * 1024;

interface Chunk {
  data: Uint8Array;
  atUs: MonoUs;
  /** Where it begins in the port's recorded stream. */
  offset: number;
}

/**
 * A port as its borrower sees it: every byte both ways is recorded raw, none is parsed. What arrives after the borrower last
 * moved the control lines or changed the rate is kept, unless it wrote since: when that was the reset into the application, or
 * the change back after asking a loader for one, it is the head of the boot log, and the monitor must not miss it.
 */
export class LentPort implements BytePort {
  readonly address: string;
  readonly #port: BytePort;
  readonly #log: PortLog;
  readonly #clock: Clock;
  readonly #listeners = new PortListeners();
  readonly #count: (direction: 'received' | 'sent', bytes: number) => void;
  #afterReset: Chunk[] | null = null;
  #afterResetBytes = 0;
  #isReturned = false;
  #hasChangedBaudRate = false;
  #private: { sentBytes: number; receivedBytes: number } | null = null;

  constructor(port: BytePort, log: PortLog, clock: Clock, count: (direction: 'received' | 'sent', bytes: number) => void) {
    this.address = port.address;
    this.#port = port;
    this.#log = log;
    this.#clock = clock;
    this.#count = count;
    port.onData((data, atUs) => this.#received(data, atUs));
  }

  get hasChangedBaudRate(): boolean {
    return this.#hasChangedBaudRate;
  }

  /** While on, bytes are counted and not recorded: a device's secrets are among them. The log says how many there were. */
  keepPrivate(isPrivate: boolean): void {
    if (isPrivate) this.#private ??= { sentBytes: 0, receivedBytes: 0 };
    else if (this.#private !== null) {
      this.#log.notice('port.private', this.#private);
      this.#private = null;
    }
  }

  async write(data: Uint8Array): Promise<void> {
    this.#afterReset = null;
    if (this.#private === null) this.#log.raw('sent', new Uint8Array(data), this.#clock.nowUs());
    else this.#private.sentBytes += data.length;
    this.#count('sent', data.length);
    await this.#port.write(data);
  }

  async setSignals(lines: { dtr: boolean; rts: boolean }): Promise<boolean> {
    const hasLines = await this.#port.setSignals(lines);
    if (hasLines) this.#keepFromHere();
    return hasLines;
  }

  async setBaudRate(baudRate: number): Promise<void> {
    this.#hasChangedBaudRate = true;
    // First: the rate is the port's at once, whenever its promise says so.
    this.#keepFromHere();
    await this.#port.setBaudRate(baudRate);
  }

  onData(listener: (data: Uint8Array, atUs: MonoUs) => void): void {
    this.#listeners.onData(listener);
  }

  onClose(listener: (error: Error | null) => void): void {
    this.#listeners.onClose(listener);
  }

  /** Not the borrower's to close; giving back is what ends a loan. */
  async close(): Promise<void> {}

  /** The port under it went away. */
  lost(error: Error | null): void {
    this.#listeners.close(error);
  }

  /** Ends the loan; returns what came after the last reset. */
  takeBack(): Chunk[] {
    this.keepPrivate(false);
    this.#isReturned = true;
    this.#listeners.close(null);
    return this.#afterReset ?? [];
  }

  #keepFromHere(): void {
    this.#afterReset = [];
    this.#afterResetBytes = 0;
  }

  #received(data: Uint8Array, atUs: MonoUs): void {
    if (this.#isReturned) return;
    const offset = this.#private === null ? this.#log.raw('received', data, atUs) : -1;
    if (this.#private !== null) this.#private.receivedBytes += data.length;
    this.#count('received', data.length);
    if (this.#private === null && this.#afterReset !== null && this.#afterResetBytes + data.length <= KEPT_AFTER_RESET_BYTES) {
      this.#afterReset.push({ data, atUs, offset });
      this.#afterResetBytes += data.length;
    }
    this.#listeners.deliver(data, atUs);
  }
}
