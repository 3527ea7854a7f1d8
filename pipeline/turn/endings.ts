import type { TurnOutcome } from '../../preload/contract/events.ts';
import type { Telling } from './telling.ts';
import type { Turn } from './turn.ts';

/** Tells the board that what it was told has begun has ended. */
export function tellStopped(turn: Turn, telling: Telling, wasInterrupted: boolean): void {
  const { told } = turn;
  if (told.thinking) telling.message({ kind: 'bot-thinking-stopped' });
  if (told.speaking) telling.message({ kind: 'bot-stopped-speaking', wasInterrupted });
  if (told.voice) telling.message({ kind: 'bot-voice-stopped' });
  Object.assign(told, { thinking: false, speaking: false, voice: false });
}

/** Tells a turn's end with what was said and heard, and its metrics. */
export function tellEnd(turn: Turn, telling: Telling, outcome: TurnOutcome): void {
  const { id: turnId, userText } = turn;
  const { replyText } = turn.ledger;
  const heardText = turn.heardText ?? (turn.isAnswered || !turn.isSpoken ? replyText : '');
  telling.event({ kind: 'turn.ended', turnId, outcome, userText, replyText, heardText });
  const metrics = turn.productMetrics();
  if (Object.keys(metrics).length > 0) telling.message({ kind: 'metrics', metrics });
}

/** Tells that speech or a button cut the reply: the onset, unless the reply was held for it and it was told then, and the decision. */
export function tellInterrupted(
  { id: turnId, instants }: Turn,
  telling: Telling,
  { reason, onsetUs, nowUs }: { reason: string; onsetUs: number; nowUs: number },
): void {
  if (instants.interruptionOnsetUs === undefined) telling.event({ kind: 'interruption.onset', turnId }, onsetUs);
  instants.interruptionOnsetUs = onsetUs;
  instants.interruptionDecidedUs = nowUs;
  telling.event({ kind: 'interruption.decided', turnId, reason });
}
