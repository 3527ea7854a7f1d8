import { sleepUntil } from '../../../../pipeline/clock.ts';
import { TalkError } from '../../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { BytePort } from '../../devices/port.ts';
import type { Trace } from '../trace.ts';
import type { Dialect } from './dialect.ts';
import { encodeRequest, encodeWord, expectedOf, type Phase, RESIDENT_WORD, type Request, syncWords } from './frames.ts';
import { type Response, ResponseReader } from './response-reader.ts';

const SYNC_TRIES = 50;
const SYNC_TIMEOUT_MS = 800;
/** Between the two words; the module answers once to both. */
const SYNC_PAUSE_MS = 2;
/** How long what was sent takes to come back where it does. */
const ECHO_MS = 50;
/** How long the ROM's answer may still be more than the word. */
const EXTRA_BYTE_MS = 20;
const COMMAND_TRIES = 10;
const COMMAND_TIMEOUT_MS = 1000;
/** What is still on its way when an answer was spoiled. */
const QUIET_MS = 20;
/** Of what comes in: answers are shorter by far, and a board that talks without end would fill the memory. The newest stays. */
const KEPT_BYTES = 64 * 1024;
/** A driver may hold a write for ever: hardware flow control, a hung device. */
const WRITE_TIMEOUT_MS = 30_000;

/** ready: it answers · resident: an agentboot runs that only takes orders · silent: nobody there. */
export type SyncOutcome = 'ready' | 'resident' | 'silent';

export interface LinkOptions {
  port: BytePort;
  clock: Clock;
  signal: AbortSignal;
  trace: Trace;
  dialect: Pick<Dialect, 'chunkBytes' | 'chunkPauseMs' | 'bulkBytes'>;
}

export interface SyncOptions {
  tries?: number;
  timeoutMs?: number;
  /** Of a port on which an AT firmware may listen: it sends back what it gets, which is what a loader answers to its word. */
  mayEcho?: boolean;
}

export interface RequestOptions {
  timeoutMs?: number;
  tries?: number;
  /** Hears why a request is sent again. */
  onRepeat?: (reason: string) => void;
  /** An answer that cannot be to this request is one to an earlier one, that comes late. */
  isPossible?: (data: Uint8Array) => boolean;
}

/**
 * Requests to a module in download mode and its answers, one at a time. What was spoiled or lost is asked again, what was refused
 * is not. Fails with `flash/protocol` {command, status, reason} (status: hex of a refusal, else null and retryable), `timeout` when
 * the port takes no more bytes, the port's own error when it goes away, and the signal's reason.
 */
export class ModuleLink {
  readonly port: BytePort;
  readonly clock: Clock;
  readonly #signal: AbortSignal;
  readonly #trace: Trace;
  readonly #dialect: LinkOptions['dialect'];
  /** A block that went in large pieces was lost. */
  #isGentle = false;
  #stumbledAt: Request | null = null;
  #incoming = Buffer.alloc(0);
  #wake: (() => void) | null = null;
  #lost: Error | null = null;

  constructor({ port, clock, signal, trace, dialect }: LinkOptions) {
    this.port = port;
    this.clock = clock;
    this.#signal = signal;
    this.#trace = trace;
    this.#dialect = dialect;
    port.onData((data) => {
      this.#incoming = Buffer.concat([this.#incoming, data]).subarray(-KEPT_BYTES);
      this.#wake?.();
    });
    port.onClose((error) => {
      this.#lost = error ?? new TalkError('port/closed', { address: port.address });
      this.#wake?.();
    });
  }

