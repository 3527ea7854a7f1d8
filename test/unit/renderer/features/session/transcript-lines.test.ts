import { describe, expect, test } from 'vitest';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { lineAt, lineKinds, linesOf } from '../../../../../renderer/features/session/transcript/lines.ts';
import { sampleConversation } from '../../../../fakes/sample-conversation.ts';

const sample = sampleConversation();
const numbered = (events: readonly PipelineEvent[]) =>
  events.map((event, ordinal) => ({ event, ordinal })).filter(({ event }) => lineKinds.includes(event.kind));
const all = linesOf(sample.turns, numbered(sample.events));
const lines = all.filter((line) => line.kind !== 'event');

describe('a transcript', () => {
  test('has what was said in the order of its saying, tools between', () => {
    expect(lines.map((line) => line.kind)).toEqual(['agent', 'user', 'agent', 'user', 'tool', 'agent', 'user', 'agent']);
    expect(lines.every((line, index) => line.fromUs >= (lines[index - 1]?.fromUs ?? 0))).toBe(true);
  });

  test('stands where it sounds: a user’s line over the speech, an agent’s from its first sentence on', () => {
    const spoken = lines.filter((line) => line.kind === 'user');
    expect(spoken.map((line) => [line.fromUs, line.toUs])).toEqual(sample.userSpans.slice(0, 3)); // the fourth only cut the reply
    const answer = lines.find((line) => line.kind === 'agent' && line.turn.turnId === 2);
    const sentence = sample.events.find((event) => event.kind === 'downlink.sentence-started' && event.turnId === 2);
    expect(answer?.fromUs).toBe(sentence?.atUs);
    expect(answer?.toUs).toBeGreaterThan((answer?.fromUs ?? 0) + 1_000_000);
  });

  test('tells what was heard of a reply that was cut, and what never was', () => {
    const cut = lines.at(-1);
    const turn = sample.turns.at(-1);
    expect(cut).toMatchObject({ kind: 'agent', heard: turn?.heardText });
    expect(cut?.kind === 'agent' && `${cut.heard}${cut.unheard}`).toBe(turn?.replyText);
    expect(cut?.kind === 'agent' && cut.unheard.length).toBeGreaterThan(5);
  });

  test('has times without any events', () => {
    const bare = linesOf(sample.turns, []);
    expect(bare.map((line) => line.kind).sort()).toEqual(lines.map((line) => line.kind).sort());
    for (const line of bare) expect(line.toUs).toBeGreaterThanOrEqual(line.fromUs);
  });

  test('shows what went wrong where it did', () => {
    const atUs = 20_000_000 as MonoUs;
    const failure: PipelineEvent = {
      ...{ kind: 'engine.error', atUs, conversationId: 'c', stage: 'llm', turnId: 3 },
      error: { code: 'timeout', data: { operation: 'x', timeoutMs: 1 }, retryable: false },
    };
    const lost: PipelineEvent = { kind: 'dropped', atUs: 1 as MonoUs, what: 'frames', count: 3 };
    const found = linesOf(sample.turns, [
      { ordinal: 7, event: lost },
      { ordinal: 99, event: failure },
    ]);
    expect(all.at(-1)).toMatchObject({ kind: 'event', event: { kind: 'conversation.closed' } });
    expect(found[0]).toMatchObject({ kind: 'event', ordinal: 7 });
    expect(found.filter((line) => line.fromUs === atUs)).toMatchObject([{ kind: 'event', ordinal: 99, event: { stage: 'llm' } }]);
  });

  test('knows which line is being said, and that between two there is none', () => {
    for (const line of lines) if (line.kind === 'user') expect(lineAt(lines, line.fromUs)).toBe(line);
    const question = lines[1];
    expect(lineAt(lines, (question?.toUs ?? 0) + 1000)).toBeNull();
    expect(lineAt(lines, 0)).toBeNull();
    expect(lineAt([], 5)).toBeNull();
  });
});
