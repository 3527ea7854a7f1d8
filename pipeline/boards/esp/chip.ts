import { createHash } from 'node:crypto';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { BoardUart } from '../uart.ts';
import { downloadBanner, planBoot, type ResetReason } from './boot.ts';
import type { AppDescriptor } from './firmware-image.ts';
import { FlashMemory } from './flash-memory.ts';
import { Registers } from './registers.ts';
import { SerialLoader } from './serial-loader.ts';

const FLASH_BYTES = 8 * 1024 * 1024;
const ROM_BAUD = 115200;
/** A line that carries no rate of its own (a PTY): always understood. */
const ANY_BAUD = 0;
/**
 * EN rises through the board's resistor and capacitor, and the straps are read only then. It is why "DTR, then RTS" works:
 * IO0 falls after EN was let go, but before EN is high.
 */
const EN_RISE_US = 5000;

/** off: no power or held in reset · download: the ROM loader or its stub listens · booting · running: the application. */
export type ChipState = 'off' | 'download' | 'booting' | 'running';

/** The application the flash held when it booted. */
export interface BootedApp {
  readonly descriptor: AppDescriptor | null;
  readonly clock: Clock;
  /** Text to the console exactly as given. Ignored once the application was stopped. */
  print(text: string): void;
  /** Milliseconds since the chip left reset: what the application's log is stamped with. */
  ticksMs(): number;
}

/** A running application, for as long as the chip lets it. */
export interface AppRun {
  /** Console input. */
  receive(data: Uint8Array): void;
  /** Reset, power-off or download mode: the application is gone at once. */
  stop(): void;
}

export interface EspChipOptions {
  /** Decides the MAC address, so that a board keeps its own from one run to the next. */
  name: string;
  clock: Clock;
  /** Written into the flash before the first boot. Without it the chip is blank. */
  flash?: readonly { offset: number; data: Uint8Array }[];
  /** What the chip does in place of executing the flashed application. */
  onBoot?: (app: BootedApp) => AppRun;
}

/** An ESP32-S3-WROOM-1-N8 on a development board, from its UART pins and its EN and IO0 inwards. Off until `powerOn()`. */
export interface EspChip {
  readonly uart: BoardUart;
  readonly state: ChipState;
  readonly mac: string;
  readonly flash: FlashMemory;
  onState(listener: (state: ChipState) => void): () => void;
  powerOn(): void;
  powerOff(): void;
  /** The board's own buttons: RESET, alone or with BOOT held. */
  pressReset(into: 'run' | 'download'): void;
}

export function createEspChip(options: EspChipOptions): EspChip {
  return new Chip(options);
}

class Chip implements EspChip {
  readonly flash = new FlashMemory(FLASH_BYTES);
  readonly mac: string;
  readonly uart: BoardUart;
  readonly #clock: Clock;
  readonly #macBytes: Uint8Array;
  readonly #onBoot: ((app: BootedApp) => AppRun) | undefined;
  readonly #transmitListeners = new Set<(data: Uint8Array) => void>();
  readonly #stateListeners = new Set<(state: ChipState) => void>();
  readonly #timers = new Set<() => void>();
  #state: ChipState = 'off';
  #isPowered = false;
  #lines = { dtr: false, rts: false };
  #baudRate = ROM_BAUD;
  #hostBaudRate = ANY_BAUD;
  #loader: SerialLoader | null = null;
  #app: AppRun | null = null;

