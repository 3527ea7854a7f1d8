import { describe, expect, test } from 'vitest';
import type { NoiseSuppressor } from '../../../../../pipeline/engines/noise/engine.ts';
import type { VadEngine } from '../../../../../pipeline/engines/vad/engine.ts';
import { createRig, type Rig, type RigOptions } from '../rig.ts';

const turns = { input: 'push-to-talk' };

async function pressed(options: RigOptions = {}): Promise<Rig> {
  const rig = await createRig({ turns, utterances: [{ text: '几点了' }], replies: [{ tokens: ['三点。'] }], ...options });
  rig.conversation.listen('start', rig.clock.nowUs());
  return rig;
}

const ms = (us: number | undefined) => Math.round((us ?? Number.NaN) / 1000);

describe('push-to-talk', () => {
  test('everything between press and release is the user’s turn, silences included; it ends at the release', async () => {
    const rig = await pressed();
    expect(rig.conversation.state).toBe('user-speaking');
    await rig.hear('speech', 500);
    await rig.hear('silence', 3000); // no detector cuts it
    await rig.hear('speech', 500);
    const releasedUs = rig.clock.nowUs();
    rig.conversation.listen('stop', releasedUs);
    await rig.advanceMs(2000);
    expect(rig.of('turn.committed')).toMatchObject([{ text: '几点了', reason: 'released' }]);
    // One frame and 20 ms for the tail, 20 ms for the fake's final transcript.
    expect(ms((rig.of('turn.committed')[0]?.atUs ?? 0) - releasedUs)).toBeLessThanOrEqual(61);
    expect(rig.stt.heardMs).toEqual([4000]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed' }]);
    rig.peer.assertSound();
  });

  test('without a press nothing is the user’s', async () => {
    const rig = await createRig({ turns, utterances: [{ text: '几点了' }] });
    await rig.hear('speech', 1000);
    await rig.hear('silence', 2000);
    expect(rig.of('user.speech-started')).toEqual([]);
    expect(rig.packets).toHaveLength(150);
  });

  test('the last sound is where it was, not where the button was let go, and needs no detector (pipecat #4927: no metrics without VAD)', async () => {
    const broken: VadEngine = { id: 'none', open: () => Promise.reject(new Error('no VAD here')) };
    const rig = await pressed({ engines: { vad: broken } });
    await rig.hear('speech', 800);
    const soundEndUs = rig.clock.nowUs();
    await rig.hear('silence', 400);
    rig.conversation.listen('stop', rig.clock.nowUs());
    await rig.advanceMs(2000);
    const [ended] = rig.of('user.speech-ended');
    expect(Math.abs(ms((ended?.atUs ?? 0) - soundEndUs))).toBeLessThanOrEqual(20);
    expect(rig.of('engine.error')).toEqual([]);
    expect(rig.peer.messages.find(({ kind }) => kind === 'metrics')).toMatchObject({ metrics: { asr_latency: expect.any(Number) } });
  });

  test('a frame that comes just after the release is still the user’s, a later one is not', async () => {
    const rig = await pressed();
    await rig.hear('speech', 500);
    rig.conversation.listen('stop', rig.clock.nowUs());
    await rig.hear('speech', 200);
    expect(rig.stt.heardMs).toEqual([520]);
  });

  test('pressing while the agent speaks interrupts at once, even where speech may not', async () => {
    const rig = await createRig({
      turns: { ...turns, interruption: 'off', isHalfDuplex: true },
      utterances: [{ text: '停' }],
      replies: [{ tokens: ['这是一个很长很长很长很长很长很长的故事。'] }, { tokens: ['好。'] }],
    });
    rig.conversation.text('讲故事', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(1200);
    expect(rig.conversation.state).toBe('speaking');
    const before = rig.peer.packets.length;
    rig.conversation.listen('start', rig.clock.nowUs());
    expect(rig.conversation.state).toBe('user-speaking');
    await rig.hear('speech', 600);
    expect(rig.peer.packets.length).toBe(before);
    rig.conversation.listen('stop', rig.clock.nowUs());
    await rig.advanceMs(3000);
    expect(rig.of('interruption.decided')).toMatchObject([{ reason: 'pressed' }]);
    expect(rig.of('turn.ended').map(({ outcome, userText }) => [outcome, userText])).toEqual([
      ['interrupted', '讲故事'],
      ['completed', '停'],
    ]);
    rig.peer.assertSound();
  });

  test('a button that is held for ever ends at the longest utterance', async () => {
    const rig = await pressed({ turns: { ...turns, longestUtteranceMs: 5000 } });
    await rig.hear('speech', 6000);
    expect(rig.of('turn.committed')).toMatchObject([{ reason: 'too-long' }]);
    expect(rig.stt.heardMs[0]).toBeLessThanOrEqual(5020);
    rig.conversation.listen('stop', rig.clock.nowUs());
    await rig.advanceMs(3000);
    expect(rig.of('turn.started')).toHaveLength(1);
  });

  test('a release that never comes, with no audio either, ends too', async () => {
    const rig = await pressed({ turns: { ...turns, longestUtteranceMs: 5000 }, utterances: [] });
    await rig.advanceMs(6000);
    expect(rig.conversation.state).toBe('listening');
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'no-reply' }]);
  });

  test('pressed and let go without a word: no answer, and the next press is heard', async () => {
    const rig = await pressed({ utterances: [{ text: '' }, { text: '几点了' }] });
    rig.conversation.listen('stop', rig.clock.nowUs());
    await rig.advanceMs(500);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'no-reply' }]);
    rig.conversation.listen('start', rig.clock.nowUs());
    await rig.hear('speech', 500);
    rig.conversation.listen('stop', rig.clock.nowUs());
    await rig.advanceMs(2000);
    expect(rig.of('turn.committed')).toMatchObject([{ text: '几点了' }]);
  });

  test('between presses the board sends nothing, and yet every press stands where it was', async () => {
    const rig = await createRig({ turns, utterances: [{ text: '一' }, { text: '二' }, { text: '三' }] });
    for (let press = 0; press < 3; press++) {
      rig.conversation.listen('start', rig.clock.nowUs());
      await rig.hear('speech', 400);
      const endUs = rig.clock.nowUs();
      rig.conversation.listen('stop', endUs);
      await rig.advanceMs(700);
      expect(Math.abs(ms((rig.of('user.speech-ended').at(-1)?.atUs ?? 0) - endUs))).toBeLessThanOrEqual(20);
    }
  });

  test('pressing twice, releasing twice, releasing what was not pressed: nothing more happens', async () => {
    const rig = await pressed();
    rig.conversation.listen('start', rig.clock.nowUs());
    await rig.hear('speech', 300);
    rig.conversation.listen('stop', rig.clock.nowUs());
    rig.conversation.listen('stop', rig.clock.nowUs());
    await rig.advanceMs(1500);
    rig.conversation.listen('stop', rig.clock.nowUs());
    await rig.advanceMs(1500);
    expect(rig.of('turn.started')).toHaveLength(1);
    rig.peer.assertSound();
  });

  test('closed while the button is down, no timer is left', async () => {
    const rig = await pressed();
    await rig.hear('speech', 300);
    rig.conversation.close('test');
    await rig.conversation.closed;
    expect(rig.clock.pendingTimers).toBe(0);
  });
});

