import { createHash } from 'node:crypto';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { BoardUart } from '../uart.ts';
import { downloadBanner, planBoot } from './boot.ts';
import type { ResetReason } from './boot-words.ts';
import { type ChipFacts, chipFacts, type EspKind, p4OfRevision } from './chips.ts';
import type { EspFaults } from './faults.ts';
import type { AppDescriptor } from './firmware-image.ts';
import { behindSupply, FlashMemory } from './flash-memory.ts';
import { FlashSupply } from './flash-supply.ts';
import { HostLine } from './host-line.ts';
import { PARTITION_TABLE_BYTES, PARTITION_TABLE_OFFSET, readPartitionTable } from './partition-table.ts';
import { Registers, type Security } from './registers.ts';
import { SerialLoader } from './serial-loader.ts';
import { type Lines, Strapping, type Wiring } from './strapping.ts';

export const ROM_BAUD = 115200;
/**
 * EN rises through the board's resistor and capacitor, and the straps are read only then. It is why "DTR, then RTS" works:
 * IO0 falls after EN was let go, but before EN is high.
 */
const EN_RISE_US = 5000;
const UNLOCKED: Security = { secureBoot: false, flashEncryption: false, secureDownload: false };

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
  /** What the flash holds of that partition; null when its table has none of that name. */
  partition(label: string): Uint8Array | null;
  /** Why the chip left reset. */
  readonly resetReason: ResetReason;
  /** Starts the chip anew, as it does by itself. Ignored once the application was stopped. */
  restart(reason: ResetReason): void;
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
  /** An ESP32-S3 unless it is said. */
  kind?: EspKind;
  /** Of an ESP32-P4, 100 × major + minor; v3.0 unless it is said. 301 and 302 leave the flash without power in download mode. */
  revision?: number;
  /** The eFuse by which an ESP32-P4 v3.2 powers its flash itself. */
  powersFlash?: boolean;
  /** As the chip's usual module has it unless it is said; a power of two. */
  flashBytes?: number;
  /** Written into the flash before the first boot. Without it the chip is blank. */
  flash?: readonly { offset: number; data: Uint8Array }[];
  /** What the chip does in place of executing the flashed application. */
  onBoot?: (app: BootedApp) => AppRun;
  /** 'auto' unless it is said. */
  wiring?: Wiring;
  security?: Partial<Security>;
  /** The UART carries no more than the chip's baud rate, and never more than this one. Without it bytes arrive as they are sent. */
  uartBaudLimit?: number;
  /** Native USB that the host loses at each reset, for so long. */
  usbGoneMs?: number;
  /** How long after a power cut the power is back; it stays away unless it is said. */
  powerBackMs?: number;
  faults?: EspFaults;
}

/** A chip of the family on a development board, from its UART pins and its EN and IO0 inwards. Off until `powerOn()`. */
export interface EspChip {
  readonly kind: EspKind;
  readonly uart: BoardUart;
  readonly state: ChipState;
  readonly mac: string;
  readonly flash: FlashMemory;
  /** What the host's USB says of it; null behind a UART, where the bridge is what the host sees. */
  readonly usb: { vendorId: string; productId: string; serialNumber: string } | null;
  /** Something can press BOOT and RESET from afar. */
  readonly hasReachableButtons: boolean;
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
  readonly kind: EspKind;
  readonly flash: FlashMemory;
  readonly mac: string;
  readonly uart: BoardUart;
  readonly usb: EspChip['usb'];
  readonly hasReachableButtons: boolean;
  readonly #options: EspChipOptions;
  readonly #facts: ChipFacts;
  readonly #faults: EspFaults;
  readonly #clock: Clock;
  readonly #macBytes: Uint8Array;
  readonly #strapping: Strapping;
  readonly #line: HostLine;
  readonly #stateListeners = new Set<(state: ChipState) => void>();
  readonly #timers = new Set<() => void>();
  #state: ChipState = 'off';
  #isPowered = false;
  #loader: SerialLoader | null = null;
  #app: AppRun | null = null;
  #commandsLeft = Infinity;
  #bytesLeft = Infinity;

