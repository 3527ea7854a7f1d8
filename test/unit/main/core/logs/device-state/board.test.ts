import { describe, expect, test } from 'vitest';
import { BoardLog } from '../../../../../../main/core/logs/device-state/board.ts';
import type { LogRow } from '../../../../../../preload/contract/logs.ts';
import type { MonoUs } from '../../../../../../preload/contract/time.ts';

/** Rows of one board, a millisecond apart unless told otherwise. */
function bench() {
  const board = new BoardLog('virtual://one');
  let seq = 0;
  let atMs = 0;
  const say = (event: string | undefined, payload?: unknown, options: Partial<LogRow> & { atMs?: number } = {}) => {
    const { atMs: wanted, ...rest } = options;
    atMs = wanted ?? atMs + 1;
    const text = rest.text ?? String(event);
    board.add({
      seq: seq++,
      port: 'virtual://one',
      atUs: (atMs * 1000) as MonoUs,
      direction: 'received',
      text,
      message: text,
      raw: new Uint8Array(0),
      grammar: 'twetalk',
      ...(event === undefined ? {} : { event }),
      ...(payload === undefined ? {} : { payload }),
      ...rest,
    });
  };
  const kinds = () => board.state().notices.map(({ kind }) => kind);
  const steps = () => Object.fromEntries(board.state().steps.map(({ step, state }) => [step, state]));
  return { board, say, kinds, steps };
}

describe('steps', () => {
  test('a board is followed from reset to its first turn, and a reset begins anew', () => {
    const { say, steps, board } = bench();
    expect(board.state().condition).toBe('silent');
    say('boot.rom', { rom: 'esp32s3-20210327' });
    say('boot.reset', { reason: 'POWERON' });
    expect(steps()).toMatchObject({ boot: 'active', network: 'none' });
    say('boot.app-started');
    say('wifi.got-ip', { ip: '192.168.1.7' });
    say('mqtt.connected', { id: 'a' });
    expect(steps()).toMatchObject({ boot: 'done', network: 'done', mqtt: 'done', websocket: 'none' });
    say('twetalk.ready', { code: 0 });
    say('twetalk.BOT_START_SPEAKING');
    expect(steps()).toMatchObject({ websocket: 'done', greeting: 'done', turn: 'none' });
    say('twetalk.BOT_STOP_SPEAKING');
    say('twetalk.caption', { who: 'usr', text: 'hello' });
    say('twetalk.BOT_START_SPEAKING');
    expect(steps().turn).toBe('done');
    expect(board.state().facts).toMatchObject({ rom: 'esp32s3-20210327', resetReason: 'POWERON', ip: '192.168.1.7' });
    say('boot.reset', { reason: 'SW_CPU' });
    expect(steps()).toEqual({ boot: 'active', network: 'none', mqtt: 'none', websocket: 'none', greeting: 'none', turn: 'none' });
  });

  test('a board that is met in the middle has passed what it did not mention', () => {
    const { say, steps } = bench();
    say('mqtt.connected', { id: 'a' });
    expect(steps()).toMatchObject({ boot: 'done', network: 'done', mqtt: 'done' });
  });

  test('a lost connection fails its step and a new one mends it', () => {
    const { say, steps } = bench();
    say('mqtt.connected', { id: 'a' });
    say('mqtt.reconnecting');
    expect(steps().mqtt).toBe('active');
    say('mqtt.connected', { id: 'b' });
    expect(steps().mqtt).toBe('done');
  });
});

