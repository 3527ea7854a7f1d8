import { describe, expect, test } from 'vitest';
import { createRig, type Rig } from './rig.ts';

const actions: Record<string, (rig: Rig) => void> = {
  close: (rig) => rig.conversation.close('test'),
  text: (rig) => rig.conversation.text('换一个', { initiator: 'injected', isSpoken: true }),
  say: (rig) => rig.conversation.say('就说这个。'),
  interrupt: (rig) => rig.conversation.interrupt('operator'),
};

/** Every step would take half a minute; the actions begin at different ones. */
const STRIDE = 8;

/** A greeting, a question with a tool call, an interruption of its answer, another answer: every step of it calls `onStep`. */
async function dialogue(onStep: (step: number, rig: Rig) => void): Promise<{ rig: Rig; steps: number }> {
  const rig = await createRig({
    greeting: '你好。',
    utterances: [{ text: '调到五十', partials: [{ atMs: 200, text: '调到' }] }, { text: '停下' }, { text: '再来' }],
    replies: [
      { tokens: ['稍等。'], toolCalls: [{ id: 't1', name: 'control_volume', arguments: {} }] },
      { tokens: ['音量已经调到五十了，', '你还要别的吗？'] },
      { tokens: ['好的，已经停下了。'] },
      { tokens: ['又来了。'] },
    ],
    tools: { control_volume: async () => ({ volume: 50 }) },
    tts: { msPerCharacter: 50 },
  });
  let steps = 0;
  rig.peer.onStep = () => onStep(steps++, rig);
  await rig.advanceMs(1500);
  await rig.hear('speech', 500);
  await rig.hear('silence', 1200);
  await rig.hear('speech', 800);
  await rig.hear('silence', 1500);
  return { rig, steps };
}

describe('at any moment', () => {
  test.each(Object.keys(actions))('%s leaves every turn ended once, the board with a sound story, and nothing behind', async (name) => {
    const { steps } = await dialogue(() => undefined);
    expect(steps).toBeGreaterThan(60);
    for (let at = Object.keys(actions).indexOf(name); at < steps; at += STRIDE) {
      const { rig } = await dialogue((step, rig) => {
        if (step === at) actions[name]?.(rig);
      });
      const where = `${name} at step ${at}`;
      if (name !== 'close') {
        await rig.advanceMs(5000);
        rig.conversation.text('还在吗', { initiator: 'user-text', isSpoken: true });
        await rig.advanceMs(5000);
        expect(rig.conversation.state, where).toBe('listening');
        rig.conversation.close('over');
      }
      await rig.clock.runUntilIdle();
      await rig.conversation.closed;
      expect(() => rig.peer.assertSound(), where).not.toThrow();
      const started = rig.of('turn.started').map(({ turnId }) => turnId);
      expect(
        rig
          .of('turn.ended')
          .map(({ turnId }) => turnId)
          .toSorted((a, b) => a - b),
        where,
      ).toEqual(started);
      expect(new Set(started).size, where).toBe(started.length);
      const calls = rig.of('tool.call').map(({ callId }) => callId);
      expect(
        rig.of('tool.result').map(({ callId }) => callId),
        where,
      ).toEqual(calls);
      expect(rig.of('stage.leaked'), where).toEqual([]);
      expect(rig.stt.openStreams, where).toBe(0);
      expect(rig.tts.inFlight, where).toBe(0);
      expect(rig.clock.pendingTimers, where).toBe(0);
    }
  });
});
