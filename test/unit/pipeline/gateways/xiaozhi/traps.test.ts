import { describe, expect, test } from 'vitest';
import { createOpusEncoder } from '../../../../../pipeline/audio/opus.ts';
import { speechPcm } from '../../../../fakes/engines.ts';
import { createXiaozhiRig, type XiaozhiRig } from '../../../../fakes/xiaozhi.ts';

const answer = { tokens: ['你', '好', '呀', '。', '今', '天', '天', '气', '不', '错', '。'] };
const question = { text: '今天天气怎么样' };
const texts = (rig: XiaozhiRig) => rig.said.map(({ text }) => text);
const whenSaid = (rig: XiaozhiRig, text: string) => rig.said.find((one) => one.text.startsWith(text))?.atUs ?? Number.NaN;
const countOf = (rig: XiaozhiRig, text: string) => texts(rig).filter((one) => one === text).length;

/** A packet that decodes. */
const packet = createOpusEncoder({ sampleRate: 16000, channels: 1, bitrate: 24000, frameMs: 60, isCbr: false }).encode(speechPcm(60));

/** Wakes the board, asks, and waits until the reply is being heard. */
async function asked(
  options: Parameters<typeof createXiaozhiRig>[0] = {},
  mode: 'auto' | 'manual' | 'realtime' = 'auto',
): Promise<XiaozhiRig> {
  const rig = createXiaozhiRig({ utterances: [question], replies: [answer], ...options });
  await rig.wake(mode);
  await rig.speak(900);
  if (mode === 'manual') rig.board.release();
  await rig.until(() => rig.board.state === 'speaking');
  return rig;
}

async function answered(rig: XiaozhiRig): Promise<void> {
  await rig.until(() => rig.board.state !== 'speaking');
  await rig.advanceMs(500);
}

