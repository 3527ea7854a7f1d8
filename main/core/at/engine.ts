import type { AtConsoleState, AtExchange, AtFamily, AtFinal, AtUrc, AtValue } from '../../../preload/contract/at.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { resets, specOf, timeoutOf } from './catalogue.ts';
import { type AtPart, parseCommand } from './command.ts';
import { familyOf } from './family.ts';
import { finalOf, isConnect, numericFinal } from './finals.ts';
import { AtLines, type AtToken } from './lines.ts';
import { answers, decodeAnswer } from './match.ts';
import { Resync } from './resync.ts';
import { decodeUnasked, isResetLine } from './unasked.ts';

/** A module still busy with its final loses the first bytes of a command that comes too soon (RIOT #14914). */
const REST_US = 20_000;
/** When nothing more comes, what stands undecided is taken as it stands. */
const UNDECIDED_US = 50_000;
/** Silence around +++ (V.250 guard time is a second). */
const ESCAPE_GUARD_US = 1_100_000;
const CTRL_Z = '\x1a';
const ESCAPE = '\x1b';

export interface AtEngineDeps {
  address: string;
  clock: Clock;
  /** Through the monitor's own write path, so that what is sent stands in the log. */
  write(data: Uint8Array): Promise<unknown>;
  onExchange(exchange: AtExchange): void;
  onUrc(urc: AtUrc): void;
  onState(state: AtConsoleState): void;
}

export interface SendOptions {
  source?: AtExchange['source'];
  data?: string;
  timeoutMs?: number;
  signal?: AbortSignal;
}

interface Pending {
  exchange: AtExchange;
  parts: AtPart[];
  data: string | undefined;
  echoSeen: boolean;
  settle: { resolve(exchange: AtExchange): void; reject(error: unknown): void };
  cancelTimer: () => void;
  stopListening: () => void;
}

/**
 * One modem's AT conversation: a command at a time, each with its own time limit; what nobody asked for told apart from
 * answers; and after an answer that did not come, silence and an `AT` of its own before the next, so that a late OK never
 * completes what it was not meant for.
 */
export class AtEngine {
  readonly #deps: AtEngineDeps;
  readonly #lines = new AtLines();
  readonly #queue: Pending[] = [];
  #pending: Pending | null = null;
  #sync: Resync | null = null;
  /** The last command did not end: what comes may still be its answer. */
  #isAdrift = false;
  /** Until then it may be busy with that. */
  #busyUntilUs = 0;
  #lastDials = false;
  #notBeforeUs = 0;
  #isResting = false;
  #cancelUndecided: () => void = () => {};
  #isOpen = false;
  #family: AtFamily = 'unknown';
  #model: string | null = null;
  #nextId = 0;
  #toldState = '';
  readonly #unasked = new Set<(urc: AtUrc) => void>();

  constructor(deps: AtEngineDeps) {
    this.#deps = deps;
  }

  get state(): AtConsoleState {
    return {
      address: this.#deps.address,
      family: this.#family,
      model: this.#model,
      mode: !this.#isOpen
        ? 'closed'
        : this.#lines.isData
          ? 'data'
          : this.#sync !== null
            ? 'resyncing'
            : this.#pending !== null
              ? 'busy'
              : 'ready',
      queued: this.#queue.length,
    };
  }

  get family(): AtFamily {
    return this.#family;
  }

  /** Hears each unasked line until removed. */
  listen(listener: (urc: AtUrc) => void): () => void {
    this.#unasked.add(listener);
    return () => this.#unasked.delete(listener);
  }