  constructor(options: EspChipOptions) {
    const { kind = 'esp32s3', clock, wiring = 'auto', faults = {} } = options;
    this.#options = options;
    this.kind = kind;
    this.#facts = kind === 'esp32p4' ? p4OfRevision(options.revision ?? 300, options.powersFlash) : chipFacts[kind];
    this.#faults = faults;
    this.#clock = clock;
    this.#strapping = new Strapping(wiring);
    this.hasReachableButtons = wiring === 'auto' || wiring === 'usb-serial-jtag';
    this.flash = new FlashMemory(options.flashBytes ?? this.#facts.flashBytes, faults.wornFlash);
    for (const { offset, data } of options.flash ?? []) this.flash.program(offset, data);
    // 7C:DF:A1 is one of Espressif's own prefixes, as real boards have.
    this.#macBytes = Uint8Array.from([0x7c, 0xdf, 0xa1, ...createHash('sha256').update(options.name).digest().subarray(0, 3)]);
    this.mac = [...this.#macBytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
    this.usb = usbOf(wiring, this.#facts, this.mac);
    if (faults.powerCut !== undefined && 'afterCommands' in faults.powerCut) this.#commandsLeft = faults.powerCut.afterCommands;
    if (faults.powerCut !== undefined && 'afterBytes' in faults.powerCut) this.#bytesLeft = faults.powerCut.afterBytes;
    this.#line = new HostLine({
      clock,
      chipBaudRate: ROM_BAUD,
      limitBaud: options.uartBaudLimit ?? null,
      noise: faults.noise ?? null,
      hasEcho: faults.echo === true,
      onArrived: (data) => this.#arrived(data),
      onLines: (lines) => this.#setLines(lines),
    });
    this.uart = this.#line.uart;
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
    this.#line.setPresent(true);
    if (!this.#strapping.isHeldInReset) this.#leaveReset('powerOn');
  }

  powerOff(): void {
    this.#isPowered = false;
    this.#halt();
    this.#line.clear();
    // Behind a UART it is the bridge that the host sees, and the bridge has its power from the host.
    if (this.usb !== null) this.#line.setPresent(false);
  }

  pressReset(into: 'run' | 'download'): void {
    if (!this.#isPowered) return;
    this.#halt();
    this.#start('powerOn', into);
  }

  #setLines(lines: Lines): void {
    const wasHeld = this.#strapping.isHeldInReset;
    this.#strapping.set(lines);
    if (!this.#isPowered) return;
    const isHeld = this.#strapping.isHeldInReset;
    if (isHeld && !wasHeld) this.#halt();
    const reason = this.#strapping.wiring === 'usb-serial-jtag' ? 'usb' : 'powerOn';
    if (!isHeld && wasHeld) this.#after(EN_RISE_US, () => this.#leaveReset(reason));
  }

  /** The straps are read: IO0 low at this instant means download mode. */
  #leaveReset(reason: ResetReason): void {
    this.#start(reason, this.#strapping.isDownloadStrapped ? 'download' : 'run');
  }

  #start(reason: ResetReason, into: 'run' | 'download'): void {
    this.#line.setChipBaudRate(ROM_BAUD);
    const { usbGoneMs } = this.#options;
    if (usbGoneMs !== undefined && reason !== 'watchdog') this.#line.vanish(usbGoneMs * 1000);
    if (into === 'download') this.#startLoader(reason);
    else this.#boot(reason);
  }

  #startLoader(reason: ResetReason): void {
    const { flashTellsSize = true, stubStarts = true } = this.#faults;
    const security = { ...UNLOCKED, ...this.#options.security };
    const { wiring } = this.#strapping;
    const port = wiring === 'usb-serial-jtag' || wiring === 'usb-otg' ? wiring : 'uart';
    const supply = new FlashSupply(this.#facts.flashSupply ?? 'always', this.#clock);
    this.#loader = new SerialLoader({
      chip: this.#facts,
      flash: behindSupply(this.flash, () => supply.isOn),
      isFlashOn: () => supply.isOn,
      registers: (isFlashAttached) =>
        new Registers({
          chip: this.#facts,
          mac: this.#macBytes,
          flashBytes: this.flash.sizeBytes,
          flashTellsSize,
          port,
          security,
          supply,
          isFlashAttached,
        }),
      security,
      port,
      stubStarts,
      hooks: {
        transmit: (bytes) => this.#answer(bytes),
        changeBaud: (baudRate) => this.#line.setChipBaudRate(baudRate),
        reboot: () => {
          this.#halt();
          // Not within the loader's own reply: the chip takes a moment, and its caller is still running.
          this.#after(EN_RISE_US, () => this.#leaveReset('software'));
        },
        onCommand: () => {
          this.#commandsLeft -= 1;
          if (this.#commandsLeft === 0) this.#cutPower();
        },
      },
    });
    this.#setState('download');
    this.#line.transmit(Buffer.from(downloadBanner(this.#facts, reason)));
  }

  #answer(bytes: Uint8Array): void {
    const { lateAnswersMs } = this.#faults;
    if (lateAnswersMs === undefined) this.#line.transmit(bytes);
    else this.#after(lateAnswersMs * 1000, () => this.#line.transmit(bytes));
  }

