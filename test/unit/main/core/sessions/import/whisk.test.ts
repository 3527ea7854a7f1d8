import { Packr } from 'msgpackr';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { whiskEvents } from '../../../../../../main/core/sessions/import/whisk-events.ts';
import { readWhisk } from '../../../../../../main/core/sessions/import/whisk-records.ts';
import { createSessions, type Sessions } from '../../../../../../main/core/sessions/sessions.ts';
import { openTestBench, silentLog, type TestBench } from '../../../../../fakes/store.ts';

const START_S = 1_760_000_000;
const packr = new Packr({ useRecords: false });
const file = (records: readonly unknown[]) => new Uint8Array(Buffer.concat(records.map((record) => packr.pack(record))));

const snapshot = {
  type: 'snapshot',
  protocol: '1',
  timestamp: START_S,
  server: { python: '3.12', pipecat: '1.3.0', whisker: '2.0.1', platform: 'Linux' },
  workers: [
    {
      worker_id: 'main',
      added_at: START_S,
      topology: { processors: [{ id: 'a', name: 'STT#0', parent: null, type: 'DeepgramSTTService' }], connections: [] },
    },
  ],
};

let frames = 0;
function frame(kind: string, afterMs: number, payload: object = {}, more: object = {}) {
  frames++;
  const base = { type: 'frame', id: frames, worker_id: 'main', from: 'p#0', action: 'push', direction: 'downstream' };
  return { ...base, name: `${kind}#${frames}`, timestamp: START_S + afterMs / 1000, payload: { id: frames, ...payload }, ...more };
}

/** A question and its answer, then an answer that is cut. */
function conversation(): unknown[] {
  const spoken = frame('TranscriptionFrame', 2100, { text: '今天天气怎么样', user_id: 'u', language: 'zh' });
  return [
    snapshot,
    frame('StartFrame', 0, { audio_in_sample_rate: 16000 }),
    frame('VADUserStartedSpeakingFrame', 1200, { start_secs: 0.2 }),
    frame('VADUserStoppedSpeakingFrame', 2000, { stop_secs: 0.3 }),
    spoken,
    // The same frame in the next processor's hands.
    { ...spoken, id: 999, from: 'q#0', action: 'process', timestamp: START_S + 2.11 },
    frame('UserStoppedSpeakingFrame', 2200),
    frame('LLMFullResponseStartFrame', 2250),
    frame('LLMTextFrame', 2600, { text: '晴，' }),
    frame('LLMTextFrame', 2650, { text: '二十度。' }),
    frame('LLMFullResponseEndFrame', 2700),
    frame('TTSStartedFrame', 2710),
    frame('BotStartedSpeakingFrame', 2900, {}, { direction: 'upstream' }),
    frame('BotStoppedSpeakingFrame', 4000),
    frame('LLMFullResponseStartFrame', 5000),
    frame('LLMTextFrame', 5100, { text: '从前有座山' }),
    frame('BotStartedSpeakingFrame', 5200),
    frame('TTSTextFrame', 5300, { text: '从前' }),
    frame('InterruptionFrame', 5500),
    {
      type: 'bus_message',
      timestamp: START_S + 6,
      message_type: 'BusEndMessage',
      category: 'lifecycle',
      source_worker: 'main',
      target_worker: null,
      data: {},
    },
    { type: 'of-the-future', timestamp: START_S + 6, what: 1 },
  ];
}

const eventsOf = (records: readonly unknown[]) => [...whiskEvents(readWhisk(file(records)))];