describe('the traps of reference/voice.md §4.4, against a board that falls into them', () => {
  test.each([0, 5, 100, 600])(
    '1: no packet before the board speaks and has reset its decoder, with a voice that answers after %i ms',
    async (ttfbMs) => {
      const rig = await asked({ tts: { ttfbMs } });
      await answered(rig);
      const startUs = whenSaid(rig, 'down tts start');
      expect(rig.packets.length).toBeGreaterThan(10);
      expect((rig.packets[0] ?? 0) - startUs).toBeGreaterThanOrEqual(95_000);
      expect(rig.board.violations).toEqual([]);
    },
  );

  test('1: a server that glues the start to the first packet loses it, twice over', async () => {
    const rig = createXiaozhiRig();
    await rig.wake();
    rig.inject.message({ type: 'tts', state: 'start' });
    rig.inject.audio(packet);
    await rig.advanceMs(12);
    rig.inject.audio(packet);
    await rig.advanceMs(40);
    rig.inject.audio(packet);
    await rig.advanceMs(20);
    expect(rig.board.violations).toEqual(['a packet while listening: dropped', 'a packet before the decoder was reset: cleared']);
  });

  test('1: stt, then llm, then the start, then each sentence with its audio, then the stop', async () => {
    const first = '今天天气很好，适合出门走走。';
    const second = '明天可能会下雨，记得带伞。';
    const rig = await asked({ replies: [{ tokens: Array.from(first + second) }] });
    await answered(rig);
    const down = texts(rig).filter((text) => text.startsWith('down'));
    expect(down).toEqual([
      'down stt',
      'down llm neutral',
      'down tts start',
      ...down.filter((text) => text.includes('sentence_start')),
      'down tts stop',
    ]);
    const sentences = rig.said.filter(({ text }) => text.includes('sentence_start'));
    expect(sentences.map(({ text }) => text.split(' ').at(-1)).join('')).toBe(first + second);
    expect(sentences.length).toBeGreaterThan(1);
    // A later one comes while audio goes, not with the first.
    expect(sentences.at(-1)?.atUs).toBeGreaterThan((rig.packets[5] ?? 0) + 1);
  });

  test('2: the greeting waits until the board listens', async () => {
    const rig = createXiaozhiRig({ greeting: '你好。' });
    await rig.wake();
    await rig.until(() => rig.board.state === 'speaking');
    expect(whenSaid(rig, 'down tts start')).toBeGreaterThan(whenSaid(rig, 'up listen start'));
    await answered(rig);
    expect(rig.board.violations).toEqual([]);
  });

  test('2: a server that greets on hello is not heard', async () => {
    const rig = createXiaozhiRig();
    const woken = rig.board.wake('auto');
    await rig.advanceMs(3);
    rig.inject.message({ type: 'tts', state: 'start' });
    await rig.advanceMs(20);
    await woken;
    expect(rig.board.violations).toEqual(['connecting to speaking: no such change']);
  });

  test('3: in auto mode the board listens again when it has played what it has; the next question is heard', async () => {
    const rig = await asked({ utterances: [question, question], replies: [answer, answer] });
    await answered(rig);
    expect(countOf(rig, 'up listen start')).toBe(2);
    expect(whenSaid(rig, 'down tts stop')).toBeGreaterThan((rig.packets.at(-1) ?? 0) + 100_000);
    await rig.speak(900);
    await rig.until(() => countOf(rig, 'down tts start') === 2);
    await answered(rig);
    expect(rig.board.violations).toEqual([]);
  });

  test('3: in realtime mode there is no other listen start, and the microphone is heard all along', async () => {
    const rig = await asked({ utterances: [question, question], replies: [answer, answer] }, 'realtime');
    await answered(rig);
    await rig.speak(900);
    await rig.until(() => countOf(rig, 'down tts start') === 2);
    await answered(rig);
    expect(countOf(rig, 'up listen start')).toBe(1);
    expect(rig.board.violations).toEqual([]);
  });

  test('4: speech interrupts in realtime mode, and no more than the lead is left on the board', async () => {
    const long = { tokens: Array.from({ length: 40 }, () => '话') };
    const rig = await asked({ utterances: [question, question], replies: [long, answer] }, 'realtime');
    await rig.until(() => rig.packets.length > 20);
    await rig.speak(1200);
    await rig.until(() => countOf(rig, 'down tts stop') === 1);
    const stopUs = whenSaid(rig, 'down tts stop');
    expect(rig.packets.filter((atUs) => atUs > stopUs && atUs < stopUs + 300_000)).toEqual([]);
    await rig.until(() => countOf(rig, 'down tts start') === 2);
    await answered(rig);
    expect(rig.board.violations).toEqual([]);
  });

  test('4: where it is asked for, an interruption also empties the board: a stop, a start, and a stop no pass takes together', async () => {
    const long = { tokens: Array.from({ length: 40 }, () => '话') };
    const rig = await asked({ utterances: [question], replies: [long], settings: { xiaozhi: { isFlushForced: true } } }, 'realtime');
    await rig.until(() => rig.packets.length > 20);
    rig.board.press();
    await rig.advanceMs(600);
    const flush = rig.said.filter(({ text }) => text.startsWith('down tts') && !text.includes('sentence')).slice(-3);
    expect(flush.map(({ text }) => text)).toEqual(['down tts stop', 'down tts start', 'down tts stop']);
    expect((flush[2]?.atUs ?? 0) - (flush[1]?.atUs ?? 0)).toBeGreaterThanOrEqual(100_000);
    expect(rig.board.state).toBe('listening');
    expect(rig.board.violations).toEqual([]);
  });

  test('4: a server that sends faster than the board plays overflows it', async () => {
    const rig = createXiaozhiRig();
    await rig.wake();
    rig.inject.message({ type: 'tts', state: 'start' });
    await rig.advanceMs(100);
    for (let index = 0; index < 80; index++) {
      rig.inject.audio(packet);
      await rig.advanceMs(6);
    }
    expect(rig.board.violations).toContain('a packet to a full queue: dropped');
  });

  test('5: the button while it speaks is answered by a stop at once', async () => {
    const rig = await asked();
    await rig.until(() => rig.packets.length > 3);
    rig.board.press();
    await rig.until(() => texts(rig).includes('up abort'));
    const abortUs = whenSaid(rig, 'up abort');
    await answered(rig);
    expect(whenSaid(rig, 'down tts stop') - abortUs).toBeLessThan(20_000);
    expect(countOf(rig, 'down tts stop')).toBe(1);
    expect(rig.board.state).toBe('listening');
    await rig.advanceMs(4000);
    expect(rig.board.violations).toEqual([]);
  });

  test('5: also between the start and the first packet, and in the tail after the last one', async () => {
    const early = await asked({ tts: { ttfbMs: 600 } });
    early.board.press();
    await early.advanceMs(4000);
    expect(early.packets).toEqual([]);
    const late = await asked();
    await late.until(() => late.observer.of('turn.ended').length > 0);
    expect(late.board.state).toBe('speaking');
    late.board.press();
    await late.advanceMs(4000);
    for (const rig of [early, late]) {
      expect(rig.board.state).toBe('listening');
      expect(rig.board.violations).toEqual([]);
    }
  });

  test('5: the button while the agent still thinks ends that answer; nothing of it comes later', async () => {
    const rig = createXiaozhiRig({ utterances: [question], replies: [{ ...answer, ttftMs: 2000 }] });
    await rig.wake();
    await rig.speak(900);
    await rig.until(() => rig.llm.requests.length > 0);
    rig.board.send({ type: 'abort' });
    await rig.advanceMs(6000);
    expect(countOf(rig, 'down tts start')).toBe(0);
    expect(countOf(rig, 'down tts stop')).toBe(1);
    expect(rig.board.violations).toEqual([]);
  });

  test('5: a server that does not answer leaves the board stuck', async () => {
    const rig = createXiaozhiRig();
    await rig.wake();
    rig.inject.message({ type: 'tts', state: 'start' });
    await rig.advanceMs(100);
    rig.channel().end('deaf');
    rig.board.press();
    await rig.advanceMs(4000);
    expect(rig.board.violations).toEqual(['no tts stop after an abort: stuck in Speaking']);
  });

  test('5: a wake word interrupts; the old answer does not drag the board back', async () => {
    const rig = await asked({ utterances: [question, question], replies: [answer, answer] });
    await rig.until(() => rig.packets.length > 3);
    rig.board.wakeWord('你好小智');
    await rig.until(() => countOf(rig, 'up listen start') === 2);
    expect(texts(rig)).toContain('up abort wake_word_detected');
    await rig.advanceMs(1500);
    expect(countOf(rig, 'down tts start')).toBe(1);
    await rig.speak(900);
    await rig.until(() => countOf(rig, 'down tts start') === 2);
    await answered(rig);
    expect(rig.llm.requests).toHaveLength(2);
    expect(rig.board.violations).toEqual([]);
  });

  test('6: manual mode: no greeting into the held button, no wait for silence, Idle afterwards', async () => {
    const rig = createXiaozhiRig({ greeting: '你好。', utterances: [question], replies: [answer] });
    await rig.wake('manual');
    await rig.speak(900);
    expect(rig.llm.requests).toHaveLength(0);
    rig.board.release();
    await rig.until(() => texts(rig).includes('up listen stop'));
    const releasedUs = rig.clock.nowUs();
    await rig.until(() => rig.llm.requests.length === 1);
    // One frame that may be on its way, and nothing of `vadSilenceMs`.
    expect(rig.clock.nowUs() - releasedUs).toBeLessThan(250_000);
    await rig.until(() => rig.board.state === 'speaking');
    await answered(rig);
    expect(rig.board.state).toBe('idle');
    expect(texts(rig).filter((text) => text.includes('sentence_start'))).not.toContain('down tts sentence_start 你好。');
    expect(rig.board.violations).toEqual([]);
  });

  test.each(['websocket', 'udp'] as const)(
    '7: the sound of the wake word and its name are nobody’s question, over %s',
    async (transport) => {
      const wakeWord = { text: '你好，小智！', pcm: speechPcm(2000) };
      const rig = createXiaozhiRig({ transport, wakeWord, utterances: [question], replies: [answer] });
      await rig.wake();
      expect(texts(rig).slice(0, 2)).toEqual(['up listen detect', 'up listen start']);
      await rig.advanceMs(3000);
      expect(rig.observer.of('user.speech-started')).toEqual([]);
      expect(rig.llm.requests).toEqual([]);
      await rig.speak(900);
      await rig.until(() => rig.board.state === 'speaking');
      expect(rig.llm.requests).toHaveLength(1);
      expect(rig.board.violations).toEqual([]);
    },
  );

  test('7: anything else in its place was typed, and is answered', async () => {
    const rig = createXiaozhiRig({ greeting: '你好。', replies: [answer] });
    await rig.wake();
    await rig.until(() => rig.board.state === 'speaking');
    rig.board.send({ type: 'listen', state: 'detect', text: '讲个故事' });
    await rig.until(() => rig.llm.requests.length === 1);
    expect(rig.llm.requests[0]?.messages.at(-1)).toMatchObject({ role: 'user', content: '讲个故事' });
  });

  test('8: a press while it listens closes the channel, and the conversation with it', async () => {
    const rig = createXiaozhiRig({ greeting: '' });
    await rig.wake();
    await rig.advanceMs(300);
    rig.board.press();
    await rig.advanceMs(100);
    expect(rig.board.state).toBe('idle');
    expect(rig.observer.of('conversation.closed')).toHaveLength(1);
    await rig.wake();
    await rig.advanceMs(200);
    expect(rig.observer.of('conversation.opened')).toHaveLength(2);
    expect(rig.board.violations).toEqual([]);
  });

  test('9: the stop comes when the reply has been heard, in manual mode too, where it would cut it', async () => {
    const rig = await asked({}, 'manual');
    await answered(rig);
    const { pcm } = rig.board.receivedAudio();
    // 100 ms a character: all of both sentences.
    expect(pcm.length / 16).toBeGreaterThanOrEqual(1100);
    expect(rig.board.violations).toEqual([]);
  });

  test('9: a server that stops early cuts the reply', async () => {
    const rig = createXiaozhiRig();
    await rig.wake('manual');
    rig.board.release();
    await rig.advanceMs(100);
    rig.inject.message({ type: 'tts', state: 'start' });
    await rig.advanceMs(100);
    for (let index = 0; index < 4; index++) {
      rig.inject.audio(packet);
      await rig.advanceMs(20);
    }
    rig.inject.message({ type: 'tts', state: 'stop' });
    await rig.advanceMs(100);
    expect(rig.board.violations).toEqual(['2 packets of a reply were cut off']);
  });

  test('10: the lead is not built up in a burst', async () => {
    const rig = await asked({ isC3: true, tts: { ttfbMs: 0, speed: 100 }, settings: { downlink: { leadMs: 300 } } });
    await answered(rig);
    expect(rig.board.violations).toEqual([]);
    expect(Math.min(...rig.packets.slice(1).map((atUs, index) => atUs - (rig.packets[index] ?? 0)))).toBeGreaterThanOrEqual(25_000);
  });

  test('10: five packets at once restart a C3', async () => {
    const rig = createXiaozhiRig({ isC3: true });
    await rig.wake();
    rig.inject.message({ type: 'tts', state: 'start' });
    await rig.advanceMs(100);
    for (let index = 0; index < 5; index++) rig.inject.audio(packet);
    await rig.advanceMs(100);
    expect(rig.board.violations).toEqual(['5 packets within 20 ms: a C3 restarts']);
    expect(rig.board.state).toBe('idle');
  });
});

