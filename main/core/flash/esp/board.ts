import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { ChipIdentity, FlashOptions } from '../../../../preload/contract/flash.ts';
import type { PortInfo } from '../../../../preload/contract/ports.ts';
import type { FlashRun } from '../tool.ts';
import { type Connected, type ConnectOptions, isAnswering } from './connect.ts';
import { hex } from './describe.ts';
import { LoaderLink } from './link.ts';
import { EspLoader, ROM_BAUD_RATE, STUB_SILENT } from './loader.ts';
import { slowerRate } from './rates.ts';
import { awaitReturn, isUsbJtag, mayReappear, usbPortInfo } from './usb-jtag.ts';

/** Where a stub of a killed job may still be listening on a port that cannot reset it. */
const LIKELY_BAUD_RATES = [921600, 460800] as const;
/** A line that fails so often at a rate is not good for it, even if each failure can be mended. */
const FAILURES_PER_RATE = 4;
const FAILURES_IN_A_ROW = 3;
const FAILURES_TO_BE_CAREFUL = 3;
const TOLD_REPEATS = 20;
const TRIES_PER_STUB = 3;
const MOST_RETURNS = 3;
/** For a flash that does not tell its size: as far as every loader can address. */
const UNKNOWN_FLASH_BYTES = 16 * 1024 * 1024;

export type EspOptions = Pick<FlashOptions, 'baudRate' | 'before' | 'after' | 'useStub'>;

/**
 * A board in its loader, from the first reset on, as the work on it needs it: known, with its stub, at the best rate its line
 * takes; brought back when the line fails, at a lower rate if it must be. Nothing of that is silent.
 */
export class EspBoard {
  readonly run: FlashRun;
  readonly options: EspOptions;
  #loader: EspLoader;
  #identity: ChipIdentity | null = null;
  #portInfo: PortInfo | null = null;
  /** What it is known as now: its loader may have other USB ids than its application. */
  #presentInfo: PortInfo | null = null;
  #hasLines = true;
  #hasStub: boolean;
  /** What was asked for, until the line has shown that it cannot. */
  #baudRate: number;
  #failures = 0;
  #repeats = 0;
  #failuresAtRate = 0;
  #failuresInARow = 0;

  constructor(run: FlashRun, options: EspOptions) {
    this.run = run;
    this.options = options;
    this.#loader = new EspLoader(new LoaderLink(run));
    this.#hasStub = options.useStub;
    this.#baudRate = options.baudRate;
  }

  /** Another one after the board came back under another port. */
  get loader(): EspLoader {
    return this.#loader;
  }

