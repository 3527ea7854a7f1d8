import { describe, expect, test } from 'vitest';
import { turnsOf } from '../../../../../main/core/analysis/turns.ts';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { sampleConversation } from '../../../../fakes/sample-conversation.ts';

const us = (value: number) => value as MonoUs;

describe('turns from events', () => {
  test('are what the sample conversation was made of', () => {
    const { events, turns: sampleTurns } = sampleConversation();
    const turns = turnsOf(events);
    expect(turns.map(({ turnId, initiator, outcome, userText }) => ({ turnId, initiator, outcome, userText }))).toEqual(
      sampleTurns.map(({ turnId, initiator, outcome, userText }) => ({ turnId, initiator, outcome, userText })),
    );
    expect(turns.map((turn) => turn.breakdown.totalUs)).toEqual(sampleTurns.map((turn) => turn.breakdown.totalUs));
  });

  test('take the speech that led to them, numbered or not', () => {
    const base = { conversationId: 'c' };
    const events: PipelineEvent[] = [
      { ...base, kind: 'user.speech-ended', atUs: us(100), mediaUs: 0, declaredUs: us(600) },
      { ...base, kind: 'stt.final', atUs: us(650), text: 'one', engine: 'x' },
      { ...base, kind: 'turn.started', atUs: us(700), turnId: 1, initiator: 'user-speech' },
      { ...base, kind: 'turn.committed', atUs: us(700), turnId: 1, reason: 'silence', text: 'one' },
      { ...base, kind: 'downlink.audible', atUs: us(1100), turnId: 1, source: 'device' },
      { ...base, kind: 'user.speech-ended', atUs: us(2000), mediaUs: 0, declaredUs: us(2500), turnId: 2 },
      { ...base, kind: 'turn.started', atUs: us(2100), turnId: 2, initiator: 'user-speech' },
      { ...base, kind: 'turn.committed', atUs: us(2600), turnId: 2, reason: 'silence', text: 'two' },
      { ...base, kind: 'downlink.audible', atUs: us(3000), turnId: 2, source: 'device' },
    ];
    expect(turnsOf(events).map((turn) => [turn.userText, turn.breakdown.totalUs])).toEqual([
      ['one', 1000],
      ['two', 1000],
    ]);
  });

  test('under way have no outcome, and a number that only speech carries is no turn yet', () => {
    const base = { conversationId: 'c' };
    expect(
      turnsOf([
        { ...base, kind: 'turn.started', atUs: us(0), turnId: 1, initiator: 'greeting' },
        { ...base, kind: 'llm.text', atUs: us(5), turnId: 1, text: 'Hel' },
        { ...base, kind: 'llm.text', atUs: us(6), turnId: 1, text: 'lo' },
        { ...base, kind: 'user.speech-started', atUs: us(9), mediaUs: 0, turnId: 2 },
      ]).map(({ turnId, outcome, replyText }) => ({ turnId, outcome, replyText })),
    ).toEqual([{ turnId: 1, outcome: null, replyText: 'Hello' }]);
  });

  test('take any number of partial transcripts', () => {
    const partial: PipelineEvent = { kind: 'stt.partial', conversationId: 'c', atUs: us(0), text: 'one' };
    const turns = turnsOf([
      ...Array.from({ length: 300_000 }, () => partial),
      { kind: 'turn.started', conversationId: 'c', atUs: us(1), turnId: 1, initiator: 'user-speech' },
      { kind: 'turn.committed', conversationId: 'c', atUs: us(1), turnId: 1, reason: 'silence', text: 'one' },
    ]);
    expect(turns.map(({ userText }) => userText)).toEqual(['one']);
  });

  test('have the beginning of a text without a natural end, and say that there is more', () => {
    const base = { conversationId: 'c', turnId: 1 };
    const most = 64 << 10;
    const started: PipelineEvent = { ...base, kind: 'turn.started', atUs: us(0), initiator: 'user-speech' };
    const textsOf = (heardText: string) => {
      const texts = { userText: '字'.repeat(most), replyText: `${'x'.repeat(most - 1001)}😀${'y'.repeat(2e6)}`, heardText };
      const [turn] = turnsOf([started, { ...base, kind: 'turn.ended', atUs: us(1), outcome: 'completed', ...texts }]);
      return turn;
    };
    const turn = textsOf(`${'x'.repeat(most - 1001)}😀${'y'.repeat(1000)}`);
    expect(turn?.userText).toBe('字'.repeat(most));
    expect(turn?.replyText).toMatch(/^x{64535}… \[.*\]$/);
    // Heard as far as is told of it.
    expect(turn?.heardText).toBe(turn?.replyText);
    const pieces = Array.from({ length: 3 }, (): PipelineEvent => ({ ...base, kind: 'llm.text', atUs: us(1), text: 'x'.repeat(400_000) }));
    expect(turnsOf([started, ...pieces])[0]?.replyText.length).toBeLessThan(most + 100);
  });

  test.each(['one two ', 'x'.repeat(8), '字'])('cut after “%s”, a text has no word in halves: one may be a key', (before) => {
    const base = { conversationId: 'c', turnId: 1 };
    const key = 'SECRETKEY0123456789abcdefghijkl';
    const head = before
      .repeat(65_536)
      .slice(0, 65_536 - 25)
      .replace(/\S$/, (last) => (before.endsWith(' ') ? ' ' : last));
    const [turn] = turnsOf([
      { ...base, kind: 'turn.started', atUs: us(0), initiator: 'user-speech' },
      { ...base, kind: 'turn.ended', atUs: us(1), outcome: 'completed', userText: `${head}${key} more`, replyText: '', heardText: '' },
    ]);
    expect(turn?.userText).toMatch(/… \[.*\]$/);
    expect(turn?.userText).not.toContain('SEC');
    expect(head.startsWith(turn?.userText.replace(/… \[.*\]$/, '') ?? '-')).toBe(true);
    expect(turn?.userText.length).toBeGreaterThan(before.endsWith(' ') ? 65_500 : 64_500);
  });
});