describe('turns', () => {
  test('every event told twice, growing user captions and bot sentences are one turn', () => {
    const { say, board } = bench();
    say('twetalk.vad-start', undefined, { atMs: 1000, deviceMs: 22_622, grammar: 'esp-idf' });
    say('twetalk.vad-end', undefined, { atMs: 1900, deviceMs: 23_616, grammar: 'esp-idf' });
    say('twetalk.vad-start', undefined, { atMs: 2300, deviceMs: 24_006, grammar: 'esp-idf' });
    say('twetalk.USR_TRANSCRIPTION', { number: 3 });
    say('twetalk.caption', { who: 'usr', text: '给我' });
    say('twetalk.caption', { who: 'usr', text: '给我讲个故事' });
    say('twetalk.vad-end', undefined, { atMs: 4000, deviceMs: 25_745, grammar: 'esp-idf' });
    say('twetalk.caption', { who: 'bot', text: '好的。' }, { atMs: 4100, deviceMs: 25_627 });
    say('twetalk.BOT_START_SPEAKING', undefined, { atMs: 4700, deviceMs: 26_204 });
    say('twetalk.speaking', { who: 'bot', isSpeaking: true }, { atMs: 4701, deviceMs: 26_204 });
    say('twetalk.caption', { who: 'bot', text: '从前……' });
    say('twetalk.BOT_STOP_SPEAKING', undefined, { atMs: 9000 });
    say('twetalk.speaking', { who: 'bot', isSpeaking: false }, { atMs: 9001 });
    expect(board.state().turns).toEqual([
      {
        number: 1,
        seq: 0,
        startedUs: 1_000_000,
        userStartedUs: 1_000_000,
        userEndedUs: 4_000_000,
        botStartedUs: 4_700_000,
        botEndedUs: 9_000_000,
        userText: '给我讲个故事',
        botText: '好的。从前……',
        isInterrupted: false,
        // The two loggers have clocks of their own: only the host's is common to both rows.
        latencyUs: 700_000,
        latencyClock: 'host',
      },
    ]);
  });

  test('one logger for both rows: its own clock counts, whatever the serial line added', () => {
    const { say, board } = bench();
    say('twetalk.USR_START_SPEAKING', undefined, { atMs: 0, deviceMs: 100 });
    say('twetalk.USR_STOP_SPEAKING', undefined, { atMs: 1000, deviceMs: 1100 });
    say('twetalk.caption', { who: 'usr', text: 'hi' });
    say('twetalk.BOT_START_SPEAKING', undefined, { atMs: 1900, deviceMs: 1900 });
    expect(board.state().turns[0]).toMatchObject({ latencyUs: 800_000, latencyClock: 'device' });
  });

  test('the greeting is a turn without a user, and has no latency', () => {
    const { say, board } = bench();
    say('twetalk.caption', { who: 'bot', text: '你好' });
    say('twetalk.BOT_START_SPEAKING');
    say('twetalk.BOT_STOP_SPEAKING');
    expect(board.state().turns).toMatchObject([{ number: 1, userText: '', botText: '你好', latencyUs: null }]);
  });

  test('a reply cut short by the user is interrupted, and what was said then is the next turn', () => {
    const { say, board } = bench();
    say('twetalk.caption', { who: 'usr', text: 'tell me a story' }, { atMs: 0 });
    say('twetalk.BOT_START_SPEAKING', undefined, { atMs: 1000 });
    say('twetalk.vad-start', undefined, { atMs: 5000 });
    say('twetalk.BOT_STOP_SPEAKING', undefined, { atMs: 5600 });
    say('twetalk.vad-end', undefined, { atMs: 6000 });
    say('twetalk.caption', { who: 'usr', text: 'stop' }, { atMs: 6100 });
    say('twetalk.BOT_START_SPEAKING', undefined, { atMs: 7000 });
    expect(board.state().turns).toMatchObject([
      { userText: 'tell me a story', isInterrupted: true },
      { userText: 'stop', isInterrupted: false, userStartedUs: 5_000_000, latencyUs: 1_000_000 },
    ]);
  });

  test('the speaker heard by the microphone is not a turn', () => {
    const { say, board } = bench();
    say('twetalk.BOT_START_SPEAKING', undefined, { atMs: 0 });
    say('twetalk.vad-start', undefined, { atMs: 500 });
    say('twetalk.vad-end', undefined, { atMs: 900 });
    say('twetalk.BOT_STOP_SPEAKING', undefined, { atMs: 60_000 });
    expect(board.state().turns).toMatchObject([{ number: 1, isInterrupted: false }]);
  });
});

