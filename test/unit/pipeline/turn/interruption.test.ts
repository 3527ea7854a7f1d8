import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRig, type Rig, type RigOptions } from './rig.ts';

const longReply = Array.from({ length: 12 }, (_, index) => `这是故事的第${index + 1}句话。`);

/** A rig whose bot is in the middle of a long spoken reply. */
async function speakingRig(options: RigOptions = {}): Promise<Rig> {
  const rig = await createRig({ replies: [{ tokens: longReply }, { tokens: ['好的。'] }], ...options });
  rig.conversation.text('讲个故事', { initiator: 'user-text', isSpoken: true });
  await rig.advanceMs(1500);
  expect(rig.conversation.state).toBe('speaking');
  return rig;
}

describe('interruption by voice', () => {
  test('the reply is held at once, cut after the interruption duration, and the user gets an answer (not silence for ever)', async () => {
    const rig = await speakingRig({ utterances: [{ text: '换一个话题吧' }] });
    const startUs = rig.clock.nowUs();
    await rig.hear('speech', 900);
    expect(rig.conversation.state).toBe('user-speaking');
    const lastPacketUs = rig.peer.packets.at(-1)?.atUs ?? 0;
    expect(lastPacketUs - startUs).toBeLessThan(120_000);
    await rig.hear('silence', 800);
    await rig.advanceMs(4000);
    rig.peer.assertSound();
    expect(rig.of('turn.ended').map(({ outcome }) => outcome)).toEqual(['interrupted', 'completed']);
    expect(rig.of('turn.ended')[1]?.userText).toBe('换一个话题吧');
    const [onset] = rig.of('interruption.onset');
    const [decided] = rig.of('interruption.decided');
    expect(onset?.atUs).toBeGreaterThanOrEqual(startUs - 20_000);
    expect(onset?.atUs).toBeLessThanOrEqual(startUs + 40_000);
    expect(decided?.reason).toBe('duration');
    expect((decided?.atUs ?? 0) - (onset?.atUs ?? 0)).toBeGreaterThanOrEqual(480_000);
    expect(rig.of('interruption.silent')).toMatchObject([{ source: 'estimate', turnId: 1 }]);
  });

  test('a listener’s "嗯嗯" does not interrupt: the reply goes on and is completed', async () => {
    const rig = await speakingRig({ utterances: [{ text: '嗯嗯' }] });
    await rig.hear('speech', 300);
    expect(rig.conversation.state).toBe('paused');
    await rig.hear('silence', 700);
    expect(rig.conversation.state).toBe('speaking');
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
    expect(rig.of('interruption.false')).toMatchObject([{ resumed: true, reason: 'backchannel' }]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', heardText: longReply.join('') }]);
    expect(rig.peer.told).not.toContain('user-started-speaking');
  });

  test('a long backchannel known from its partial transcript does not interrupt either', async () => {
    const rig = await speakingRig({ utterances: [{ text: '对对对', partials: [{ atMs: 200, text: '对对对' }] }] });
    await rig.hear('speech', 700);
    await rig.hear('silence', 700);
    expect(rig.of('interruption.false')).toHaveLength(1);
    expect(rig.of('interruption.decided')).toHaveLength(0);
  });

  test('a short command interrupts by its words although it is shorter than the duration', async () => {
    const rig = await speakingRig({ utterances: [{ text: '停' }] });
    await rig.hear('speech', 240);
    await rig.hear('silence', 700);
    await rig.advanceMs(3000);
    rig.peer.assertSound();
    expect(rig.of('interruption.decided')).toMatchObject([{ reason: 'command' }]);
    expect(rig.of('turn.committed').at(-1)?.text).toBe('停');
  });

  test('a click that is no speech resumes the reply', async () => {
    const rig = await speakingRig();
    await rig.hear('speech', 80);
    await rig.hear('silence', 400);
    expect(rig.of('interruption.false')).toMatchObject([{ reason: 'too-short' }]);
    expect(rig.conversation.state).toBe('speaking');
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
  });

  test('while the recogniser hangs, the reply resumes after the false-interruption timeout', async () => {
    const rig = await speakingRig({ utterances: [{ text: '', isHung: true }] });
    await rig.hear('speech', 300);
    await rig.hear('silence', 600);
    await rig.advanceMs(1300);
    expect(rig.of('interruption.false')).toMatchObject([{ reason: 'timeout' }]);
    expect(rig.conversation.state).toBe('speaking');
  });

  test('a held reply is not an underrun', async () => {
    const rig = await speakingRig({ utterances: [{ text: '嗯' }] });
    await rig.hear('speech', 300);
    await rig.hear('silence', 800);
    await rig.clock.runUntilIdle();
    expect(rig.of('downlink.underrun')).toEqual([]);
  });

  test('the user can interrupt while the agent is still thinking', async () => {
    const rig = await createRig({
      replies: [{ tokens: ['太慢了。'], ttftMs: 5000 }, { tokens: ['好。'] }],
      utterances: [{ text: '等一下' }],
    });
    rig.conversation.text('问题', { initiator: 'user-text', isSpoken: true });
    await rig.hear('speech', 700);
    await rig.hear('silence', 800);
    await rig.advanceMs(6000);
    rig.peer.assertSound();
    expect(rig.of('turn.ended').map(({ outcome }) => outcome)).toEqual(['unanswered', 'completed']);
    expect(rig.of('llm.text').map(({ text }) => text)).toEqual(['好。']);
  });

  for (const turns of [{ interruption: 'off' }, { interruption: 'manual' }, { isHalfDuplex: true }, { aecWarmupMs: 5000 }]) {
    test(`voice does not interrupt with ${JSON.stringify(turns)}`, async () => {
      const rig = await speakingRig({ turns, utterances: [{ text: '换一个话题' }] });
      await rig.hear('speech', 800);
      expect(rig.conversation.state).toBe('speaking');
      expect(rig.of('interruption.onset')).toEqual([]);
      expect(rig.peer.told).not.toContain('user-started-speaking');
    });
  }

  test('with interruption off, speech that goes on after the reply becomes the next turn', async () => {
    const rig = await createRig({
      turns: { interruption: 'off' },
      replies: [{ tokens: ['好的呀。'] }, { tokens: ['嗯。'] }],
      utterances: [{ text: '我还要说' }],
    });
    rig.conversation.text('你好', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(400);
    await rig.hear('speech', 1500);
    await rig.hear('silence', 800);
    await rig.advanceMs(2000);
    rig.peer.assertSound();
    expect(rig.of('turn.ended').map(({ userText }) => userText)).toEqual(['你好', '我还要说']);
  });
});

describe('manual interruption', () => {
  test('is complete when it returns, and an old answer never plays on', async () => {
    const rig = await speakingRig();
    const before = rig.peer.packets.length;
    rig.conversation.interrupt('button');
    expect(rig.conversation.state).toBe('listening');
    expect(rig.peer.told.slice(-3)).toEqual(['bot-stopped-speaking', 'bot-voice-stopped', 'metrics']);
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
    expect(rig.peer.packets.length).toBe(before);
  });

  test('before synthesis has started is not lost', async () => {
    const rig = await createRig({ replies: [{ tokens: longReply, ttftMs: 300 }] });
    rig.conversation.text('讲个故事', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(100);
    rig.conversation.interrupt('button');
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
    expect(rig.peer.packets).toEqual([]);
    expect(rig.tts.requests).toEqual([]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'unanswered', heardText: '' }]);
  });

  test('twice, or with nothing to interrupt, does nothing more', async () => {
    const rig = await speakingRig();
    rig.conversation.interrupt('button');
    rig.conversation.interrupt('button');
    await rig.clock.runUntilIdle();
    rig.conversation.interrupt('button');
    rig.peer.assertSound();
    expect(rig.of('interruption.decided')).toHaveLength(1);
  });

  test('the next answer plays after an interruption', async () => {
    const rig = await speakingRig();
    rig.conversation.interrupt('button');
    rig.conversation.text('继续', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
    expect(rig.of('turn.ended').map(({ outcome }) => outcome)).toEqual(['interrupted', 'completed']);
  });

  test('the model is told only what was heard, and that it was cut', async () => {
    const rig = await speakingRig();
    rig.conversation.interrupt('button');
    const heard = rig.of('turn.ended')[0]?.heardText ?? '';
    expect(heard.length).toBeGreaterThan(3);
    expect(heard.length).toBeLessThan(30);
    rig.conversation.text('继续', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    expect(rig.llm.requests[1]?.messages).toEqual([
      { role: 'user', content: '讲个故事' },
      { role: 'assistant', content: heard, wasInterrupted: true },
      { role: 'user', content: '继续' },
    ]);
  });
});

test('property: interrupted at any step, nothing of the old reply is sent afterwards and the conversation still answers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 140 }), fc.boolean(), async (step, isWithinCall) => {
      const rig = await createRig({
        replies: [
          { tokens: ['先说一句话。'], toolCalls: [{ id: 't1', name: 'slow', arguments: {} }] },
          { tokens: longReply.slice(0, 2) },
          { tokens: ['好。'] },
        ],
        tools: { slow: () => Promise.resolve({ ok: true }) },
      });
      let steps = 0;
      let packetsAtInterrupt: number | undefined;
      let messagesAtInterrupt = 0;
      const interrupt = () => {
        rig.conversation.interrupt('test');
        packetsAtInterrupt = rig.peer.packets.length;
        messagesAtInterrupt = rig.peer.messages.length;
      };
      rig.peer.onStep = () => {
        steps += 1;
        if (steps !== step) return;
        if (isWithinCall) interrupt();
        else queueMicrotask(interrupt);
      };
      rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
      await rig.clock.runUntilIdle();
      rig.peer.onStep = undefined;
      if (packetsAtInterrupt !== undefined) {
        expect(rig.peer.packets.length).toBe(packetsAtInterrupt);
        expect(rig.peer.messages.length).toBe(messagesAtInterrupt);
      }
      rig.conversation.text('再问', { initiator: 'user-text', isSpoken: true });
      await rig.clock.runUntilIdle();
      rig.peer.assertSound();
      expect(rig.of('turn.ended').at(-1)?.outcome).toBe('completed');
      for (const { heardText, replyText } of rig.of('turn.ended')) expect(replyText.startsWith(heardText)).toBe(true);
      const calls = rig.of('tool.call').map(({ callId }) => callId);
      expect(rig.of('tool.result').map(({ callId }) => callId)).toEqual(calls);
      expect(rig.of('stage.leaked')).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
