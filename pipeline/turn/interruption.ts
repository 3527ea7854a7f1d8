import type { Settings } from '../../preload/contract/settings.ts';
import type { ReplyPhase } from './listening.ts';
import { countWords, isBackchannel, isFiller, isStopCommand, withoutFillers } from './words.ts';

export interface InterruptionPolicy {
  /** Of the phase asked for. */
  mode: Settings['turns']['interruption'];
  /** Speech that interrupts by its length alone, ms. */
  durationMs: number;
  /** Words, Han characters counted one each, that a recognised text needs to interrupt. */
  minimumWords: number;
  /** Listener's signals besides the built-in ones. */
  backchannels: readonly string[];
  isHalfDuplex: boolean;
  isGreetingProtected: boolean;
  /** No interruption by voice for so long after the first sample of the first reply, ms. */
  aecWarmupMs: number;
  /** A reply held for speech that came to nothing goes on after so much silence, ms. */
  falseTimeoutMs: number;
}

/** The policy in force while the agent thinks, or else while it speaks. */
export function interruptionPolicy(turns: Settings['turns'], phase: ReplyPhase = 'speaking'): InterruptionPolicy {
  const own = phase === 'thinking' && turns.interruptionWhileThinking !== 'same' ? turns.interruptionWhileThinking : undefined;
  return {
    mode: own ?? turns.interruption,
    durationMs: turns.interruptionMs,
    minimumWords: turns.interruptionMinimumWords,
    backchannels: turns.backchannels,
    // Nothing plays while the agent thinks: with a policy of its own even a board without echo cancellation is heard.
    isHalfDuplex: turns.isHalfDuplex && own === undefined,
    isGreetingProtected: turns.isGreetingProtected,
    aecWarmupMs: turns.aecWarmupMs,
    falseTimeoutMs: turns.falseInterruptionTimeoutMs,
  };
}

/** What is spoken into. */
export interface ReplyStanding {
  nowUs: number;
  /** First frame of the conversation's first reply; undefined before it. */
  firstAudibleUs: number | undefined;
  isGreeting: boolean;
}

/** Whether speech during a reply may interrupt it at all. */
export function mayInterrupt(policy: InterruptionPolicy, { nowUs, firstAudibleUs, isGreeting }: ReplyStanding): boolean {
  if (policy.mode === 'off' || policy.mode === 'manual' || policy.isHalfDuplex) return false;
  if (isGreeting && policy.isGreetingProtected) return false;
  return firstAudibleUs === undefined || nowUs - firstAudibleUs >= policy.aecWarmupMs * 1000;
}

export type Verdict = { kind: 'interrupt' | 'resume'; reason: string } | { kind: 'wait' };

/** What is known of speech that began during a reply. `text` is the latest transcript, undefined while there is none. */
export interface Evidence {
  speechMs: number;
  text: string | undefined;
  /** The transcript is final: nothing more will be learnt. */
  isFinal: boolean;
  /** How complete the text sounds, 0..1, where it was judged. */
  completeness?: number | undefined;
}

const wait: Verdict = { kind: 'wait' };
/** Words that are a sentence in the making, whatever is still missing of it. */
const WORDS_OF_A_SENTENCE = 4;

/** Pause first, then decide: the reply is already held while this is asked. */
export function judge(policy: InterruptionPolicy, evidence: Evidence): Verdict {
  const { speechMs, isFinal } = evidence;
  const text = evidence.text?.trim() ?? '';
  const resume = (reason: string): Verdict => (isFinal ? { kind: 'resume', reason } : wait);
  if (policy.mode === 'off' || policy.mode === 'manual') return resume('not-interruptible');
  if (isStopCommand(text)) return { kind: 'interrupt', reason: 'command' };
  if (isBackchannel(text, policy.backchannels)) return resume('backchannel');
  if (isFiller(text)) return resume('filler');
  const words = countWords(withoutFillers(text));
  const hasWords = words >= Math.max(1, policy.minimumWords);
  if (isFinal) {
    if (text === '') return resume('nothing-recognised');
    return hasWords ? { kind: 'interrupt', reason: 'words' } : resume('too-few-words');
  }
  if (policy.mode === 'semantic') {
    const isMeant = words >= WORDS_OF_A_SENTENCE || (evidence.completeness ?? 0) >= 0.5;
    return hasWords && isMeant ? { kind: 'interrupt', reason: 'semantic' } : wait;
  }
  if (speechMs < policy.durationMs) return wait;
  // More than one word is asked for: sound alone does not tell how many there are.
  if (text === '' ? policy.minimumWords > 1 : !hasWords) return wait;
  return { kind: 'interrupt', reason: 'duration' };
}
