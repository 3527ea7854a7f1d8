import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { PacedLine } from '../paced-line.ts';
import type { BoardUart } from '../uart.ts';
import { type Noise, NoisyLine } from './faults.ts';
import type { Lines } from './strapping.ts';

/** A line that carries no rate of its own (a PTY): always understood. */
const ANY_BAUD = 0;

export interface HostLineOptions {
  clock: Clock;
  chipBaudRate: number;
  /** Bytes take their time, at the chip's rate and never above this one; null: they do not. */
  limitBaud: number | null;
  noise: Noise | null;
  hasEcho: boolean;
  /** Bytes have reached the chip's RX pin. */
  onArrived: (data: Uint8Array) => void;
  onLines: (lines: Lines) => void;
}

/** The serial line between a host and the chip: rates that must match, the time bytes take, and what a bad cable makes of them. */
export class HostLine {
  readonly uart: BoardUart;
  readonly #options: HostLineOptions;
  readonly #listeners = new Set<(data: Uint8Array) => void>();
  readonly #presenceListeners = new Set<(isPresent: boolean) => void>();
  readonly #noise: NoisyLine | null;
  readonly #toChip: PacedLine | null;
  readonly #toHost: PacedLine | null;
  #chipBaudRate: number;
  #hostBaudRate = ANY_BAUD;
  #isPresent = true;
  #cancelReturn: (() => void) | null = null;

  constructor(options: HostLineOptions) {
    const { clock, noise, limitBaud, onArrived } = options;
    this.#options = options;
    this.#chipBaudRate = options.chipBaudRate;
    this.#noise = noise === null ? null : new NoisyLine(noise);
    this.#toChip = limitBaud === null ? null : new PacedLine(clock, onArrived);
    this.#toHost = limitBaud === null ? null : new PacedLine(clock, (data) => this.#deliver(data));
    this.uart = {
      receive: (data) => this.#receive(data),
      onTransmit: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
      setLines: (lines) => options.onLines(lines),
      setBaudRate: (baudRate) => {
        this.#hostBaudRate = baudRate;
      },
      setOpen: (isOpen) => {
        if (isOpen) return;
        // A closed line is driven by nobody: pull-ups hold EN and IO0 high. And the next host brings its own rate.
        options.onLines({ dtr: false, rts: false });
        this.#hostBaudRate = ANY_BAUD;
      },
      room: () => this.#toChip?.room() ?? null,
      presence: {
        isPresent: () => this.#isPresent,
        onChange: (listener) => {
          this.#presenceListeners.add(listener);
          return () => void this.#presenceListeners.delete(listener);
        },
      },
    };
  }

  setChipBaudRate(baudRate: number): void {
    this.#chipBaudRate = baudRate;
  }

  /** From the chip's TX pin. */
  transmit(data: Uint8Array): void {
    const said = this.#spoil(data);
    if (this.#toHost === null) this.#deliver(said);
    else this.#toHost.send(said, this.#wireBaudRate);
  }

  /** The USB device is gone and comes back. */
  vanish(forUs: number): void {
    this.setPresent(false);
    this.clear();
    const { clock } = this.#options;
    this.#cancelReturn = clock.at((clock.nowUs() + forUs) as MonoUs, () => this.setPresent(true));
  }

  /** What is on the way is lost, in both directions; a device that was gone does not come back by itself. */
  clear(): void {
    this.#cancelReturn?.();
    this.#cancelReturn = null;
    this.#toChip?.clear();
    this.#toHost?.clear();
  }

  #receive(data: Uint8Array): void {
    const heard = this.#spoil(data);
    if (this.#options.hasEcho) this.transmit(data);
    if (this.#toChip === null) this.#options.onArrived(heard);
    else this.#toChip.send(heard, this.#wireBaudRate);
  }

  #spoil(data: Uint8Array): Uint8Array {
    const isRateMatched = this.#hostBaudRate === ANY_BAUD || this.#hostBaudRate === this.#chipBaudRate;
    const heard = isRateMatched ? data : garble(data);
    return this.#noise === null ? heard : this.#noise.pass(heard, this.#chipBaudRate);
  }

  get #wireBaudRate(): number {
    return Math.min(this.#chipBaudRate, this.#options.limitBaud ?? this.#chipBaudRate);
  }

  #deliver(data: Uint8Array): void {
    if (!this.#isPresent) return;
    for (const listener of this.#listeners) listener(data);
  }

  /** Whether the host sees the board at all. */
  setPresent(isPresent: boolean): void {
    if (isPresent === this.#isPresent) return;
    this.#isPresent = isPresent;
    for (const listener of this.#presenceListeners) listener(isPresent);
  }
}

/** Bits sampled at the wrong rate: about as many bytes, none of them right, with framing's ones on top. */
function garble(data: Uint8Array): Uint8Array {
  return Uint8Array.from(data, (byte, index) => (((byte << (index % 3)) ^ 0x5a) & 0x7f) | 0x80);
}
