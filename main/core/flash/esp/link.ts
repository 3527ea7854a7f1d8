import { sleepUntil } from '../../../../pipeline/clock.ts';
import { TalkError } from '../../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { BytePort } from '../../devices/port.ts';
import { type CommandName, encodeRequest, opcodes, parseResponse, type Response, statusReason } from './commands.ts';
import { encodeSlip, SlipReader } from './slip.ts';

export const DEFAULT_TIMEOUT_MS = 3000;
/** Enough of what was heard to tell a boot log from noise. */
const HEARD_TAIL_BYTES = 4096;
/** More than any exchange leaves unread: a SYNC or a refusal is answered eight times over. */
const MAX_WAITING_PACKETS = 64;
/** The largest block at 2400 baud. A driver may hold a write for ever: hardware flow control, a hung bridge. */
const WRITE_TIMEOUT_MS = 120_000;

export interface CommandOptions {
  checksum?: number;
  timeoutMs?: number;
  /** Bytes of data that stand before the status in the answer. */
  replyBytes?: number;
}

export interface Reply {
  value: number;
  data: Uint8Array;
}

/**
 * Requests and answers over a port. Waits for one answer at a time; answers to something else, and whatever else the line
 * carries, are passed over.
 *
 * Fails with `flash/protocol` {command, status, reason} when the loader refuses (status: hex) or says nothing in time (status:
 * null, retryable), with `timeout` when the port takes no more bytes, with the port's own error when it goes away, and with the
 * signal's reason.
 */
export class LoaderLink {
  readonly port: BytePort;
  readonly clock: Clock;
  #signal: AbortSignal;
  readonly #reader = new SlipReader();
  readonly #packets: Uint8Array[] = [];
  #heard = Buffer.alloc(0);
  #wake: (() => void) | null = null;
  #lost: Error | null = null;

  constructor(options: { port: BytePort; clock: Clock; signal: AbortSignal }) {
    this.port = options.port;
    this.clock = options.clock;
    this.#signal = options.signal;
    this.port.onData((data) => {
      this.#heard = Buffer.concat([this.#heard, data]).subarray(-HEARD_TAIL_BYTES);
      this.#packets.push(...this.#reader.push(data));
      if (this.#packets.length > MAX_WAITING_PACKETS) this.#packets.splice(0, this.#packets.length - MAX_WAITING_PACKETS);
      this.#wake?.();
    });
    this.port.onClose((error) => {
      this.#lost = error ?? new TalkError('port/closed', { address: this.port.address });
      this.#wake?.();
    });
  }

  get signal(): AbortSignal {
    return this.#signal;
  }

  /** For what is still to be done after a cancel: from here on only time limits end a wait. */
  ignoreAbort(): void {
    this.#signal = new AbortController().signal;
  }

  /** The last of what came in, packets and all else. */
  get heard(): Uint8Array {
    return this.#heard;
  }

  forgetHeard(): void {
    this.#heard = Buffer.alloc(0);
  }

  async command(name: CommandName, data: Uint8Array = new Uint8Array(), options: CommandOptions = {}): Promise<Reply> {
    await this.send(encodeRequest(name, data, options.checksum));
    const response = await this.#awaitResponse(name, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    return readReply(name, response, options.replyBytes ?? 0);
  }

  async send(payload: Uint8Array): Promise<void> {
    this.signal.throwIfAborted();
    if (this.#lost !== null) throw this.#lost;
    await this.#write(encodeSlip(payload));
  }

  /** The next packet of any kind, or null when none comes in time. */
  async packet(timeoutMs: number): Promise<Uint8Array | null> {
    const deadlineUs = (this.clock.nowUs() + timeoutMs * 1000) as MonoUs;
    for (;;) {
      this.signal.throwIfAborted();
      const packet = this.#packets.shift();
      if (packet !== undefined) return packet;
      if (this.#lost !== null) throw this.#lost;
      if (this.clock.nowUs() >= deadlineUs) return null;
      await this.#somethingHappens(deadlineUs);
    }
  }

  /** Forgets packets nobody waited for. */
  discard(): void {
    this.#packets.length = 0;
    this.#reader.reset();
  }

  async sleep(ms: number): Promise<void> {
    await sleepUntil(this.clock, (this.clock.nowUs() + ms * 1000) as MonoUs, this.signal);
  }

  async #awaitResponse(name: CommandName, timeoutMs: number): Promise<Response> {
    const deadlineUs = this.clock.nowUs() + timeoutMs * 1000;
    for (;;) {
      const packet = await this.packet(Math.max(0, deadlineUs - this.clock.nowUs()) / 1000);
      if (packet === null) throw new TalkError('flash/protocol', { command: name, status: null, reason: 'no answer' }, { retryable: true });
      const response = parseResponse(packet);
      if (response?.opcode === opcodes[name]) return response;
    }
  }

  #write(data: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const { signal, clock } = this;
      const settle = (outcome: () => void) => {
        cancel();
        signal.removeEventListener('abort', onAbort);
        outcome();
      };
      const onAbort = () => settle(() => reject(signal.reason));
      const cancel = clock.at((clock.nowUs() + WRITE_TIMEOUT_MS * 1000) as MonoUs, () =>
        settle(() => reject(new TalkError('timeout', { operation: `write to ${this.port.address}`, timeoutMs: WRITE_TIMEOUT_MS }))),
      );
      signal.addEventListener('abort', onAbort, { once: true });
      this.port.write(data).then(
        () => settle(resolve),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }

  #somethingHappens(deadlineUs: MonoUs): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this;
      const done = () => {
        cancel();
        signal.removeEventListener('abort', done);
        this.#wake = null;
        resolve();
      };
      const cancel = this.clock.at(deadlineUs, done);
      signal.addEventListener('abort', done, { once: true });
      this.#wake = done;
    });
  }
}

/** Two status bytes follow the data; the ROM's other two say nothing. A refusal may come without the data. */
function readReply(name: CommandName, response: Response, replyBytes: number): Reply {
  const { body, value } = response;
  const at = body.length >= replyBytes + 2 ? replyBytes : 0;
  const status = ((body[at] ?? 0) << 8) | (body[at + 1] ?? 0);
  if (status !== 0) {
    const hex = `0x${status.toString(16).padStart(4, '0')}`;
    throw new TalkError('flash/protocol', { command: name, status: hex, reason: statusReason(status) });
  }
  if (at !== replyBytes) throw new TalkError('flash/protocol', { command: name, status: '0x0000', reason: 'short answer' });
  return { value, data: body.subarray(0, replyBytes) };
}
