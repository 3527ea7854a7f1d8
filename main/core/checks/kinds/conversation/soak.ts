import { z } from 'zod';
import type { CheckEvidence } from '../../../../../preload/contract/checks.ts';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { TurnRecord } from '../../../../../preload/contract/sessions.ts';
import type { Bench, BoardDevice } from '../../bench.ts';
import { check } from '../../check.ts';
import { isOwnDrop } from '../../lateness/lateness.ts';
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
    const unanswered: Held[] = [];
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
      if (!isAnswered(turn)) unanswered.push(held);
      const latencyUs = turn === null ? null : latencyOf(device, turn);
      if (latencyUs !== null) points.push([Math.round(atS * 10) / 10, milliseconds(latencyUs)]);
      bench.progress(Math.min(1, (bench.clock.nowUs() - beganUs) / (endUs - beganUs)));
      await bench.sleep(given.pauseS * 1000);
    }

    const latencies = points.map(([, ms]) => ms);
    // Looked at now: that the bench's ear was behind is told once it has caught up.
    const blamed = unanswered.filter((held) => !isExcused(bench, held));
    const undecided = unanswered.length - blamed.length;
    const misunderstood = blamed.filter(({ turn }) => turn !== null && !isUnderstood(turn)).length;
    failures += blamed.length - misunderstood;
    const evidence: CheckEvidence[] = blamed.flatMap(({ turn }) => (turn === null ? [] : turnEvidence(turn))).slice(0, FAILURES_SHOWN);
    if (points.length > 1)
      evidence.push({ kind: 'curve', label: 'latency', x: 'timeS', y: 'latencyMs', points: thinned(points, CURVE_POINTS) });
    const resets = startsSince(bench, starts);
    const happened = device.events(beganUs);
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
        ...countsOf(bench, happened),
        // Without a log: whoever starts anew connects anew.
        resets: resets ?? happened.filter(({ kind }) => kind === 'device.online').length,
        ...known({ misunderstood: decided === 0 ? null : Math.round((misunderstood * 1000) / decided) / 10 }),
        ...known({ latencyMs: medianOf(latencies), slowestMs: greatestOf(latencies), latencyRiseMs: riseOf(points) }),
      },
      evidence,
    };
  },
});

/** What ran dry while the bench was late, and what its own ear left out, is the bench's. */
function countsOf(bench: Bench, events: readonly PipelineEvent[]): { reconnects: number; drops: number; benchDrops: number } {
  let [reconnects, drops, benchDrops] = [0, 0, 0];
  for (const event of events) {
    if (event.kind === 'conversation.opened') reconnects++;
    if (isOwnDrop(event)) benchDrops += event.count;
    else if (event.kind === 'dropped') drops += event.count;
    if (event.kind !== 'downlink.underrun' || event.gapUs < AUDIBLE_GAP_US) continue;
    if (bench.lateness(event.atUs - event.gapUs, event.atUs).percent >= 50) benchDrops++;
    else drops++;
  }
  return { reconnects, drops, benchDrops };
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
