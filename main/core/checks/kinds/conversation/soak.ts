import { z } from 'zod';
import type { CheckEvidence } from '../../../../../preload/contract/checks.ts';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { TurnRecord } from '../../../../../preload/contract/sessions.ts';
import type { Bench, BoardDevice } from '../../bench.ts';
import { check } from '../../check.ts';
import { isOwnDrop, LOOK_BACK_US } from '../../lateness/lateness.ts';
import { isExcused, type Unanswered } from './excuse.ts';
import { languageOf, quietLine, startsOf, startsSince } from './line.ts';
import { greatestOf, known, medianOf, milliseconds } from './numbers.ts';
import { scriptedTurns, scriptOf } from './phrases.ts';
import { type Point, riseOf, thinned } from './trend.ts';
import { holdTextTurn, holdTurn, isAnswered, isUnderstood, turnEvidence } from './turn.ts';

/** A gap that is heard (reference/voice.md §2.2). */
const AUDIBLE_GAP_US = 40_000;
const CURVE_POINTS = 2000;
/** Of all turns, and at least one; where more failed while the bench was late, the board may fail as often. */
const MOST_UNDECIDED = 0.02;
const FAILURES_SHOWN = 20;
/** A board that does not come back is asked again, not for ever in a row. */
const MOST_MISSING = 5;
/** What happened is counted so long after, when all is told of the bench's own lateness, and all of it is still kept. */
const SETTLED_US = LOOK_BACK_US;

/** One turn after another for as long as is asked: what fails once an hour fails here. */
export const soak = check({
  name: 'conversation.soak',
  group: 'conversation',
  needs: ['device'],
  parameters: z.strictObject({
    minutes: z.number().min(0.1).max(1440).default(30),
    /** Between one turn's end and the next. */
    pauseS: z.number().min(0).max(600).default(1),
    /** auto: by voice where no person has to do it, else as text · text: the same without the microphone. */
    by: z.enum(['auto', 'text']).default('auto'),
    replyTimeoutS: z.number().min(1).max(120).default(20),
    timeoutS: z.number().min(1).max(600).default(60),
  }),
  values: [
    { name: 'turns', unit: 'count' },
    { name: 'failures', unit: 'count', limit: { max: 0 }, next: 'look-at-failures' },
    { name: 'misunderstood', unit: '%', limit: { max: 10 }, isOptional: true, next: 'improve-uplink' },
    { name: 'reconnects', unit: 'count', limit: { max: 0 }, next: 'stay-connected' },
    { name: 'resets', unit: 'count', limit: { max: 0 }, next: 'find-reset' },
    { name: 'drops', unit: 'count', limit: { max: 0 }, next: 'find-drops' },
    // The bench's own: what it lost or was late with itself, and turns that failed while it was.
    { name: 'benchDrops', unit: 'count' },
    { name: 'undecided', unit: 'count' },
    { name: 'latencyMs', unit: 'ms' },
    { name: 'slowestMs', unit: 'ms' },
    { name: 'latencyRiseMs', unit: 'ms' },
    { name: 'minutes' },
    { name: 'by' },
  ],
  nexts: ['look-at-failures', 'improve-uplink', 'stay-connected', 'find-reset', 'find-drops'],
  async measure(bench, given) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    if ((await quietLine(bench, device, given.timeoutS * 1000)) === null) return { skipped: 'no-conversation' };
    const language = languageOf(bench, device);
    const phrases = scriptedTurns[language];
    const byVoice = given.by === 'auto' && (bench.voice.speaker === 'board' || bench.voice.speaker === 'host');
    device.configure({ settings: { conversation: { isIdleDetected: false, sessionTimeoutS: 0 } }, script: scriptOf(phrases, language) });

    const starts = startsOf(bench);
    const beganUs = bench.clock.nowUs();
    const endUs = beganUs + given.minutes * 60_000_000;
    const happened = new Happened(bench, device, beganUs);
    const points: Point[] = [];
    let failures = 0;
    let count = 0;
    for (let missing = 0; bench.clock.nowUs() < endUs && missing < MOST_MISSING; ) {
      if ((await quietLine(bench, device, given.timeoutS * 1000)) === null) {
        missing++;
        failures++;
        continue;
      }
      missing = 0;
      const sinceUs = bench.clock.nowUs();
      const atS = (sinceUs - beganUs) / 1_000_000;
      const held = await oneTurn(bench, device, phrases[count % phrases.length]?.say ?? '', byVoice, given.replyTimeoutS * 1000);
      count++;
      const { turn } = held;
      if (!isAnswered(turn)) happened.unanswered.push(held);
      happened.count(bench.clock.nowUs() - SETTLED_US);
      const latencyUs = turn === null ? null : latencyOf(device, turn);
      if (latencyUs !== null) points.push([Math.round(atS * 10) / 10, milliseconds(latencyUs)]);
      bench.progress(Math.min(1, (bench.clock.nowUs() - beganUs) / (endUs - beganUs)));
      await bench.sleep(given.pauseS * 1000);
    }

    const latencies = points.map(([, ms]) => ms);
    happened.count(Number.POSITIVE_INFINITY);
    const { blamed, undecided, counts, onlines } = happened;
    const misunderstood = blamed.filter(({ turn }) => turn !== null && !isUnderstood(turn)).length;
    failures += blamed.length - misunderstood;
    const evidence: CheckEvidence[] = blamed.flatMap(({ turn }) => (turn === null ? [] : turnEvidence(turn))).slice(0, FAILURES_SHOWN);
    if (points.length > 1)
      evidence.push({ kind: 'curve', label: 'latency', x: 'timeS', y: 'latencyMs', points: thinned(points, CURVE_POINTS) });
    const resets = startsSince(bench, starts);
    const decided = count - undecided;
    if (undecided > Math.max(1, count * MOST_UNDECIDED)) return { skipped: 'bench-busy', evidence };
    return {
      values: {
        ...{
          turns: count,
          failures,
          minutes: Math.round((bench.clock.nowUs() - beganUs) / 6_000_000) / 10,
          by: byVoice ? 'voice' : 'text',
          undecided,
        },
        ...counts,
        // Without a log: whoever starts anew connects anew.
        resets: resets ?? onlines,
        ...known({ misunderstood: decided === 0 ? null : Math.round((misunderstood * 1000) / decided) / 10 }),
        ...known({ latencyMs: medianOf(latencies), slowestMs: greatestOf(latencies), latencyRiseMs: riseOf(points) }),
      },
      evidence,
    };
  },
});