describe('the rest of a channel’s life', () => {
  test('over UDP nothing is said before the board’s first datagram', async () => {
    const rig = createXiaozhiRig({ transport: 'udp', greeting: '你好。' });
    await rig.wake();
    await rig.until(() => rig.board.state === 'speaking');
    await answered(rig);
    expect(rig.packets.length).toBeGreaterThan(2);
    expect(rig.board.violations).toEqual([]);
  });

  test('after 120 s in which nothing went to the board the channel is closed, for the board believes in it no longer', async () => {
    const rig = createXiaozhiRig({ greeting: '你好。' });
    await rig.wake();
    await rig.until(() => rig.board.state === 'speaking');
    await answered(rig);
    const stopUs = whenSaid(rig, 'down tts stop');
    await rig.until(() => rig.closeReasons.length > 0, 130_000);
    expect(rig.closeReasons).toEqual(['120 s of silence']);
    expect(rig.clock.nowUs() - stopUs).toBeGreaterThanOrEqual(119_900_000);
    expect(rig.board.state).toBe('listening');
    await rig.advanceMs(100);
    expect(rig.board.state).toBe('idle');
  });

  test('when nobody answers the last reminder the channel is closed politely', async () => {
    const conversation = { isIdleDetected: true, idleTimeoutS: 2, idleMaxRetries: 1, idleMessages: [{ retry: 1, zh: '再见啦。' }] };
    const rig = createXiaozhiRig({ settings: { conversation } });
    await rig.wake();
    await rig.until(() => rig.closeReasons.length > 0);
    await rig.advanceMs(100);
    expect(texts(rig)).toContain('down tts sentence_start 再见啦。');
    expect(rig.board.state).toBe('idle');
    expect(rig.board.violations).toEqual([]);
  });

  test('a channel that is closed in the middle of a word says stop first', async () => {
    const rig = await asked();
    await rig.until(() => rig.packets.length > 3);
    rig.channel().close('the bench is closing');
    await rig.advanceMs(200);
    expect(texts(rig).at(-1)).toBe('down tts stop');
    expect(rig.board.state).toBe('idle');
    expect(rig.clock.pendingTimers).toBeLessThanOrEqual(1);
  });

  test('an emotion is shown before the reply begins, by the name the firmware has a face for', async () => {
    const rig = await asked({ replies: [{ tokens: ['[开心]', '你', '好', '呀', '。'] }] });
    await answered(rig);
    expect(texts(rig)).toContain('down llm happy');
    expect(texts(rig)).not.toContain('down llm neutral');
    expect(whenSaid(rig, 'down llm happy')).toBeLessThanOrEqual(whenSaid(rig, 'down tts start'));
  });

  test('a reply whose voice fails ends in a stop, and says so', async () => {
    const rig = createXiaozhiRig({
      utterances: [question],
      replies: [answer],
      tts: { failing: new Map([1, 2, 3, 4].map((number) => [number, new Error('broken')])) },
    });
    await rig.wake();
    await rig.speak(900);
    await rig.until(() => countOf(rig, 'down tts stop') === 1);
    await rig.advanceMs(500);
    expect(texts(rig)).toContain('down alert sad');
    expect(rig.board.state).toBe('listening');
    expect(rig.board.violations).toEqual([]);
  });
});
