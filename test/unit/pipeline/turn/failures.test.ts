import { describe, expect, test } from 'vitest';
import { TalkError } from '../../../../preload/contract/errors.ts';
import { createRig } from './rig.ts';

const limited = new TalkError('engine/rate-limited', { stage: 'llm', engine: 'fake-llm' }, { retryable: true });

const withoutRetries = { agent: { llmRetries: 0 } };

describe('a failing engine', () => {
  test('fails its turn, is told to the board, and the conversation carries on', async () => {
    const rig = await createRig({ settings: withoutRetries, replies: [{ tokens: [], error: limited }, { tokens: ['这次好了。'] }] });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    rig.conversation.text('二', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
    expect(rig.of('turn.ended').map(({ outcome }) => outcome)).toEqual(['failed', 'completed']);
    expect(rig.of('engine.error')).toMatchObject([{ stage: 'llm', turnId: 1, error: { code: 'engine/rate-limited' } }]);
    expect(rig.peer.messages.filter(({ kind }) => kind === 'error')).toHaveLength(1);
    expect(rig.of('llm.done')[0]?.finish).toBe('error');
  });

  test('what was generated before the failure is still spoken', async () => {
    const rig = await createRig({ replies: [{ tokens: ['先说完这一句。', '这'], error: limited }] });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
    expect(rig.tts.requests.map(({ text }) => text)).toEqual(['先说完这一句。', '这']);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'failed', heardText: '先说完这一句。这' }]);
  });

  test('synthesis failing on the second sentence ends the turn as failed after the first has played', async () => {
    const rig = await createRig({
      replies: [{ tokens: ['第一句话在这里。', '第二句话在这里。', '第三句话在这里。'] }],
      // The second request and its other try.
      tts: { failing: new Map([2, 3].map((request) => [request, new Error('boom')])) },
    });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
    expect(rig.of('engine.error').at(-1)).toMatchObject({ stage: 'tts', error: { code: 'engine/failed' }, isBlocking: true });
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'failed', heardText: '第一句话在这里。' }]);
    expect(rig.peer.packets.length).toBe(40);
  });

  test('recognition failing ends the turn as failed and the next utterance is heard', async () => {
    const rig = await createRig({
      utterances: [{ text: '', error: new Error('gone') }, { text: '再来一次' }],
      replies: [{ tokens: ['好的。'] }],
    });
    for (let time = 0; time < 2; time += 1) {
      await rig.hear('speech', 600);
      await rig.hear('silence', 800);
    }
    await rig.advanceMs(3000);
    rig.peer.assertSound();
    expect(rig.of('turn.ended').map(({ outcome }) => outcome)).toEqual(['failed', 'completed']);
    expect(rig.stt.openStreams).toBe(0);
  });

  test('speech without recognised words is a turn without reply', async () => {
    const rig = await createRig({ utterances: [{ text: '' }] });
    await rig.hear('speech', 600);
    await rig.hear('silence', 800);
    await rig.advanceMs(100);
    expect(rig.of('stt.final')).toMatchObject([{ text: '', turnId: 1 }]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'no-reply', userText: '' }]);
    expect(rig.conversation.state).toBe('listening');
  });

  test('voice activity detection failing is told, and text still works', async () => {
    const rig = await createRig({ replies: [{ tokens: ['好的。'] }] });
    rig.vad.fault = new Error('no model');
    await rig.hear('speech', 100);
    expect(rig.of('engine.error')[0]).toMatchObject({ stage: 'vad', error: { code: 'engine/failed' } });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(3000);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed' }]);
  });
});

describe('a hanging engine', () => {
  test('is timed out', async () => {
    const rig = await createRig({ settings: withoutRetries, replies: [{ tokens: [], isHung: true }] });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(4000);
    expect(rig.of('engine.error')).toMatchObject([{ stage: 'llm', error: { code: 'engine/timeout' }, productCode: 30200 }]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'failed' }]);
  });

  test('that is deaf to the abort is reported after 2 s, and nobody waits for it', async () => {
    const rig = await createRig({
      replies: [{ tokens: ['先说这些话。'], isHung: true }, { tokens: ['好的。'] }],
      tts: { hanging: new Set([1]) },
    });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(1000);
    rig.conversation.interrupt('button');
    const interruptedUs = rig.clock.nowUs();
    rig.conversation.text('二', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(2500);
    expect(rig.of('stage.leaked').map(({ stage, atUs }) => [stage, atUs - interruptedUs])).toEqual(
      expect.arrayContaining([
        ['llm', 2_000_000],
        ['tts', 2_000_000],
      ]),
    );
    expect(rig.of('turn.ended').map(({ outcome }) => outcome)).toEqual(['interrupted', 'completed']);
    rig.conversation.close('done');
    await rig.conversation.closed;
    rig.peer.assertSound();
  });
});

test('an observer that throws, and a peer that throws, fail no turn', async () => {
  const rig = await createRig({ replies: [{ tokens: ['好的。'] }] });
  const push = rig.events.push.bind(rig.events);
  rig.events.push = (...events) => {
    push(...events);
    throw new Error('observer');
  };
  rig.peer.onStep = (what) => {
    if (what !== 'audio') throw new Error('peer');
  };
  rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
  await rig.clock.runUntilIdle();
  expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed' }]);
});
