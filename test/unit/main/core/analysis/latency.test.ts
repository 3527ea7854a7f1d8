import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { differencesOf } from '../../../../../main/core/analysis/compare.ts';
import { circumstancesOf } from '../../../../../main/core/analysis/facets.ts';
import { createLatency, type Latency } from '../../../../../main/core/analysis/latency.ts';
import { valuesFrom } from '../../../../../main/core/analysis/metrics.ts';
import { checkTurns } from '../../../../../main/core/analysis/sound-check.ts';

import type { AudioPacket, PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { CallBody } from '../../../../../preload/contract/index.ts';
import { latencyCalls } from '../../../../../preload/contract/latency.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { openTestBench, type TestBench } from '../../../../fakes/store.ts';
import { SAMPLE_RATE, track } from './sound.ts';

const context = { signal: new AbortController().signal, role: 'viewer' as const };
/** The recorder's clock when the first session starts. */
const START_US = 5_000_000;
const FRAME_MS = 60;
const TURNS = 8;

interface Script {
  vadSilenceMs: number;
  llm: string;
  firmware: string;
  /** How much later than the truth one turn's events have the speech's end. */
  lateMs?: number;
  unanswered?: number;
  tool?: number;
}

/** Where turn `i` truly speaks and is answered, ms of the session: never on a frame's border. */
const userSpan = (i: number): [number, number] => [1000 + i * 5000, 2137 + i * 5000 + i * 17];
const gapMs = ({ vadSilenceMs }: Script, i: number) => vadSilenceMs + 413 + ((i * 37) % 90);
const leadMs = (i: number) => 20 + i * 11;
const replySpan = (script: Script, i: number): [number, number] => {
  const from = userSpan(i)[1] + gapMs(script, i);
  return [from, from + 1200];
};

/** A session whose edges are known, with jitter on the board's way to us. */
function recordSession(bench: TestBench, script: Script): string {
  const { id, startedUs } = bench.recorder.ensureSession('synthetic');
  const conversationId = `${id}-c`;
  const at = (ms: number) => Math.round(startedUs + ms * 1000) as MonoUs;
  const add = (event: PipelineEvent) => bench.recorder.event(event);
  const turn = (i: number) => ({ conversationId, turnId: i + 1 });
  add({
    ...{ kind: 'wire.message', atUs: at(0), gateway: 'twetalk', channel: 'mqtt', direction: 'up', name: '$ota/report/P/board' },
    text: `{"type":"report_version","report":{"version":"${script.firmware}"}}`,
  });
  add({
    ...{
      kind: 'conversation.opened',
      atUs: at(0),
      conversationId,
      gateway: 'twetalk',
      productId: 'P',
      deviceName: 'board',
      language: 'en',
    },
    uplink: { codec: 'pcm', sampleRate: SAMPLE_RATE, frameMs: FRAME_MS },
    downlink: { codec: 'pcm', sampleRate: SAMPLE_RATE, frameMs: FRAME_MS },
    query: {},
    engines: { vad: 'energy', stt: 'phrase', llm: script.llm, tts: 'flite' },
    settings: { turns: { vadSilenceMs: script.vadSilenceMs }, agent: { systemPrompt: 'Be brief.' } },
  });
  for (let i = 0; i < TURNS; i++) {
    const u1 = userSpan(i)[1] + (i === 2 ? (script.lateMs ?? 0) : 0);
    const u4 = u1 + script.vadSilenceMs;
    const s0 = replySpan(script, i)[0] - leadMs(i);
    add({ kind: 'user.speech-ended', atUs: at(u1), conversationId, mediaUs: 0, declaredUs: at(u4 - 20) });
    add({ kind: 'stt.final', atUs: at(u4 - 10), conversationId, text: 'hello', engine: 'phrase' });
    add({ kind: 'turn.started', atUs: at(u4), ...turn(i), initiator: 'user-speech' });
    add({ kind: 'turn.committed', atUs: at(u4), ...turn(i), reason: 'silence', text: 'hello' });
    if (script.tool === i) {
      add({ kind: 'tool.call', atUs: at(u4 + 20), ...turn(i), callId: 't', name: 'volume', arguments: {} });
      add({ kind: 'tool.result', atUs: at(u4 + 70), ...turn(i), callId: 't', name: 'volume', isOk: true, result: {}, elapsedUs: 50_000 });
    }
    const isUnanswered = script.unanswered === i;
    if (!isUnanswered) {
      add({ kind: 'llm.request', atUs: at(u4), ...turn(i), engine: script.llm, model: 'm', step: 1 });
      add({ kind: 'llm.first-token', atUs: at(u4 + 100), ...turn(i) });
      add({ kind: 'llm.first-answer', atUs: at(u4 + 100), ...turn(i) });
      add({ kind: 'llm.first-chunk', atUs: at(u4 + 120), ...turn(i), text: 'Hi.' });
      add({ kind: 'tts.request', atUs: at(u4 + 120), ...turn(i), engine: 'flite', voice: 'v', sentence: 0, text: 'Hi.' });
      add({ kind: 'tts.first-audio', atUs: at(s0 - 10), ...turn(i), sentence: 0, leadSilenceUs: leadMs(i) * 1000 });
      add({ kind: 'downlink.first-frame', atUs: at(s0), ...turn(i) });
      add({ kind: 'downlink.audible', atUs: at(s0 + leadMs(i) + 100), ...turn(i), source: 'device' });
    }
    const outcome = isUnanswered ? 'unanswered' : 'completed';
    add({
      kind: 'turn.ended',
      atUs: at(replySpan(script, i)[1] + 200),
      ...turn(i),
      outcome,
      userText: 'hello',
      replyText: '',
      heardText: '',
    });
  }
  recordSound(bench, conversationId, script, startedUs);
  add({ kind: 'conversation.closed', atUs: at(TURNS * 5000 + 2000), conversationId, reason: 'end' });
  return id;
}

function recordSound(bench: TestBench, conversationId: string, script: Script, startedUs: number): void {
  const every = Array.from({ length: TURNS }, (_, i) => i);
  const frame = (SAMPLE_RATE * FRAME_MS) / 1000;
  const packet = (name: AudioPacket['track'], index: number, atMs: number, mediaMs: number, pcm: Int16Array) => {
    const times = { atUs: Math.round(startedUs + atMs * 1000), mediaUs: mediaMs * 1000, durationUs: FRAME_MS * 1000 };
    const bytes = new Uint8Array(pcm.slice().buffer);
    bench.recorder.packet({ conversationId, track: name, index, ...times, codec: 'pcm', sampleRate: SAMPLE_RATE, bytes });
  };
  const uplink = track(TURNS * 5000 + 1000, every.map(userSpan));
  for (let index = 0; (index + 1) * frame <= uplink.length; index++) {
    const jitterMs = (index * 7) % 23;
    packet('uplink', index, (index + 1) * FRAME_MS + jitterMs, index * FRAME_MS, uplink.subarray(index * frame, (index + 1) * frame));
  }
  let index = 0;
  for (const i of every.filter((turn) => turn !== script.unanswered)) {
    const [fromMs, toMs] = replySpan(script, i);
    const reply = track(leadMs(i) + (toMs - fromMs) + FRAME_MS, [[leadMs(i), leadMs(i) + (toMs - fromMs)]], { noise: 0 });
    // Sent ahead of its time, as the pacer does; a gap in media time before each reply.
    for (let k = 0; (k + 1) * frame <= reply.length; k++)
      packet('downlink', index++, fromMs - leadMs(i) + k * 30, i * 100_000 + k * FRAME_MS, reply.subarray(k * frame, (k + 1) * frame));
  }
}

let bench: TestBench;
let latency: Latency;
let slow: string;
let quick: string;

beforeAll(async () => {
  bench = await openTestBench();
  latency = createLatency(bench);
  expect(bench.clock.nowUs()).toBe(START_US);
  slow = recordSession(bench, { vadSilenceMs: 800, llm: 'old', firmware: '1.0.0', lateMs: 300, unanswered: 5, tool: 4 });
  await bench.recorder.stop();
  quick = recordSession(bench, { vadSilenceMs: 300, llm: 'new', firmware: '1.1.0' });
  await bench.store.flush();
});
afterAll(() => bench.close());

describe('the events beside the recorded sound', () => {
  test('agree to ten milliseconds where the edges are known', async () => {
    const { conversations, compared, medianDifferenceMs } = await latency.calls['latency.check']({ id: quick, toleranceMs: 100 }, context);
    const turns = conversations.flatMap((conversation) => conversation.turns);
    expect(compared).toBe(TURNS);
    expect(medianDifferenceMs).toBeLessThanOrEqual(10);
    for (const [i, turn] of turns.entries()) {
      expect(turn.verdict).toBe('agrees');
      expect(Math.abs((turn.soundMs ?? 0) - gapMs({ vadSilenceMs: 300, llm: '', firmware: '' }, i))).toBeLessThanOrEqual(15);
    }
  });

  test('show the turn whose events are wrong, and by how much', async () => {
    const { conversations } = await latency.calls['latency.check']({ id: slow, toleranceMs: 100 }, context);
    const turns = conversations.flatMap((conversation) => conversation.turns);
    expect(turns.filter(({ verdict }) => verdict === 'differs').map(({ turnId }) => turnId)).toEqual([3]);
    expect(Math.abs((turns[2]?.speechEndDifferenceMs ?? 0) + 300)).toBeLessThanOrEqual(15);
    expect(turns[5]?.verdict).toBe('no-instants');
  });

  test('say nothing of what was not listened to', () => {
    const turn = { conversationId: 'c', turnId: 1 };
    const at = (ms: number) => (ms * 1000) as MonoUs;
    const events: PipelineEvent[] = [
      { ...turn, kind: 'turn.started', atUs: at(1000), initiator: 'user-speech' },
      { ...turn, kind: 'user.speech-ended', atUs: at(1000), mediaUs: 0, declaredUs: at(1500) },
      { ...turn, kind: 'turn.committed', atUs: at(1500), reason: 'silence', text: 'hello' },
      { ...turn, kind: 'tts.first-audio', atUs: at(1900), sentence: 0, leadSilenceUs: 0 },
      { ...turn, kind: 'downlink.first-frame', atUs: at(2000) },
    ];
    const verdict = (untilMs: number) => checkTurns(events, { user: [], agent: [], untilMs }, 100).map((each) => each.verdict);
    expect([verdict(1500), verdict(60_000)]).toEqual([['no-instants'], ['no-reply-heard']]);
  });
});

type TurnsRequest = Partial<CallBody<'latency.turns'>> & { ids: string[] };
const turns = (request: TurnsRequest) =>
  latency.calls['latency.turns'](
    { order: { by: 'order', isDescending: false }, from: 0, count: 200, withBreakdown: false, ...request },
    context,
  );

describe('the list of turns', () => {
  test('has the worst first: never answered, then the slowest, then those without a value', async () => {
    const { rows } = await turns({ ids: [slow], order: { by: 'v2v_device', isDescending: true } });
    expect(rows[0]).toMatchObject({ turnId: 6, isCensored: true });
    const known = rows.slice(1).map(({ values }) => values.v2v_device ?? Number.NaN);
    expect(known).toEqual(known.toSorted((one, other) => other - one));
    const ascending = await turns({ ids: [slow], order: { by: 'v2v_device', isDescending: false } });
    expect(ascending.rows.at(-1)?.turnId).toBe(6);
    const byTool = await turns({ ids: [slow], order: { by: 'tool_wait', isDescending: true } });
    expect(byTool.rows[0]?.turnId).toBe(5);
  });

  test('is told page by page, and only what was asked for', async () => {
    const where = { firmware: ['1.1.0'], turn: ['later'] };
    const first = await turns({ ids: [slow, quick], where, count: 3 });
    const rest = await turns({ ids: [slow, quick], where, from: 3 });
    expect(first.total).toBe(TURNS - 1);
    expect([...first.rows, ...rest.rows].map(({ sessionId, turnId }) => [sessionId, turnId])).toEqual(
      Array.from({ length: TURNS - 1 }, (_, i) => [quick, i + 2]),
    );
    expect(first.rows[0]?.breakdown).toBeUndefined();
  });

  test('leads to each turn, whole', async () => {
    const place = { sessionId: slow, conversationId: `${slow}-c`, turnId: 5 };
    const turn = await latency.calls['latency.turn'](place, context);
    expect(turn.toolCalls).toHaveLength(1);
    await expect(latency.calls['latency.turn']({ ...place, turnId: 99 }, context)).rejects.toMatchObject({ code: 'session/not-found' });
  });

  test('can be told apart by what is in it', async () => {
    const { facets } = await latency.calls['latency.facets']({ ids: [slow, quick] }, context);
    expect(facets['engine.llm']).toEqual([
      { value: 'new', turns: TURNS },
      { value: 'old', turns: TURNS },
    ]);
    expect(facets.tool).toEqual([
      { value: 'no-tool', turns: 2 * TURNS - 1 },
      { value: 'tool', turns: 1 },
    ]);
  });
});

describe('latency of sessions', () => {
  test('has a trend: a point a session, or stretches of the only one', async () => {
    const several = await latency.calls['latency.trend']({ ids: [slow, quick], metric: 'v2v_device' }, context);
    expect(several.isPerSession).toBe(true);
    expect(several.groups[0]?.points.map(({ sessionId, n, censored }) => [sessionId, n, censored])).toEqual([
      [slow, TURNS - 1, 1],
      [quick, TURNS, 0],
    ]);
    const only = await latency.calls['latency.trend']({ ids: [slow], metric: 'v2v_device' }, context);
    expect(only).toMatchObject({ isPerSession: false, groups: [{ points: [{ n: TURNS - 1, censored: 1, isFew: true }] }] });
  });

  test('keeps no budget where no turn is of the kind', async () => {
    const request = { ids: [quick], where: { firmware: ['9'] }, by: 'turn' as const, assertions: 'v2v.p95<9999' };
    const { checks } = await latency.calls['latency.show'](request, context);
    expect(checks).toMatchObject([{ isMet: false, reason: 'no-values' }]);
  });

  test('is parts that add up to each turn’s total', async () => {
    const { rows, total } = await turns({ ids: [slow, quick], withBreakdown: true });
    expect([rows.length, total]).toEqual([2 * TURNS, 2 * TURNS]);
    for (const { isCensored, values, breakdown } of rows.filter((row) => !row.isCensored)) {
      const sum = (breakdown?.parts ?? []).reduce((us, part) => us + part.durationUs, 0) / 1000 + (values.unexplained ?? 0);
      expect([isCensored, sum]).toEqual([false, values.v2v_device]);
    }
    expect(rows[4]?.values.tool_wait).toBe(50);
    expect(rows[4]?.facets).toMatchObject({ tool: 'tool', turn: 'later', 'engine.llm': 'old', firmware: '1.0.0', board: 'P/board' });
    expect(rows[0]?.facets).toMatchObject({ tool: 'no-tool', turn: 'first', language: 'en', gateway: 'twetalk', session: slow });
  });

  test('is told apart by what differs, and budgets hold for each', async () => {
    const request = { ids: [slow, quick], by: 'engine.llm' as const, assertions: 'v2v.p50<1100', budget: 'unanswered: 0' };
    const { groups, checks } = await latency.calls['latency.show'](request, context);
    expect(groups.map(({ name, turns, unanswered }) => [name, turns, unanswered])).toEqual([
      ['new', TURNS, 0],
      ['old', TURNS, 1],
    ]);
    expect(checks.map(({ group, text, isMet }) => [group, text, isMet])).toEqual([
      ['new', 'v2v.p50<1100', true],
      ['new', 'unanswered<=0', true],
      ['old', 'v2v.p50<1100', false],
      ['old', 'unanswered<=0', false],
    ]);
  });

  test('is compared with the settings, engines and firmware that changed', async () => {
    const { configuration, differences, b } = await latency.calls['latency.compare']({ a: [slow], b: [quick, quick] }, context);
    expect(b.turns).toBe(TURNS);
    expect(configuration).toEqual([
      { key: 'engines.llm', a: ['old'], b: ['new'] },
      { key: 'firmware', a: ['1.0.0'], b: ['1.1.0'] },
      { key: 'turns.vadSilenceMs', a: ['800'], b: ['300'] },
    ]);
    const median = differences.find(({ metric, statistic }) => metric === 'vad_silence' && statistic === 'p50');
    expect(median).toMatchObject({ difference: -500, verdict: 'too-few' });
  });

  test('has a distribution that ends under one where somebody was not answered', async () => {
    const { groups } = await latency.calls['latency.distribution']({ ids: [slow], metric: 'v2v_device', buckets: 5 }, context);
    expect(groups).toHaveLength(1);
    expect(groups[0]?.cdf.at(-1)?.share).toBe((TURNS - 1) / TURNS);
    expect(groups[0]?.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(TURNS - 1);
  });

  test('is told as the contract has it', async () => {
    const ids = [slow, quick];
    const { calls } = latency;
    latencyCalls['latency.show'].reply.parse(await calls['latency.show']({ ids, by: 'turn' }, context));
    latencyCalls['latency.turns'].reply.parse(await turns({ ids, withBreakdown: true }));
    latencyCalls['latency.facets'].reply.parse(await calls['latency.facets']({ ids }, context));
    latencyCalls['latency.trend'].reply.parse(await calls['latency.trend']({ ids, metric: 'v2v_device', by: 'turn' }, context));
    latencyCalls['latency.compare'].reply.parse(await calls['latency.compare']({ a: ids, b: ids }, context));
    latencyCalls['latency.check'].reply.parse(await calls['latency.check']({ id: slow, toleranceMs: 100 }, context));
    const distribution = await calls['latency.distribution']({ ids, metric: 'llm_ttft', buckets: 3 }, context);
    latencyCalls['latency.distribution'].reply.parse(distribution);
    expect(distribution.groups[0]?.n).toBe(2 * TURNS - 1);
  });

  test('has the firmware that ran at the time, also where an update came between', () => {
    const opened = (conversationId: string, atUs: number) =>
      ({
        ...{ kind: 'conversation.opened', atUs: atUs as MonoUs, conversationId, gateway: 'twetalk', productId: 'P', deviceName: 'board' },
        ...{ language: 'en', query: {}, engines: {}, settings: {} },
        uplink: { codec: 'pcm', sampleRate: SAMPLE_RATE, frameMs: FRAME_MS },
        downlink: { codec: 'pcm', sampleRate: SAMPLE_RATE, frameMs: FRAME_MS },
      }) as unknown as PipelineEvent;
    const reports = [
      { atUs: 10, device: 'P/board', version: '1.0' },
      { atUs: 30, device: 'P/board', version: '2.0' },
    ];
    const found = circumstancesOf([opened('early', 5), opened('before', 20), opened('after', 40)], reports);
    expect(['early', 'before', 'after'].map((id) => found.get(id)?.at(50).get('firmware'))).toEqual(['1.0', '1.0', '2.0']);
  });

  test('is compared also with a side that was never answered', () => {
    const answered = { initiator: 'user-speech' as const, isCensored: false, values: valuesFrom({ v2v_device: 900 }) };
    const lost = { initiator: 'user-speech' as const, isCensored: true, values: valuesFrom({ v2v_device: Number.POSITIVE_INFINITY }) };
    const [median] = differencesOf([answered], [lost]);
    expect(median).toMatchObject({ metric: 'v2v_device', a: { ms: 900 }, b: { ms: null, reason: 'censored' }, verdict: 'too-few' });
  });

  test('of a session that is not there is an error', async () => {
    await expect(latency.calls['latency.show']({ ids: ['none'] }, context)).rejects.toMatchObject({
      code: 'session/not-found',
    });
  });
});