test('where the detector decides, the board’s own endpoint ends the utterance at once', async () => {
  const rig = await createRig({ utterances: [{ text: '几点了' }] });
  await rig.hear('speech', 600);
  rig.conversation.listen('start', rig.clock.nowUs()); // means nothing here
  rig.conversation.listen('stop', rig.clock.nowUs());
  await rig.advanceMs(50);
  expect(rig.of('turn.committed')).toMatchObject([{ reason: 'released', text: '几点了' }]);
});

test('a board that sends only while it is down is listened to with its noise taken off', async () => {
  const opened: string[] = [];
  const noise: NoiseSuppressor = {
    id: 'noted',
    open() {
      opened.push('stream');
      return Promise.resolve({
        process: (pcm) => Promise.resolve(pcm),
        flush: () => Promise.resolve(new Int16Array(0)),
        close: () => undefined,
      });
    },
  };
  const rig = await pressed({ engines: { noise }, settings: { frontEnd: { noiseSuppression: 'rnnoise' } } });
  await rig.hear('speech', 600);
  rig.conversation.listen('stop', rig.clock.nowUs());
  await rig.advanceMs(1000);
  expect(opened).toEqual(['stream']);
  expect(rig.of('turn.committed')).toMatchObject([{ text: '几点了' }]);
  expect(rig.stt.heardMs).toEqual([600]);
});
