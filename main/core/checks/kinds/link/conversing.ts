import type { CheckEvidence, LinkImpairment } from '../../../../../preload/contract/checks.ts';
import type { TurnRecord } from '../../../../../preload/contract/sessions.ts';
import type { Bench, BoardDevice } from '../../bench.ts';
import { languageOf, quietLine, startsOf, startsSince } from '../conversation/line.ts';
import { medianOf, milliseconds } from '../conversation/numbers.ts';
import { scriptedTurns, scriptOf } from '../conversation/phrases.ts';
import { holdTextTurn, holdTurn, isAnswered, turnEvidence } from '../conversation/turn.ts';

export const notImpaired: LinkImpairment = { delayMs: 0, jitterMs: 0, lossPercent: 0, rateKbitS: null, isStalled: false };

/** What firmware says when its player has run out of samples. */
const dry = /underrun|under-run|buffer (?:is )?empty|starv/iu;
const PING_BYTES = 8;
const PING_TIMEOUT_MS = 2000;
const RETRY_MS = 250;

export interface Held {
  turns: number;
  unanswered: number;
  /** Of the answered ones; undefined where none was. */
  latencyMs: number | undefined;
  evidence: CheckEvidence[];
}

/** A conversation with the board that goes on while its link is bad: the same phrases and answers all the time. */
export class Conversing {
  readonly #bench: Bench;
  readonly #device: BoardDevice;
  readonly #timeoutMs: number;
  readonly #replyTimeoutMs: number;
  #said = 0;

  private constructor(bench: Bench, device: BoardDevice, timeoutMs: number, replyTimeoutMs: number) {
    this.#bench = bench;
    this.#device = device;
    this.#timeoutMs = timeoutMs;
    this.#replyTimeoutMs = replyTimeoutMs;
  }

  /** Null: the board did not connect. */
  static async begin(bench: Bench, device: BoardDevice, { timeoutMs, replyTimeoutMs }: { timeoutMs: number; replyTimeoutMs: number }) {
    if ((await quietLine(bench, device, timeoutMs)) === null) return null;
    const language = languageOf(bench, device);
    device.configure({ settings: { conversation: { isIdleDetected: false } }, script: scriptOf(scriptedTurns[language], language) });
    return new Conversing(bench, device, timeoutMs, replyTimeoutMs);
  }

  /** So many turns, spoken where something can speak, else as text. Null: a person should have spoken, and nobody was there. */
  async hold(count: number, onTurn: (done: number) => void = () => {}): Promise<Held | null> {
    const latencies: number[] = [];
    const evidence: CheckEvidence[] = [];
    let unanswered = 0;
    for (let index = 0; index < count; index++) {
      const turn = await this.#turn();
      if (turn === undefined) return null;
      if (turn !== null) evidence.push(turnEvidence(turn));
      if (!isAnswered(turn)) unanswered++;
      else if (turn.breakdown.totalUs !== null) latencies.push(milliseconds(turn.breakdown.totalUs));
      onTurn(index + 1);
    }
    return { turns: count, unanswered, latencyMs: medianOf(latencies), evidence };
  }

  /** Milliseconds until something said to the board on its voice connection has come back, which it may have to open anew; null: never. */
  async recovered(sinceUs: number): Promise<number | null> {
    const { clock } = this.#bench;
    const elapsedMs = () => (clock.nowUs() - sinceUs) / 1000;
    while (elapsedMs() < this.#timeoutMs) {
      const leftMs = this.#timeoutMs - elapsedMs();
      if ((await this.#device.connected(leftMs)) === null) return null;
      const startedUs = clock.nowUs();
      if ((await this.#device.ping(PING_BYTES, Math.min(PING_TIMEOUT_MS, leftMs))) !== null) return Math.round(elapsedMs());
      // At once: the connection is gone, or of a kind that cannot be pinged; then a turn tells.
      if ((clock.nowUs() - startedUs) / 1000 < PING_TIMEOUT_MS / 2) {
        const held = await this.hold(1);
        return held?.unanswered === 0 ? Math.round(elapsedMs()) : null;
      }
      await this.#bench.sleep(RETRY_MS);
    }
    return null;
  }

  async #turn(): Promise<TurnRecord | null | undefined> {
    const { voice } = this.#bench;
    const language = languageOf(this.#bench, this.#device);
    const phrases = scriptedTurns[language];
    const say = phrases[this.#said++ % phrases.length]?.say ?? '';
    if ((await quietLine(this.#bench, this.#device, this.#timeoutMs)) === null) return null;
    if (voice.speaker === 'none') return holdTextTurn(this.#bench, this.#device, say, this.#replyTimeoutMs);
    const { said, turn } = await holdTurn(this.#bench, this.#device, say, this.#replyTimeoutMs);
    return said === null ? undefined : turn;
  }
}

/** What happened to the board's connections and player meanwhile. */
export class Watch {
  readonly #bench: Bench;
  readonly #device: BoardDevice;
  readonly #sinceUs: number;
  readonly #starts: number | null;

  constructor(bench: Bench, device: BoardDevice) {
    this.#bench = bench;
    this.#device = device;
    this.#sinceUs = bench.clock.nowUs();
    this.#starts = startsOf(bench);
  }

  /** `underruns` and `restarts` are told by the board's log alone, and left out without one. */
  values(): { reconnects: number; underruns?: number; restarts?: number } {
    const reconnects = this.#device.events(this.#sinceUs).filter(({ kind }) => kind === 'conversation.opened').length;
    const restarts = startsSince(this.#bench, this.#starts);
    return { reconnects, ...(this.#bench.port !== null && { underruns: this.#dryRows().length }), ...(restarts !== null && { restarts }) };
  }

  evidence(): CheckEvidence[] {
    const { port } = this.#bench;
    const rows = this.#dryRows();
    const lines = this.#device
      .events(this.#sinceUs)
      .filter(({ kind }) => ['conversation.opened', 'conversation.closed', 'device.online', 'device.offline'].includes(kind))
      .map((event) => `${((event.atUs - this.#sinceUs) / 1e6).toFixed(3)} s  ${event.kind}${'reason' in event ? `  ${event.reason}` : ''}`);
    return [
      ...(rows.length > 0 && port !== null ? [port.evidence(rows)] : []),
      ...(lines.length > 0 ? [{ kind: 'lines' as const, label: 'connections', lines: lines.slice(0, 50) }] : []),
    ];
  }

  #dryRows() {
    return (this.#bench.port?.rows(this.#sinceUs) ?? []).filter(({ text, direction }) => direction === 'received' && dry.test(text));
  }
}
