import { describe, expect, test } from 'vitest';
import { FakeLlm, FakeTts } from '../../../fakes/engines.ts';
import { createRig } from './rig.ts';

describe('settings and engines that change while a conversation runs', () => {
  test('take effect with the next turn, and nothing of the running one changes', async () => {
    const rig = await createRig({
      replies: [{ tokens: ['一二三四五六七八。', '九十。'], tokensPerSecond: 2 }],
      settings: { voice: { voice: 'a' } },
    });
    const other = { llm: new FakeLlm(rig.clock, [{ tokens: ['好的。'] }]), tts: new FakeTts(rig.clock) };
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(200);
    rig.live.engines = {
      ...rig.live.engines,
      llm: Object.assign(other.llm, { id: 'other-llm' }),
      tts: Object.assign(other.tts, { id: 'other-tts' }),
    };
    rig.edit('voice', { voice: 'b', speed: 1.5 });
    await rig.advanceMs(4000);
    expect(rig.tts.requests.map(({ text, voice, speed }) => [text, voice, speed])).toEqual([
      ['一二三四五六七八。', 'a', undefined],
      ['九十。', 'a', undefined],
    ]);
    expect(rig.of('conversation.changed')).toEqual([]);
    rig.conversation.text('二', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    expect(other.llm.requests).toHaveLength(1);
    expect(other.tts.requests.map(({ voice, speed }) => [voice, speed])).toEqual([['b', 1.5]]);
    expect(rig.of('conversation.changed').map(({ changes }) => changes)).toEqual([
      { 'engines.llm': 'other-llm', 'engines.tts': 'other-tts', 'voice.voice': 'b', 'voice.speed': 1.5 },
    ]);
    rig.peer.assertSound();
  });

  test('are told once, before the turn they take effect with', async () => {
    const rig = await createRig({ replies: [{ tokens: ['好。'] }, { tokens: ['好。'] }] });
    rig.edit('turns', { interruptionMs: 900 });
    for (const text of ['一', '二']) {
      rig.conversation.text(text, { initiator: 'user-text', isSpoken: true });
      await rig.clock.runUntilIdle();
    }
    const kinds = rig.events.map(({ kind }) => kind).filter((kind) => kind === 'conversation.changed' || kind === 'turn.started');
    expect(kinds).toEqual(['conversation.changed', 'turn.started', 'turn.started']);
  });

  test('an interruption policy that is edited during a reply holds from the next one on', async () => {
    const rig = await createRig({
      replies: [{ tokens: ['一二三四五六七八九十一二三四五六七八九十。'] }, { tokens: ['一二三四五六七八九十。'] }, { tokens: ['嗯。'] }],
      turns: { interruption: 'off' },
      utterances: [{ text: '停下来' }],
    });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(600);
    rig.edit('turns', { interruption: 'duration' });
    await rig.hear('speech', 900);
    expect(rig.of('interruption.decided')).toEqual([]);
    await rig.hear('silence', 3000);
    rig.conversation.text('二', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(600);
    await rig.hear('speech', 900);
    expect(rig.of('interruption.decided')).toMatchObject([{ reason: 'duration', turnId: 2 }]);
  });

  test('what the far end was told at the opening is not told as changed', async () => {
    const rig = await createRig({ replies: [{ tokens: ['好。'] }] });
    rig.edit('downlink', { bitrate: 32_000 });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    expect(rig.of('conversation.changed')).toEqual([]);
  });
});