  constructor(options: EspChipOptions) {
    this.#clock = options.clock;
    this.#onBoot = options.onBoot;
    for (const { offset, data } of options.flash ?? []) this.flash.program(offset, data);
    // 7C:DF:A1 is one of Espressif's own prefixes, as real boards have.
    this.#macBytes = Uint8Array.from([0x7c, 0xdf, 0xa1, ...createHash('sha256').update(options.name).digest().subarray(0, 3)]);
    this.mac = [...this.#macBytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
    this.uart = {
      receive: (data) => this.#receive(data),
      onTransmit: (listener) => {
        this.#transmitListeners.add(listener);
        return () => void this.#transmitListeners.delete(listener);
      },
      setLines: (lines) => this.#setLines(lines),
      setBaudRate: (baudRate) => {
        this.#hostBaudRate = baudRate;
      },
      setOpen: (isOpen) => {
        // A closed line is driven by nobody: pull-ups hold EN and IO0 high. And the next host brings its own rate.
        if (!isOpen) this.#setLines({ dtr: false, rts: false });
        if (!isOpen) this.#hostBaudRate = ANY_BAUD;
      },
    };
  }

  get state(): ChipState {
    return this.#state;
  }

  onState(listener: (state: ChipState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => void this.#stateListeners.delete(listener);
  }

  powerOn(): void {
    if (this.#isPowered) return;
    this.#isPowered = true;
    if (!isHeldInReset(this.#lines)) this.#leaveReset('POWERON');
  }

  powerOff(): void {
    this.#isPowered = false;
    this.#halt();
  }

  pressReset(into: 'run' | 'download'): void {
    if (!this.#isPowered) return;
    this.#halt();
    this.#start('POWERON', into);
  }

  #setLines(lines: { dtr: boolean; rts: boolean }): void {
    const wasHeld = isHeldInReset(this.#lines);
    this.#lines = { ...lines };
    if (!this.#isPowered) return;
    const isHeld = isHeldInReset(lines);
    if (isHeld && !wasHeld) this.#halt();
    if (!isHeld && wasHeld) this.#after(EN_RISE_US, () => this.#leaveReset('POWERON'));
  }

  /** The straps are read: IO0 low at this instant means download mode. */
  #leaveReset(reason: ResetReason): void {
    this.#start(reason, this.#lines.dtr && !this.#lines.rts ? 'download' : 'run');
  }

  #start(reason: ResetReason, into: 'run' | 'download'): void {
    this.#baudRate = ROM_BAUD;
    if (into === 'download') this.#startLoader(reason);
    else this.#boot(reason);
  }

  #startLoader(reason: ResetReason): void {
    this.#loader = new SerialLoader({
      flash: this.flash,
      registers: (isFlashAttached) => new Registers({ mac: this.#macBytes, flashBytes: FLASH_BYTES, isFlashAttached }),
      hooks: {
        transmit: (bytes) => this.#transmit(bytes),
        changeBaud: (baudRate) => {
          this.#baudRate = baudRate;
        },
        reboot: () => {
          this.#halt();
          // Not within the loader's own reply: the chip takes a moment, and its caller is still running.
          this.#after(EN_RISE_US, () => this.#leaveReset('RTC_SW_SYS_RST'));
        },
      },
    });
    this.#setState('download');
    this.#transmit(Buffer.from(downloadBanner(reason)));
  }

  #boot(reason: ResetReason): void {
    const plan = planBoot(this.flash, reason);
    const bootedUs = this.#clock.nowUs();
    this.#setState('booting');
    for (const line of plan.lines) this.#after(line.atMs * 1000, () => this.#transmit(Buffer.from(line.text)));
    const { app } = plan;
    if (app === null) this.#after(plan.watchdogMs * 1000, () => this.#boot('TG0WDT_SYS_RST'));
    else this.#after(app.atMs * 1000, () => this.#run(app.descriptor, bootedUs));
  }

  #run(descriptor: AppDescriptor | null, bootedUs: MonoUs): void {
    let isRunning = true;
    this.#setState('running');
    const run = this.#onBoot?.({
      descriptor,
      clock: this.#clock,
      print: (text) => {
        if (isRunning) this.#transmit(Buffer.from(text));
      },
      ticksMs: () => Math.floor((this.#clock.nowUs() - bootedUs) / 1000),
    });
    this.#app = {
      receive: (data) => run?.receive(data),
      stop: () => {
        isRunning = false;
        run?.stop();
      },
    };
  }

  #halt(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#loader = null;
    const app = this.#app;
    this.#app = null;
    app?.stop();
    this.#setState('off');
  }

  #receive(data: Uint8Array): void {
    const heard = this.#isRateMatched ? data : garble(data);
    if (this.#loader !== null) this.#loader.receive(heard);
    else this.#app?.receive(heard);
  }

  #transmit(data: Uint8Array): void {
    const said = this.#isRateMatched ? data : garble(data);
    for (const listener of this.#transmitListeners) listener(said);
  }

  get #isRateMatched(): boolean {
    return this.#hostBaudRate === ANY_BAUD || this.#hostBaudRate === this.#baudRate;
  }

  #setState(state: ChipState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#stateListeners) listener(state);
  }

  #after(delayUs: number, callback: () => void): void {
    const cancel = this.#clock.at((this.#clock.nowUs() + delayUs) as MonoUs, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
  }
}

function isHeldInReset({ dtr, rts }: { dtr: boolean; rts: boolean }): boolean {
  return rts && !dtr;
}

/** Bits sampled at the wrong rate: about as many bytes, none of them right, with framing's ones on top. */
function garble(data: Uint8Array): Uint8Array {
  return Uint8Array.from(data, (byte, index) => (((byte << (index % 3)) ^ 0x5a) & 0x7f) | 0x80);
}
