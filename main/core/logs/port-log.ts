import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Recorder } from '../sessions/recorder.ts';
import { encodings, type LogEncoding } from './encoding.ts';
import type { LogEventName } from './events.ts';
import type { Framing } from './framing.ts';
import type { LogBook } from './log-book.ts';
import { createLogParser, type LogParser } from './parser.ts';
import { newRow, type ParsedRow } from './row.ts';

/** A line that stands unfinished this long (a prompt, a progress bar) is shown as far as it has come. */
const PAUSE_US = 100_000;
const LF = 0x0a;
const CR = 0x0d;
const noBytes = new Uint8Array(0);

export interface PortLogDeps {
  clock: Clock;
  recorder: Recorder;
  book: LogBook;
  /** For logs that send pointers to strings: the string in the firmware that the port's board runs; null: not known. */
  stringAt?: ((port: string, pointer: number) => string | null) | undefined;
}

/** One port's part of the log: raw bytes to the recorder first, then rows to the book. Outlives the port's openings. */
export class PortLog {
  readonly #port: string;
  readonly #deps: PortLogDeps;
  #parser: LogParser;
  #encoding: LogEncoding = 'utf-8';
  #framing: Framing = 'auto';
  #cancelPause: () => void = () => {};

  constructor(port: string, deps: PortLogDeps) {
    this.#port = port;
    this.#deps = deps;
    this.#parser = this.#newParser();
    // A line across two sessions would have half of its bytes in neither.
    deps.book.listen({ onEnding: () => this.#handOut(this.#parser.flushPause()) });
  }

  /** How the port's bytes are read from here on. */
  readAs({ encoding, framing }: { encoding: LogEncoding; framing: Framing }): void {
    this.#encoding = encoding;
    if (framing === this.#framing) {
      this.#parser.setEncoding(encoding);
      return;
    }
    this.flush();
    this.#framing = framing;
    this.#parser = this.#newParser();
  }

  /** Bytes of a port in other hands: kept, not read as text. Returns where they begin in the port's stream, −1 when nothing records it. */
  raw(direction: 'received' | 'sent', bytes: Uint8Array, atUs: MonoUs): number {
    return this.#deps.recorder.raw({ port: this.#port, direction, atUs, bytes });
  }

  received(bytes: Uint8Array, atUs: MonoUs): void {
    this.parse(bytes, atUs, this.raw('received', bytes, atUs));
  }

  /** Bytes that are already recorded, beginning at `offset` of the port's stream. */
  parse(bytes: Uint8Array, atUs: MonoUs, offset: number): void {
    this.#handOut(this.#parser.push(bytes, atUs, offset));
    if (!this.#parser.isPending) return;
    const { clock } = this.#deps;
    this.#cancelPause = clock.at((clock.nowUs() + PAUSE_US) as MonoUs, () => this.#handOut(this.#parser.flushPause()));
  }

  /** One row a line. */
  sent(bytes: Uint8Array, atUs: MonoUs): void {
    const own = new Uint8Array(bytes);
    const offset = this.raw('sent', own, atUs);
    const buffer = Buffer.from(own.buffer);
    const rows: ParsedRow[] = [];
    for (let start = 0; start < own.length; ) {
      const end = lineEnd(own, start);
      const textTo = textEnd(own, start, end);
      const text = encodings[this.#encoding].decode(buffer, start, textTo);
      const raw = own.subarray(start, end);
      const place = { port: this.#port, atUs, offset: offset < 0 ? -1 : offset + start };
      const row = newRow({ ...place, direction: 'sent', text, message: text, raw, grammar: 'plain' });
      // Without its end it is not yet a command.
      if (textTo < end) this.#parser.sent(row);
      rows.push(row);
      start = end;
    }
    this.#deps.book.add(rows);
  }

  /** What happened to the port itself. `text` is for exports; programs and the page read event and payload. */
  notice(event: LogEventName, payload: Record<string, unknown>): void {
    const atUs = this.#deps.clock.nowUs();
    const text = [event, ...Object.entries(payload).map(([key, value]) => `${key}=${String(value)}`)].join(' ');
    const base = { port: this.#port, atUs, direction: 'notice', grammar: 'talkbench', raw: noBytes, offset: -1 } as const;
    this.#deps.book.add([Object.assign(newRow({ ...base, text, message: text }), { event, payload })]);
  }

  /** The port is closed or in other hands: what has come of a line is all there will be. */
  flush(): void {
    this.#handOut(this.#parser.flush());
  }

  #newParser(): LogParser {
    const { stringAt } = this.#deps;
    const strings = stringAt === undefined ? {} : { strings: (pointer: number) => stringAt(this.#port, pointer) ?? undefined };
    return createLogParser({ port: this.#port, encoding: this.#encoding, framing: this.#framing, ...strings });
  }

  #handOut(rows: ParsedRow[]): void {
    this.#cancelPause();
    this.#deps.book.add(rows);
  }
}

/** Behind the next LF, CR LF or CR. */
function lineEnd(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === LF) return at + 1;
    if (bytes[at] === CR) return bytes[at + 1] === LF ? at + 2 : at + 1;
  }
  return bytes.length;
}

function textEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && (bytes[at - 1] === LF || bytes[at - 1] === CR)) at--;
  return at;
}
