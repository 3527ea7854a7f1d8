import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { random } from '../random.ts';
import type { BoardUart } from '../uart.ts';
import { DiagnosticReader } from './diagnostics.ts';
import { awkwardLines } from './faults.ts';
import { ModemOutput } from './modem-output.ts';
import { type Cat1Options, type Cat1State, register, stateOf } from './modem-state.ts';
import { pingOf } from './pings.ts';
import { identityOf, replyTo } from './replies.ts';

export type { Cat1Options, Cat1State } from './modem-state.ts';

/** What a host did that a real module would not forgive. */
export interface Violation {
  kind: 'too-soon' | 'pipelined' | 'line-feed';
  text: string;
}

const BOOT_US = 1_200_000;
const SIM_BUSY_US = 2_000_000;
const ATTACH_US = 1_500_000;
const LATE_US = 5_000_000;
const ANSWER_MS = 4;
/** Bytes that come this soon after a final are lost (RIOT #14914). */
const DEAF_US = 15_000;
const GUARD_US = 1_000_000;
/** From a frame of diagnostics to what it asked for. */
const GO_US = 250_000;
const CTRL_Z = 0x1a;
const ESC = 0x1b;

type Mode = 'off' | 'booting' | 'command' | 'executing' | 'prompt' | 'data';

/** An LTE cat.1 module on its AT port. As strict as the real ones: it takes a CR, one command at a time, and a moment's rest. */
export class Cat1Modem {
  readonly uart: BoardUart;
  readonly state: Cat1State;
  readonly violations: Violation[] = [];
  readonly #clock: Clock;
  readonly #options: Cat1Options;
  readonly #output: ModemOutput;
  readonly #random: () => number;
  #mode: Mode = 'off';
  #line = '';
  #typed: number[] = [];
  readonly #diagnostics = new DiagnosticReader((command) => this.#diagnose(command));
  #hasRun = false;
  #echo = true;
  #verbose = true;
  #deafUntilUs = 0;
  #lastDataUs = Number.NEGATIVE_INFINITY;
  #timers = new Set<() => void>();
  #onMode: (mode: Mode) => void = () => {};

  constructor(options: Cat1Options) {
    this.#options = options;
    this.#clock = options.clock;
    this.#random = random(options.faults?.seed ?? 1);
    this.#output = new ModemOutput(options.clock, options.faults?.splitChunks === true ? this.#random : null);
    this.state = stateOf(options);
    this.uart = {
      receive: (data) => this.#receive(data),
      onTransmit: (listener) => this.#output.listen(listener),
      // A USB function: no baud rate, and this one speaks whether or not DTR is up.
      setLines: () => {},
      setBaudRate: () => {},
      setOpen: () => {},
    };
  }

  get mode(): Mode {
    return this.#mode;
  }

  onMode(listener: (mode: Mode) => void): void {
    this.#onMode = listener;
  }

