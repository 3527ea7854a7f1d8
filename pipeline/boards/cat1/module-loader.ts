import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { random } from '../random.ts';
import type { BoardUart } from '../uart.ts';
import { type AgentbootHooks, RunningAgentboot } from './agentboot.ts';
import type { ModuleChip } from './chips.ts';
import { type Answer, refusal } from './image-receiver.ts';
import { LoaderFaults } from './loader-faults.ts';
import { encodeAnswer, type Frame, type Part, RESIDENT, RequestReader, words } from './loader-frames.ts';
import { madeFor } from './made-up-agentboot.ts';
import { MaskRom } from './mask-rom.ts';
import type { ModuleFlash } from './module-flash.ts';

const ROM_RATE = 115_200;
const AGENTBOOT_START_US = 20_000;
const RESET_US = 30_000;
const LATE_US = 1_500_000;
const PIECE_US = 200;
/** A request that stops in the middle was none. */
const GAP_US = 300_000;
/** Another chip's agentboot runs for about 19 seconds; a virtual line is faster than that. */
const WATCHDOG_BYTES = 0x18000;

export interface ModuleLoaderOptions {
  clock: Clock;
  chip: ModuleChip;
  flash: ModuleFlash;
  transport?: 'usb' | 'uart';
  /** Its own, or those of a board that goes in and out of download mode. */
  faults?: LoaderFaults;
  /** Answers in pieces of so many bytes. */
  fragmentBytes?: number;
  /** The answer to a word comes so late. */
  echoDelayMs?: number;
  /** SEL_IMAGE and VERIFY_IMAGE before each 64 KiB (some agentboots do without). */
  wantsInfoPerPiece?: boolean;
  /** A resident agentboot says so; others keep silent. */
  tellsResident?: boolean;
  /** Left by an earlier job. */
  isResident?: boolean;
}

export interface LoaderHooks extends Pick<AgentbootHooks, 'began' | 'finished'> {
  /** It goes: reset by order, by its watchdog, or without power. */
  gone(why: 'reset' | 'watchdog' | 'power'): void;
}

/** A module in download mode, on its USB port or its UART: the mask ROM, then whatever agentboot was started. */
export class ModuleLoader {
  readonly uart: BoardUart;
  readonly #options: ModuleLoaderOptions;
  readonly #hooks: LoaderHooks;
  readonly #reader = new RequestReader();
  readonly #faults: LoaderFaults;
  readonly #random = random(7);
  readonly #listeners = new Set<(data: Uint8Array) => void>();
  readonly #watchers = new Set<(isPresent: boolean) => void>();
  readonly #timers = new Set<() => void>();
  readonly #rom: MaskRom;
  #agentboot: RunningAgentboot | null = null;
  /** The ROM has handed over, and nobody answers yet. */
  #isStarting = false;
  #isOn = true;
  /** A word is answered at its second coming. */
  #halfWord: Part | null = null;
  #hasDtr = true;
  #hostRate = ROM_RATE;
  #rate = ROM_RATE;
  #lastUs = 0;
  #queue: Uint8Array[] = [];
  #isSending = false;

  constructor(options: ModuleLoaderOptions, hooks: LoaderHooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#faults = options.faults ?? new LoaderFaults([]);
    this.#rom = new MaskRom(options.chip, (blob, baudRate) => this.#start(blob, baudRate));
    if (options.isResident === true) this.#run(options.chip);
    this.uart = {
      receive: (data) => this.#receive(data),
      onTransmit: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      setLines: ({ dtr }) => {
        this.#hasDtr = dtr;
      },
      setBaudRate: (baudRate) => {
        this.#hostRate = baudRate;
      },
      setOpen: () => {},
      presence: {
        isPresent: () => this.#isOn,
        onChange: (listener) => {
          this.#watchers.add(listener);
          return () => this.#watchers.delete(listener);
        },
      },
    };
  }