  /** Wakes that part of the module. Never fails because nobody answers. */
  async sync(phase: Phase, options: SyncOptions = {}): Promise<SyncOutcome> {
    const { tries = SYNC_TRIES, timeoutMs = SYNC_TIMEOUT_MS, mayEcho = false } = options;
    const word = Buffer.from(encodeWord(syncWords[phase]));
    const resident = Buffer.from(encodeWord(RESIDENT_WORD));
    this.#trace.sent(`sync ${phase}`);
    for (let tried = 1; tried <= tries; tried++) {
      this.forget();
      for (let sent = 0; sent < 2; sent++) {
        await this.send(word);
        await this.sleep(SYNC_PAUSE_MS);
      }
      const answer = await this.#until(timeoutMs, () => {
        const at = this.#incoming.indexOf(word);
        if (at >= 0) return { outcome: 'ready' as const, end: at + 4 };
        return phase !== 'LPC' && this.#incoming.includes(resident) ? { outcome: 'resident' as const, end: 0 } : null;
      });
      if (answer === null || (answer.outcome === 'ready' && phase === 'DL' && (await this.#hasExtraByte(answer.end)))) continue;
      if (mayEcho && answer.outcome === 'ready' && (await this.#comesBack(phase))) {
        if (tried === 1) this.#trace.note('what is sent comes back: no loader');
        await this.sleep(timeoutMs);
        continue;
      }
      this.#trace.received(`${answer.outcome}${tried === 1 ? '' : ` (try ${tried})`}`);
      this.forget();
      return answer.outcome;
    }
    this.#trace.received(`nothing (${tries} tries)`);
    return 'silent';
  }

  /** The data of the answer. */
  async request(request: Request, options: RequestOptions = {}): Promise<Uint8Array> {
    const { timeoutMs = COMMAND_TIMEOUT_MS, tries = COMMAND_TRIES } = options;
    const name = `${request.phase} ${request.command}`;
    let reason = 'no answer';
    for (let tried = 1; tried <= tries; tried++) {
      if (tried > 1) {
        this.#trace.note(`${reason}: again (${tried} of ${tries})`);
        options.onRepeat?.(reason);
        await this.sleep(QUIET_MS);
      }
      this.forget();
      this.#trace.sent(inWords(request));
      const isBulk = isBlock(request) && this.#dialect.bulkBytes !== undefined && !this.#isGentle;
      await this.#sendIn(encodeRequest(request), isBulk ? { chunkBytes: this.#dialect.bulkBytes, chunkPauseMs: 0 } : {});
      const answer = await this.#answerTo(request, timeoutMs, options.isPossible ?? (() => true));
      if (typeof answer === 'string') {
        reason = answer;
        if (isBulk) this.#beGentle(request);
        continue;
      }
      if (answer.state !== 0) {
        const status = `0x${answer.state.toString(16).padStart(2, '0')}`;
        // What was lost of the one before was taken from this one's beginning.
        if (isBlock(request) && this.#stumbledAt === request && tried < tries) {
          this.#stumbledAt = null;
          reason = `refused ${status}`;
          continue;
        }
        this.#trace.received(`refused ${status}`);
        throw new TalkError('flash/protocol', { command: name, status, reason: 'refused' });
      }
      this.#trace.received(answer.data.length === 0 ? 'ok' : `ok ${Buffer.from(answer.data).toString('hex')}`);
      return answer.data;
    }
    throw new TalkError('flash/protocol', { command: name, status: null, reason }, { retryable: true });
  }

  /** In pieces as the port likes them. */
  send(data: Uint8Array): Promise<void> {
    return this.#sendIn(data, {});
  }

  async #sendIn(data: Uint8Array, pieces: { chunkBytes?: number | undefined; chunkPauseMs?: number }): Promise<void> {
    const { chunkBytes = this.#dialect.chunkBytes, chunkPauseMs = this.#dialect.chunkPauseMs } = pieces;
    for (let at = 0; at < data.length; at += chunkBytes) {
      this.#signal.throwIfAborted();
      if (this.#lost !== null) throw this.#lost;
      await this.#write(data.subarray(at, at + chunkBytes));
      if (chunkPauseMs > 0 && data.length > chunkBytes) await this.sleep(chunkPauseMs);
    }
  }

  #beGentle(request: Request): void {
    this.#isGentle = true;
    this.#stumbledAt = request;
    this.#trace.note(`smaller pieces from here on: ${this.#dialect.chunkBytes} bytes`);
  }

  /** What came in meanwhile. Resolves after `ms`, or at once when `isEnough`. */
  async listen(ms: number, isEnough: (heard: Buffer) => boolean = () => false): Promise<Buffer> {
    await this.#until(ms, () => (isEnough(this.#incoming) ? true : null));
    const heard = this.#incoming;
    this.forget();
    return heard;
  }

  /** What came in so far is of no interest. */
  forget(): void {
    this.#incoming = Buffer.alloc(0);
  }

  async sleep(ms: number): Promise<void> {
    await sleepUntil(this.clock, (this.clock.nowUs() + ms * 1000) as MonoUs, this.#signal);
  }

  /** The answer, or why there is none that counts. */
  async #answerTo(request: Request, timeoutMs: number, isPossible: (data: Uint8Array) => boolean): Promise<Response | string> {
    const reader = new ResponseReader(expectedOf(request));
    let deadlineUs = this.clock.nowUs() + timeoutMs * 1000;
    let reason = 'no answer';
    for (;;) {
      reader.push(this.#incoming);
      this.forget();
      const found = reader.next();
      if (found?.kind === 'response') {
        if (found.response.state !== 0 || isPossible(found.response.data)) return found.response;
        reason = `impossible answer ${Buffer.from(found.response.data).toString('hex')}`;
        continue;
      }
      if (found?.kind === 'bad-check') {
        reason = 'checksum';
        // It may have been noise with the answer right behind it, or the answer itself, with nothing.
        deadlineUs = Math.min(deadlineUs, this.clock.nowUs() + QUIET_MS * 1000);
        continue;
      }
      const leftMs = (deadlineUs - this.clock.nowUs()) / 1000;
      const more = await this.#until(Math.max(0, leftMs), () => (this.#incoming.length > 0 ? true : null));
      if (more === null) return reason === 'no answer' && reader.skippedBytes > 0 ? 'noise' : reason;
    }
  }

  /** Whether a request comes back as it was sent: a loader's answer to it is another. */
  async #comesBack(phase: Phase): Promise<boolean> {
    const request = Buffer.from(encodeRequest(phase === 'LPC' ? { phase, command: 'GET_BURN_STATUS' } : { phase, command: 'GET_VERSION' }));
    this.forget();
    await this.send(request);
    const isEcho = (heard: Buffer) => heard.includes(request);
    return isEcho(await this.listen(ECHO_MS, isEcho));
  }

  async #hasExtraByte(at: number): Promise<boolean> {
    const extra = await this.#until(EXTRA_BYTE_MS, () => (this.#incoming.length > at ? { byte: this.#incoming[at] } : null));
    return extra !== null && extra.byte !== 0;
  }

  /** What `look` finds in time, else null. */
  async #until<T>(timeoutMs: number, look: () => T | null): Promise<T | null> {
    const deadlineUs = (this.clock.nowUs() + timeoutMs * 1000) as MonoUs;
    for (;;) {
      this.#signal.throwIfAborted();
      const found = look();
      if (found !== null) return found;
      if (this.#lost !== null) throw this.#lost;
      if (this.clock.nowUs() >= deadlineUs) return null;
      await this.#somethingHappens(deadlineUs);
    }
  }

  #somethingHappens(deadlineUs: MonoUs): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.#signal.removeEventListener('abort', done);
        this.#wake = null;
        resolve();
      };
      const cancel = this.clock.at(deadlineUs, done);
      this.#signal.addEventListener('abort', done, { once: true });
      this.#wake = done;
    });
  }

  #write(data: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void) => {
        cancel();
        this.#signal.removeEventListener('abort', onAbort);
        outcome();
      };
      const onAbort = () => settle(() => reject(this.#signal.reason));
      const cancel = this.clock.at((this.clock.nowUs() + WRITE_TIMEOUT_MS * 1000) as MonoUs, () =>
        settle(() => reject(new TalkError('timeout', { operation: `write to ${this.port.address}`, timeoutMs: WRITE_TIMEOUT_MS }))),
      );
      this.#signal.addEventListener('abort', onAbort, { once: true });
      this.port.write(data).then(
        () => settle(resolve),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }
}

function isBlock({ phase, command }: Request): boolean {
  return phase === 'AG' && command === 'DOWNLOAD_DATA';
}

/** Small arguments as they are, data by their number. */
function inWords({ phase, command, index = 0, data }: Request): string {
  if (data === undefined) return `${phase} ${command}`;
  if (data.length <= 8 && command !== 'DOWNLOAD_DATA') return `${phase} ${command} ${Buffer.from(data).toString('hex')}`;
  return `${phase} ${command} #${index} ${data.length} bytes`;
}
