import type { LogRow } from '../../../preload/contract/logs.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { Topic } from '../endpoint/topic.ts';
import type { Recorder } from '../sessions/recorder.ts';
import type { LogEventName } from './events.ts';
import { createLogParser, type LogParser } from './parser.ts';

/** Rows kept in memory a port; older ones are in the store. */
export const KEPT_ROWS = 20_000;
/** A line that stands unfinished this long (a prompt, a progress bar) is shown as far as it has come. */
const PAUSE_US = 100_000;
/** Deltas kept for clients that resume. */
const RETAINED_DELTAS = 4096;

export interface LogSnapshot {
  sessionId: string | null;
  rows: LogRow[];
  totalRows: number;
}

/** One port's log: raw bytes to the recorder first, then rows to the recorder, to memory and to whoever follows. Outlives the port's openings. */
export class PortLog {
  readonly topic: Topic<LogSnapshot, LogRow>;
  readonly #port: string;
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  readonly #parser: LogParser;
  #rows: LogRow[] = [];
  #sessionId: string | null = null;
  #cancelPause: () => void = () => {};

  constructor(port: string, deps: { clock: Clock; recorder: Recorder; parserFor?: typeof createLogParser }) {
    this.#port = port;
    this.#clock = deps.clock;
    this.#recorder = deps.recorder;
    this.#parser = (deps.parserFor ?? createLogParser)({ port, clock: deps.clock });
    this.topic = new Topic({ snapshot: () => this.snapshot(KEPT_ROWS), retain: RETAINED_DELTAS });
  }

  /** The newest `tail` rows. */
  snapshot(tail: number): LogSnapshot {
    const kept = Math.min(tail, KEPT_ROWS);
    return { sessionId: this.#sessionId, rows: kept === 0 ? [] : this.#rows.slice(-kept), totalRows: this.#parser.rowCount };
  }

  /** Bytes of a port in other hands: kept, not read as text. */
  raw(direction: 'received' | 'sent', bytes: Uint8Array, atUs: MonoUs): void {
    this.#recorder.raw({ port: this.#port, direction, atUs, bytes });
  }

  received(bytes: Uint8Array, atUs: MonoUs): void {
    this.raw('received', bytes, atUs);
    this.parse(bytes, atUs);
  }

  /** Bytes that are already recorded. */
  parse(bytes: Uint8Array, atUs: MonoUs): void {
    this.#followSession();
    this.#cancelPause();
    this.#append(this.#parser.push(bytes, atUs));
    if (this.#parser.isPending) {
      this.#cancelPause = this.#clock.at((this.#clock.nowUs() + PAUSE_US) as MonoUs, () => {
        this.#followSession();
        this.#append(this.#parser.flushPause());
      });
    }
  }

  sent(bytes: Uint8Array, atUs: MonoUs): void {
    this.raw('sent', bytes, atUs);
    this.#followSession();
    const text = Buffer.from(bytes)
      .toString('utf8')
      .replace(/[\r\n]+$/, '');
    this.#append([this.#parser.add({ atUs, direction: 'sent', text, raw: new Uint8Array(bytes), grammar: 'plain' })]);
  }

  /** What happened to the port itself. `text` is for exports; programs and the page read event and payload. */
  notice(event: LogEventName, payload: Record<string, unknown>): void {
    this.#followSession();
    const atUs = this.#clock.nowUs();
    const text = [event, ...Object.entries(payload).map(([key, value]) => `${key}=${String(value)}`)].join(' ');
    this.#append([this.#parser.add({ atUs, direction: 'notice', text, raw: new Uint8Array(0), grammar: 'talkbench', event, payload })]);
  }

  /** The port is closed or in other hands: what has come of a line is all there will be. */
  flush(): void {
    this.#cancelPause();
    this.#followSession();
    this.#append(this.#parser.flush());
  }

  /** Rows are numbered from 0 in each session. */
  #followSession(): void {
    const id = this.#recorder.session?.id ?? null;
    if (id === this.#sessionId) return;
    this.#sessionId = id;
    this.#rows = [];
    this.#parser.renumber();
  }

  #append(rows: LogRow[]): void {
    if (rows.length === 0) return;
    this.#recorder.rows(rows);
    for (const row of rows) {
      this.#rows.push(row);
      this.topic.publish(row);
    }
    // Trimmed in halves, so that a row costs O(1).
    if (this.#rows.length > KEPT_ROWS * 2) this.#rows = this.#rows.slice(-KEPT_ROWS);
  }
}
