import type { Settings } from '../../preload/contract/settings.ts';
import { countWords, isBackchannel } from './words.ts';

export interface InterruptionPolicy {
  mode: Settings['turns']['interruption'];
  /** Speech that interrupts by its length alone, ms. */
  durationMs: number;
  /** Words, Han characters counted one each, that a recognised text needs to interrupt. */
  minimumWords: number;
  isHalfDuplex: boolean;
  /** No interruption by voice for so long after the first sample of the first reply, ms. */
  aecWarmupMs: number;
  /** A reply held for speech that came to nothing goes on after so much silence, ms. */
  falseTimeoutMs: number;
}

export function interruptionPolicy(turns: Settings['turns']): InterruptionPolicy {
  return {
    mode: turns.interruption,
    durationMs: turns.interruptionMs,
    minimumWords: 1,
    isHalfDuplex: turns.isHalfDuplex,
    aecWarmupMs: turns.aecWarmupMs,
    falseTimeoutMs: turns.falseInterruptionTimeoutMs,
  };
}

/** Whether speech during a reply may interrupt it at all. `firstAudibleUs`: first frame of the conversation's first reply. */
export function mayInterrupt(policy: InterruptionPolicy, nowUs: number, firstAudibleUs: number | undefined): boolean {
  if (policy.mode !== 'duration' || policy.isHalfDuplex) return false;
  return firstAudibleUs === undefined || nowUs - firstAudibleUs >= policy.aecWarmupMs * 1000;
}

export type Verdict = { kind: 'interrupt' | 'resume'; reason: string } | { kind: 'wait' };

/** What is known of speech that began during a reply. `text` is the latest transcript, undefined while there is none. */
export interface Evidence {
  speechMs: number;
  text: string | undefined;
  /** The transcript is final: nothing more will be learnt. */
  isFinal: boolean;
}

const wait: Verdict = { kind: 'wait' };

/** Pause first, then decide: the reply is already held while this is asked. */
export function judge(policy: InterruptionPolicy, { speechMs, text, isFinal }: Evidence): Verdict {
  const hasText = text !== undefined && text.trim() !== '';
  if (hasText && isBackchannel(text)) return isFinal ? { kind: 'resume', reason: 'backchannel' } : wait;
  if (isFinal) {
    if (!hasText) return { kind: 'resume', reason: 'nothing-recognised' };
    return countWords(text) >= policy.minimumWords ? { kind: 'interrupt', reason: 'words' } : { kind: 'resume', reason: 'too-few-words' };
  }
  if (speechMs < policy.durationMs) return wait;
  if (hasText && countWords(text) < policy.minimumWords) return wait;
  return { kind: 'interrupt', reason: 'duration' };
}
