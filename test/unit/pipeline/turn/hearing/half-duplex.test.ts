import { describe, expect, test } from 'vitest';
import { FakeVad, silencePcm, speechPcm } from '../../../../fakes/engines.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';
import { createEarRig } from '../ear-rig.ts';
import { createRig } from '../rig.ts';

const format = { codec: 'pcm', sampleRate: 16000, frameMs: 60 } as const;

describe('deaf to the sample', () => {
  test('what was taken before the speaker fell silent is not heard, what came after is, within one packet', async () => {
    const clock = new VirtualClock(3_000_000);
    const { uplink, send, audio, heard, close } = createEarRig({ clock, format, vad: new FakeVad() });
    uplink.setDeaf(true, clock.nowUs());
    for (let packet = 0; packet < 10; packet++) {
      await clock.advance(60_000);
      send(speechPcm(60));
      // Told in the middle of the tenth packet, ahead of its end.
      if (packet === 8) uplink.setDeaf(false, clock.nowUs() + 25_000);
    }
    for (let packet = 0; packet < 10; packet++) {
      await clock.advance(60_000);
      send(speechPcm(60));
    }
    for (let packet = 0; packet < 12; packet++) {
      await clock.advance(60_000);
      send(silencePcm(60));
    }
    expect(heard.map(([kind]) => kind)).toEqual(['started', 'ended']);
    // 35 ms of the straddling packet and ten more: the first syllable is all there.
    expect(Math.abs((heard[0]?.[1] ?? 0) - (3_000_000 + 9 * 60_000 + 25_000))).toBeLessThanOrEqual(1000);
    const samples = audio.reduce((sum, part) => sum + part.filter((sample) => sample !== 0).length, 0);
    expect(samples / 16).toBeCloseTo(635, 0);
    close();
  });

  test('the tail of the device’s delay is deaf too', async () => {
    const clock = new VirtualClock(3_000_000);
    const { uplink, send, heard, close } = createEarRig({ clock, format, vad: new FakeVad() });
    uplink.setDeaf(true, clock.nowUs());
    await clock.advance(60_000);
    send(speechPcm(60));
    uplink.setDeaf(false, clock.nowUs() + 600_000); // echo goes on so long
    for (let packet = 0; packet < 10; packet++) {
      await clock.advance(60_000);
      send(speechPcm(60));
    }
    for (let packet = 0; packet < 20; packet++) {
      await clock.advance(60_000);
      send(silencePcm(60));
    }
    expect(heard).toEqual([]);
    close();
  });
});

describe('a board without echo cancellation', () => {
  test('hears the user right after the reply, and not the reply', async () => {
    const rig = await createRig({
      turns: { isHalfDuplex: true },
      replies: [{ tokens: ['好的。'] }, { tokens: ['嗯。'] }],
      utterances: [{ text: '再来一个' }],
    });
    rig.conversation.text('你好', { initiator: 'user-text', isSpoken: true });
    while (rig.conversation.state !== 'speaking') await rig.hear('silence', 20);
    while (rig.conversation.state === 'speaking') await rig.hear('speech', 20); // its own echo
    expect(rig.of('user.speech-started')).toEqual([]);
    await rig.hear('silence', 100);
    const startUs = rig.clock.nowUs();
    await rig.hear('speech', 800);
    await rig.hear('silence', 1200);
    expect(rig.of('turn.committed').map(({ text }) => text)).toEqual(['你好', '再来一个']);
    expect(Math.abs((rig.of('user.speech-started').at(-1)?.atUs ?? 0) - startUs)).toBeLessThanOrEqual(40_000);
  });

  test('may still be interrupted while it thinks, where that has a policy of its own: nothing plays then', async () => {
    const rig = await createRig({
      turns: { isHalfDuplex: true, interruptionWhileThinking: 'duration' },
      replies: [{ tokens: ['太慢了。'], ttftMs: 4000 }, { tokens: ['好。'] }],
      utterances: [{ text: '等一下' }],
    });
    rig.conversation.text('问题', { initiator: 'user-text', isSpoken: true });
    await rig.hear('speech', 800);
    await rig.hear('silence', 1000);
    expect(rig.of('turn.ended')[0]).toMatchObject({ outcome: 'unanswered' });
    expect(rig.of('turn.committed').at(-1)?.text).toBe('等一下');
  });
});
