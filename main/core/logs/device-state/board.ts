import {
  type BringUpStep,
  bringUpStep,
  type DeviceState,
  type HealthNotice,
  type StepState,
} from '../../../../preload/contract/device-state.ts';
import type { LogRow } from '../../../../preload/contract/logs.ts';
import { type HeapSample, heapFall, Notices, Storm } from './health.ts';
import { type Signal, signalsOf } from './signals.ts';
import { TurnTimeline } from './turns.ts';

const KEPT_BOOTS = 50;
const KEPT_HEAP_SAMPLES = 600;
/** Below this a voice SDK can no longer open a connection. */
const LOW_HEAP_BYTES = 12_000;
/** Of the newest so many lines, this share with undecodable characters means the wrong rate. */
const GARBLED_WINDOW = 60;
const GARBLED_SHARE = 0.4;

const steps = bringUpStep.options;

/** One board's state, from its log alone. Rows in, in order; state out whenever asked. */
export class BoardLog {
  readonly #port: string;
  #updatedUs = 0;
  #condition: DeviceState['condition'] = 'silent';
  #steps = freshSteps();
  readonly #facts: DeviceState['facts'] = {};
  #boots: DeviceState['boots'] = [];
  /** The newest boot's reason is not known yet: the ROM's banner comes before it. */
  #isReasonOpen = false;
  readonly #turns = new TurnTimeline();
  readonly #heap: HeapSample[] = [];
  readonly #notices = new Notices();
  readonly #bootLoop = new Storm(3, 15_000_000);
  readonly #losses = { mqtt: new Storm(5, 60_000_000), wifi: new Storm(5, 60_000_000), websocket: new Storm(5, 60_000_000) };
  /** Of the window under way: lines, and those with undecodable characters. */
  #judgedLines = 0;
  #garbledLines = 0;

  constructor(port: string) {
    this.#port = port;
  }

  /** Whether anything but the time of the last row has changed. */
  add(row: LogRow): boolean {
    if (row.direction !== 'received') return false;
    const wasSilent = this.#condition === 'silent';
    this.#updatedUs = row.atUs;
    if (wasSilent) this.#condition = 'running';
    const isNewlyGarbled = this.#judgeLegibility(row);
    const signals = signalsOf(row);
    for (const signal of signals) this.#apply(signal, row);
    return wasSilent || isNewlyGarbled || signals.length > 0;
  }

