import { z } from 'zod';
import type { Bench, BoardDevice } from '../../bench.ts';
import { check, type Measured } from '../../check.ts';
import type { Span } from '../../lateness/lateness.ts';
import { decisive } from './excuse.ts';
import { endLine, languageOf, quietLine } from './line.ts';
import { greatestOf, known, medianOf, milliseconds } from './numbers.ts';
import { scriptedTurns, scriptOf } from './phrases.ts';
import { wakeUp } from './waking.ts';

const parameters = z.strictObject({
  attempts: z.number().int().min(1).max(100).default(3),
  /** Of each attempt. */
  timeoutS: z.number().min(1).max(600).default(30),
  /** wake: the wake word, or the button that wakes it, from a closed connection · push-to-talk: the talk button, on an open one. */
  how: z.enum(['wake', 'push-to-talk']).default('wake'),
});

/** How often a board comes when it is called, and how soon: until it is connected; of the talk button, from the last word until the bench has the turn. */
export const wake = check({
  name: 'conversation.wake',
  group: 'conversation',
  needs: ['device'],
  parameters,
  values: [
    { name: 'attempts', unit: 'count' },
    { name: 'woken', unit: 'count' },
    { name: 'missed', unit: 'count', limit: { max: 0 }, isTimed: true, next: 'tune-wake' },
    { name: 'tries', unit: 'count' },
    { name: 'connectMs', unit: 'ms' },
    { name: 'slowestMs', unit: 'ms', limit: { max: 5000 }, isTimed: true, isOptional: true, next: 'slow-wake' },
  ],
  nexts: ['tune-wake', 'slow-wake', 'check-button'],
  async measure(bench, given) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    return given.how === 'wake' ? wakeAgain(bench, device, given) : pressAgain(bench, device, given);
  },
});

type Given = z.output<typeof parameters>;

async function wakeAgain(bench: Bench, device: BoardDevice, { attempts, timeoutS }: Given): Promise<Measured> {
  device.configure({ settings: { agent: { greetingZh: '', greetingEn: '' }, conversation: { isIdleDetected: false } } });
  const times: number[] = [];
  const missed: Span[] = [];
  const tries: number[] = [];
  for (let attempt = 0; attempt < attempts; attempt++) {
    await endLine(bench, device);
    const calledUs = bench.clock.nowUs();
    const waking = await wakeUp(bench, device, timeoutS * 1000);
    if (waking === null) missed.push(decisive({ turn: null, saidFromUs: calledUs, saidToUs: calledUs, overUs: bench.clock.nowUs() }));
    else {
      times.push(milliseconds(waking.openedUs - waking.wokenUs));
      if (waking.tries !== null) tries.push(waking.tries);
    }
    bench.progress((attempt + 1) / attempts);
  }
  return resultOf({ attempts, times, missed, tries, next: 'tune-wake' });
}

async function pressAgain(bench: Bench, device: BoardDevice, { attempts, timeoutS }: Given): Promise<Measured> {
  const language = languageOf(bench, device);
  const phrases = scriptedTurns[language];
  device.configure({ settings: { turns: { input: 'push-to-talk' } }, script: scriptOf(phrases, language) });
  if ((await quietLine(bench, device, timeoutS * 1000)) === null) return { skipped: 'no-conversation' };
  const times: number[] = [];
  const missed: Span[] = [];
  for (let attempt = 0; attempt < attempts; attempt++) {
    const sinceUs = bench.clock.nowUs();
    const text = phrases[attempt % phrases.length]?.say ?? '';
    const answer = await bench.ask({ ask: 'press-talk', data: { text }, kind: 'do' });
    if (answer === 'nobody' || answer === 'skip') return { person: answer === 'skip' ? 'person-skipped' : 'nobody-there' };
    const accept = (event: { reason: string }) => event.reason !== 'injected' && event.reason !== 'user-text';
    const committed = await device.until('turn.committed', { sinceUs, timeoutMs: timeoutS * 1000, accept });
    // When the button was pressed, nobody knows.
    if (committed === null) missed.push({ fromUs: sinceUs, toUs: bench.clock.nowUs() });
    else {
      const { conversationId, turnId } = committed;
      const spoken = device.events(sinceUs).findLast((event) => event.kind === 'user.speech-ended' && event.atUs <= committed.atUs);
      times.push(milliseconds(committed.atUs - (spoken?.atUs ?? committed.atUs)));
      await device.until('turn.ended', {
        sinceUs,
        timeoutMs: timeoutS * 1000,
        accept: (event) => event.conversationId === conversationId && event.turnId === turnId,
      });
    }
    bench.progress((attempt + 1) / attempts);
  }
  return resultOf({ attempts, times, missed, next: 'check-button' });
}

interface Woken {
  attempts: number;
  times: readonly number[];
  missed: readonly Span[];
  tries?: readonly number[];
  next: string;
}

function resultOf({ attempts, times, missed, tries = [], next }: Woken): Measured {
  const counts = { attempts, woken: times.length, missed: missed.length };
  const values = known({ ...counts, tries: greatestOf(tries), connectMs: medianOf(times), slowestMs: greatestOf(times) });
  return missed.length === 0 ? { values } : { values, moments: { missed }, next };
}
