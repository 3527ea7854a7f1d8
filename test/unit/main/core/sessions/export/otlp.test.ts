import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postSpans, tracesUrl } from '../../../../../../main/core/sessions/export/otlp-post.ts';
import { sampleConversation } from '../../../../../fakes/sample-conversation.ts';
import { type CollectedSpan, readSpans, startCollector } from './collector.ts';
import { type ExportBench, exported, recordedSample } from './exported.ts';

let recorded: ExportBench;
let lines: string[];
let spans: CollectedSpan[];
beforeAll(async () => {
  recorded = await recordedSample();
  lines = (await exported(recorded, { format: 'otlp' })).data.toString().trim().split('\n');
  spans = lines.flatMap(readSpans);
}, 60_000);
afterAll(() => recorded.close());

const attribute = (span: CollectedSpan | undefined, key: string) =>
  Object.values(span?.attributes.find((one) => one.key === key)?.value ?? {})[0];

describe('the OpenTelemetry trace', () => {
  test('is one tree: one trace, one root, each parent there, each id once', () => {
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    const ids = new Set(spans.map(({ spanId }) => spanId));
    expect(ids.size).toBe(spans.length);
    const roots = spans.filter(({ parentSpanId }) => parentSpanId === undefined);
    expect(roots).toHaveLength(1);
    for (const { parentSpanId } of spans) if (parentSpanId !== undefined) expect(ids).toContain(parentSpanId);
  });

  test('has a turn’s latency as attributes and its parts as spans that add up', () => {
    const turns = spans.filter(({ name }) => name.startsWith('turn '));
    const script = sampleConversation().turns;
    expect(turns.map((span) => attribute(span, 'voice.turn.user_text'))).toEqual(script.map(({ userText }) => userText));
    const [, second] = turns;
    expect(attribute(second, 'voice.v2v.device_ms')).toBe((script[1]?.breakdown.totalUs ?? 0) / 1000);
    const parts = spans.filter((span) => span.parentSpanId === second?.spanId && attribute(span, 'voice.latency.part') !== undefined);
    const sum = parts.reduce((total, part) => total + BigInt(part.endTimeUnixNano) - BigInt(part.startTimeUnixNano), 0n);
    expect(sum).toBe(BigInt(script[1]?.breakdown.totalUs ?? 0) * 1000n);
    // What is not known is not there: nobody spoke before the greeting.
    expect(attribute(turns[0], 'voice.v2v.device_ms')).toBeUndefined();
    expect(turns.map((span) => [span.status.code, attribute(span, 'lk.interrupted'), attribute(span, 'turn.was_interrupted')])).toEqual(
      script.map(({ outcome }) => [0, outcome === 'interrupted', outcome === 'interrupted']),
    );
  });

  test('names what OpenTelemetry has a name for as it does', () => {
    const operations = new Set(spans.map((span) => attribute(span, 'gen_ai.operation.name')));
    for (const operation of ['invoke_agent', 'chat', 'execute_tool', 'tts', 'stt']) expect(operations).toContain(operation);
    const chat = spans.find(({ name }) => name === 'chat scripted-1');
    expect([chat?.kind, attribute(chat, 'gen_ai.request.model'), attribute(chat, 'gen_ai.provider.name')]).toEqual([
      3,
      'scripted-1',
      'scripted',
    ]);
    const tool = spans.find(({ name }) => name === 'execute_tool volume');
    expect([attribute(tool, 'gen_ai.tool.name'), attribute(tool, 'gen_ai.tool.call.result')]).toEqual(['volume', '{"volume":80}']);
  });
});

describe('a collector', () => {
  test('takes each line as a request, after a busy moment too', async () => {
    await using collector = await startCollector([{ status: 503 }]);
    const [line = ''] = lines;
    expect(await postSpans(line, { url: collector.url, headers: { 'x-key': 'k' }, pauseMs: 1 })).toEqual({ rejectedSpans: 0 });
    expect(collector.bodies).toEqual([line]);
    expect(collector.headers[0]?.['x-key']).toBe('k');
  });

  test('that refuses, or leaves spans out, is told of', async () => {
    await using collector = await startCollector([
      { status: 401, body: 'no key' },
      { status: 202, body: '{"partialSuccess":{"rejectedSpans":"3"}}' },
    ]);
    await expect(postSpans('{}', { url: collector.url })).rejects.toMatchObject({
      value: { code: 'export/collector', data: { status: 401, reason: 'no key' } },
    });
    expect(await postSpans('{}', { url: collector.url })).toEqual({ rejectedSpans: 3 });
  });

  test('has its password in no message, and its address may be whole or not', async () => {
    await expect(postSpans('{}', { url: 'ftp://u:secret@h' })).rejects.toMatchObject({
      value: { code: 'export/collector', data: { url: 'ftp://h' } },
    });
    expect(tracesUrl('http://h:4318')).toBe('http://h:4318/v1/traces');
    expect(tracesUrl('https://h/otlp/v1/traces')).toBe('https://h/otlp/v1/traces');
  });
});
