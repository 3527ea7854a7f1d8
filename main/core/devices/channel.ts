import { TalkError } from '../../../preload/contract/errors.ts';
import type { CallBody } from '../../../preload/contract/index.ts';
import { type PortOptions, type PortState, portOptions } from '../../../preload/contract/ports.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { PortLog } from '../logs/port-log.ts';
import { LentPort } from './lent-port.ts';
import { linesOf } from './open.ts';
import type { BytePort, OpenPort } from './port.ts';
import { resetBoard } from './reset.ts';
import { sendInPieces } from './send-file.ts';
import type { PortIdentity } from './usb-ports.ts';

const REOPEN_INTERVAL_US = 500_000;
/** A program that ends at once is started again after twice as long each time, up to 16 s; one that ran so long is not. */
const STEADY_US = 10_000_000;
const MAX_DOUBLINGS = 5;
/** How often the byte counters are published while bytes flow. */
const COUNTER_INTERVAL_US = 500_000;

export interface BorrowedPort {
  /** The borrower's own view; recorded raw, not parsed. Ends when given back. */
  port: BytePort;
  /** While on, bytes are counted and not recorded: secrets go over the port. */
  keepPrivate(isPrivate: boolean): void;
  /** Restores the baud rate and hands the port to the monitor again, or closes it when no monitor wants it. Safe to call twice. */
  giveBack(): Promise<void>;
}

interface Loan {
  who: string;
  lent: LentPort | null;
  /** What the port was at when it was lent. */
  baudRate: number;
}

export interface ChannelDeps {
  openPort: OpenPort;
  clock: Clock;
  publish(state: PortState): void;
  /** Which board a path is, and where it is now: null when it is nowhere, or another board has its path. Without these a path is all there is. */
  identify?(path: string): Promise<PortIdentity | null>;
  locate?(path: string, identity: PortIdentity): Promise<string | null>;
}

/**
 * One address: who holds its port now. The monitor wants it or not (`#isWanted`); a borrower may have it meanwhile; a port
 * that goes away is reopened as long as it is wanted, under whatever path the same board comes back.
 */
export class Channel {
  readonly log: PortLog;
  readonly #address: string;
  readonly #deps: ChannelDeps;
  #options: PortOptions = portOptions.parse({});
  #state: PortState['state'] = 'closed';
  #error: TalkError | null = null;
  #port: BytePort | null = null;
  #identity: PortIdentity | null = null;
  #devicePath: string;
  #signals: { dtr: boolean; rts: boolean } | null = null;
  /** The user set them: they are set again when the board comes back. */
  #hasWantedSignals = false;
  #sending: { sentBytes: number; totalBytes: number; cancel: AbortController } | null = null;
  /** Openings in a row that did not last. */
  #shortOpenings = 0;
  #isWanted = false;
  #loan: Loan | null = null;
  /** The opening or closing under way, for those who must wait it out. Never rejects. */
  #moving: Promise<void> | null = null;
  #openedAtUs: MonoUs | null = null;
  #receivedBytes = 0;
  #sentBytes = 0;
  #cancelReopen: () => void = () => {};
  #cancelCounters: (() => void) | null = null;
  readonly #taps = new Set<(data: Uint8Array, atUs: MonoUs) => void>();

  constructor(address: string, log: PortLog, deps: ChannelDeps) {
    this.#address = address;
    this.#devicePath = address;
    this.log = log;
    this.#deps = deps;
  }

