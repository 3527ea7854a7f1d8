import { expect, test } from 'vitest';
import { createDemo, type DemoDeps } from '../../../../main/core/demo.ts';
import { Topic } from '../../../../main/core/endpoint/topic.ts';
import type { PipelineEvent } from '../../../../preload/contract/events.ts';

const conversationId = 'c1';

/** All that the demonstration is run on, at once; `answers` is what comes of each time the board has spoken. */
function bench(answers: readonly (readonly object[])[]) {
  const events = new Topic<null, PipelineEvent>({ snapshot: () => null });
  const tell = (list: readonly object[]) =>
    queueMicrotask(() => {
      for (const event of list) events.publish(event as PipelineEvent);
    });
  let spoken = 0;
  const running = new Topic({ snapshot: () => [] });
  const deps = {
    boards: {
      list: () => [{ name: 'first-board', state: 'running' }],
      start: async () => {},
      stop: async () => {},
      streams: { 'boards.state': () => ({ topic: running }) },
      calls: { 'boards.speak': async () => tell(answers[spoken++] ?? []) },
    },
    ports: { handlers: { 'ports.open': async () => {} } },
    flash: {
      run: async () =>
        tell([
          { kind: 'conversation.opened', conversationId, deviceName: 'first-board' },
          { kind: 'turn.ended', conversationId, turnId: 1, outcome: 'completed' },
        ]),
    },
    recorder: { ensureSession: () => ({ id: 's1' }), stop: async () => {} },
    conversations: { streams: { 'pipeline.events': () => ({ topic: events }) } },
    warmUp: async () => {},
  } as unknown as DemoDeps;
  return { run: () => Promise.resolve(createDemo(deps).calls['demo.run']({ language: 'en' }, {} as never)), spoken: () => spoken };
}

const committed = { kind: 'turn.committed', conversationId, turnId: 2 };
const answered = [committed, { kind: 'turn.ended', conversationId, turnId: 2, outcome: 'completed' }];
const late = (code: string) => [
  { kind: 'engine.error', conversationId, turnId: 2, error: { code, data: { stage: 'stt' }, retryable: true } },
];

test('a question that an engine of a busy machine was too late for is asked again', async () => {
  const { run, spoken } = bench([late('engine/timeout'), answered]);
  await expect(run()).resolves.toEqual({ sessionId: 's1' });
  expect(spoken()).toBe(2);
});

test('it is not asked for ever, and what asking again cannot mend is said at once', async () => {
  const slow = bench([late('engine/timeout'), late('engine/timeout'), late('engine/timeout'), answered]);
  await expect(slow.run()).rejects.toMatchObject({ code: 'engine/timeout' });
  expect(slow.spoken()).toBe(3);
  const refused = bench([late('engine/unauthorized'), answered]);
  await expect(refused.run()).rejects.toMatchObject({ code: 'engine/unauthorized' });
  expect(refused.spoken()).toBe(1);
});
