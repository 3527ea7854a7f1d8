import { describe, expect, test } from 'vitest';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import { meterHeight } from '../../../../../renderer/features/talk/levels.ts';
import { shownState } from '../../../../../renderer/features/talk/shown-state.ts';
import { emptyTranscript, foldEvent, joinTranscripts, type Transcript } from '../../../../../renderer/features/talk/transcript.ts';

type Bare<Event> = Event extends PipelineEvent ? Omit<Event, 'atUs' | 'conversationId'> : never;

function fold(events: readonly Bare<PipelineEvent>[], from: Transcript = emptyTranscript, atUs = 0): Transcript {
  return events.map((event, index) => ({ ...event, atUs: atUs + index, conversationId: 'c' }) as PipelineEvent).reduce(foldEvent, from);
}

const ended = { kind: 'turn.ended', turnId: 1, outcome: 'completed', userText: 'hi', replyText: 'Hello.', heardText: 'Hello.' } as const;
const failure = {
  kind: 'engine.error',
  turnId: 2,
  stage: 'llm',
  error: { code: 'engine/timeout', data: { stage: 'llm', engine: 'x', timeoutMs: 3000 }, retryable: true },
  productCode: 30200,
  requestId: 'r-1',
  isBlocking: true,
} as const;

describe('a transcript', () => {
  test('shows what the model writes before it is said, and its thoughts apart', () => {
    const { turns } = fold([
      { kind: 'turn.started', turnId: 1, initiator: 'user-speech' },
      { kind: 'llm.reasoning', turnId: 1, text: 'Greet ' },
      { kind: 'llm.reasoning', turnId: 1, text: 'back.' },
      { kind: 'llm.text', turnId: 1, text: 'Hello. ' },
      { kind: 'llm.text', turnId: 1, text: 'How are you?' },
      { kind: 'downlink.sentence-started', turnId: 1, sentence: 0, text: 'Hello.' },
    ]);
    expect(turns[0]).toMatchObject({
      reasoning: 'Greet back.',
      generatedText: 'Hello. How are you?',
      replyText: 'Hello.',
      heardText: null,
    });
  });

  test('keeps an error with all that a report quotes, once however often it is read', () => {
    const once = fold([ended, failure]);
    const twice = fold([failure], once, 999);
    expect(twice.notices).toEqual(once.notices);
    expect(once.notices).toMatchObject([
      { kind: 'error', afterTurn: 2, turnId: 2, productCode: 30200, requestId: 'r-1', isBlocking: true },
    ]);
  });

  test('a reminder stands after the turn it followed', () => {
    const { notices } = fold([ended, { kind: 'conversation.idle', retry: 1, text: 'Still there?' }]);
    expect(notices).toMatchObject([{ kind: 'idle', retry: 1, afterTurn: 1, turnId: null }]);
  });

  test('a history read late neither doubles nor shortens what is live', () => {
    const history = fold(
      [ended, { kind: 'llm.text', turnId: 2, text: 'It is ' }, { kind: 'conversation.idle', retry: 1, text: '' }],
      undefined,
      50,
    );
    const live = fold([
      { kind: 'turn.state', state: 'speaking', turnId: 2 },
      { kind: 'llm.text', turnId: 2, text: 'It is noon.' },
    ]);
    const joined = joinTranscripts(history, live);
    expect(joined.turns.map(({ turnId, generatedText }) => [turnId, generatedText])).toEqual([
      [1, ''],
      [2, 'It is noon.'],
    ]);
    expect(joined.notices).toHaveLength(1);
    expect(joined.state).toBe('speaking');
  });
});

describe('the state at a glance', () => {
  test('an interrupted reply is said until the next turn begins', () => {
    const interrupted = fold([
      { ...ended, outcome: 'interrupted' },
      { kind: 'turn.state', state: 'listening' },
    ]);
    expect(shownState(interrupted, 'listening')).toBe('interrupted');
    expect(shownState(fold([{ kind: 'turn.started', turnId: 2, initiator: 'user-speech' }], interrupted), 'listening')).toBe('listening');
  });

  test('a closed conversation is over whatever it said last', () => {
    expect(shownState(fold([{ kind: 'turn.state', state: 'speaking' }]), 'closed')).toBe('closed');
  });
});

test('a meter is empty in silence, full at full scale, and in decibels between', () => {
  expect([0, 0.0001, 1].map(meterHeight)).toEqual([0, 0, 1]);
  expect(meterHeight(0.1)).toBeCloseTo(2 / 3);
});
