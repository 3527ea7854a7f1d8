import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { SoundCheckTurn } from '../../../preload/contract/latency.ts';
import { instantsOf } from './breakdown.ts';
import type { SoundSpan } from './sound-spans.ts';
import { eventsByTurn } from './turns.ts';

/** Events of a conversation that the check reads. */
export const checkedKinds = [
  'turn.started',
  'turn.committed',
  'turn.preempted',
  'user.speech-ended',
  'llm.request',
  'llm.done',
  'tts.request',
  'tts.first-audio',
  'downlink.first-frame',
] as const;

/** Sound this much before the first frame was handed over is still its own: placing is good to a packet's jitter. */
const EARLY_MS = 50;
/** A reply that does not sound within this of its first frame is not there. */
const REPLY_WITHIN_MS = 3000;
/** Sound that ended this long before the events' speech end was another utterance. */
const SPEECH_WITHIN_MS = 3000;

/**
 * The recorded tracks beside the events, turn by turn. The events say only which turn is meant: the reply's start is the first sound
 * from its first frame on, the speech's end the user's last sound before it (or the end of what is still being said then), both from
 * the tracks alone. The downlink's track is placed where it was sent, so the reply's start is S0 and the leading silence after it,
 * and what the way to the speaker took is in neither number.
 *
 * `spans` in ms of the session, as the events' instants are in µs of it; of what comes after `untilMs` the tracks were not looked at.
 */
export function checkTurns(
  events: readonly PipelineEvent[],
  spans: { user: readonly SoundSpan[]; agent: readonly SoundSpan[]; untilMs: number },
  toleranceMs: number,
): SoundCheckTurn[] {
  return [...eventsByTurn(events)].flatMap(([turnId, own]) => {
    const started = own.find((event) => event.kind === 'turn.started');
    if (started?.initiator !== 'user-speech') return [];
    const { u1, s0, leadSilenceUs } = instantsOf({ initiator: started.initiator, events: own });
    if (u1 === undefined || s0 === undefined || leadSilenceUs === undefined) return [unknown(turnId, 'no-instants')];
    if (s0 / 1000 + REPLY_WITHIN_MS > spans.untilMs && replyStart(spans.agent, s0 / 1000) === null) return [unknown(turnId, 'no-instants')];
    const told = { speechEndMs: u1 / 1000, replyStartMs: (s0 + leadSilenceUs) / 1000 };
    const replyStartMs = replyStart(spans.agent, s0 / 1000);
    if (replyStartMs === null) return [unknown(turnId, 'no-reply-heard')];
    const speechEndMs = speechEnd(spans.user, replyStartMs, told.speechEndMs);
    if (speechEndMs === null) return [unknown(turnId, 'no-speech-heard')];
    const [eventsMs, soundMs] = [told.replyStartMs - told.speechEndMs, replyStartMs - speechEndMs];
    const differenceMs = soundMs - eventsMs;
    return [
      {
        turnId,
        eventsMs,
        soundMs,
        differenceMs,
        speechEndDifferenceMs: speechEndMs - told.speechEndMs,
        replyStartDifferenceMs: replyStartMs - told.replyStartMs,
        verdict: Math.abs(differenceMs) <= toleranceMs ? 'agrees' : 'differs',
      },
    ];
  });
}

function replyStart(agent: readonly SoundSpan[], firstFrameMs: number): number | null {
  const reply = agent.find(({ fromMs }) => fromMs >= firstFrameMs - EARLY_MS);
  return reply === undefined || reply.fromMs > firstFrameMs + REPLY_WITHIN_MS ? null : reply.fromMs;
}

function speechEnd(user: readonly SoundSpan[], replyStartMs: number, toldMs: number): number | null {
  const last = user.findLast(({ fromMs }) => fromMs < replyStartMs);
  return last === undefined || last.toMs < toldMs - SPEECH_WITHIN_MS ? null : last.toMs;
}

function unknown(turnId: number, verdict: SoundCheckTurn['verdict']): SoundCheckTurn {
  const nothing = { eventsMs: null, soundMs: null, differenceMs: null, speechEndDifferenceMs: null, replyStartDifferenceMs: null };
  return { turnId, ...nothing, verdict };
}
