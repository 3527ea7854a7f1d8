import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { LoaderFaults } from '../cat1/loader-faults.ts';
import { FlashMemory } from '../esp/flash-memory.ts';
import { openPty } from '../pty.ts';
import type { BoardUart } from '../uart.ts';
import { BootReader } from './boot-frames.ts';
import { type BootFault, Bootloader } from './bootloader.ts';
import { StatusRegisters, type StatusWrites } from './status-registers.ts';

const START_RATE = 115_200;
/** After a reset it waits so long for somebody who links. */
const WINDOW_US = 8000;
/** A request that comes in pieces with such a gap is none. */
const GAP_US = 100_000;
const BOOT_US = 120_000;
const SEARCHED_BYTES = 0x20000;
const VERSION = /LuatOS@[\w.@-]{3,60}/;
/** 8 MB of GigaDevice's. */
const USUAL_FLASH_ID = 0x1765c8;
/** Its number above its revision. */
const CHIP_ID = 0x72360001;
const LINK_CHECK = Buffer.from('01e0fc0100', 'hex');

export interface Bk7258Options {
  clock: Clock;
  /** Manufacturer, type and capacity, 0xCCTTMM. */
  flashId?: number;
  chipId?: number;
  /** How its flash's status registers are written; as such a flash's are unless said. */
  statusWrites?: StatusWrites;
  /** A bootloader that counts the identification one short, and names a register one too high. */
  hasShortId?: boolean;
  /** DTR and RTS on its reset, or not. */
  wiring?: 'reset' | 'none';
  /** Above it nothing arrives as it was sent. */
  maxBaudRate?: number;
  /** Output comes in pieces of so many bytes. */
  fragmentBytes?: number;
  faults?: readonly BootFault[];
  /** Offer it on a real pseudo-terminal too; on by default. */
  withPty?: boolean;
  linkPath?: string;
}

export interface Bk7258Board {
  readonly uart: BoardUart;
  readonly flash: FlashMemory;
  readonly status: StatusRegisters;
  /** booting: the window, or an application that is starting. A blank one stays there. */
  readonly state: 'off' | 'booting' | 'download' | 'running';
  readonly ptyPath: string | null;
  /** What a careful flasher would never have asked for, in order. */
  readonly complaints: readonly string[];
  onState(listener: () => void): void;
  /** A person presses RESET, or switches it on. */
  pressReset(): void;
  close(): Promise<void>;
}

/**
 * A BK7258 with a flash of NOR semantics behind a UART: after a reset it listens for 8 ms, then starts what is in its flash. DTR and
 * RTS are wired as on boards with two transistors: RTS without DTR holds it in reset. On a PTY, which has no such lines, it is reset
 * by whoever links. Powered on.
 */
export async function createBk7258Board(options: Bk7258Options): Promise<Bk7258Board> {
  const { clock, flashId = USUAL_FLASH_ID, chipId = CHIP_ID, hasShortId = false, wiring = 'reset', maxBaudRate = 3_000_000 } = options;
  const sizeBytes = flashId >>> 16 >= 0x10 && flashId >>> 16 <= 0x1a ? 2 ** (flashId >>> 16) : 0x800000;
  const flash = new FlashMemory(sizeBytes);
  const status = new StatusRegisters(flashId, options.statusWrites);
  const faults = new LoaderFaults(options.faults ?? []);
  const reader = new BootReader();
  const complaints: string[] = [];
  const listeners = new Set<(data: Uint8Array) => void>();
  const watchers = new Set<() => void>();
  let state: Bk7258Board['state'] = 'off';
  let isHeld = false;
  let rate = START_RATE;
  let hostRate = START_RATE;
  let heardUs = 0;
  let cancelTimer: () => void = () => {};
  let bootloader: Bootloader | null = null;

  function become(next: Bk7258Board['state']): void {
    state = next;
    for (const watcher of watchers) watcher();
  }

  function stop(): void {
    cancelTimer();
    bootloader?.stop();
    bootloader = null;
    reader.forget();
    rate = START_RATE;
  }

  function after(us: number, callback: () => void): void {
    cancelTimer = clock.at((clock.nowUs() + us) as MonoUs, callback);
  }

  /** Reset goes: the window opens. */
  function start(): void {
    stop();
    bootloader = new Bootloader({
      clock,
      flash,
      status,
      faults,
      hasShortId,
      chipId,
      send: transmit,
      setRate: (next) => {
        rate = next;
      },
      restart: start,
      losePower() {
        stop();
        become('off');
      },
      complain: (what) => void complaints.push(what),
    });
    become('booting');
    after(WINDOW_US, boot);
  }

  function boot(): void {
    stop();
    const beginning = flash.read(0, SEARCHED_BYTES);
    if (beginning.every((byte) => byte === 0xff)) return;
    after(BOOT_US, () => {
      become('running');
      const version = VERSION.exec(Buffer.from(beginning).toString('latin1'))?.[0] ?? 'LuatOS';
      transmit(Buffer.from(`ap0:I(8):chip id=7258\r\nluat:D(126):main:${version}\r\nluat:U(132):I/user.main started\r\n`, 'latin1'));
    });
  }

  /** A PTY carries neither rates nor lines. */
  let isOverPty = false;
  const isGarbled = () => !isOverPty && (Math.abs(hostRate - rate) > rate * 0.03 || hostRate > maxBaudRate);

  function receive(data: Uint8Array): void {
    if (bootloader === null || isHeld) return;
    const nowUs = clock.nowUs();
    if (nowUs - heardUs > GAP_US) reader.forget();
    heardUs = nowUs;
    reader.push(isGarbled() ? data.map((byte) => byte ^ 0xa5) : data);
    for (let request = reader.next(); request !== null && bootloader !== null; request = reader.next()) {
      if (state !== 'download') {
        // Until it is linked it hears nothing else.
        if (request.isFlash || request.code !== 0) continue;
        cancelTimer();
        become('download');
      }
      bootloader.take(request);
    }
  }

  function transmit(bytes: Uint8Array): void {
    const line = isGarbled() ? bytes.map((byte) => byte ^ 0xa5) : bytes;
    const pieceBytes = options.fragmentBytes ?? line.length;
    for (let at = 0; at < line.length; at += pieceBytes) for (const listener of listeners) listener(line.slice(at, at + pieceBytes));
  }

  const uart: BoardUart = {
    receive,
    onTransmit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setLines({ dtr, rts }) {
      if (wiring === 'none') return;
      const wasHeld = isHeld;
      isHeld = rts && !dtr;
      if (isHeld && !wasHeld) stop();
      if (wasHeld && !isHeld && state !== 'off') start();
    },
    setBaudRate(baudRate) {
      isOverPty = false;
      hostRate = baudRate;
    },
    setOpen: () => {},
  };

  const pty = options.withPty === false ? null : await openPty(options.linkPath === undefined ? {} : { linkPath: options.linkPath });
  const leave = pty === null ? () => {} : uart.onTransmit((data) => pty.write(data));
  pty?.onData((data) => {
    isOverPty = true;
    // Who links there could not reset it.
    if (bootloader === null && state !== 'off' && Buffer.from(data).includes(LINK_CHECK)) start();
    receive(data);
  });
  start();
  return {
    uart,
    flash,
    status,
    complaints,
    ptyPath: pty?.path ?? null,
    get state() {
      return state;
    },
    onState: (listener) => void watchers.add(listener),
    pressReset: start,
    async close() {
      stop();
      leave();
      state = 'off';
      await pty?.close();
    },
  };
}
