import type { SoundOverlap, SoundTurn } from '../../../preload/contract/latency.ts';
import { merged, type SoundSpan } from './sound-spans.ts';

/** Pauses within one utterance: Full-Duplex-Bench's constants (reference/voice.md §2.4). */
const USER_PAUSE_MS = 600;
const AGENT_PAUSE_MS = 500;
/** An agent that falls silent this soon after the interrupting words was still stopped by them. */
const STOP_WITHIN_MS = 1500;

/** The user's utterances and the agent's, in order. */
export function utterancesOf(tracks: { user: readonly SoundSpan[]; agent: readonly SoundSpan[] }) {
  return { user: merged(tracks.user, USER_PAUSE_MS), agent: merged(tracks.agent, AGENT_PAUSE_MS) };
}

/**
 * Who spoke when, from sound alone: each utterance of the user and the agent's that answered it. An agent that begins before the
 * user has ended answers with a negative gap; one that spoke already when the user began is what was spoken into, no answer, and one
 * that fell silent before the user had ended was an interjection. What the agent says without being asked (a greeting) is no turn.
 */
export function soundTurns(user: readonly SoundSpan[], agent: readonly SoundSpan[]): SoundTurn[] {
  let nextReply = 0;
  return user.map(({ fromMs, toMs }, i) => {
    const untilMs = user[i + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
    for (let next = agent[nextReply]; next !== undefined && (next.fromMs <= fromMs || next.toMs <= toMs); ) next = agent[++nextReply];
    const reply = agent[nextReply];
    const answer = reply !== undefined && reply.fromMs < untilMs ? reply : undefined;
    return {
      userFromMs: fromMs,
      userToMs: toMs,
      agentFromMs: answer?.fromMs ?? null,
      agentToMs: answer?.toMs ?? null,
      gapMs: answer === undefined ? null : answer.fromMs - toMs,
    };
  });
}

/** Where the user began to speak into the agent's words, and how long it took the agent to fall silent. */
export function soundOverlaps(user: readonly SoundSpan[], agent: readonly SoundSpan[]): SoundOverlap[] {
  return user.flatMap(({ fromMs, toMs }) => {
    const spokenInto = agent.find((span) => span.fromMs < fromMs && fromMs < span.toMs);
    if (spokenInto === undefined) return [];
    const isStopped = spokenInto.toMs <= toMs + STOP_WITHIN_MS;
    return {
      atMs: fromMs,
      overlapMs: Math.min(toMs, spokenInto.toMs) - fromMs,
      stopMs: isStopped ? spokenInto.toMs - fromMs : null,
    };
  });
}
