import type { MonoUs } from '../../../preload/contract/time.ts';
import { openPty } from '../pty.ts';
import type { BoardUart } from '../uart.ts';
import type { ModuleChip } from './chips.ts';
import { ids } from './image-header.ts';
import { type LoaderFault, LoaderFaults } from './loader-faults.ts';
import { Cat1Modem, type Cat1Options } from './modem.ts';
import { ModuleFlash } from './module-flash.ts';
import { ModuleLoader, type ModuleLoaderOptions } from './module-loader.ts';

/** USB devices come and go. */
const ENUMERATE_US = 300_000;
/** In an application: what its AT commands shall say that it is. */
const REVISION = /(?:AirM2M|LuatOS|EC\d{3}\w*_SW)[\w.@-]{3,60}/;
const SEARCHED_BYTES = 0x1000;

export interface Cat1BoardOptions extends Cat1Options {
  /** Offer the AT port on a real pseudo-terminal too; on by default. */
  withPty?: boolean;
  /** A stable name for that terminal. */
  linkPath?: string;
  /** Decides which agentboot and which packages are its own. */
  chip?: ModuleChip;
  /** Of its loader, each time it is entered. */
  loader?: Pick<ModuleLoaderOptions, 'fragmentBytes' | 'echoDelayMs' | 'wantsInfoPerPiece' | 'tellsResident'> & {
    faults?: readonly LoaderFault[];
  };
  /** Which of its ports there are has changed. */
  onPorts?: () => void;
}

export interface Cat1Board {
  readonly modem: Cat1Modem;
  readonly flash: ModuleFlash;
  /** Of the running module: AT commands. */
  readonly uart: BoardUart;
  /** Of the module in download mode. */
  readonly downloadUart: BoardUart;
  /** broken: an image was begun and never finished, and it does not start. */
  readonly state: 'running' | 'download' | 'absent' | 'broken';
  /** Null when there is no PTY. */
  readonly ptyPath: string | null;
  /** A person holds BOOT and switches it on. */
  pressBoot(): void;
  close(): Promise<void>;
}

/** A cat.1 module with its AT port in this process and on a PTY, and its loader behind another. Powered on. */
export async function createCat1Board(options: Cat1BoardOptions): Promise<Cat1Board> {
  const { clock, chip = 'ec718', onPorts = () => {} } = options;
  const flash = new ModuleFlash(chip);
  const faults = new LoaderFaults(options.loader?.faults ?? []);
  const unfinished = new Set<number>();
  let application: { offset: number } | null = null;
  let state: Cat1Board['state'] = 'running';
  let loader: ModuleLoader | null = null;
  let cancelTimer: () => void = () => {};
  const runPort = new Presence();
  const downloadPort = new Presence();

  const modem = new Cat1Modem({ ...options, revision, onDownload: () => become('absent', enterLoader) });
  const pty = options.withPty === false ? null : await openPty(options.linkPath === undefined ? {} : { linkPath: options.linkPath });
  const leave = pty === null ? () => {} : modem.uart.onTransmit((data) => pty.write(data));
  pty?.onData((data) => modem.uart.receive(data));
  modem.powerOn();
  runPort.set(true);

  /** What the application in flash calls itself. */
  function revision(): string | null {
    if (application === null) return null;
    return REVISION.exec(Buffer.from(flash.read('common', application.offset, SEARCHED_BYTES)).toString('latin1'))?.[0] ?? null;
  }

  function become(next: Cat1Board['state'], after?: () => void): void {
    state = next;
    runPort.set(state === 'running');
    downloadPort.set(state === 'download');
    onPorts();
    cancelTimer();
    if (after !== undefined) cancelTimer = clock.at((clock.nowUs() + ENUMERATE_US) as MonoUs, after);
  }

  function enterLoader(): void {
    loader = new ModuleLoader(
      { clock, chip, flash, ...options.loader, faults },
      {
        began: (id) => unfinished.add(id),
        finished: ({ id, offset }) => {
          unfinished.delete(id);
          if (id === ids.ap) application = { offset };
        },
        gone: (why) => (why === 'power' ? become('absent') : become('absent', start)),
      },
    );
    for (const listener of listeners) loader.uart.onTransmit(listener);
    become('download');
  }

  function start(): void {
    loader = null;
    if (unfinished.size === 0) modem.powerOn();
    become(unfinished.size === 0 ? 'running' : 'broken');
  }

  const listeners = new Set<(data: Uint8Array) => void>();
  return {
    modem,
    flash,
    uart: { ...modem.uart, presence: runPort },
    downloadUart: {
      receive: (data) => loader?.uart.receive(data),
      onTransmit(listener) {
        listeners.add(listener);
        const stop = loader?.uart.onTransmit(listener);
        return () => {
          stop?.();
          listeners.delete(listener);
        };
      },
      setLines: (lines) => loader?.uart.setLines(lines),
      setBaudRate: (baudRate) => loader?.uart.setBaudRate(baudRate),
      setOpen: (isOpen) => loader?.uart.setOpen(isOpen),
      presence: downloadPort,
    },
    get state() {
      return state;
    },
    ptyPath: pty?.path ?? null,
    pressBoot() {
      modem.powerOff();
      loader?.powerOff();
      become('absent', enterLoader);
    },
    async close() {
      cancelTimer();
      leave();
      modem.powerOff();
      loader?.powerOff();
      await pty?.close();
    },
  };
}

/** Whether the host sees a USB device. */
class Presence implements NonNullable<BoardUart['presence']> {
  #isPresent = false;
  readonly #listeners = new Set<(isPresent: boolean) => void>();

  isPresent(): boolean {
    return this.#isPresent;
  }

  set(isPresent: boolean): void {
    if (isPresent === this.#isPresent) return;
    this.#isPresent = isPresent;
    for (const listener of [...this.#listeners]) listener(isPresent);
  }

  onChange(listener: (isPresent: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
