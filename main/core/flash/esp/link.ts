import { sleepUntil } from '../../../../pipeline/clock.ts';
import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { BytePort } from '../../devices/port.ts';
import type { Trace } from '../trace.ts';
import { type CommandName, encodeRequest, opcodes, parseResponse, type Response, statusReason } from './commands.ts';
import { describeReply, describeRequest } from './describe.ts';
import { encodeSlip, SlipReader } from './slip.ts';

export const DEFAULT_TIMEOUT_MS = 3000;
/** Enough of what was heard to tell a boot log from noise. */
const HEARD_TAIL_BYTES = 4096;
/** More than any exchange leaves unread: a SYNC or a refusal is answered eight times over, a read may have 64 packets on its way. */
const MAX_WAITING_PACKETS = 256;
/** The largest block at 2400 baud. A driver may hold a write for ever: hardware flow control, a hung bridge. */
const WRITE_TIMEOUT_MS = 120_000;
/** The most of a listening time that passes with one late timer. */
const LISTENING_SLICE_MS = 25;

export interface ReplyOptions {
  timeoutMs?: number;
  /** Bytes of data that stand before the status in the answer; of several, the largest that is there. */
  replyBytes?: number | readonly number[];
}

export interface Reply {
  value: number;
  data: Uint8Array;
}

/** A request ready for the wire, so that it can be made while another one is still on it. */
export interface Frame {
  name: CommandName;
  wire: Uint8Array;
  words: string;
}

export function frameOf(name: CommandName, data: Uint8Array = new Uint8Array(), checksum = 0): Frame {
  return { name, wire: encodeSlip(encodeRequest(name, data, checksum)), words: describeRequest(name, data) };
}

/**
 * Requests and answers over a port. Waits for one answer at a time; answers to something else, and whatever else the line
 * carries, are passed over. Every exchange is written to the trace.
 *
 * Fails with `flash/protocol` {command, status, reason} when the loader refuses (status: hex) or says nothing in time (status:
 * null, retryable), with `timeout` when the port takes no more bytes, with the port's own error when it goes away, and with the
 * signal's reason.
 */
export class LoaderLink {
  readonly port: BytePort;
  readonly clock: Clock;
  readonly trace: Trace;
  #signal: AbortSignal;
  readonly #reader = new SlipReader();
  readonly #packets: Uint8Array[] = [];
  #heard = Buffer.alloc(0);
  #hasHeardEcho = false;
  #isPrivate = false;
  #wake: (() => void) | null = null;
  #lost: Error | null = null;