describe('health', () => {
  test('three resets in fifteen seconds are a loop; three in a minute are not', () => {
    const slow = bench();
    for (const at of [0, 20_000, 40_000]) slow.say('boot.reset', { reason: 'POWERON' }, { atMs: at });
    expect(slow.kinds()).toEqual([]);
    const fast = bench();
    for (const at of [0, 5000, 10_000]) {
      fast.say('boot.rom', { rom: 'x' }, { atMs: at });
      fast.say('boot.reset', { reason: 'SW_CPU' });
    }
    expect(fast.board.state().boots).toHaveLength(3);
    expect(fast.board.state().notices).toMatchObject([{ kind: 'boot-loop', data: { resets: 3, spanMs: 10_000, reason: 'SW_CPU' } }]);
  });

  test('falling heap is noticed, a noisy one is not', () => {
    const leak = bench();
    for (let i = 0; i < 20; i++) leak.say('heap', { freeBytes: 180_000 - i * 1000 + (i % 3) * 50 }, { atMs: i * 10_000 });
    expect(leak.board.state().notices).toMatchObject([{ kind: 'heap-falling', data: { bytesPerMinute: expect.closeTo(6000, -2) } }]);
    const noisy = bench();
    for (let i = 0; i < 60; i++) noisy.say('heap', { freeBytes: 180_000 + ((i * 7919) % 13) * 900 }, { atMs: i * 10_000 });
    expect(noisy.kinds()).toEqual([]);
  });

  test('little heap is told when it is told twice: a cut line reads as the beginning of its number', () => {
    const { say, kinds } = bench();
    say('heap', { freeBytes: 197_000 });
    say('heap', { freeBytes: 197 });
    say('heap', { freeBytes: 196_000 });
    expect(kinds()).toEqual([]);
    say('heap', { freeBytes: 9000 });
    say('heap', { freeBytes: 8500 });
    expect(kinds()).toEqual(['heap-low']);
  });

  test('five lost connections in a minute are a storm, counted as one notice', () => {
    const { say, board } = bench();
    for (let i = 0; i < 7; i++) say('mqtt.reconnecting', undefined, { atMs: i * 5000 });
    expect(board.state().notices).toMatchObject([{ kind: 'reconnect-storm', count: 3, data: { what: 'mqtt', count: 7 } }]);
  });

  test('most lines undecodable: the rate is wrong', () => {
    const { say, kinds } = bench();
    for (let i = 0; i < 60; i++) say(undefined, undefined, { text: i % 2 === 0 ? '\uFFFD\uFFFDx' : 'ok', grammar: 'plain' });
    expect(kinds()).toEqual(['garbled']);
  });

  test.each([
    ['panic', { reason: 'LoadProhibited', core: 0 }, 'panic'],
    ['panic', { reason: 'stack-overflow', task: 'mqtt' }, 'stack-overflow'],
    ['brownout', {}, 'brownout'],
    ['watchdog', { kind: 'task' }, 'watchdog'],
    ['mqtt.buffer-too-small', { bufferBytes: 2048, neededBytes: 2310 }, 'mqtt-buffer-small'],
    ['twetalk.error', { code: -915, who: 'user' }, 'licence'],
    ['twetalk.error', { code: -2006, who: 'connection' }, 'sdk-error'],
    ['boot.invalid-image', { detail: 'x' }, 'invalid-image'],
    ['sim', { state: 'SIM REMOVED' }, 'sim'],
    ['wifi.disconnected', { reason: 'AUTH_FAIL' }, 'wifi-refused'],
  ])('%s %j is told as %s', (event, payload, kind) => {
    const { say, kinds } = bench();
    say(event, payload);
    expect(kinds()).toEqual([kind]);
  });

  test('what a person sends to the board says nothing about it', () => {
    const { say, board } = bench();
    say('boot.reset', { reason: 'POWERON' }, { direction: 'sent' });
    expect(board.state()).toMatchObject({ condition: 'silent', boots: [] });
  });
});
