import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { ChipIdentity, FlashOptions } from '../../../../preload/contract/flash.ts';
import type { FlashRun } from '../tool.ts';
import { isAnswering } from './connect.ts';
import { LoaderLink } from './link.ts';
import { EspLoader, ROM_BAUD_RATE } from './loader.ts';
import { slowerRate } from './rates.ts';
import { isUsbJtagPort } from './usb-jtag.ts';

/** Where a stub of a killed job may still be listening on a port that cannot reset it. */
const LIKELY_BAUD_RATES = [921600, 460800] as const;
/** A line that fails so often at a rate is not good for it, even if each failure can be mended. */
const FAILURES_PER_RATE = 4;
const FAILURES_IN_A_ROW = 3;
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
  readonly loader: EspLoader;
  #identity: ChipIdentity | null = null;
  #isUsbJtag = false;
  #hasLines = true;
  #hasStub: boolean;
  #failuresAtRate = 0;
  #failuresInARow = 0;

  constructor(run: FlashRun, options: EspOptions) {
    this.run = run;
    this.options = options;
    this.loader = new EspLoader(new LoaderLink(run));
    this.#hasStub = options.useStub;
  }

  get identity(): ChipIdentity {
    if (this.#identity === null) throw new Error('open() comes first');
    return this.#identity;
  }

  get isIdentified(): boolean {
    return this.#identity !== null;
  }

  /** The chip's loader takes only what writes flash: it tells nothing of it, not even a digest. */
  get isLocked(): boolean {
    return this.identity.security?.secureDownload === true;
  }

  /** Stages connect, identify, stub, baud. `check` sees who it is before anything is done to it. */
  async open(check: (identity: ChipIdentity) => void = () => {}): Promise<void> {
    const { progress, note } = this.run;
    this.#isUsbJtag = await isUsbJtagPort(this.run);
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
      await this.#startStub();
    }
    progress.stage('baud');
    await this.#speedUp(this.options.baudRate);
    await this.#tellFlashSize();
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
    await this.#restartLoader();
    await this.#speedUp(baudRate);
    await this.#tellFlashSize();
  }

  async #connect(): Promise<{ isStub: boolean }> {
    const { baudRate } = this.loader;
    const others = [this.options.baudRate, ...LIKELY_BAUD_RATES];
    const connected = await this.loader.connect({
      before: this.options.before,
      isUsbJtag: this.#isUsbJtag,
      // Where nothing can reset the board it is where we left it.
      baudRates: this.#hasLines ? [ROM_BAUD_RATE, ...others] : [baudRate, ROM_BAUD_RATE, ...others],
    });
    this.#hasLines = connected.reset !== null;
    return connected;
  }

  /** The same board, from its reset to its stub. */
  async #restartLoader(): Promise<void> {
    await this.#connect();
    if (this.identity.mac !== null && (await this.loader.readMac()) !== this.identity.mac)
      throw new TalkError('flash/protocol', { command: 'sync', status: null, reason: 'another board answers' });
    await this.loader.attachFlash();
    if (this.#hasStub) await this.#startStub();
  }

  /** Where there is no stub, or it does not start, the ROM goes on alone. */
  async #startStub(): Promise<void> {
    const { chip } = this.loader;
    try {
      await this.loader.runStub();
    } catch (error) {
      const isMissing = isTalkError(error, 'flash/no-stub');
      if (!isMissing && !isTalkError(error, 'flash/protocol')) throw error;
      this.#hasStub = false;
      this.run.note('rom-only', { chip: chip.name, reason: isMissing ? 'no stub for this chip' : 'the stub did not start' });
      if (!isMissing) await this.#restartLoader();
    }
  }

  /** A bridge or cable that cannot go so fast costs time, not the job. */
  async #speedUp(wanted: number): Promise<void> {
    for (let baudRate = wanted; ; ) {
      try {
        return await this.loader.changeBaudRate(baudRate);
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

export function reasonOf(error: unknown): string {
  if (!isTalkError(error)) return 'unknown';
  const { reason, feature } = error.value.data;
  return String(reason ?? feature ?? error.code);
}