/** Counted while it goes on: of a day not all is kept until its end. */
class Happened {
  /** Not looked at yet. */
  readonly unanswered: Held[] = [];
  readonly blamed: Held[] = [];
  undecided = 0;
  onlines = 0;
  readonly counts = { reconnects: 0, drops: 0, benchDrops: 0 };
  readonly #bench: Bench;
  readonly #device: BoardDevice;
  #untilUs: number;

  constructor(bench: Bench, device: BoardDevice, fromUs: number) {
    this.#bench = bench;
    this.#device = device;
    this.#untilUs = fromUs;
  }

  /** What has happened before that instant and has not been counted. */
  count(toUs: number): void {
    const isCounted = ({ atUs }: PipelineEvent) => atUs < toUs;
    for (const event of this.#device.events(this.#untilUs).filter(isCounted)) this.#countEvent(event);
    this.#untilUs = Math.max(this.#untilUs, toUs);
    const open = this.unanswered.findIndex(({ overUs }) => overUs >= toUs);
    for (const held of this.unanswered.splice(0, open === -1 ? this.unanswered.length : open)) {
      if (isExcused(this.#bench, held)) this.undecided++;
      else this.blamed.push(held);
    }
  }

  /** What ran dry while the bench was late, and what its own ear left out, is the bench's. */
  #countEvent(event: PipelineEvent): void {
    const { counts } = this;
    if (event.kind === 'device.online') this.onlines++;
    if (event.kind === 'conversation.opened') counts.reconnects++;
    if (isOwnDrop(event)) counts.benchDrops += event.count;
    else if (event.kind === 'dropped') counts.drops += event.count;
    if (event.kind !== 'downlink.underrun' || event.gapUs < AUDIBLE_GAP_US) return;
    if (this.#bench.lateness(event.atUs - event.gapUs, event.atUs).percent >= 50) counts.benchDrops++;
    else counts.drops++;
  }
}

interface Held extends Unanswered {
  turn: TurnRecord | null;
}

async function oneTurn(bench: Bench, device: BoardDevice, text: string, byVoice: boolean, timeoutMs: number): Promise<Held> {
  const sinceUs = bench.clock.nowUs();
  const { said, turn } = byVoice
    ? await holdTurn(bench, device, text, timeoutMs)
    : { said: null, turn: await holdTextTurn(bench, device, text, timeoutMs) };
  return { turn, saidFromUs: said?.startUs ?? sinceUs, saidToUs: said?.endUs ?? sinceUs, overUs: turn?.endedUs ?? bench.clock.nowUs() };
}

/** From the user's last word to the first sound; of a text from its coming. */
function latencyOf(device: BoardDevice, turn: TurnRecord): number | null {
  if (turn.breakdown.totalUs !== null) return turn.breakdown.totalUs;
  const audible = device
    .events(turn.startedUs)
    .find((event) => event.kind === 'downlink.audible' && event.conversationId === turn.conversationId && event.turnId === turn.turnId);
  return audible === undefined || turn.initiator === 'user-speech' ? null : audible.atUs - turn.startedUs;
}