  constructor(options: { port: BytePort; clock: Clock; signal: AbortSignal; trace: Trace }) {
    this.port = options.port;
    this.clock = options.clock;
    this.trace = options.trace;
    this.#signal = options.signal;
    this.port.onData((data) => {
      this.#heard = Buffer.concat([this.#heard, data]).subarray(-HEARD_TAIL_BYTES);
      for (const packet of this.#reader.push(data)) this.#packets.push(packet);
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

  get isPrivate(): boolean {
    return this.#isPrivate;
  }

  /** While on, digests of what is on the board are left out of the trace. */
  keepPrivate(isPrivate: boolean): void {
    this.#isPrivate = isPrivate;
  }

  /** The last of what came in, packets and all else. */
  get heard(): Uint8Array {
    return this.#heard;
  }

  /** Our own request came back: RX and TX are joined, or a terminal echoes. */
  get hasHeardEcho(): boolean {
    return this.#hasHeardEcho;
  }

  forgetHeard(): void {
    this.#heard = Buffer.alloc(0);
    this.#hasHeardEcho = false;
  }

  command(name: CommandName, data?: Uint8Array, options: ReplyOptions & { checksum?: number } = {}): Promise<Reply> {
    return this.exchange(frameOf(name, data, options.checksum), options);
  }

  async exchange(frame: Frame, options: ReplyOptions = {}): Promise<Reply> {
    this.trace.sent(frame.words);
    try {
      await this.#send(frame.wire);
      const response = await this.#awaitResponse(frame, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
      const reply = readReply(frame.name, response, options.replyBytes ?? 0);
      this.trace.received(this.#isPrivate && frame.name === 'flashMd5' ? 'ok' : describeReply(frame.name, reply));
      return reply;
    } catch (error) {
      if (isTalkError(error, 'flash/protocol')) {
        const { status, reason } = error.value.data;
        this.trace.received(status === null ? String(reason) : `refused: ${status} ${reason}`);
      }
      throw error;
    }
  }

  /** A bare packet, as acknowledgements of a read are. */
  send(payload: Uint8Array): Promise<void> {
    return this.#send(encodeSlip(payload));
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

  /** The next packet that `isIt`, others passed over, or null when none comes in time, however much else does. */
  async packetThat(isIt: (packet: Uint8Array) => boolean, timeoutMs: number): Promise<Uint8Array | null> {
    const deadlineUs = this.clock.nowUs() + timeoutMs * 1000;
    for (;;) {
      const packet = await this.packet(Math.max(0, deadlineUs - this.clock.nowUs()) / 1000);
      if (packet === null || isIt(packet)) return packet;
    }
  }

  /** True as soon as `count` bytes of any kind came in since `forgetHeard()`, false when they did not in time. */
  hears(count: number, timeoutMs: number): Promise<boolean> {
    return this.#until(timeoutMs, () => this.#heard.length >= count);
  }

  /** The same for what it says. */
  hearsThat(isIt: (heard: Uint8Array) => boolean, timeoutMs: number): Promise<boolean> {
    return this.#until(timeoutMs, () => isIt(this.#heard));
  }

  /** Counts time in slices: while this machine was held up nobody listened, and that is no silence of the board. */
  async #until(timeoutMs: number, isSo: () => boolean): Promise<boolean> {
    for (let leftMs = timeoutMs; ; leftMs -= LISTENING_SLICE_MS) {
      const sliceEndUs = (this.clock.nowUs() + Math.min(leftMs, LISTENING_SLICE_MS) * 1000) as MonoUs;
      do {
        this.signal.throwIfAborted();
        if (isSo()) return true;
        if (this.#lost !== null) throw this.#lost;
        if (leftMs <= 0) return false;
        await this.#somethingHappens(sliceEndUs);
      } while (this.clock.nowUs() < sliceEndUs);
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

  async #send(wire: Uint8Array): Promise<void> {
    this.signal.throwIfAborted();
    if (this.#lost !== null) throw this.#lost;
    await this.#write(wire);
  }

  async #awaitResponse({ name }: Frame, timeoutMs: number): Promise<Response> {
    const deadlineUs = this.clock.nowUs() + timeoutMs * 1000;
    for (;;) {
      const packet = await this.packet(Math.max(0, deadlineUs - this.clock.nowUs()) / 1000);
      if (packet === null) throw new TalkError('flash/protocol', { command: name, status: null, reason: 'no answer' }, { retryable: true });
      const response = parseResponse(packet);
      if (response?.opcode === opcodes[name]) return response;
      if (response === null && isRequest(packet, opcodes[name])) this.#hasHeardEcho = true;
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

function isRequest(packet: Uint8Array, opcode: number): boolean {
  return packet.length >= 8 && packet[0] === 0x00 && packet[1] === opcode;
}

/** Two status bytes follow the data; the ROM's other two say nothing. A refusal may come without the data. */
function readReply(name: CommandName, response: Response, replyBytes: number | readonly number[]): Reply {
  const { body, value } = response;
  const sizes = typeof replyBytes === 'number' ? [replyBytes] : replyBytes.toSorted((a, b) => b - a);
  const size = sizes.find((bytes) => body.length >= bytes + 2);
  const at = size ?? 0;
  const status = ((body[at] ?? 0) << 8) | (body[at + 1] ?? 0);
  if (status !== 0) {
    const status16 = `0x${status.toString(16).padStart(4, '0')}`;
    throw new TalkError('flash/protocol', { command: name, status: status16, reason: statusReason(status) });
  }
  if (size === undefined || body.length < 2)
    throw new TalkError('flash/protocol', { command: name, status: '0x0000', reason: 'short answer' });
  return { value, data: body.subarray(0, size) };
}
