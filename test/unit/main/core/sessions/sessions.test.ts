import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSessions, type Sessions } from '../../../../../main/core/sessions/sessions.ts';
import { createOpusEncoder } from '../../../../../pipeline/audio/opus.ts';
import { decodeWav } from '../../../../../pipeline/audio/wav.ts';
import type { AudioPacket, PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { sampleConversation } from '../../../../fakes/sample-conversation.ts';
import { openTestBench, silentLog, type TestBench } from '../../../../fakes/store.ts';

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
}, 60_000);
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

  // 5,000 messages of a megabyte each were one reply.
  test('ends a page of its events by their size too, with one at least', async () => {
    const { id } = bench.recorder.ensureSession('large');
    const sizes = [3, 3, 3, 1, 9, 1];
    for (const [at, size] of sizes.entries()) {
      const wire = { kind: 'wire.message', conversationId: 'c', gateway: 'x', channel: 'mqtt', direction: 'up', name: `${at}` } as const;
      const content = at % 2 === 0 ? { bytes: new Uint8Array(size << 20) } : { text: 'x'.repeat(size << 20) };
      bench.recorder.event({ ...wire, ...content, atUs: bench.clock.nowUs() });
    }
    await bench.recorder.stop();
    const pages: number[][] = [];
    for (let afterOrdinal = -1; ; ) {
      const { events, hasMore } = await sessions.calls['sessions.events']({ id, afterOrdinal, limit: 5000 }, context);
      pages.push(events.map(({ ordinal }) => ordinal));
      afterOrdinal = events.at(-1)?.ordinal ?? -1;
      if (!hasMore) break;
    }
    expect(pages).toEqual([[0, 1], [2, 3], [4], [5]]);
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

  test('knows where each byte stands in its port’s stream, from 0 in each session', async () => {
    const raw = (name: string, direction: 'received' | 'sent', size: number) =>
      bench.recorder.raw({ port: name, direction, atUs: bench.clock.nowUs(), bytes: new Uint8Array(size) });
    expect(raw(port, 'received', 10)).toBe(-1);
    bench.recorder.ensureSession();
    expect([raw(port, 'received', 10), raw(port, 'sent', 3), raw('COM7', 'received', 5)]).toEqual([0, 0, 0]);
    expect([raw(port, 'received', 0), raw(port, 'received', 1), raw(port, 'received', 1), raw(port, 'sent', 1)]).toEqual([10, 10, 11, 3]);
    await bench.recorder.stop();
    expect(raw(port, 'received', 1)).toBe(-1);
    const { startedUs, startedWallMs } = bench.recorder.ensureSession();
    expect([startedUs, startedWallMs]).toEqual([bench.clock.nowUs(), bench.clock.wallMs()]);
    expect(raw(port, 'received', 1)).toBe(0);
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
