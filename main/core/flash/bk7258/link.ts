import { TalkError } from '../../../../preload/contract/errors.ts';
import { ModuleLink } from '../cat1/link.ts';
import type { FlashRun } from '../tool.ts';
import { type Answer, type Command, encodeRequest, findAnswer } from './frames.ts';

const TRIES = 5;
const TIMEOUT_MS = 2000;
/** Of answers without a checksum by which something is decided. */
const AGREED_TRIES = 5;
/** What a bootloader says that it refuses for (tyutool). */
const refusals: Readonly<Record<number, string>> = {
  1: 'the flash is busy',
  2: 'SPI timeout',
  3: 'the flash took too long',
  4: 'length of its data',
  5: 'length of the request',
  6: 'parameter',
  7: 'unknown command',
};
/** One that names another address, say. */
export const OTHER_ANSWER = 'answer to something else';
/** What is still on its way when an answer was spoiled or lost. */
const QUIET_MS = 20;
/** A frame is never left half sent. */
const WHOLE_FRAME_BYTES = 8192;

export interface RequestOptions {
  timeoutMs?: number;
  tries?: number;
  /** Whether an answer can be to this request. */
  isIt?: (answer: Answer) => boolean;
  /** Before it is sent again. */
  onRepeat?: (reason: string) => Promise<void>;
  /** For the trace, in place of the data. */
  says?: string;
}

/**
 * Requests to a bootloader and its answers, one at a time. What was lost or spoiled is asked again, and so is what was refused: a
 * request of which the line lost a part is refused too. Fails with `flash/protocol` {command, status, reason} (status: hex of the last
 * refusal, else null), the port's own error when it goes away, and the signal's reason.
 */
export class BootLink {
  readonly #line: ModuleLink;
  readonly #run: FlashRun;
  #heardBytes = 0;
  #textBytes = 0;

  constructor(run: FlashRun, signal: AbortSignal = run.signal) {
    const { port, clock, trace } = run;
    this.#run = run;
    this.#line = new ModuleLink({ port, clock, signal, trace, dialect: { chunkBytes: WHOLE_FRAME_BYTES, chunkPauseMs: 0 } });
  }

  /** What came in that was no answer. */
  get seen(): 'nothing' | 'application' | 'noise' {
    if (this.#heardBytes === 0) return 'nothing';
    return this.#textBytes > this.#heardBytes * 0.9 ? 'application' : 'noise';
  }

  /** Asks so often whether the bootloader is there, for so long each. Answers of the earlier tries count. */
  async linkCheck(tries: number, eachMs: number): Promise<boolean> {
    const question = encodeRequest('LINK_CHECK');
    let tail: Uint8Array = new Uint8Array();
    for (let tried = 1; tried <= tries; tried++) {
      await this.#line.send(question);
      const isThere = (heard: Uint8Array) => findAnswer(Buffer.concat([tail, heard]), 'LINK_CHECK', isLinked) !== null;
      const heard = await this.#line.listen(eachMs, isThere);
      if (isThere(heard)) {
        // The answers to the others.
        await this.#line.listen(QUIET_MS);
        return true;
      }
      this.#remember(heard);
      tail = Uint8Array.from(Buffer.concat([tail, heard]).subarray(-16));
    }
    return false;
  }

  /** The data of the answer. */
  async request(command: Command, data: Uint8Array, options: RequestOptions = {}): Promise<Uint8Array> {
    const { timeoutMs = TIMEOUT_MS, tries = TRIES, isIt, onRepeat, says = Buffer.from(data).toString('hex') } = options;
    const { trace } = this.#run;
    let reason = 'no answer';
    let status: string | null = null;
    for (let tried = 1; tried <= tries; tried++) {
      if (tried > 1) {
        trace.note(`${reason}: again (${tried} of ${tries})`);
        await this.#line.listen(QUIET_MS);
        await onRepeat?.(reason);
      }
      this.#line.forget();
      trace.sent(`${command} ${says}`.trimEnd());
      await this.#line.send(encodeRequest(command, data));
      const heard = await this.#line.listen(timeoutMs, (so) => findAnswer(so, command, isIt) !== null);
      const answer = findAnswer(heard, command, isIt);
      if (answer?.status === 0) {
        trace.received(answer.data.length === 0 ? 'ok' : `ok ${Buffer.from(answer.data).toString('hex')}`);
        return answer.data;
      }
      status = answer === null ? null : `0x${answer.status.toString(16).padStart(2, '0')}`;
      if (answer !== null) reason = refusalOf(answer.status);
      else if (heard.length === 0) reason = 'no answer';
      else reason = findAnswer(heard, command) === null ? 'spoiled answer' : OTHER_ANSWER;
      if (status !== null) trace.received(`${reason} ${status}`);
    }
    throw new TalkError('flash/protocol', { command, status, reason }, { retryable: true });
  }

  /** What two answers in a row say: a spoiled one would be taken for right. Fails with `flash/protocol` when no two agree. */
  async requestAgreed(command: Command, data: Uint8Array, options: RequestOptions = {}): Promise<Uint8Array> {
    let last: Uint8Array | null = null;
    for (let tried = 1; tried <= AGREED_TRIES; tried++) {
      const answer = await this.request(command, data, options);
      if (last !== null && Buffer.from(answer).equals(last)) return answer;
      if (last !== null) this.#run.trace.note('another answer than before: again');
      last = answer;
    }
    throw new TalkError('flash/protocol', { command, status: null, reason: 'it says something else each time' }, { retryable: true });
  }

  /** What is never answered. */
  async tell(command: Command, data: Uint8Array): Promise<void> {
    this.#run.trace.sent(`${command} ${Buffer.from(data).toString('hex')}`);
    await this.#line.send(encodeRequest(command, data));
  }

  /** Whether so many bytes come unasked in that time. */
  async hears(bytes: number, withinMs: number): Promise<boolean> {
    this.#line.forget();
    return (await this.#line.listen(withinMs, (so) => so.length >= bytes)).length >= bytes;
  }

  async sleep(ms: number): Promise<void> {
    await this.#line.sleep(ms);
  }

  /** Of a request whose answer comes at another rate: its sending alone. */
  async send(command: Command, data: Uint8Array): Promise<void> {
    this.#line.forget();
    await this.#line.send(encodeRequest(command, data));
  }

  async answer(command: Command, timeoutMs: number, isIt?: (answer: Answer) => boolean): Promise<Answer | null> {
    const heard = await this.#line.listen(timeoutMs, (so) => findAnswer(so, command, isIt) !== null);
    return findAnswer(heard, command, isIt);
  }

  #remember(heard: Uint8Array): void {
    this.#heardBytes += heard.length;
    this.#textBytes += heard.filter((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x1b).length;
  }
}

function refusalOf(status: number): string {
  const known = refusals[status];
  return known === undefined ? 'refused' : `refused: ${known}`;
}

function isLinked({ data }: Answer): boolean {
  return data.length === 0 || data[0] === 0;
}
