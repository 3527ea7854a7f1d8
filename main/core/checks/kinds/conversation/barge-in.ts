import { z } from 'zod';
import { audibleSpan } from '../../../../../pipeline/audio/levels.ts';
import type { CheckEvidence } from '../../../../../preload/contract/checks.ts';
import { millisecondPowers, soundSpans } from '../../../analysis/sound-spans.ts';
import type { Bench, BoardDevice } from '../../bench.ts';
import { check } from '../../check.ts';
import type { Span } from '../../lateness/lateness.ts';
import { decisive } from './excuse.ts';
import { isWithin, languageOf, quietLine } from './line.ts';
import { greatestOf, known, medianOf, milliseconds } from './numbers.ts';
import { interruptingPhrase, longTurn, wholly } from './phrases.ts';
import { type Heard, heardBetween, recordOf, turnEvidence } from './turn.ts';

/** What a board's speaker plays on at most after the last frame: its ring of 90 frames of 60 ms. */
const PLAYS_ON_MS = 6000;
/** From the last word to the first frame. */
const REPLY_MS = 10_000;
const MOST_TRIES = 3;
/** A board that falls silent and begins again does so within this; the words that interrupted, misunderstood, may be answered too. */
const AFTERWARDS_MS = 4000;

/** Somebody speaks into a long reply: the reply ends, and soon. */
export const bargeIn = check({
  name: 'conversation.bargein',
  group: 'conversation',
  needs: ['device', 'voice'],
  parameters: z.strictObject({
    attempts: z.number().int().min(1).max(50).default(3),
    /** Into the reply, from its first frame. */
    afterMs: z.number().min(200).max(20_000).default(1500),
    /** What is said into it; empty: a question in the board's language. */
    phrase: z.string().max(200).default(''),
    timeoutS: z.number().min(1).max(600).default(60),
  }),
  values: [
    { name: 'attempts', unit: 'count' },
    { name: 'interrupted', unit: 'count' },
    { name: 'missed', unit: 'count', limit: { max: 0 }, isTimed: true, next: 'hear-while-playing' },
    { name: 'stopMs', unit: 'ms' },
    // Before the whole: of it, what is the board's own.
    { name: 'residualMs', unit: 'ms', limit: { max: 1000 }, isTimed: true, isOptional: true, next: 'drop-buffer' },
    { name: 'slowestStopMs', unit: 'ms', limit: { max: 2500 }, isTimed: true, isOptional: true, next: 'slow-interruption' },
    { name: 'silenceBy' },
  ],
  nexts: ['hear-while-playing', 'drop-buffer', 'slow-interruption', 'check-engines'],
  async measure(bench, { attempts, afterMs, phrase, timeoutS }) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    if (bench.voice.speaker === 'none') return { skipped: 'no-speech-source' };
    if (bench.facts.get('duplex') === 'half') return { skipped: 'not-supported-by-board' };
    if ((await quietLine(bench, device, timeoutS * 1000)) === null) return { skipped: 'no-conversation' };
    const language = languageOf(bench, device);
    const story = longTurn[language];
    const cut = phrase === '' ? interruptingPhrase[language] : phrase;
    device.configure({
      settings: {
        turns: { interruption: 'duration', isHalfDuplex: false, aecWarmupMs: 0 },
        conversation: { isIdleDetected: false },
      },
      // Whatever was understood: what asks for the reply gets it, what cuts it short gets nothing more.
      script: { replies: [{ when: wholly(cut), say: '' }], otherwise: story.reply },
    });

    const evidence: CheckEvidence[] = [];
    const stops: number[] = [];
    const residuals: number[] = [];
    const sources = new Set<string>();
    const missed: Span[] = [];
    let interrupted = 0;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const beganUs = bench.clock.nowUs();
      /** This attempt and those after it, which are given up. */
      const rest = () => Array.from({ length: attempts - attempt }, (): Span => ({ fromUs: beganUs, toUs: bench.clock.nowUs() }));
      if ((await quietLine(bench, device, timeoutS * 1000)) === null) {
        missed.push(...rest());
        break;
      }
      const begun = await beginReply(bench, device, story.say);
      if (begun === 'nobody') return { person: 'nobody-there', evidence };
      if (begun === 'unanswered')
        return {
          values: known({ attempts, interrupted, missed: attempts - interrupted }),
          ...{ evidence, moments: { missed: [...missed, ...rest()] }, next: 'check-engines' },
        };
      await bench.sleep(afterMs);
      const said = await bench.voice.say(cut);
      if (said === null) return { person: 'nobody-there', evidence };
      const outcome = await becameOf(bench, device, begun, said);
      evidence.push(...outcome.evidence);
      if (outcome.isInterrupted) interrupted++;
      else missed.push(decisive({ turn: null, saidFromUs: said.startUs, saidToUs: said.endUs, overUs: bench.clock.nowUs() }));
      if (outcome.stopMs !== null) stops.push(outcome.stopMs);
      if (outcome.residualMs !== null) residuals.push(outcome.residualMs);
      if (outcome.source !== null) sources.add(outcome.source);
      if (device.conversationId() !== null) device.interrupt();
      bench.progress((attempt + 1) / attempts);
    }
    const values = {
      ...{ attempts, interrupted, missed: attempts - interrupted },
      ...{ stopMs: medianOf(stops), slowestStopMs: greatestOf(stops), residualMs: greatestOf(residuals) },
      silenceBy: sources.size === 0 ? null : [...sources].join(', '),
    };
    return { values: known(values), evidence, moments: { missed } };
  },
});

