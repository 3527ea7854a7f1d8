import { describe, expect, test } from 'vitest';
import { breakdownOf } from '../../../../main/core/analysis/breakdown.ts';
import type { ConversationMessage } from '../../../../pipeline/conversation.ts';
import { tagRequest } from '../../../../pipeline/turn/request-headers.ts';
import { TalkError } from '../../../../preload/contract/errors.ts';
import { createRig, type Rig, type RigOptions } from './rig.ts';

const limited = (retryAfterMs?: number) =>
  new TalkError('engine/rate-limited', { stage: 'llm', engine: 'fake-llm', ...(retryAfterMs !== undefined && { retryAfterMs }) });
const unauthorized = new TalkError('engine/unauthorized', { stage: 'llm', engine: 'fake-llm', reason: 'bad key' });

async function asked(options: RigOptions, ms = 8000): Promise<Rig> {
  const rig = await createRig(options);
  rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
  await rig.advanceMs(ms);
  rig.peer.assertSound();
  return rig;
}

const told = (rig: Rig) =>
  rig.peer.messages.filter((message): message is Extract<typeof message, { kind: 'error' }> => message.kind === 'error');
const requestIds = (rig: Rig) => rig.of('llm.request').map(({ requestId }) => requestId);

describe('the language model’s timeout', () => {
  test('is to the first token only: an answer that has begun may take longer', async () => {
    const rig = await asked({
      settings: { agent: { llmTimeoutS: 1 } },
      replies: [{ tokens: Array.from({ length: 8 }, () => '好的。'), ttftMs: 900, tokensPerSecond: 2 }],
    });
    expect(rig.of('engine.error')).toEqual([]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed' }]);
  });

  test('counts the headers of an answer as nothing, and a thought as its beginning', async () => {
    const late = await asked({ settings: { agent: { llmTimeoutS: 1, llmRetries: 0 } }, replies: [{ tokens: ['好。'], ttftMs: 1200 }] });
    expect(late.of('engine.error')).toMatchObject([{ error: { code: 'engine/timeout', data: { timeoutMs: 1000 } }, productCode: 30200 }]);
    const thinking = await asked({
      settings: { agent: { llmTimeoutS: 1 } },
      replies: [{ reasoning: ['想', '想'], tokens: ['好。'], ttftMs: 900, tokensPerSecond: 2 }],
    });
    expect(thinking.of('turn.ended')).toMatchObject([{ outcome: 'completed', replyText: '好。' }]);
  });

  test('a silence in the middle of an answer is limited too', async () => {
    const rig = await asked({ replies: [{ tokens: ['先说这个。'], isHung: true }] }, 20_000);
    expect(rig.of('engine.error')).toMatchObject([{ error: { code: 'engine/timeout', data: { timeoutMs: 15_000 } }, isBlocking: true }]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'failed', heardText: '先说这个。' }]);
    expect(rig.llm.requests).toHaveLength(1);
  });
});

describe('a service that says nothing', () => {
  test('is left by its request too: each try that timed out is aborted before the next one is made', async () => {
    const rig = await createRig({ settings: { agent: { llmTimeoutS: 1, llmRetries: 1 } } });
    const requests: { signal: AbortSignal; openBefore: number }[] = [];
    const open = () => requests.filter(({ signal }) => !signal.aborted).length;
    const silent = (signal: AbortSignal): AsyncIterable<never> => {
      requests.push({ signal, openBefore: open() });
      return { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
    };
    rig.live.engines = { ...rig.live.engines, llm: { id: 'silent', respond: (_request, signal) => silent(signal) } };
    rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(4000);
    rig.live.engines = {
      ...rig.live.engines,
      llm: rig.llm,
      tts: { id: 'silent', languages: ['zh'], voices: () => [], synthesize: (_request, signal) => silent(signal) },
    };
    rig.llm.add({ tokens: ['好的。'] });
    rig.conversation.text('再问', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(60_000);
    expect(requests.length).toBeGreaterThanOrEqual(4);
    expect(requests.map(({ openBefore }) => openBefore)).toEqual(requests.map(() => 0));
    expect(open()).toBe(0);
  });
});

describe('a request that failed before its first token', () => {
  test('is made again under the same id; the first failure blocks nothing', async () => {
    const rig = await asked({ replies: [{ error: new Error('boom') }, { tokens: ['好的。'] }] });
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', replyText: '好的。' }]);
    const [first, second] = requestIds(rig);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).toBe(first);
    expect(rig.of('llm.request').map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(rig.of('engine.error')).toMatchObject([{ stage: 'llm', turnId: 1, productCode: 30202, requestId: first, isBlocking: false }]);
    expect(told(rig)).toMatchObject([{ productCode: 30202, roundId: 1, isBlocking: false }]);
  });

  test('is given up after the retries, as a failure that blocks', async () => {
    const rig = await asked({
      settings: { agent: { llmRetries: 2 } },
      replies: Array.from({ length: 3 }, () => ({ error: new Error('boom') })),
    });
    expect(rig.of('engine.error').map(({ isBlocking }) => isBlocking)).toEqual([false, false, true]);
    expect(new Set(rig.of('engine.error').map(({ requestId }) => requestId))).toEqual(new Set(requestIds(rig)));
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'failed' }]);
  });

  test('of which something was seen is never made again: nothing is said twice', async () => {
    const rig = await asked({
      settings: { agent: { llmRetries: 3 } },
      replies: [{ tokens: ['先说。'], error: new Error('cut') }, { tokens: ['又说。'] }],
    });
    expect(rig.llm.requests).toHaveLength(1);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'failed', replyText: '先说。' }]);
  });

  test('for lack of a right key is not made again', async () => {
    const rig = await asked({ replies: [{ error: unauthorized }, { tokens: ['好。'] }] });
    expect(rig.llm.requests).toHaveLength(1);
  });

  test('at a rate limit waits as long as the service asks, if that is no longer than the timeout', async () => {
    const rig = await asked({ replies: [{ error: limited(2000) }, { tokens: ['好的。'] }] });
    const [first, second] = rig.of('llm.request');
    expect((second?.atUs ?? 0) - (first?.atUs ?? 0)).toBe(2_000_000);
    expect(rig.of('engine.error')).toMatchObject([{ productCode: 30201, isBlocking: false }]);
    const long = await asked({ replies: [{ error: limited(30_000) }, { tokens: ['好的。'] }] });
    expect(long.llm.requests).toHaveLength(1);
    expect(long.of('engine.error')).toMatchObject([{ productCode: 30201, isBlocking: true }]);
  });

  test('does not date the time to first token back to its first try', async () => {
    const rig = await asked({
      replies: [
        { error: new Error('boom'), ttftMs: 800 },
        { tokens: ['好的。'], ttftMs: 100 },
      ],
    });
    const metrics = rig.peer.messages.flatMap((message) => (message.kind === 'metrics' ? [message.metrics] : []));
    expect(metrics[0]?.llm_first_token).toBe(100);
    expect(breakdownOf({ initiator: 'user-text', events: rig.events }).product.llm_first_token).toBe(100);
  });

  test('is not made again once the user has interrupted', async () => {
    const rig = await createRig({ replies: [{ error: limited(1000) }, { tokens: ['好。'] }] });
    rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(500);
    rig.conversation.interrupt('button');
    await rig.clock.runUntilIdle();
    expect(rig.llm.requests).toHaveLength(1);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'unanswered' }]);
    expect(rig.of('engine.error').filter(({ isBlocking }) => isBlocking)).toEqual([]);
  });
});

