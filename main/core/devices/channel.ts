import { TalkError } from '../../../preload/contract/errors.ts';
import type { CallBody } from '../../../preload/contract/index.ts';
import { type PortOptions, type PortState, portOptions } from '../../../preload/contract/ports.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { PortLog } from '../logs/port-log.ts';
import { LentPort } from './lent-port.ts';
import type { BytePort, OpenPort } from './port.ts';
import { resetBoard } from './reset.ts';

const REOPEN_INTERVAL_US = 500_000;
/** How often the byte counters are published while bytes flow. */
const COUNTER_INTERVAL_US = 500_000;

export interface BorrowedPort {
  /** The borrower's own view; recorded raw, not parsed. Ends when given back. */
  port: BytePort;
  /** Restores the baud rate and hands the port to the monitor again, or closes it when no monitor wants it. Safe to call twice. */
  giveBack(): Promise<void>;
}

export interface ChannelDeps {
  openPort: OpenPort;
  clock: Clock;
  publish(state: PortState): void;
}

/**
 * One address: who holds its port now. The monitor wants it or not (`#isWanted`); a borrower may have it meanwhile; a port
 * that goes away is reopened as long as it is wanted.
 */
export class Channel {
  readonly log: PortLog;
  readonly #address: string;
  readonly #deps: ChannelDeps;
  #options: PortOptions = portOptions.parse({});
  #state: PortState['state'] = 'closed';
  #error: TalkError | null = null;
  #port: BytePort | null = null;
  #isWanted = false;
  #loan: { who: string; lent: LentPort | null } | null = null;
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
      ...(this.#loan === null ? {} : { yieldedTo: this.#loan.who }),
      ...(this.#error === null ? {} : { error: this.#error.value }),
      ...(this.#openedAtUs === null ? {} : { openedAtUs: this.#openedAtUs }),
    };
  }

  /** For the monitor. On an open port only changes what differs; on a lent one, the monitor gets it when it comes back. */
  async open(options: CallBody<'ports.open'>['options']): Promise<PortState> {
    const before = this.#options;
    this.#options = portOptions.parse({ ...before, ...options });
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

  /** Hears what the monitor hears, after the log has it. Nothing of a lent port. Returns its removal. */
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
    if (!(await resetBoard(port, into, this.#deps.clock, signal))) {
      throw new TalkError('port/unsupported', { address: this.#address, feature: 'control-lines' });
    }
  }

  /** Takes the port from the monitor, or opens it when no monitor has it. Fails with `flash/busy` when it is already lent. */
  async borrow(who: string): Promise<BorrowedPort> {
    if (this.#loan !== null) throw new TalkError('flash/busy', { address: this.#address, owner: this.#loan.who }, { retryable: true });
    const loan: { who: string; lent: LentPort | null } = { who, lent: null };
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
    if (port !== null && lent.hasChangedBaudRate) await port.setBaudRate(this.#options.baudRate).catch(() => {});
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
    for (const chunk of bootLog) this.log.parse(chunk.data, chunk.atUs, chunk.offset);
    this.#become('open');
  }

  async #applyOptions(port: BytePort, before: PortOptions): Promise<void> {
    const { dataBits, stopBits, parity, baudRate } = this.#options;
    if (dataBits !== before.dataBits || stopBits !== before.stopBits || parity !== before.parity) return this.#release();
    if (baudRate === before.baudRate) return;
    await port.setBaudRate(baudRate);
    this.#tell();
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
        const port = await this.#deps.openPort(this.#address, this.#options);
        if (!this.#isWanted && this.#loan === null) return await port.close();
        this.#port = port;
        this.#openedAtUs = this.#deps.clock.nowUs();
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

  #listen(port: BytePort): void {
    port.onData((data, atUs) => {
      this.#count('received', data.length);
      this.log.received(data, atUs);
      for (const tap of this.#taps) tap(data, atUs);
    });
  }

  #vanished(port: BytePort, error: Error | null): void {
    if (port !== this.#port || error === null) return;
    this.#port = null;
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
    this.#cancelReopen = this.#deps.clock.at((this.#deps.clock.nowUs() + REOPEN_INTERVAL_US) as MonoUs, () => {
      // A bug's throw is the core's to hear; an expected failure is in #error.
      void this.#tryOpen().then(() => {
        if (this.#port !== null && this.#loan === null) this.log.notice('port.reopened', {});
        else if (this.#port === null && this.#isWanted && this.#loan === null) this.#awaitReturn();
      });
    });
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