  powerOn(): void {
    if (this.#mode !== 'off') return;
    const isFirst = !this.#hasRun;
    this.#hasRun = true;
    if (this.#options.isBooted === true && isFirst) {
      this.#become('command');
      this.#register({ isTold: false });
    } else this.#boot();
  }

  powerOff(): void {
    this.#stopTimers();
    this.#become('off');
  }

  /** As if the supply had dipped. */
  reset(): void {
    this.#stopTimers();
    this.#boot();
  }

  /** A line that nobody asked for. */
  say(line: string): void {
    this.#send(`\r\n${line}\r\n`);
  }

  #boot(): void {
    this.#become('booting');
    this.#line = '';
    this.#diagnostics.reset();
    this.#echo = true;
    this.#verbose = true;
    Object.assign(this.state, { stat: 0, isRegistered: false, isAttached: false, cfun: 1, cmee: 0, cereg: 0 });
    this.state.revision = this.#options.revision?.() ?? null;
    this.#after(BOOT_US, () => {
      this.#become('command');
      this.say('RDY');
      this.#search();
    });
  }

  #search(): void {
    const { sim } = this.#options;
    if (sim === 'busy') this.#after(SIM_BUSY_US, () => (this.state.sim = 'ready'));
    this.state.stat = this.state.sim === 'absent' ? 0 : 2;
    this.#after(this.#options.network === 'late' ? LATE_US : ATTACH_US, () => this.#register({ isTold: true }));
  }

  #register({ isTold }: { isTold: boolean }): void {
    const { network = 'home' } = this.#options;
    const told = register(this.state, network);
    if (isTold) for (const line of told) this.say(line);
  }

  #receive(data: Uint8Array): void {
    const now = this.#clock.nowUs();
    for (const byte of data) {
      if (this.#mode === 'command' && this.#diagnostics.take(byte, this.#line === '')) continue;
      if (this.#mode === 'data') this.#dataByte(byte, now);
      else if (this.#mode === 'prompt') this.#promptByte(byte);
      else if (this.#mode === 'command') this.#commandByte(byte, now);
      else if (this.#mode === 'executing') this.#violates('pipelined', String.fromCharCode(byte));
    }
    if (this.#mode === 'data') this.#lastDataUs = now;
  }

  #diagnose(command: number): void {
    if (command === 0x01) this.#after(GO_US, () => this.reset());
    if (command !== 0x02) return;
    this.#stopTimers();
    this.#after(GO_US, () => {
      this.powerOff();
      this.#options.onDownload?.();
    });
  }

  #commandByte(byte: number, now: number): void {
    if (byte === 0x0a) {
      // Ignored, as V.250 has it; some firmware takes it for the first byte of the next command.
      this.#violates('line-feed', '\n');
      return;
    }
    if (now < this.#deafUntilUs) {
      this.#violates('too-soon', String.fromCharCode(byte));
      return;
    }
    if (this.#echo) this.#output.send(Uint8Array.of(byte));
    if (byte !== 0x0d) {
      this.#line += String.fromCharCode(byte);
      return;
    }
    const command = this.#line.trim();
    this.#line = '';
    if (command !== '') this.#execute(command);
  }

  #execute(command: string): void {
    this.#become('executing');
    const { faults } = this.#options;
    const body = /^at(.*)$/i.exec(command)?.[1];
    if (faults?.resetDuring !== undefined && command.startsWith(faults.resetDuring)) {
      this.#after(2000, () => this.reset());
      return;
    }
    if (faults?.awkwardLines === true) for (const line of awkwardLines(this.#random)) this.say(line);
    const delayUs = ((faults?.late?.command === command ? faults.late.byMs : 0) + ANSWER_MS) * 1000;
    this.#after(delayUs, () => {
      if (body === undefined) this.#finish([], 'ERROR');
      else this.#run(body);
    });
  }

  #run(body: string): void {
    const lines: string[] = [];
    let takesMs = 0;
    for (const part of body.split(/;(?=(?:[^"]*"[^"]*")*[^"]*$)/)) {
      const special = this.#special(part.trim());
      if (special === 'handled') return;
      if (special === 'ok') continue;
      const extended = /^[+*^]([A-Z]\w*)(=\?|\?|=(.*))?$/is.exec(part.trim());
      const kind = extended?.[2] === undefined ? 'run' : extended[2] === '?' ? 'read' : extended[2] === '=?' ? 'test' : 'set';
      const reply =
        extended === null ? null : replyTo((extended[1] ?? '').toUpperCase(), { kind, argument: extended[3] ?? '' }, this.state);
      lines.push(...(reply?.lines ?? []));
      takesMs += reply?.takesMs ?? 0;
      if (reply?.final === 'OK') continue;
      this.#finish(lines, reply?.final ?? 'ERROR');
      return;
    }
    this.#after(takesMs * 1000, () => this.#finish(lines, 'OK'));
  }

  /** What is not a question and an answer: basic commands, prompts, data mode, resets, pings. */
  #special(part: string): 'ok' | 'handled' | null {
    const upper = part.toUpperCase();
    if (upper === '') return 'ok';
    const basic = /^(?:E([01])|V([01])|&W|&F|Z)+$/.exec(upper);
    if (basic !== null) {
      if (basic[1] !== undefined) this.#echo = basic[1] === '1';
      if (basic[2] !== undefined) this.#verbose = basic[2] === '1';
      return 'ok';
    }
    if (upper === 'I' || upper === 'I0') {
      this.#finish(identityOf(this.state), 'OK');
      return 'handled';
    }
    if (upper.startsWith('D*99') || upper === 'O' || upper === 'O0') {
      this.#connect();
      return 'handled';
    }
    if (upper.startsWith('+CMGS=')) {
      this.#typed = [];
      this.#become('prompt');
      this.#send('\r\n> ');
      return 'handled';
    }
    if (upper === '+RESET' || upper.startsWith('+ECRST') || upper === '+CFUN=1,1') {
      this.#finish([], 'OK');
      const delayMs = Number(/^\+ECRST=DELAY,(\d{1,5})$/.exec(upper)?.[1] ?? 100);
      this.#after(delayMs * 1000, () => this.reset());
      return 'handled';
    }
    return this.#ping(part);
  }

  #ping(part: string): 'handled' | null {
    const ping = pingOf(part, this.state, this.#options.pings ?? [52, 48, 61, 50]);
    if (ping === null) return null;
    this.#after(ping.takesUs, () => this.#finish(ping.lines, ping.final));
    for (const { afterUs, lines } of ping.later) {
      this.#after(afterUs, () => {
        for (const line of lines) this.say(line);
      });
    }
    return 'handled';
  }

  #connect(): void {
    this.#send(this.#verbose ? '\r\nCONNECT\r\n' : '1\r');
    this.#become('data');
    this.#lastDataUs = this.#clock.nowUs();
    this.#typed = [];
  }

  /** The peer of the data call sends back what it gets. */
  #dataByte(byte: number, now: number): void {
    const isPlus = byte === 0x2b && (this.#typed.length > 0 || now - this.#lastDataUs >= GUARD_US);
    if (!isPlus) {
      this.#typed = [];
      this.#output.send(Uint8Array.of(byte));
      return;
    }
    this.#typed.push(byte);
    if (this.#typed.length < 3) return;
    this.#typed = [];
    this.#after(GUARD_US, () => {
      this.#become('command');
      this.#final('OK');
    });
  }

  #promptByte(byte: number): void {
    if (byte === ESC) this.#finish([], 'OK');
    else if (byte === CTRL_Z) {
      this.#become('executing');
      this.#after(1_200_000, () =>
        this.#finish(this.state.isRegistered ? ['+CMGS: 1'] : [], this.state.isRegistered ? 'OK' : '+CMS ERROR: 331'),
      );
    } else {
      this.#typed.push(byte);
      if (this.#echo) this.#output.send(Uint8Array.of(byte));
    }
  }

  #finish(lines: readonly string[], final: string): void {
    for (const line of lines) this.#send(this.#verbose ? `\r\n${line}\r\n` : `${line}\r\n`);
    this.#become('command');
    this.#final(final);
  }

  #final(final: string): void {
    const numeric: Record<string, string> = { OK: '0', ERROR: '4', 'NO CARRIER': '3' };
    this.#send(this.#verbose || numeric[final] === undefined ? `\r\n${final}\r\n` : `${numeric[final]}\r`);
    this.#deafUntilUs = Math.max(this.#output.doneUs, this.#clock.nowUs()) + DEAF_US;
  }

  #send(text: string): void {
    this.#output.send(text);
  }

  #violates(kind: Violation['kind'], text: string): void {
    const last = this.violations.at(-1);
    if (last?.kind === kind) last.text += text;
    else this.violations.push({ kind, text });
  }

  #become(mode: Mode): void {
    this.#mode = mode;
    this.#onMode(mode);
  }

  #after(us: number, callback: () => void): void {
    if (us === 0) callback();
    else this.#at(this.#clock.nowUs() + us, callback);
  }

  #at(us: number, callback: () => void): void {
    const cancel = this.#clock.at(us as MonoUs, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
  }

  #stopTimers(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers = new Set();
    this.#output.stop();
  }
}