  get identity(): ChipIdentity {
    if (this.#identity === null) throw new Error('open() comes first');
    return this.#identity;
  }

  get isIdentified(): boolean {
    return this.#identity !== null;
  }

  /** Its port may go with a reset, and come back as another one. */
  get mayReappear(): boolean {
    return mayReappear(this.run, this.#portInfo);
  }

  /** The chip's loader takes only what writes flash: it tells nothing of it, not even a digest. */
  get isLocked(): boolean {
    return this.identity.security?.secureDownload === true;
  }

  /** Stages connect, identify, stub, baud. `check` sees who it is before anything is done to it. */
  async open(check: (identity: ChipIdentity) => void = () => {}): Promise<void> {
    const { progress, note } = this.run;
    this.#portInfo = await usbPortInfo(this.run);
    this.#presentInfo = this.#portInfo;
    const connected = await this.#connect();
    if (connected.isStub) note('stub-resident');
    progress.update({ boardState: 'download-mode' });

    progress.stage('identify');
    this.#identity = await this.loader.identify();
    progress.update({ chip: this.identity });
    check(this.identity);
    if (this.isLocked && this.#hasStub) {
      this.#hasStub = false;
      note('rom-only', { chip: this.identity.chip, reason: 'secure download mode' });
    }
    if (this.#hasStub) {
      progress.stage('stub');
      // At the ROM's own rate sending it takes longer than all else before the first byte of flash.
      if (this.loader.chip.stubKeepsRate === true) await this.#speedUp(this.#baudRate);
      await this.#startStub();
    }
    progress.stage('baud');
    await this.#speedUp(this.#baudRate);
    await this.#tellFlashSize();
  }

  /** Something of the flash has to be sent again. Of very many the first are told; the trace has all. */
  repeating(offset: number, error: unknown): void {
    this.#repeats++;
    if (this.#repeats <= TOLD_REPEATS) this.run.note('block-repeated', { offset, reason: reasonOf(error) });
    else this.run.trace.note(`block-repeated ${hex(offset)}: ${reasonOf(error)}`);
  }

  /** The line has failed so often that small steps get further than large ones. */
  get isCareful(): boolean {
    return this.#failures >= FAILURES_TO_BE_CAREFUL;
  }

  /** A block went through: what failed before it was an accident. */
  worked(): void {
    this.#failuresInARow = 0;
  }

  /**
   * After `error` cut an exchange short: when this resolves, the loader takes commands again. It may be another one (the ROM's for the
   * stub's), at another rate; a write that was under way is to be begun anew. Throws `error` when nothing helps.
   */
  async recover(error: unknown): Promise<void> {
    if (!isTalkError(error, 'flash/protocol')) throw error;
    this.#failures++;
    this.#failuresInARow++;
    this.#failuresAtRate++;
    const { baudRate } = this.loader;
    const slower = slowerRate(baudRate);
    const isTooMany = this.#failuresInARow > 1 || this.#failuresAtRate >= FAILURES_PER_RATE;
    const mayStay = slower === undefined ? this.#failuresInARow < FAILURES_IN_A_ROW : !isTooMany;
    if (mayStay && (await isAnswering(this.loader.link))) return;
    if (slower === undefined) {
      if (this.#failuresInARow > FAILURES_IN_A_ROW) throw error;
      return this.#startOver(baudRate);
    }
    this.run.note('baud-reduced', { from: baudRate, to: slower, reason: reasonOf(error) });
    await this.#startOver(slower);
  }

  async #startOver(baudRate: number): Promise<void> {
    this.#failuresAtRate = 0;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#restartLoader();
        await this.#speedUp(baudRate);
        return await this.#tellFlashSize();
      } catch (error) {
        // The line that made it necessary is still the same.
        if (attempt === FAILURES_IN_A_ROW || !isTalkError(error, 'flash/protocol') || !error.value.retryable) throw error;
      }
    }
  }

  async #connect(): Promise<{ isStub: boolean }> {
    const { baudRate } = this.loader;
    const others = [this.options.baudRate, ...LIKELY_BAUD_RATES];
    const options: ConnectOptions = {
      before: this.options.before,
      isUsbJtag: isUsbJtag(this.#presentInfo),
      portInfo: this.#presentInfo,
      // Where nothing can reset the board it is where we left it.
      baudRates: this.#hasLines ? [ROM_BAUD_RATE, ...others] : [baudRate, ROM_BAUD_RATE, ...others],
    };
    const connected = await this.#follow(options);
    this.#hasLines = connected.reset !== null;
    return connected;
  }

  /** A chip's own USB goes away with a reset and comes back: with its loader, or with its application when it was not the right one. */
  async #follow(options: ConnectOptions): Promise<Connected> {
    let from = options;
    for (let returns = 0; ; returns++) {
      try {
        return await this.loader.connect(from);
      } catch (error) {
        const isGone = isTalkError(error, 'port/lost') || isTalkError(error, 'port/closed');
        const mayReturn = isGone && returns < MOST_RETURNS && this.mayReappear;
        const returned = mayReturn ? await awaitReturn(this.run, this.#portInfo) : null;
        if (returned === null) throw error;
        const { port, info } = returned;
        const link = new LoaderLink({ ...this.run, port });
        link.keepPrivate(this.loader.link.isPrivate);
        this.#loader = new EspLoader(link);
        this.#presentInfo = info ?? this.#portInfo;
        from = { ...options, portInfo: this.#presentInfo, isUsbJtag: true, afterReset: 'usbJtag' };
      }
    }
  }

  /** The same board, from its reset to its stub. */
  async #restartLoader(): Promise<void> {
    await this.#resetLoader();
    if (this.#hasStub) await this.#startStub();
  }

  async #resetLoader(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      // It was one before: what has changed is the line.
      if (isTalkError(error, 'flash/wrong-chip')) throw otherBoard({ retryable: true });
      throw error;
    }
    if (this.identity.mac !== null && (await this.loader.readMac()) !== this.identity.mac) throw otherBoard({ retryable: false });
    await this.loader.attachFlash();
  }

  /** Where there is no stub, or it does not start, the ROM goes on alone. */
  async #startStub(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.loader.runStub(this.identity.revision, { isCareful: attempt > 1 });
      } catch (error) {
        const isMissing = isTalkError(error, 'flash/no-stub');
        if (!isMissing && !isTalkError(error, 'flash/protocol')) throw error;
        const isSilent = reasonOf(error) === STUB_SILENT && this.loader.baudRate === ROM_BAUD_RATE;
        const mayHelp = !isMissing && attempt < TRIES_PER_STUB && !isSilent;
        if (!mayHelp) {
          this.#hasStub = false;
          this.run.note('rom-only', { chip: this.identity.chip, reason: isMissing ? 'no stub for this chip' : reasonOf(error) });
        }
        // Half a program in its memory is no place to go on from.
        if (!isMissing) await this.#resetLoader();
        if (!mayHelp) return;
      }
    }
  }

  /** A bridge or cable that cannot go so fast costs time, not the job. */
  async #speedUp(wanted: number): Promise<void> {
    for (let baudRate = wanted; ; ) {
      try {
        await this.loader.changeBaudRate(baudRate);
        this.#baudRate = baudRate;
        return;
      } catch (error) {
        const slower = slowerRate(baudRate);
        const isRefused = isTalkError(error, 'flash/protocol') || isTalkError(error, 'port/unsupported');
        if (!isRefused || slower === undefined) throw error;
        this.run.note('baud-reduced', { from: baudRate, to: slower, reason: reasonOf(error) });
        await this.#restartLoader();
        baudRate = slower;
      }
    }
  }

  async #tellFlashSize(): Promise<void> {
    await this.loader.setFlashBytes(this.identity.flashBytes ?? UNKNOWN_FLASH_BYTES);
  }
}

function otherBoard(options: { retryable: boolean }): TalkError {
  return new TalkError('flash/protocol', { command: 'sync', status: null, reason: 'another board answers' }, options);
}

export function reasonOf(error: unknown): string {
  if (!isTalkError(error)) return 'unknown';
  const { reason, feature } = error.value.data;
  return String(reason ?? feature ?? error.code);
}