interface Reply {
  conversationId: string;
  turnId: number;
  sinceUs: number;
  firstFrameUs: number;
}

/** Asks for the long reply, until its first frame has gone out; again where it was not understood. */
async function beginReply(bench: Bench, device: BoardDevice, text: string): Promise<Reply | 'nobody' | 'unanswered'> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const sinceUs = bench.clock.nowUs();
    const said = await bench.voice.say(text);
    if (said === null) return 'nobody';
    const sent = await device.until('downlink.first-frame', { sinceUs: said.startUs, timeoutMs: REPLY_MS });
    if (sent !== null) return { conversationId: sent.conversationId, turnId: sent.turnId, sinceUs, firstFrameUs: sent.atUs };
  }
  return 'unanswered';
}

interface Outcome {
  isInterrupted: boolean;
  stopMs: number | null;
  /** Of it, what the board played on after the bench had stopped sending; null where the board does not say when it was silent. */
  residualMs: number | null;
  source: 'ear' | 'board' | 'estimate' | null;
  evidence: CheckEvidence[];
}

async function becameOf(
  bench: Bench,
  device: BoardDevice,
  reply: Reply,
  said: { pcm: Int16Array | null; startUs: number; endUs: number },
): Promise<Outcome> {
  const { conversationId, turnId, sinceUs } = reply;
  const isIt = (event: { conversationId: string; turnId: number }) => event.conversationId === conversationId && event.turnId === turnId;
  await device.until('turn.ended', { sinceUs, timeoutMs: 8000, accept: isIt });
  const turn = recordOf(device, { sinceUs, conversationId, turnId });
  const isInterrupted = turn?.outcome === 'interrupted';
  const evidence: CheckEvidence[] = turn === null ? [] : [turnEvidence(turn)];
  if (!isInterrupted) return { isInterrupted, stopMs: null, residualMs: null, source: null, evidence };
  const silent = await device.until('interruption.silent', { sinceUs, timeoutMs: PLAYS_ON_MS, accept: isIt });
  const stopped = device.events(sinceUs).find((event) => event.kind === 'interruption.server-stopped' && isIt(event));
  const onsetUs = onsetOf(device, reply, said);
  await bench.sleep(AFTERWARDS_MS);
  const next = device.events(onsetUs).find((event) => event.kind === 'downlink.first-frame' && !isIt(event));
  const heard = bench.voice.ear === 'board' ? await heardBetween(bench, reply.firstFrameUs, next?.atUs ?? bench.clock.nowUs()) : null;
  if (heard !== null) evidence.push(bench.keepSound('heard', heard.pcm));
  const heardSilentUs = heard === null ? null : silenceAfter(heard, onsetUs);
  const silentUs = heardSilentUs ?? silent?.atUs ?? null;
  const isTold = heardSilentUs !== null || (silent !== null && silent.source !== 'estimate');
  return {
    isInterrupted,
    stopMs: silentUs === null ? null : milliseconds(Math.max(0, silentUs - onsetUs)),
    residualMs: silentUs === null || stopped === undefined || !isTold ? null : milliseconds(Math.max(0, silentUs - stopped.atUs)),
    source: silentUs === null ? null : heardSilentUs !== null ? 'ear' : isTold ? 'board' : 'estimate',
    evidence,
  };
}

/** When the voice began: in what was played to the board where that is known, else as the bench heard it. */
function onsetOf(device: BoardDevice, reply: Reply, said: { pcm: Int16Array | null; startUs: number }): number {
  const span = said.pcm === null ? undefined : audibleSpan(said.pcm, { sampleRate: 16_000 });
  if (span !== undefined) return said.startUs + (span.start * 1_000_000) / 16_000;
  const onset = device
    .events(said.startUs)
    .find((event) => event.kind === 'interruption.onset' && isWithin(event, reply.conversationId) && event.turnId === reply.turnId);
  return onset?.atUs ?? said.startUs;
}

/** When the last that sounds after that instant ends; null where nothing does. */
export function silenceAfter(heard: Heard, atUs: number): number | null {
  const atMs = (atUs - heard.fromUs) / 1000;
  const last = soundSpans(millisecondPowers(heard.pcm, 16_000)).spans.findLast(({ toMs }) => toMs > atMs);
  return last === undefined ? null : heard.fromUs + last.toMs * 1000;
}