  powerOff(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    for (const watcher of [...this.#watchers]) watcher(false);
  }

  #receive(data: Uint8Array): void {
    if (!this.#isOn) return;
    const now = this.#options.clock.nowUs();
    if (now - this.#lastUs > GAP_US) this.#reader.forget();
    this.#lastUs = now;
    if (this.#isGarbled) return;
    this.#reader.push(data);
    for (let heard = this.#reader.next(); heard !== null && this.#isOn; heard = this.#reader.next()) {
      if (heard.kind === 'word') this.#word(heard.part);
      else this.#frame(heard.frame);
    }
  }

  #word(part: Part): void {
    const isSecond = this.#halfWord === part;
    this.#halfWord = isSecond ? null : part;
    if (!isSecond || this.#isStarting) return;
    const fault = this.#faults.with(`${part} sync`);
    if (fault === 'vanish') {
      this.#leave('power');
      return;
    }
    const echo = this.#echoOf(part);
    if (echo === null || fault === 'silence' || fault === 'lost-answer') return;
    if (fault === 'noise') this.#send(this.#noise());
    const delayUs = fault === 'late-answer' ? LATE_US : (this.#options.echoDelayMs ?? 0) * 1000;
    this.#after(delayUs, () => this.#send(fault === 'bad-check' ? echo.map((byte) => byte ^ 0x40) : echo));
  }

  #echoOf(part: Part): Uint8Array | null {
    const echo = Uint8Array.from(Buffer.from(words[part], 'hex'));
    const agentboot = this.#agentboot;
    if (agentboot === null) {
      if (part !== 'DL') return null;
      this.#rom.wake();
      return echo;
    }
    if (part === 'LPC') {
      agentboot.wakeForOrders();
      return echo;
    }
    if (part === 'AG' && agentboot.wakeForImage()) return echo;
    return this.#options.tellsResident === false ? null : RESIDENT;
  }

  #frame(frame: Frame): void {
    this.#halfWord = null;
    if (this.#isStarting) return;
    const isChecked = this.#agentboot !== null;
    const fault = this.#faults.with(`${isChecked ? (frame.isOrder ? 'LPC' : 'AG') : 'DL'} ${frame.name}`);
    if (fault === 'silence') return;
    if (fault === 'vanish') {
      this.#leave('power');
      return;
    }
    const answer: Answer | null = fault === 'nak' ? { state: refusal.order } : (this.#agentboot ?? this.#rom).take(frame);
    if (answer === null || !this.#isOn) return;
    const bytes = encodeAnswer(frame, answer.state, answer.data ?? new Uint8Array(), isChecked);
    if (fault === 'bad-check') spoil(bytes, isChecked ? bytes.length - 1 : 2);
    if (fault === 'noise') this.#send(this.#noise());
    if (fault === 'late-answer') this.#after(LATE_US, () => this.#send(bytes));
    else if (fault !== 'lost-answer') this.#send(bytes);
    answer.after?.();
  }

  /** The ROM takes any; what it does then is another matter. */
  #start(blob: Uint8Array, baudRate: number): void {
    const builtFor = madeFor(blob);
    const { chip, transport = 'usb' } = this.#options;
    this.#isStarting = true;
    this.#after(AGENTBOOT_START_US, () => {
      // For the other port, it listens there.
      if (builtFor !== null && builtFor.transport !== transport) return;
      this.#isStarting = false;
      if (baudRate > 0) this.#rate = baudRate;
      this.#run(builtFor?.chip ?? chip);
    });
  }

  #run(builtFor: ModuleChip): void {
    const { chip, flash, wantsInfoPerPiece = true } = this.#options;
    let takenBytes = 0;
    this.#reader.isChecked = true;
    this.#agentboot = new RunningAgentboot({
      chip,
      flash,
      wantsInfo: wantsInfoPerPiece,
      hooks: {
        began: this.#hooks.began,
        finished: this.#hooks.finished,
        wrote: (sizeBytes) => {
          takenBytes += sizeBytes;
          if (builtFor !== chip && takenBytes >= WATCHDOG_BYTES) this.#leave('watchdog');
        },
        reset: () => this.#after(RESET_US, () => this.#leave('reset')),
      },
    });
  }

  #leave(why: 'reset' | 'watchdog' | 'power'): void {
    this.powerOff();
    this.#hooks.gone(why);
  }

  get #isGarbled(): boolean {
    return this.#options.transport === 'uart' && Math.abs(this.#hostRate - this.#rate) > this.#rate * 0.03;
  }

  #noise(): Uint8Array {
    return Uint8Array.from({ length: 1 + Math.floor(this.#random() * 12) }, () => Math.floor(this.#random() * 256));
  }

  /** Nothing comes out of it as long as nobody is there who says so. */
  #send(bytes: Uint8Array): void {
    if (!this.#isOn || !this.#hasDtr) return;
    const { fragmentBytes } = this.#options;
    if (this.#isGarbled) bytes = bytes.map((byte) => byte ^ 0xa5);
    const pieceBytes = fragmentBytes ?? bytes.length;
    for (let at = 0; at < bytes.length; at += pieceBytes) this.#queue.push(bytes.slice(at, at + pieceBytes));
    if (!this.#isSending) this.#sendPiece();
  }

  /** One after the other on one timer: several that are due together would overtake one another. */
  #sendPiece(): void {
    const piece = this.#queue.shift();
    this.#isSending = piece !== undefined;
    if (piece === undefined) return;
    this.#transmit(piece);
    this.#after(this.#queue.length > 0 ? PIECE_US : 0, () => this.#sendPiece());
  }

  #transmit(bytes: Uint8Array): void {
    for (const listener of this.#listeners) listener(bytes);
  }

  #after(us: number, callback: () => void): void {
    if (us === 0) {
      callback();
      return;
    }
    const cancel = this.#options.clock.at((this.#options.clock.nowUs() + us) as MonoUs, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
  }
}

function spoil(bytes: Uint8Array, at: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ 0x40;
}