describe('a file of Pipecat Whisker', () => {
  test('tells turns with what was said, decided and cut, each frame once', () => {
    const events = eventsOf(conversation());
    const told = events.filter(({ kind }) => kind !== 'wire.message');
    expect(told.filter(({ kind }) => kind === 'stt.final')).toMatchObject([{ atUs: 2_100_000, text: '今天天气怎么样', language: 'zh' }]);
    expect(told.find(({ kind }) => kind === 'user.speech-ended')).toMatchObject({ atUs: 1_700_000, declaredUs: 2_000_000 });
    expect(told.find(({ kind }) => kind === 'turn.committed')).toMatchObject({ atUs: 2_200_000 });
    expect(told.filter(({ kind }) => kind === 'turn.ended')).toMatchObject([
      { outcome: 'completed', userText: '今天天气怎么样', replyText: '晴，二十度。', heardText: '晴，二十度。' },
      { outcome: 'interrupted', userText: '', replyText: '从前有座山', heardText: '从前' },
    ]);
    expect(told[0]).toMatchObject({ kind: 'conversation.opened', gateway: 'pipecat', engines: { stt: 'DeepgramSTTService' } });
  });

  test('has every record as it came, what nobody knows too', () => {
    const raw = eventsOf(conversation()).filter(({ kind }) => kind === 'wire.message');
    expect(raw).toHaveLength(conversation().length - 1);
    expect(raw.at(-1)).toMatchObject({ name: 'unknown', isUnknown: true });
    expect(raw.some((event) => event.kind === 'wire.message' && event.direction === 'up')).toBe(true);
  });

  // A picture in a context made the whole file one that is refused.
  test('has a payload that is longer than an event may be as far as it may, and says how long it was', () => {
    const [event] = eventsOf([snapshot, frame('LLMContextFrame', 10, { image: '"'.repeat(3_000_000) })]);
    expect(event).toMatchObject({ kind: 'wire.message', note: expect.stringMatching(/^cut: 60000\d\d characters$/) });
    expect(JSON.stringify(event).length).toBeLessThan(8 << 20);
  });

  test('says nothing of when the user fell silent where the file does not', () => {
    const records = [snapshot, frame('VADUserStoppedSpeakingFrame', 900)];
    expect(eventsOf(records).map(({ kind }) => kind)).not.toContain('user.speech-ended');
  });

  test('never goes back in time', () => {
    const events = eventsOf([snapshot, frame('TranscriptionFrame', 5000, { text: 'a' }), frame('TranscriptionFrame', 10, { text: 'b' })]);
    expect(events.filter(({ kind }) => kind === 'stt.final').map(({ atUs }) => atUs)).toEqual([5_000_000, 5_000_000]);
  });
});

describe('imported', () => {
  let bench: TestBench;
  let sessions: Sessions;
  const context = { signal: new AbortController().signal, role: 'operator' as const };
  beforeAll(async () => {
    bench = await openTestBench();
    sessions = await createSessions({ store: bench.store, recorder: bench.recorder, clock: bench.clock, log: silentLog });
  }, 60_000);
  afterAll(async () => {
    sessions.close();
    await bench.close();
  });
  const imported = (data: Uint8Array) => sessions.calls['sessions.import']({ data, fileName: 'bot.whisk' }, context);

  test('it is a session that says where it is from', async () => {
    const { id } = await imported(file(conversation()));
    const { session, turns } = await sessions.calls['sessions.show']({ id }, context);
    expect(session).toMatchObject({ title: 'bot.whisk', state: 'closed', turnCount: 2, startedWallMs: START_S * 1000 });
    expect(session.note).toContain('Pipecat 1.3.0, Whisker 2.0.1');
    // Nobody knows when the reply was heard: unknown, not zero.
    expect(turns[0]?.breakdown.totalUs).toBeNull();
  });

  test('one that was cut off in the middle has what stands before, and says so', async () => {
    const whole = file(conversation());
    const { id } = await imported(whole.slice(0, -3));
    const { session } = await sessions.calls['sessions.show']({ id }, context);
    expect(session).toMatchObject({ turnCount: 2, droppedCount: 1 });
    expect(session.note).toContain('middle of a record');
  });

  test.each([
    ['another protocol', file([{ ...snapshot, protocol: '9' }])],
    ['no snapshot', file([{ type: 'frame' }])],
    ['no MessagePack', Uint8Array.of(0x81, 0xa1)],
    ['nothing', new Uint8Array(0)],
    ['a tower of maps', new Uint8Array(200_000).fill(0x91).fill(0x81, 0, 1)],
  ])('%s is refused', async (_, data) => {
    await expect(imported(data)).rejects.toMatchObject({ value: { code: 'session/bad-file', data: { path: 'bot.whisk' } } });
  });
});