  /** Resolves with the modem's final, whatever it is. Rejects with 'at/timeout', 'at/module-reset', 'at/not-answering', 'at/no-data', 'at/data-mode', 'cancelled', or the port's own. */
  send(command: string, options: SendOptions = {}): Promise<AtExchange> {
    if (!this.#isOpen) return Promise.reject(new TalkError('port/closed', { address: this.#deps.address }));
    if (this.#lines.isData) return Promise.reject(new TalkError('at/data-mode', { address: this.#deps.address }));
    const parts = parseCommand(command);
    const settle = Promise.withResolvers<AtExchange>();
    const exchange: AtExchange = {
      id: this.#nextId++,
      command,
      source: options.source ?? 'user',
      state: 'queued',
      timeoutMs: options.timeoutMs ?? timeoutOf(parts),
      lines: [],
      values: [],
    };
    const pending: Pending = {
      exchange,
      parts,
      data: options.data,
      echoSeen: false,
      settle,
      cancelTimer: () => {},
      stopListening: () => {},
    };
    const onAbort = () => this.#abandon(pending, new TalkError('cancelled'));
    options.signal?.addEventListener('abort', onAbort, { once: true });
    pending.stopListening = () => options.signal?.removeEventListener('abort', onAbort);
    if (options.signal?.aborted === true) {
      pending.stopListening();
      return Promise.reject(new TalkError('cancelled'));
    }
    this.#queue.push(pending);
    this.#tellExchange(pending);
    this.#next();
    return settle.promise;
  }

  /** Ends what runs and what waits. */
  cancelAll(): void {
    for (const pending of this.#queue.splice(0)) this.#fail(pending, new TalkError('cancelled'));
    if (this.#pending !== null) this.#abandon(this.#pending, new TalkError('cancelled'));
    this.#tell();
  }

  /** Out of data mode with +++; whether or not the modem says so, lines are read as such afterwards. */
  async leaveData(): Promise<void> {
    if (!this.#lines.isData) return;
    await this.#pause(ESCAPE_GUARD_US);
    // Hung up meanwhile: the modem would take it for the beginning of the next command.
    if (!this.#lines.isData) return;
    this.#lines.escaping();
    await this.#deps.write(Buffer.from('+++'));
    await this.#pause(ESCAPE_GUARD_US);
    if (this.#lines.isData) this.#lines.reset();
    this.#isAdrift = true;
    this.#tell();
  }

  opened(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#lines.reset();
    this.#tell();
  }

  /** The port is closed, lent or gone: nothing sent will be answered. */
  closed(error: TalkError): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#isAdrift ||= this.#pending !== null;
    this.#failAll(error);
    this.#lines.reset();
    this.#tell();
  }

  received(bytes: Uint8Array, atUs: MonoUs): void {
    this.#cancelUndecided();
    for (const token of this.#lines.push(bytes)) this.#take(token, atUs);
    if (this.#lines.isUndecided) {
      this.#cancelUndecided = this.#deps.clock.at((this.#deps.clock.nowUs() + UNDECIDED_US) as MonoUs, () => {
        for (const token of this.#lines.quiet()) this.#take(token, this.#deps.clock.nowUs());
      });
    }
  }

  #take(token: AtToken, atUs: MonoUs): void {
    if (token.kind === 'line') this.#line(token.text.trim(), token.isResultCode, atUs);
    else if (token.kind === 'prompt') this.#prompted();
    else if (token.kind === 'hang-up') {
      this.#tellUrc(token.text, atUs);
      this.#tell();
    }
  }

  #line(line: string, isResultCode: boolean, atUs: MonoUs): void {
    // Whatever was asked before the module started anew will not be answered any more.
    if (isResetLine(line)) this.#moduleReset(line, atUs);
    else if (this.#sync !== null) this.#syncLine(this.#sync, line, isResultCode, atUs);
    else if (this.#pending !== null) this.#answerLine(this.#pending, line, isResultCode, atUs);
    else this.#unaskedLine(line, atUs);
  }

  #syncLine(sync: Resync, line: string, isResultCode: boolean, atUs: MonoUs): void {
    if (line === 'AT') return;
    const isKnown = decodeUnasked(line) !== null;
    this.#tellUrc(line, atUs, !isKnown);
    if (!isKnown) sync.line(line, isResultCode);
  }

  #answerLine(pending: Pending, line: string, isResultCode: boolean, atUs: MonoUs): void {
    if (this.#isEcho(pending, line)) return;
    const dials = pending.parts.some((part) => specOf(part.name)?.dials === true);
    const final = this.#numericFinal(pending, line, isResultCode) ?? finalOf(line, { dials, family: this.#family });
    if (final !== null) this.#complete(pending, final);
    else if (!answers(pending.parts, line, pending.exchange.lines)) this.#tellUrc(line, atUs);
    else {
      pending.exchange.lines.push(line);
      this.#tellExchange(pending);
    }
  }

  /** With ATV0 known, digits that end in CR alone; before that, a lone digit where no answer of digits can be. */
  #numericFinal(pending: Pending, line: string, isResultCode: boolean): AtFinal | null {
    if (isResultCode) return numericFinal(line);
    const isPlain = pending.parts.every(({ name }) => name === 'AT' || name === 'ATE' || name === 'ATV');
    if (!isPlain || !/^[0-8]$/.test(line)) return null;
    this.#lines.isNumeric = true;
    return numericFinal(line);
  }

  #isEcho(pending: Pending, line: string): boolean {
    if (pending.exchange.state === 'prompted' && line.replace(CTRL_Z, '') === pending.data) return true;
    if (pending.echoSeen || line !== pending.exchange.command.trim()) return false;
    pending.echoSeen = true;
    return true;
  }

  #unaskedLine(line: string, atUs: MonoUs): void {
    const isData = isConnect(line) && this.#lastDials;
    this.#tellUrc(line, atUs, !isData && finalOf(line, { dials: false, family: this.#family }) !== null);
    if (!isData) return;
    this.#lines.enterData();
    this.#tell();
  }

  #prompted(): void {
    const pending = this.#pending;
    if (pending === null) return;
    this.#change(pending, { state: 'prompted' });
    if (pending.data === undefined) {
      this.#abandon(pending, new TalkError('at/no-data', { command: pending.exchange.command }));
      return;
    }
    this.#write(`${pending.data}${CTRL_Z}`).catch((error: unknown) => this.#notWritten(pending, error));
  }

  #complete(pending: Pending, final: AtFinal): void {
    this.#pending = null;
    this.#lines.mayPrompt = false;
    this.#lastDials = pending.parts.some((part) => specOf(part.name)?.dials === true);
    pending.cancelTimer();
    pending.stopListening();
    const values = final.kind === 'ok' || final.kind === 'connect' ? decodeAnswer(pending.parts, pending.exchange.lines) : [];
    this.#change(pending, { state: 'done', final, values, endedAtUs: this.#deps.clock.nowUs() });
    this.#learn(pending, final);
    if (final.kind === 'connect') this.#lines.enterData();
    this.#rest();
    pending.settle.resolve({ ...pending.exchange });
    this.#next();
  }