  #cutPower(): void {
    this.powerOff();
    const { powerBackMs } = this.#options;
    if (powerBackMs !== undefined) this.#after(powerBackMs * 1000, () => this.powerOn());
  }

  #boot(reason: ResetReason): void {
    const plan = planBoot(this.#facts, this.kind, this.flash, reason);
    const bootedUs = this.#clock.nowUs();
    this.#setState('booting');
    for (const line of plan.lines) this.#after(line.atMs * 1000, () => this.#line.transmit(Buffer.from(line.text)));
    const { app } = plan;
    if (app === null) this.#after(plan.watchdogMs * 1000, () => this.#boot('watchdog'));
    else this.#after(app.atMs * 1000, () => this.#run(app.descriptor, bootedUs, reason));
  }

  #run(descriptor: AppDescriptor | null, bootedUs: MonoUs, resetReason: ResetReason): void {
    let isRunning = true;
    this.#setState('running');
    const run = this.#options.onBoot?.({
      descriptor,
      clock: this.#clock,
      print: (text) => {
        if (isRunning) this.#line.transmit(Buffer.from(text));
      },
      ticksMs: () => Math.floor((this.#clock.nowUs() - bootedUs) / 1000),
      partition: (label) => this.#partition(label),
      resetReason,
      restart: (why) => {
        if (!isRunning) return;
        this.#halt();
        // A moment later: who asks for it is still running.
        this.#after(EN_RISE_US, () => this.#boot(why));
      },
    });
    this.#app = {
      receive: (data) => run?.receive(data),
      stop: () => {
        isRunning = false;
        run?.stop();
      },
    };
  }

  #partition(label: string): Uint8Array | null {
    const table = readPartitionTable(this.flash.read(PARTITION_TABLE_OFFSET, PARTITION_TABLE_BYTES));
    const found = table?.find((partition) => partition.label === label);
    return found === undefined ? null : this.flash.read(found.offset, found.sizeBytes);
  }

  #halt(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#loader?.stop();
    this.#loader = null;
    const app = this.#app;
    this.#app = null;
    app?.stop();
    this.#setState('off');
  }

  #arrived(data: Uint8Array): void {
    if (this.#loader === null) {
      this.#app?.receive(data);
      return;
    }
    const isLast = data.length >= this.#bytesLeft;
    const taken = data.subarray(0, this.#bytesLeft);
    this.#bytesLeft = isLast ? Infinity : this.#bytesLeft - data.length;
    this.#loader.receive(taken);
    if (isLast) this.#cutPower();
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

/** Espressif's USB Serial/JTAG is one product; a ROM that speaks USB itself has its chip's number. */
function usbOf(wiring: Wiring, { chipId }: ChipFacts, mac: string): EspChip['usb'] {
  if (wiring !== 'usb-serial-jtag' && wiring !== 'usb-otg') return null;
  const productId = wiring === 'usb-otg' ? chipId.toString(16).padStart(4, '0') : '1001';
  return { vendorId: '303a', productId, serialNumber: mac.toUpperCase() };
}
