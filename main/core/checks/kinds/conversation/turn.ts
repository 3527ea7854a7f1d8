import { audibleSpan } from '../../../../../pipeline/audio/levels.ts';
import type { CheckEvidence } from '../../../../../preload/contract/checks.ts';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { TurnRecord } from '../../../../../preload/contract/sessions.ts';
import { isTalkError } from '../../../../../preload/contract/talk-error.ts';
import { turnsOf } from '../../../analysis/turns.ts';
import type { Bench, BoardDevice } from '../../bench.ts';
import { isWithin } from './line.ts';

const SAMPLE_RATE = 16_000;
/** From the end of what was said until the bench has noticed that somebody spoke. */
const NOTICED_MS = 5000;
/** The board's speaker may be that much later than the bench thinks. */
const PLAYS_ON_US = 600_000;

export interface HeldTurn {
  /** When it was said; null: nobody was there to say it. */
  said: { pcm: Int16Array | null; startUs: number; endUs: number } | null;
  /** What became of it; null: the bench noticed nothing, or it never ended. */
  turn: TurnRecord | null;
}

/** The text said to the board, and the turn it led to: waited for until its answer has been played. */
export async function holdTurn(bench: Bench, device: BoardDevice, text: string, timeoutMs: number): Promise<HeldTurn> {
  const sinceUs = bench.clock.nowUs();
  const said = await bench.voice.say(text);
  if (said === null) return { said: null, turn: null };
  // A person says when it is done, which may be long after the answer.
  const endUs = said.pcm === null ? sinceUs : said.endUs;
  return { said, turn: await turnSince(device, { sinceUs, endUs, timeoutMs, initiator: 'user-speech' }) };
}

/** The same without a voice: the text as if it had been understood. Null too where the connection has just ended. */
export async function holdTextTurn(bench: Bench, device: BoardDevice, text: string, timeoutMs: number): Promise<TurnRecord | null> {
  const sinceUs = bench.clock.nowUs();
  try {
    device.text(text);
  } catch (error) {
    if (!isTalkError(error, 'not-found')) throw error;
    return null;
  }
  return turnSince(device, { sinceUs, endUs: sinceUs, timeoutMs, initiator: 'injected' });
}

interface Wanted {
  sinceUs: number;
  /** What was said before the whole of it had been is not the turn that answers it. */
  endUs: number;
  timeoutMs: number;
  initiator: TurnRecord['initiator'];
}

async function turnSince(device: BoardDevice, wanted: Wanted): Promise<TurnRecord | null> {
  const { sinceUs, endUs, timeoutMs, initiator } = wanted;
  const isOne = (event: PipelineEvent) => event.kind === 'turn.started' && event.initiator === initiator;
  const begun = await device.until('turn.started', { sinceUs, timeoutMs: NOTICED_MS, accept: isOne });
  if (begun === null) return null;
  const isBegun = ({ conversationId, turnId }: { conversationId: string; turnId: number }) =>
    device.events(sinceUs).some((event) => isOne(event) && isWithin(event, conversationId) && 'turnId' in event && event.turnId === turnId);
  const ended = await device.until('turn.ended', { sinceUs: endUs, timeoutMs, accept: isBegun });
  const { conversationId, turnId } = ended ?? begun;
  return recordOf(device, { sinceUs, conversationId, turnId });
}

/** What is known of a turn by now. */
export function recordOf(
  device: BoardDevice,
  { sinceUs, conversationId, turnId }: { sinceUs: number; conversationId: string; turnId: number },
): TurnRecord | null {
  const own = device.events(sinceUs).filter((event) => isWithin(event, conversationId));
  return turnsOf(own).find((turn) => turn.turnId === turnId) ?? null;
}

export function isAnswered(turn: TurnRecord | null): turn is TurnRecord {
  return turn !== null && (turn.outcome === 'completed' || turn.outcome === 'interrupted');
}

/** Noticed, and nothing made of it: a matter of hearing, not of answering. */
export function isUnderstood(turn: Pick<TurnRecord, 'userText'>): boolean {
  return turn.userText !== '';
}

export function turnEvidence(turn: TurnRecord): CheckEvidence {
  const { conversationId, turnId, userText, replyText } = turn;
  return { kind: 'turn', conversationId, turnId, userText, replyText };
}

/** A stretch of what the board's speaker gave, and where in it the first sound is. */
export interface Heard {
  pcm: Int16Array;
  fromUs: number;
  /** Null: nothing audible in it. */
  firstUs: number | null;
}

/** What the ear heard from one instant to another; null without an ear. */
export async function heardBetween(bench: Bench, fromUs: number, toUs: number): Promise<Heard | null> {
  const heard = bench.voice.ear === 'none' ? null : await bench.voice.heard(fromUs);
  if (heard === null) return null;
  const at = (us: number) => Math.max(0, Math.round(((us - heard.fromUs) * SAMPLE_RATE) / 1_000_000));
  const pcm = heard.pcm.subarray(at(fromUs), at(toUs));
  const startUs = heard.fromUs + (at(fromUs) * 1_000_000) / SAMPLE_RATE;
  const span = audibleSpan(pcm, { sampleRate: SAMPLE_RATE });
  return { pcm, fromUs: startUs, firstUs: span === undefined ? null : startUs + (span.start * 1_000_000) / SAMPLE_RATE };
}

/** Whether a turn's reply came out of the board's speaker: by the ear, else as the board said. Null: nobody can tell. */
export async function wasHeard(bench: Bench, turn: TurnRecord, afterUs: number): Promise<{ isHeard: boolean | null; heard: Heard | null }> {
  const heard = await heardBetween(bench, afterUs, (turn.endedUs ?? bench.clock.nowUs()) + PLAYS_ON_US);
  if (heard !== null) return { isHeard: heard.firstUs !== null, heard };
  const { audibleSource } = turn.breakdown;
  return { isHeard: audibleSource === 'device' || audibleSource === 'echo' ? true : null, heard: null };
}
