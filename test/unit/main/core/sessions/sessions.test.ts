import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSessions, type Sessions } from '../../../../../main/core/sessions/sessions.ts';
import { createOpusEncoder } from '../../../../../pipeline/audio/opus.ts';
import { decodeWav } from '../../../../../pipeline/audio/wav.ts';
import type { AudioPacket, PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { sampleConversation } from '../../../../fakes/sample-conversation.ts';
import { logRow, openTestBench, silentLog, type TestBench } from '../../../../fakes/store.ts';

const port = '/dev/ttyUSB0';
const context = { signal: new AbortController().signal, role: 'operator' as const };
/** The recorder's clock when a test's session starts. */
const START_US = 5_000_000;
let bench: TestBench;
let sessions: Sessions;
let secrets: string[];

beforeEach(async () => {
  secrets = [];
  bench = await openTestBench();
  sessions = await createSessions({
    store: bench.store,
    recorder: bench.recorder,
    clock: bench.clock,
    log: silentLog,
    secrets: async () => secrets,
  });
});
afterEach(async () => {
  sessions.close();
  await bench.close();
});

const shifted = (event: PipelineEvent): PipelineEvent => {
  const atUs = (event.atUs + START_US) as MonoUs;
  return event.kind === 'user.speech-ended' ? { ...event, atUs, declaredUs: (event.declaredUs + START_US) as MonoUs } : { ...event, atUs };
};

/** Records the sample conversation; its times are session times, so they come back as they are in the script. */
function recordSample(): string {
  const { id } = bench.recorder.ensureSession('sample');
  for (const event of sampleConversation().events) bench.recorder.event(shifted(event));
  return id;
}

function packet(track: AudioPacket['track'], index: number, atMs: number, mediaMs: number, level: number): AudioPacket {
  const bytes = new Uint8Array(new Int16Array(960).fill(level).buffer);
  const times = { atUs: START_US + atMs * 1000, mediaUs: mediaMs * 1000, durationUs: 60_000 };
  return { conversationId: 'c', track, index, ...times, codec: 'pcm', sampleRate: 16000, bytes };
}

describe('a session', () => {
  test('shows what is said while it is still being recorded', async () => {
    const id = recordSample();
    const sample = sampleConversation();
    const detail = await sessions.calls['sessions.show']({ id }, context);
    expect(detail.session).toMatchObject({ id, state: 'recording', title: 'sample', conversationCount: 1, turnCount: sample.turns.length });
    expect(detail.turns.map((turn) => [turn.turnId, turn.userText, turn.heardText, turn.breakdown.totalUs])).toEqual(
      sample.turns.map((turn) => [turn.turnId, turn.userText, turn.heardText, turn.breakdown.totalUs]),
    );
    expect(detail.turns.flatMap((turn) => turn.toolCalls)).toEqual(sample.turns.flatMap((turn) => turn.toolCalls));
    expect(await sessions.calls['sessions.stop']({}, context)).toEqual({ id });
    expect((await sessions.calls['sessions.show']({ id }, context)).turns).toEqual(detail.turns);
  });

  test('pages through its events in order, all or some kinds', async () => {
    const id = recordSample();
    const { events } = sampleConversation();
    const first = await sessions.calls['sessions.events']({ id, afterOrdinal: -1, limit: 10 }, context);
    const rest = await sessions.calls['sessions.events']({ id, afterOrdinal: 9, limit: 5000 }, context);
    expect([first.hasMore, rest.hasMore]).toEqual([true, false]);
    expect([...first.events, ...rest.events].map(({ event }) => event)).toEqual(events);
    const kinds = ['turn.started', 'turn.ended'];
    const some = await sessions.calls['sessions.events']({ id, afterOrdinal: -1, limit: 5000, kinds }, context);
    expect(some.events.map(({ event }) => event)).toEqual(events.filter((event) => kinds.includes(event.kind)));
  });

  test('that starts in the middle of a conversation still knows who talks', async () => {
    const [opened] = sampleConversation().events.filter((event) => event.kind === 'conversation.opened');
    if (!opened) throw new Error('the sample opens no conversation');
    bench.recorder.event(shifted(opened));
    await bench.clock.advance(10_000_000);
    const { id } = bench.recorder.ensureSession();
    const detail = await sessions.calls['sessions.show']({ id }, context);
    expect(detail.conversations).toMatchObject([{ deviceName: 'bench-01', openedUs: opened.atUs - 10_000_000 }]);
    expect(detail.session.boards).toEqual(['bench-01']);
  });

  test('numbers each port’s lines from 0 without gaps, also when a parser starts again', async () => {
    const { id } = bench.recorder.ensureSession();
    bench.recorder.rows([logRow(port, 40, 'a'), logRow(port, 41, 'b', { continues: 40 }), logRow('COM7', 0, 'other')]);
    bench.recorder.rows([logRow(port, 0, 'c'), logRow(port, 1, 'd', { continues: 0 })]);
    const { rows } = await sessions.calls['logs.page']({ sessionId: id, port, fromSeq: 0, limit: 10 }, context);
    expect(rows.map(({ seq, text, continues }) => [seq, text, continues])).toEqual([
      [0, 'a', undefined],
      [1, 'b', 0],
      [2, 'c', undefined],
      [3, 'd', 2],
    ]);
  });

  test('tells its latency with the unanswered turns counted', async () => {
    const id = recordSample();
    const { turns, percentiles } = await sessions.calls['sessions.latency']({ ids: [id] }, context);
    const totals = turns.map((turn) => turn.breakdown.totalUs).filter((total) => total !== null);
    expect(percentiles.find(({ key }) => key === 'v2v_device')).toMatchObject({
      n: totals.length,
      censored: 0,
      max: Math.max(...totals) / 1000,
    });
    await expect(sessions.calls['sessions.latency']({ ids: [id, 'nope'] }, context)).rejects.toMatchObject({
      value: { code: 'session/not-found' },
    });
  });

  test('is published as it begins, changes and is removed', async () => {
    const deltas: string[] = [];
    sessions.streams['sessions.list']({}).topic.listen(({ summary, removedId }) => deltas.push(summary?.title ?? `removed ${removedId}`));
    const { id } = await sessions.calls['sessions.start']({ title: 'one' }, context);
    await sessions.calls['sessions.stop']({}, context);
    await sessions.calls['sessions.update']({ id, title: 'two', note: 'n' }, context);
    await sessions.calls['sessions.remove']({ id }, context);
    expect(deltas).toEqual(['one', 'one', 'two', `removed ${id}`]);
    expect(sessions.streams['sessions.list']({}).topic.snapshot()).toEqual([]);
  });
});

describe('a recorded conversation’s sound', () => {
  test('stands where it was captured and played, not end to end', async () => {
    const { id } = bench.recorder.ensureSession();
    // Uplink media runs 1 s behind; the second packet is 45 ms late, which is the network's doing and moves nothing.
    bench.recorder.packet(packet('uplink', 0, 1060, 0, 1000));
    bench.recorder.packet(packet('uplink', 1, 1165, 60, 2000));
    bench.recorder.packet(packet('uplink', 2, 1180, 120, 3000));
    // A reply sent 120 ms ahead, then a second reply after a pause.
    bench.recorder.packet(packet('downlink', 0, 1500, 0, 4000));
    bench.recorder.packet(packet('downlink', 1, 1501, 60, 5000));
    bench.recorder.packet(packet('downlink', 2, 2000, 900, 6000));
    await bench.recorder.stop();
    const { fromUs, wav } = await sessions.calls['sessions.audio']({ id, conversationId: 'c' }, context);
    const [left = new Int16Array(), right = new Int16Array()] = decodeWav(wav).channels;
    const at = (channel: Int16Array, ms: number) => channel[Math.round((ms - fromUs / 1000) * 16)] ?? null;
    expect(fromUs).toBe(1_000_000);
    expect([1000, 1059, 1060, 1120, 1179, 1181].map((ms) => at(left, ms))).toEqual([1000, 1000, 2000, 3000, 3000, 0]);
    expect([1499, 1500, 1560, 1619, 1621, 2000, 2059].map((ms) => at(right, ms))).toEqual([0, 4000, 5000, 5000, 0, 6000, 6000]);
    expect(left.length).toBe(right.length);

    const part = await sessions.calls['sessions.audio']({ id, conversationId: 'c', fromUs: 1_550_000, toUs: 1_570_000 }, context);
    const [, middle = new Int16Array()] = decodeWav(part.wav).channels;
    expect([middle.length, middle[0], middle.at(-1)]).toEqual([320, 4000, 5000]);

    const peaks = await sessions.calls['sessions.peaks']({ id, conversationId: 'c', bucketUs: 10_000 }, context);
    expect(new Int8Array(peaks.downlink.maximum)[50]).toBe(4000 >> 8);
    expect(new Int8Array(peaks.uplink.maximum)[0]).toBe(1000 >> 8);
  });

  test('is decoded from Opus, and a broken packet is silence', async () => {
    const { id } = bench.recorder.ensureSession();
    const encoder = createOpusEncoder({ sampleRate: 16000, channels: 1, bitrate: 24000, frameMs: 60, isCbr: false });
    const tone = (index: number) =>
      Int16Array.from({ length: 960 }, (_, i) => 8000 * Math.sin(((index * 960 + i) / 16000) * 2 * Math.PI * 440));
    for (let index = 0; index < 20; index++) {
      const bytes = index === 15 ? new Uint8Array([0xff]) : encoder.encode(tone(index));
      bench.recorder.packet({ ...packet('uplink', index, 60 + index * 60, index * 60, 0), codec: 'opus', bytes });
    }
    encoder.close();
    await bench.recorder.stop();
    const { wav } = await sessions.calls['sessions.audio']({ id, conversationId: 'c' }, context);
    const [left = new Int16Array()] = decodeWav(wav).channels;
    const power = (index: number) =>
      Math.sqrt(left.subarray(index * 960, index * 960 + 960).reduce((sum, value) => sum + value * value, 0) / 960);
    expect(power(10)).toBeGreaterThan(4000);
    expect(power(15)).toBe(0);
    expect(left.length).toBe(20 * 960);
  });
});

describe('a log search', () => {
  const search = (
    id: string,
    filter: { text?: string; isRegexp?: boolean; isCaseSensitive?: boolean; minimumLevel?: 'warn' },
    limit = 100,
  ) =>
    sessions.calls['logs.search']({ sessionId: id, port, limit, filter: { isRegexp: false, isCaseSensitive: false, ...filter } }, context);

  async function recordLog(): Promise<string> {
    const { id } = bench.recorder.ensureSession();
    const texts = ['Boot OK', 'wake 唤醒', 'WIFI lost', 'wifi up 10.0.0.1', `a${'a'.repeat(40)}!`];
    bench.recorder.rows(texts.map((text, seq) => logRow(port, seq, text, seq === 2 ? { level: 'error' } : {})));
    await bench.recorder.stop();
    return id;
  }

  test('finds text in any language, regexps and levels, and says when there is more', async () => {
    const id = await recordLog();
    expect(await search(id, { text: '唤醒' })).toEqual({ seqs: [1], totalRows: 5, truncated: false });
    expect((await search(id, { text: 'wifi' })).seqs).toEqual([2, 3]);
    expect((await search(id, { text: 'wifi', isCaseSensitive: true })).seqs).toEqual([3]);
    expect((await search(id, { text: '\\d+\\.\\d+|^boot', isRegexp: true })).seqs).toEqual([0, 3]);
    expect((await search(id, { minimumLevel: 'warn' })).seqs).toEqual([2]);
    expect(await search(id, {}, 2)).toEqual({ seqs: [0, 1], totalRows: 5, truncated: true });
    await expect(search(id, { text: '(', isRegexp: true })).rejects.toMatchObject({ value: { code: 'bad-request' } });
  });

  test('with a regexp that never ends is given up, and recording and reading go on beside it', async () => {
    const id = await recordLog();
    const filter = { text: '^(a+)+$', isRegexp: true, isCaseSensitive: false };
    const abort = new AbortController();
    const hostile = bench.store.bulk('log.search', { sessionId: id, port, filter, limit: 10 }, { signal: abort.signal });
    const overdue = bench.store.bulk('log.search', { sessionId: id, port, filter, limit: 10 }, { timeoutMs: 300 });
    bench.recorder.ensureSession('beside');
    await bench.store.flush();
    expect(await bench.store.read('session.list', { limit: 5 })).toHaveLength(2);
    await expect(overdue).rejects.toMatchObject({ value: { code: 'timeout' } });
    abort.abort();
    await expect(hostile).rejects.toMatchObject({ value: { code: 'cancelled' } });
    expect((await search(id, { text: 'boot' })).seqs).toEqual([0]);
  });

  test('is not needed for the whole log: raw bytes, text, JSON lines', async () => {
    const { id } = bench.recorder.ensureSession();
    const bytes = (text: string) => new Uint8Array(Buffer.from(text));
    bench.recorder.raw({ port, direction: 'received', atUs: bench.clock.nowUs(), bytes: bytes('one\r\ntw') });
    bench.recorder.raw({ port, direction: 'sent', atUs: bench.clock.nowUs(), bytes: bytes('AT\r\n') });
    bench.recorder.raw({ port, direction: 'received', atUs: bench.clock.nowUs(), bytes: bytes('o\r\n') });
    bench.recorder.rows([logRow(port, 0, 'one'), logRow(port, 1, 'AT', { direction: 'sent' })]);
    await bench.recorder.stop();
    const get = async (format: 'raw' | 'text' | 'jsonl') =>
      Buffer.from((await sessions.calls['logs.export']({ sessionId: id, port, format }, context)).data).toString();
    expect(await get('raw')).toBe('one\r\ntwo\r\n');
    expect(await get('text')).toBe('    1.000000   one\n    1.001000 > AT\n');
    expect(
      (await get('jsonl'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ text: 'one' }, { text: 'AT' }]);
  });
});