  /** What an answer tells of the modem itself. */
  #learn({ parts, exchange }: Pending, final: AtFinal): void {
    for (const { name, argument } of parts) {
      if (name === 'ATV' && final.kind === 'ok') this.#lines.isNumeric = argument === '0';
      const family = familyOf(name, exchange.lines);
      if (family !== null) this.#family = family;
      if (name === 'ATI' && exchange.lines[0] !== undefined) this.#model = exchange.lines[0];
    }
  }

  #timedOut(pending: Pending): void {
    this.#abandon(
      pending,
      new TalkError('at/timeout', { command: pending.exchange.command, timeoutMs: pending.exchange.timeoutMs }, { retryable: true }),
    );
  }

  /** Given up on, with its answer still to come perhaps. */
  #abandon(pending: Pending, error: TalkError): void {
    const at = this.#queue.indexOf(pending);
    if (at >= 0) this.#queue.splice(at, 1);
    else if (this.#pending === pending) {
      this.#pending = null;
      this.#lines.mayPrompt = false;
      this.#isAdrift = true;
      this.#busyUntilUs = (pending.exchange.sentAtUs ?? 0) + pending.exchange.timeoutMs * 1000;
      // Left alone at its prompt the modem would take everything that follows for the message.
      if (pending.exchange.state === 'prompted') this.#write(ESCAPE).catch(() => {}); // a port that is gone says so itself
    } else return;
    this.#fail(pending, error);
    this.#rest();
    this.#next();
  }

  #moduleReset(line: string, atUs: MonoUs): void {
    const pending = this.#pending;
    this.#tellUrc(line, atUs);
    this.#lines.reset();
    this.#isAdrift = false;
    this.#lastDials = false;
    if (pending?.parts.some(resets) === true) {
      this.#complete(pending, { kind: 'ok' });
      return;
    }
    if (pending !== null || this.#queue.length > 0 || this.#sync !== null) {
      this.#failAll(new TalkError('at/module-reset', { address: this.#deps.address, line }));
    }
    this.#tell();
  }

  #failAll(error: TalkError): void {
    const pending = this.#pending;
    this.#pending = null;
    this.#lines.mayPrompt = false;
    this.#sync?.cancel();
    this.#sync = null;
    if (pending !== null) this.#fail(pending, error);
    for (const each of this.#queue.splice(0)) this.#fail(each, error);
  }

  #fail(pending: Pending, error: TalkError): void {
    pending.cancelTimer();
    pending.stopListening();
    this.#change(pending, { state: 'failed', error: error.value, endedAtUs: this.#deps.clock.nowUs() });
    pending.settle.reject(error);
  }

  #next(): void {
    this.#tell();
    if (this.#pending !== null || this.#sync !== null || this.#queue.length === 0 || !this.#isOpen || this.#lines.isData) return;
    const now = this.#deps.clock.nowUs();
    if (now < this.#notBeforeUs) {
      if (this.#isResting) return;
      this.#isResting = true;
      this.#deps.clock.at(this.#notBeforeUs as MonoUs, () => {
        this.#isResting = false;
        this.#next();
      });
      return;
    }
    const pending = this.#isAdrift ? undefined : this.#queue.shift();
    if (pending === undefined) this.#startSync();
    else this.#start(pending);
  }

  #start(pending: Pending): void {
    this.#pending = pending;
    this.#lines.mayPrompt = true;
    const sentAtUs = this.#deps.clock.nowUs();
    this.#change(pending, { state: 'running', sentAtUs });
    pending.cancelTimer = this.#deps.clock.at((sentAtUs + pending.exchange.timeoutMs * 1000) as MonoUs, () => this.#timedOut(pending));
    this.#write(`${pending.exchange.command}\r`).catch((error: unknown) => this.#notWritten(pending, error));
    this.#tell();
  }

  #notWritten(pending: Pending, error: unknown): void {
    if (this.#pending !== pending) return;
    this.#pending = null;
    this.#fail(pending, error instanceof TalkError ? error : new TalkError('port/closed', { address: this.#deps.address }));
    this.#next();
  }

  /** Only CR: some modems take an LF for the first byte of the next command. */
  #write(text: string): Promise<unknown> {
    return this.#deps.write(Buffer.from(text));
  }

  #startSync(): void {
    this.#sync = new Resync({
      clock: this.#deps.clock,
      busyUntilUs: this.#busyUntilUs,
      probe: () => void this.#write('AT\r').catch(() => {}), // a port that is gone says so itself
      onFound: () => {
        this.#sync = null;
        this.#isAdrift = false;
        this.#next();
      },
      onLost: (attempts) => {
        this.#sync = null;
        const error = new TalkError('at/not-answering', { address: this.#deps.address, attempts }, { retryable: true });
        for (const each of this.#queue.splice(0)) this.#fail(each, error);
        this.#tell();
      },
    });
    this.#tell();
  }

  #rest(): void {
    this.#notBeforeUs = this.#deps.clock.nowUs() + REST_US;
  }

  #after(us: number, callback: () => void): () => void {
    return this.#deps.clock.at((this.#deps.clock.nowUs() + us) as MonoUs, callback);
  }

  #pause(us: number): Promise<void> {
    return new Promise((done) => this.#after(us, done));
  }

  #change(pending: Pending, change: Partial<AtExchange>): void {
    Object.assign(pending.exchange, change);
    this.#tellExchange(pending);
  }

  #tellExchange({ exchange }: Pending): void {
    this.#deps.onExchange({ ...exchange, lines: [...exchange.lines] });
  }

  #tellUrc(text: string, atUs: MonoUs, isStray = false): void {
    const values: AtValue[] | null = decodeUnasked(text);
    const urc: AtUrc = {
      id: this.#nextId++,
      atUs,
      text,
      kind: isStray ? 'stray' : values === null ? 'unknown' : 'known',
      values: values ?? [],
    };
    this.#deps.onUrc(urc);
    for (const listener of this.#unasked) listener(urc);
  }

  /** Only what differs from what was told. */
  #tell(): void {
    const state = this.state;
    const text = JSON.stringify(state);
    if (text === this.#toldState) return;
    this.#toldState = text;
    this.#deps.onState(state);
  }
}