  state(): DeviceState {
    return {
      port: this.#port,
      updatedUs: this.#updatedUs,
      steps: this.#steps.map((step) => ({ ...step })),
      condition: this.#condition,
      facts: { ...this.#facts },
      boots: [...this.#boots],
      turns: this.#turns.list(),
      heap: [...this.#heap],
      notices: this.#notices.list(),
    };
  }

  #apply(signal: Signal, row: LogRow): void {
    switch (signal.kind) {
      case 'boot':
        this.#booted(signal.reason, row);
        return;
      case 'step':
        this.#step(signal.step, signal.state, row);
        return;
      case 'facts':
        Object.assign(this.#facts, signal.facts);
        return;
      case 'heap':
        this.#heapSeen(signal.freeBytes, row);
        return;
      case 'lost':
        this.#lost(signal.what, row);
        return;
      case 'notice':
        this.#notices.raise(signal.notice, signal.severity, row, signal.data, aboutOf(signal.notice, signal.data));
        return;
      case 'condition':
        this.#condition = signal.condition;
        this.#turns.cut();
        return;
      case 'interrupted':
        this.#turns.interrupted();
        return;
      case 'words':
        if (signal.of === 'bot') this.#turns.botText(row, signal.text);
        else {
          this.#turns.userText(row, signal.text);
          this.#step('turn', 'active', row);
        }
        return;
      case 'speech':
        this.#speech(signal, row);
    }
  }

  #speech({ of, is }: Extract<Signal, { kind: 'speech' }>, row: LogRow): void {
    const turns = this.#turns;
    if (of === 'user') {
      if (is === 'started') turns.userStarted(row);
      else turns.userEnded(row);
    } else if (is === 'ended') turns.botEnded(row);
    else {
      turns.botStarted(row);
      // Who speaks has a connection, whether or not its opening was in the log.
      this.#step('websocket', 'done', row);
      this.#step(this.#state('turn') === 'none' ? 'greeting' : 'turn', 'done', row);
    }
  }

  #booted(reason: string | undefined, row: LogRow): void {
    const last = this.#boots.at(-1);
    if (reason !== undefined && last !== undefined && this.#isReasonOpen) {
      last.reason = reason;
      this.#isReasonOpen = false;
      this.#facts.resetReason = reason;
      return;
    }
    this.#isReasonOpen = reason === undefined;
    if (reason !== undefined) this.#facts.resetReason = reason;
    this.#boots = [...this.#boots, { atUs: row.atUs, seq: row.seq, reason: reason ?? 'unknown' }].slice(-KEPT_BOOTS);
    this.#steps = freshSteps();
    this.#condition = 'running';
    this.#turns.cut();
    const loop = this.#bootLoop.add(row.atUs);
    if (loop !== null)
      this.#notices.raise('boot-loop', 'error', row, { resets: loop.count, spanMs: loop.spanMs, reason: last?.reason ?? '' });
  }

  #step(step: BringUpStep, state: StepState['state'], row: LogRow): void {
    const at = steps.indexOf(step);
    const own = this.#steps[at];
    if (own === undefined) return;
    // A board that has come so far has passed what it did not mention.
    if (state === 'done')
      for (const earlier of this.#steps.slice(0, at))
        if (earlier.state !== 'done' && earlier.step !== 'greeting')
          Object.assign(earlier, { state: 'done', atUs: row.atUs, seq: row.seq });
    if (own.state === state || (own.state === 'done' && state === 'active' && step !== 'mqtt' && step !== 'network')) return;
    Object.assign(own, { state, atUs: row.atUs, seq: row.seq });
  }

  #state(step: BringUpStep): StepState['state'] {
    return this.#steps[steps.indexOf(step)]?.state ?? 'none';
  }

  #lost(what: 'mqtt' | 'wifi' | 'websocket', row: LogRow): void {
    const storm = this.#losses[what].add(row.atUs);
    if (what === 'websocket') {
      this.#turns.cut();
      this.#step('websocket', 'failed', row);
    }
    if (storm !== null) this.#notices.raise('reconnect-storm', 'error', row, { what, ...storm }, what);
  }

  #heapSeen(freeBytes: number, row: LogRow): void {
    this.#heap.push({ atUs: row.atUs, freeBytes });
    if (this.#heap.length > KEPT_HEAP_SAMPLES) this.#heap.shift();
    // Twice in a row: of a line that was cut, the number is the beginning of one.
    if (Math.max(freeBytes, this.#heap.at(-2)?.freeBytes ?? Number.POSITIVE_INFINITY) < LOW_HEAP_BYTES)
      this.#notices.raise('heap-low', 'warning', row, { freeBytes });
    const lastBootUs = this.#boots.at(-1)?.atUs ?? 0;
    const sinceBoot = this.#heap.filter(({ atUs }) => atUs >= lastBootUs);
    const fall = heapFall(sinceBoot);
    if (fall !== null)
      this.#notices.raise('heap-falling', 'warning', row, {
        bytesPerMinute: Math.round(-fall),
        freeBytes,
        firstBytes: sinceBoot[0]?.freeBytes ?? freeBytes,
      });
  }

  /** Many lines of noise at once: said when it begins. */
  #judgeLegibility(row: LogRow): boolean {
    this.#judgedLines++;
    if (row.text.includes('\uFFFD')) this.#garbledLines++;
    if (this.#judgedLines < GARBLED_WINDOW) return false;
    const share = this.#garbledLines / this.#judgedLines;
    this.#judgedLines = 0;
    this.#garbledLines = 0;
    if (share < GARBLED_SHARE) return false;
    this.#notices.raise('garbled', 'warning', row, { share: Math.round(share * 100) / 100 });
    return true;
  }
}

/** Notices of one kind about different things stand apart. */
function aboutOf(kind: HealthNotice['kind'], data: HealthNotice['data']): string {
  return kind === 'panic' || kind === 'sdk-error' ? JSON.stringify(data) : '';
}

function freshSteps(): StepState[] {
  return steps.map((step) => ({ step, state: 'none' }));
}
