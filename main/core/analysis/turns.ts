import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { TurnRecord } from '../../../preload/contract/sessions.ts';
import { breakdownOf } from './breakdown.ts';

type ToolCallRecord = TurnRecord['toolCalls'][number];

/** Events that change what is known of a turn; the rest only add detail to it. */
export const turnMilestones: ReadonlySet<PipelineEvent['kind']> = new Set([
  'turn.started',
  'turn.committed',
  'turn.ended',
  'tool.call',
  'tool.result',
  'downlink.first-frame',
  'downlink.audible',
  'downlink.underrun',
  'interruption.decided',
  'interruption.server-stopped',
  'interruption.silent',
]);

/** Of each text of a turn, hours of speech: the thread that records puts it into the index of the search in one go. */
const TEXT_CHARACTERS = 64 << 10;
/** Before the cut, where a word that it would halve begins: half of a key is found by nobody who takes keys out of exports. */
const WORD_CHARACTERS = 1000;
/** The same after every text: what was heard of a reply is told from where it is as the reply is. */
const CUT = '… [too long for a turn: its events have the rest]';

/**
 * The turns of one conversation, in order, from its events in the order they happened. What the user said may have been
 * recorded before the turn it led to had a number: such speech belongs to the next turn that commits.
 */
export function turnsOf(events: readonly PipelineEvent[]): TurnRecord[] {
  return [...eventsByTurn(events)].flatMap(([turnId, own]) => turnRecord(turnId, own) ?? []);
}

/** Each turn's own events with the speech that led to it, by turn number. */
export function eventsByTurn(events: readonly PipelineEvent[]): Map<number, PipelineEvent[]> {
  const byTurn = new Map<number, PipelineEvent[]>();
  let unclaimed: PipelineEvent[] = [];
  for (const event of events) {
    const turnId = 'turnId' in event ? event.turnId : undefined;
    if (turnId === undefined) {
      if (isUserSpeech(event)) unclaimed.push(event);
      continue;
    }
    const own = byTurn.get(turnId) ?? [];
    byTurn.set(turnId, own);
    if (event.kind === 'turn.committed') {
      // One at a time: a conversation in which nothing is committed may have a hundred thousand of them.
      for (const speech of unclaimed) own.push(speech);
      unclaimed = [];
    }
    own.push(event);
  }
  return new Map([...byTurn].sort(([a], [b]) => a - b));
}

function isUserSpeech(event: PipelineEvent): boolean {
  return event.kind.startsWith('user.') || event.kind.startsWith('stt.');
}

/** Undefined for a number that only speech carries yet: there is no turn before it has started. */
function turnRecord(turnId: number, events: readonly PipelineEvent[]): TurnRecord | undefined {
  const started = events.find((event) => event.kind === 'turn.started');
  if (started === undefined) return undefined;
  const committed = events.find((event) => event.kind === 'turn.committed');
  const ended = events.findLast((event) => event.kind === 'turn.ended');
  return {
    conversationId: started.conversationId,
    turnId,
    initiator: started.initiator,
    outcome: ended?.outcome ?? null,
    startedUs: started.atUs,
    endedUs: ended?.atUs ?? null,
    userText: shortened(ended?.userText ?? committed?.text ?? ''),
    replyText: shortened(ended?.replyText ?? events.flatMap((event) => (event.kind === 'llm.text' ? event.text : [])).join('')),
    heardText: shortened(ended?.heardText ?? ''),
    toolCalls: toolCallsOf(events),
    breakdown: breakdownOf({ initiator: started.initiator, events }),
  };
}

function shortened(text: string): string {
  if (text.length <= TEXT_CHARACTERS) return text;
  const kept = text.slice(0, TEXT_CHARACTERS);
  const word = kept.slice(-WORD_CHARACTERS).search(/\s\S*$/);
  // Half of a surrogate pair would be a character of its own.
  return kept.slice(0, Math.max(word, 0) - WORD_CHARACTERS).replace(/[\ud800-\udbff]$/, '') + CUT;
}

function toolCallsOf(events: readonly PipelineEvent[]): ToolCallRecord[] {
  const calls = new Map<string, ToolCallRecord>();
  for (const event of events) {
    if (event.kind === 'tool.call') {
      const { callId, name, atUs } = event;
      calls.set(callId, { callId, name, arguments: event.arguments, isOk: null, result: null, atUs, elapsedUs: null });
    } else if (event.kind === 'tool.result') {
      const call = calls.get(event.callId);
      if (call) Object.assign(call, { isOk: event.isOk, result: event.result, elapsedUs: event.elapsedUs });
    }
  }
  return [...calls.values()];
}