  get state(): PortState {
    return {
      address: this.#address,
      state: this.#state,
      options: this.#options,
      receivedBytes: this.#receivedBytes,
      sentBytes: this.#sentBytes,
      ...(this.#devicePath === this.#address ? {} : { devicePath: this.#devicePath }),
      ...(this.#identity === null ? {} : { identity: this.#identity.identity }),
      ...(this.#signals === null ? {} : { signals: this.#signals }),
      ...(this.#sending === null ? {} : { sending: { sentBytes: this.#sending.sentBytes, totalBytes: this.#sending.totalBytes } }),
      ...(this.#loan === null ? {} : { yieldedTo: this.#loan.who }),
      ...(this.#error === null ? {} : { error: this.#error.value }),
      ...(this.#openedAtUs === null ? {} : { openedAtUs: this.#openedAtUs }),
    };
  }

  /** For the monitor. On an open port only changes what differs; on a lent one, the monitor gets it when it comes back. */
  async open(options: CallBody<'ports.open'>['options']): Promise<PortState> {
    const before = this.#options;
    this.#options = portOptions.parse({ ...before, ...options });
    this.log.readAs(this.#options);
    // Asked for anew, an address means what is there now.
    if (!this.#isWanted && this.#port === null) this.#forgetBoard();
    this.#isWanted = true;
    if (this.#loan !== null) {
      this.#tell();
      return this.state;
    }
    this.#cancelReopen();
    if (this.#moving !== null) await this.#moving;
    if (this.#port !== null && this.#state === 'open') await this.#applyOptions(this.#port, before);
    if (this.#port === null && this.#isWanted && this.#loan === null) {
      this.#become('opening');
      await this.#tryOpen();
      this.#requireOpened();
      this.log.notice('port.opened', { baudRate: this.#options.baudRate });
    }
    return this.state;
  }

  /** The monitor lets go. Nothing to do when it is closed; a lent port is closed when it comes back. */
  async close(): Promise<void> {
    const wasWanted = this.#isWanted;
    this.#isWanted = false;
    this.#cancelReopen();
    if (this.#loan !== null) return;
    if (this.#moving !== null) await this.#moving;
    await this.#release();
    if (wasWanted) this.log.notice('port.closed', {});
    if (this.#state !== 'closed') this.#become('closed');
  }

  /** Hears what the monitor hears, after the log has it: of a lent port only the boot log, when it comes back. Returns its removal. */
  tap(listener: (data: Uint8Array, atUs: MonoUs) => void): () => void {
    this.#taps.add(listener);
    return () => this.#taps.delete(listener);
  }

  async write(data: Uint8Array): Promise<MonoUs> {
    const port = this.#requireHeld();
    const sentAtUs = this.#deps.clock.nowUs();
    // Before the write, so that the board's echo cannot come first in the log.
    this.log.sent(data, sentAtUs);
    this.#count('sent', data.length);
    await port.write(data);
    return sentAtUs;
  }

  async reset(into: 'run' | 'download', signal: AbortSignal): Promise<void> {
    const port = this.#requireHeld();
    this.log.notice('port.reset', { into });
    if (!(await resetBoard(port, into, this.#deps.clock, signal))) this.#refuseSignals();
    // Where every sequence ends.
    this.#signals = { dtr: false, rts: false };
    this.#tell();
  }

  async setSignals(lines: { dtr: boolean; rts: boolean }): Promise<void> {
    if (!(await this.#requireHeld().setSignals(lines))) this.#refuseSignals();
    this.#signals = lines;
    this.#hasWantedSignals = true;
    this.#tell();
  }

  /** Recorded raw: a file is not lines that somebody typed. Resolves with the bytes sent; rejects with 'cancelled', or the port's end. */
  async sendFile(data: Uint8Array, pieces: { chunkBytes: number; chunkDelayMs: number }, signal: AbortSignal): Promise<number> {
    if (this.#sending !== null) throw new TalkError('port/sending', { address: this.#address });
    this.#requireHeld();
    const sending = { sentBytes: 0, totalBytes: data.length, cancel: new AbortController() };
    this.#sending = sending;
    this.log.notice('port.sending', { bytes: data.length });
    this.#tell();
    try {
      const either = AbortSignal.any([signal, sending.cancel.signal]);
      for await (const piece of sendInPieces(data, pieces, this.#deps.clock, either)) {
        const port = this.#requireHeld();
        this.log.raw('sent', new Uint8Array(piece), this.#deps.clock.nowUs());
        this.#count('sent', piece.length);
        await unlessAborted(port.write(piece), either);
        sending.sentBytes += piece.length;
      }
    } finally {
      this.#sending = null;
      this.log.notice('port.sent', { bytes: sending.sentBytes, totalBytes: sending.totalBytes });
      this.#tell();
    }
    return sending.sentBytes;
  }

  cancelSend(): void {
    this.#sending?.cancel.abort();
  }

  /** Takes the port from the monitor, or opens it when no monitor has it. Fails with `flash/busy` when it is already lent. */
  async borrow(who: string): Promise<BorrowedPort> {
    if (this.#loan !== null) throw new TalkError('flash/busy', { address: this.#address, owner: this.#loan.who }, { retryable: true });
    const loan: Loan = { who, lent: null, baudRate: this.#options.baudRate };
    this.#loan = loan;
    this.#cancelReopen();
    if (this.#moving !== null) await this.#moving;
    if (this.#port === null) await this.#tryOpen();
    const port = this.#port;
    if (port === null) {
      this.#loan = null;
      const error = this.#error ?? new TalkError('port/closed', { address: this.#address });
      if (this.#isWanted) this.#awaitReturn();
      else this.#become('failed');
      throw error;
    }
    this.log.flush();
    const lent = new LentPort(port, this.log, this.#deps.clock, (direction, bytes) => this.#count(direction, bytes));
    loan.lent = lent;
    this.log.notice('port.lent', { to: who });
    this.#become('yielded');

    let returning: Promise<void> | null = null;
    return {
      port: lent,
      keepPrivate: (isPrivate) => lent.keepPrivate(isPrivate),
      giveBack: () => {
        returning ??= this.#takeBack(lent, who);
        return returning;
      },
    };
  }

  /** For shutdown: closes whoever holds the port. */
  async shutDown(): Promise<void> {
    this.#loan?.lent?.lost(new TalkError('port/closed', { address: this.#address }));
    this.#loan = null;
    await this.close();
  }

  async #takeBack(lent: LentPort, who: string): Promise<void> {
    const port = this.#port;
    // Changed by the borrower, or asked for by the monitor meanwhile.
    const isOther = lent.hasChangedBaudRate || this.#options.baudRate !== this.#loan?.baudRate;
    if (port !== null && isOther) await port.setBaudRate(this.#options.baudRate).catch(() => {});
    if (this.#loan?.lent !== lent) return;
    this.#loan = null;
    const bootLog = lent.takeBack();
    this.log.notice('port.returned', { from: who });
    if (this.#port === null) {
      if (this.#isWanted) this.#awaitReturn();
      else this.#become('closed');
      return;
    }
    if (!this.#isWanted) {
      await this.#release();
      this.#become('closed');
      return;
    }
    this.#listen(this.#port);
    this.#become('open');
    for (const { data, atUs, offset } of bootLog) {
      this.log.parse(data, atUs, offset);
      this.#tellTaps(data, atUs);
    }
  }

  async #applyOptions(port: BytePort, before: PortOptions): Promise<void> {
    const now = this.#options;
    const isSameLine = (['dataBits', 'stopBits', 'parity', 'flowControl'] as const).every((name) => now[name] === before[name]);
    if (!isSameLine) return this.#release();
    if (now.baudRate !== before.baudRate) {
      try {
        await port.setBaudRate(now.baudRate);
      } catch (error) {
        // The port is as it was, and says so.
        this.#options = { ...now, baudRate: before.baudRate };
        throw error;
      }
    }
    const lines = linesOf(now);
    if (lines !== null && (now.dtr !== before.dtr || now.rts !== before.rts)) await this.setSignals(lines);
    this.#tell();
  }

  #refuseSignals(): never {
    throw new TalkError('port/unsupported', { address: this.#address, feature: 'control-lines' });
  }

  #forgetBoard(): void {
    this.#identity = null;
    this.#devicePath = this.#address;
    this.#hasWantedSignals = false;
    this.#shortOpenings = 0;
  }

  #requireHeld(): BytePort {
    if (this.#loan !== null) throw new TalkError('port/busy', { address: this.#address, owner: this.#loan.who }, { retryable: true });
    if (this.#port === null) throw new TalkError('port/closed', { address: this.#address });
    return this.#port;
  }

  #requireOpened(): void {
    if (this.#state === 'open' || this.#loan !== null) return;
    if (this.#error !== null && this.#isWanted) {
      this.#isWanted = false;
      this.#become('failed');
      throw this.#error;
    }
    throw new TalkError('cancelled');
  }

  /** One attempt. Leaves `#port` or `#error`; a port nobody wants any more by then is closed again. */
  #tryOpen(): Promise<void> {
    const attempt = async () => {
      this.#error = null;
      try {
        const path = await this.#path();
        const port = await this.#deps.openPort(path, this.#options);
        if (!this.#isWanted && this.#loan === null) return await port.close();
        this.#port = port;
        this.#devicePath = path;
        this.#openedAtUs = this.#deps.clock.nowUs();
        if (this.#hasWantedSignals && this.#signals !== null) await port.setSignals(this.#signals);
        else this.#signals = linesOf(this.#options);
        void this.#identify(port, path);
        port.onClose((error) => this.#vanished(port, error));
        if (this.#loan !== null) return;
        this.#listen(port);
        this.#become('open');
      } catch (error) {
        if (!(error instanceof TalkError)) throw error;
        this.#error = error;
      }
    };
    const opening = attempt().finally(() => {
      this.#moving = null;
    });
    // Waited out by others, who read the outcome from the fields; the caller of this attempt gets a bug's throw.
    this.#moving = opening.catch(() => {});
    return opening;
  }

  /** After the opening, which need not wait for it. */
  async #identify(port: BytePort, path: string): Promise<void> {
    const identity = (await this.#deps.identify?.(path)) ?? null;
    if (identity === null || port !== this.#port || identity.identity === this.#identity?.identity) return;
    this.#identity = identity;
    this.#tell();
  }

  /** Where the board is now. Throws 'port/not-found' when it is nowhere: another board may have its path meanwhile. */
  async #path(): Promise<string> {
    if (this.#identity === null || this.#deps.locate === undefined) return this.#address;
    const path = await this.#deps.locate(this.#address, this.#identity);
    if (path === null) throw new TalkError('port/not-found', { address: this.#address }, { retryable: true });
    return path;
  }

  #listen(port: BytePort): void {
    port.onData((data, atUs) => {
      this.#count('received', data.length);
      this.log.received(data, atUs);
      this.#tellTaps(data, atUs);
    });
  }

  #tellTaps(data: Uint8Array, atUs: MonoUs): void {
    for (const tap of this.#taps) tap(data, atUs);
  }

  #vanished(port: BytePort, error: Error | null): void {
    if (port !== this.#port || error === null) return;
    this.#port = null;
    const isSteady = this.#openedAtUs !== null && this.#deps.clock.nowUs() - this.#openedAtUs >= STEADY_US;
    this.#shortOpenings = isSteady ? 0 : this.#shortOpenings + 1;
    this.#error = error instanceof TalkError ? error : new TalkError('port/lost', { address: this.#address, reason: error.name });
    this.log.flush();
    this.log.notice('port.lost', { reason: this.#error.value.data.reason ?? 'unknown' });
    if (this.#loan !== null) {
      this.#loan.lent?.lost(error);
      this.#tell();
    } else if (this.#isWanted) this.#awaitReturn();
    else this.#become('closed');
  }

  /** Tries the same address again and again until it opens or nobody wants it. */
  #awaitReturn(): void {
    if (this.#state !== 'lost') this.#become('lost');
    this.#cancelReopen();
    this.#cancelReopen = this.#deps.clock.at((this.#deps.clock.nowUs() + this.#reopenDelayUs()) as MonoUs, () => {
      // A bug's throw is the core's to hear; an expected failure is in #error.
      void this.#tryOpen().then(() => {
        if (this.#port !== null && this.#loan === null) this.log.notice('port.reopened', {});
        else if (this.#port === null && this.#isWanted && this.#loan === null) this.#awaitReturn();
      });
    });
  }

  /** A board is back the moment it is plugged in; a program that keeps ending is not asked again and again. */
  #reopenDelayUs(): number {
    const isProgram = this.#address.startsWith('command://');
    return REOPEN_INTERVAL_US * 2 ** (isProgram ? Math.min(this.#shortOpenings, MAX_DOUBLINGS) : 0);
  }

  async #release(): Promise<void> {
    const port = this.#port;
    this.#port = null;
    this.#cancelCounters?.();
    this.#cancelCounters = null;
    if (port === null) return;
    const closing = port.close().finally(() => {
      this.#moving = null;
    });
    this.#moving = closing.catch(() => {});
    await closing;
    this.log.flush();
  }

  #count(direction: 'received' | 'sent', bytes: number): void {
    if (direction === 'received') this.#receivedBytes += bytes;
    else this.#sentBytes += bytes;
    this.#cancelCounters ??= this.#deps.clock.at((this.#deps.clock.nowUs() + COUNTER_INTERVAL_US) as MonoUs, () => {
      this.#cancelCounters = null;
      this.#tell();
    });
  }

  #become(state: PortState['state']): void {
    this.#state = state;
    if (state === 'open' || state === 'closed') this.#error = null;
    this.#tell();
  }

  #tell(): void {
    this.#deps.publish(this.state);
  }
}

/** The far end may hold a write up for ever (a line that is not clear to send, a program that does not read): giving up does not wait for it. */
function unlessAborted<T>(writing: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const giveUp = () => reject(new TalkError('cancelled'));
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp, { once: true });
  writing.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  return promise;
}