describe('a synthesis that failed before its first audio', () => {
  test('is made once more under the same id, and what follows keeps its order', async () => {
    const rig = await asked({
      replies: [{ tokens: ['第一句话在这里。', '第二句话在这里。'] }],
      tts: { failing: new Map([[1, new Error('busy')]]) },
    });
    const requests = rig.of('tts.request').filter(({ sentence }) => sentence === 1);
    expect(requests.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(requests[1]?.requestId).toBe(requests[0]?.requestId);
    expect(rig.of('engine.error')).toMatchObject([{ stage: 'tts', productCode: 30302, isBlocking: false }]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', heardText: '第一句话在这里。第二句话在这里。' }]);
  });
});

test('a sentence that a voice makes no sound of is told and left out; the others are heard', async () => {
  const rig = await asked({
    replies: [{ tokens: ['第一句话在这里。', '第二句话在这里。', '第三句话在这里。'] }],
    tts: { silent: new Set([2]) },
  });
  expect(rig.of('engine.error')).toMatchObject([
    { stage: 'tts', error: { data: { reason: 'no audio' } }, productCode: 30302, isBlocking: false },
  ]);
  expect(rig.of('downlink.sentence-started').map(({ sentence }) => sentence)).toEqual([1, 3]);
  expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed' }]);
});

test('services are told who asks, in the documents’ headers, and each request its own id', async () => {
  const rig = await asked({ replies: [{ tokens: ['第一句话在这里。', '第二句话在这里。'] }] });
  const [request] = rig.llm.requests;
  expect(request?.headers).toEqual({
    'X-Task-Id': 'c1',
    'X-Request-Id': request?.requestId,
    'X-Rquest-Id': request?.requestId,
    'X-Sdk-App-Id': 'P',
    'X-User-Id': 'D',
    'X-Room-Id': 'c1',
    'X-Room-Id-Type': '1',
  });
  const ids = [request?.requestId, ...rig.tts.requests.map(({ requestId }) => requestId)];
  expect(new Set(ids).size).toBe(3);
  expect(rig.tts.requests.map(({ headers, requestId }) => headers?.['X-Request-Id'] === requestId)).toEqual([true, true]);
});

test('a name that no header can carry is encoded, and fails no request', () => {
  const { headers } = tagRequest({ conversationId: 'c 1', productId: 'P', deviceName: '小明\n' });
  expect([headers['X-User-Id'], headers['X-Task-Id']]).toEqual(['%E5%B0%8F%E6%98%8E%0A', 'c%201']);
});

test('every engine failure has the documents’ code', async () => {
  const codes: [RigOptions, number][] = [
    [{ replies: [{ isHung: true }] }, 30200],
    [{ replies: [{ error: limited() }] }, 30201],
    [{ replies: [{ error: unauthorized }] }, 30202],
    [{ replies: [{ tokens: ['好的。'] }], tts: { failing: new Map([1, 2].map((n) => [n, limited(60_000)])) } }, 30301],
    [{ replies: [{ tokens: ['好的。'] }], tts: { failing: new Map([1, 2].map((n) => [n, new Error('x')])) } }, 30302],
    [{ replies: [{ tokens: ['好的。'] }], tts: { hanging: new Set([1]) } }, 30300],
  ];
  for (const [options, code] of codes) {
    const rig = await asked({ settings: { agent: { llmRetries: 0 } }, ...options }, 20_000);
    expect(rig.of('engine.error').at(-1)).toMatchObject({ productCode: code, isBlocking: true, turnId: 1, conversationId: 'c1' });
    const last: ConversationMessage | undefined = told(rig).at(-1);
    expect(last).toMatchObject({ productCode: code, roundId: 1, isBlocking: true });
  }
});
