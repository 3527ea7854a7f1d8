// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates under test are written like that
import { describe, expect, test } from 'vitest';
import { TalkError } from '../../../../preload/contract/errors.ts';
import { createRig } from './rig.ts';

describe('greeting', () => {
  test('is said first, with its variables filled in and unknown ones left out', async () => {
    const rig = await createRig({ greeting: '你好${name}，我是${ bot }。${nobody}', variables: { name: '小明', bot: '助手' } });
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
    expect(rig.of('turn.started')).toMatchObject([{ turnId: 1, initiator: 'greeting' }]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', replyText: '你好小明，我是助手。' }]);
    expect(rig.peer.told).toEqual([
      'bot-sentence',
      'bot-voice-started',
      'bot-started-speaking',
      'bot-sentence',
      'bot-stopped-speaking',
      'bot-voice-stopped',
      'metrics',
    ]);
    expect(rig.llm.requests).toEqual([]);
  });

  test('is part of what the model is told', async () => {
    const rig = await createRig({ greeting: '你好。', replies: [{ tokens: ['嗯。'] }] });
    await rig.clock.runUntilIdle();
    rig.conversation.text('在吗', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    expect(rig.llm.requests[0]?.messages).toEqual([
      { role: 'assistant', content: '你好。' },
      { role: 'user', content: '在吗' },
    ]);
  });
});

describe('text', () => {
  test('say() says exactly this, in place of the reply under way', async () => {
    const rig = await createRig({ replies: [{ tokens: ['一个很长很长很长的回答。'] }] });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(800);
    rig.conversation.say('请注意，电量低。');
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
    expect(rig.of('turn.ended').map(({ outcome, replyText }) => [outcome, replyText])).toEqual([
      ['interrupted', '一个很长很长很长的回答。'],
      ['completed', '请注意，电量低。'],
    ]);
  });

  test('a reply that is not to be spoken makes no sound', async () => {
    const rig = await createRig({ replies: [{ tokens: ['看这里。'] }] });
    rig.conversation.text('一', { initiator: 'injected', isSpoken: false });
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
    expect(rig.peer.packets).toEqual([]);
    expect(rig.tts.requests).toEqual([]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', heardText: '看这里。' }]);
  });

  test('empty text is no turn', async () => {
    const rig = await createRig();
    rig.conversation.text('  ', { initiator: 'user-text', isSpoken: true });
    rig.conversation.say('');
    expect(rig.of('turn.started')).toEqual([]);
  });

  test('a model that says nothing is a turn without reply', async () => {
    const rig = await createRig({ replies: [{ tokens: [] }] });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'no-reply' }]);
    expect(rig.conversation.state).toBe('listening');
  });
});

describe('tools', () => {
  const call = (id: string, name: string) => ({ id, name, arguments: { n: id } });

  test('run in parallel, their answers go back to the model, and what came before them is spoken meanwhile', async () => {
    const rig = await createRig({
      replies: [{ tokens: ['我来看看。'], toolCalls: [call('a', 'battery'), call('b', 'missing')] }, { tokens: ['电量', '八十。'] }],
      tools: { battery: () => Promise.resolve({ battery: 80 }) },
    });
    rig.conversation.text('电量', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
    expect(new Map(rig.of('tool.result').map(({ callId, isOk }) => [callId, isOk]))).toEqual(
      new Map([
        ['a', true],
        ['b', false],
      ]),
    );
    expect(rig.llm.requests[1]?.messages.slice(-2)).toEqual([
      { role: 'tool', toolCallId: 'a', name: 'battery', content: '{"battery":80}' },
      {
        role: 'tool',
        toolCallId: 'b',
        name: 'missing',
        content: '{"error":{"code":"tool/unknown","data":{"name":"missing"},"retryable":false}}',
      },
    ]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', replyText: '我来看看。电量八十。' }]);
  });

  test('a tool that never answers is timed out, and the model is told', async () => {
    const rig = await createRig({
      replies: [{ toolCalls: [call('a', 'stuck')] }, { tokens: ['没有回应。'] }],
      tools: { stuck: () => new Promise(() => undefined) },
    });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    expect(rig.of('tool.result')).toMatchObject([{ isOk: false, result: { code: 'tool/timeout' }, elapsedUs: 5_000_000 }]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed' }]);
  });

  test('an interruption does not cancel a tool: its result reaches the model with the next turn, and the call is not made twice', async () => {
    let finish: (value: unknown) => void = () => undefined;
    let wasAborted = false;
    const rig = await createRig({
      replies: [{ toolCalls: [call('a', 'set')] }, { tokens: ['好的。'] }, { tokens: ['做好了。'] }],
      tools: {
        set: (_parameters, signal) =>
          new Promise((resolve) => {
            finish = resolve;
            signal.addEventListener('abort', () => {
              wasAborted = true;
            });
          }),
      },
    });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(500);
    rig.conversation.interrupt('button');
    rig.conversation.text('二', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(2000);
    expect(rig.llm.requests[1]?.messages[2]).toMatchObject({ role: 'tool', toolCallId: 'a', content: expect.stringContaining('running') });
    finish({ volume: 50 });
    await rig.clock.settle();
    rig.conversation.text('三', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    expect(rig.llm.requests[2]?.messages[2]).toMatchObject({ role: 'tool', toolCallId: 'a', content: '{"volume":50}' });
    expect(wasAborted).toBe(false);
    expect(rig.of('tool.result')).toHaveLength(1);
    expect(rig.of('stage.leaked')).toEqual([]);
    expect(rig.peer.toolCalls).toHaveLength(1);
  });

  test('the third request gets no tools; a call it makes all the same is refused', async () => {
    const again = { toolCalls: [call('x', 'tool')] };
    const rig = await createRig({
      replies: [{ toolCalls: [call('a', 'tool')] }, { toolCalls: [call('b', 'tool')] }, again, { tokens: ['好。'] }],
      tools: { tool: () => Promise.resolve(1) },
    });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    rig.conversation.text('二', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    expect(rig.llm.requests.map(({ tools }) => tools.length)).toEqual([1, 1, 0, 1]);
    expect(rig.peer.toolCalls).toHaveLength(2);
    expect(rig.of('turn.ended').map(({ outcome }) => outcome)).toEqual(['no-reply', 'completed']);
  });

  test('closing cancels a running tool, and it is still answered', async () => {
    const rig = await createRig({
      replies: [{ toolCalls: [call('a', 'stuck')] }],
      tools: {
        stuck: (_parameters, signal) =>
          new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new TalkError('cancelled')))),
      },
    });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(300);
    rig.conversation.close('bye');
    await rig.conversation.closed;
    await rig.clock.settle();
    expect(rig.of('tool.result')).toMatchObject([{ isOk: false, result: { code: 'cancelled' } }]);
  });
});

describe('listening', () => {
  test('speech that goes on while the transcript is awaited is one turn', async () => {
    const rig = await createRig({
      utterances: [
        { text: '我想', finalMs: 600 },
        { text: '听音乐', finalMs: 20 },
      ],
      replies: [{ tokens: ['好的。'] }],
    });
    await rig.hear('speech', 600);
    await rig.hear('silence', 560);
    await rig.hear('speech', 600);
    await rig.hear('silence', 800);
    await rig.advanceMs(2000);
    rig.peer.assertSound();
    expect(rig.of('turn.committed')).toMatchObject([{ turnId: 1, text: '我想听音乐' }]);
    expect(rig.of('turn.ended')).toHaveLength(1);
  });

  test('the recogniser gets what was said before speech was confirmed', async () => {
    const rig = await createRig({ utterances: [{ text: '好' }] });
    await rig.hear('silence', 1000);
    await rig.hear('speech', 600);
    await rig.hear('silence', 800);
    expect(rig.stt.heardMs[0]).toBeGreaterThanOrEqual(600 + 500 + 300);
  });

  test('a board that stops sending has stopped speaking', async () => {
    const rig = await createRig({ utterances: [{ text: '按键说话' }], replies: [{ tokens: ['好的。'] }] });
    await rig.hear('speech', 800);
    const saidUs = rig.clock.nowUs();
    await rig.advanceMs(3000);
    expect(rig.of('turn.committed')).toMatchObject([{ text: '按键说话' }]);
    expect(Math.abs((rig.of('user.speech-ended')[0]?.atUs ?? 0) - saidUs)).toBeLessThanOrEqual(32_000);
  });

  test('a pause in sending is a gap in media time, not a shift of it', async () => {
    const rig = await createRig({ utterances: [{ text: '一' }, { text: '二' }], replies: [] });
    await rig.hear('speech', 600);
    await rig.advanceMs(8000);
    await rig.hear('silence', 200);
    const fromUs = rig.clock.nowUs();
    await rig.hear('speech', 600);
    await rig.hear('silence', 800);
    const second = rig.of('user.speech-started')[1];
    expect(Math.abs((second?.atUs ?? 0) - fromUs)).toBeLessThanOrEqual(60_000);
  });

  test('an undecodable packet is recorded, told, and holds its place in media time', async () => {
    const rig = await createRig();
    rig.conversation.uplink(new Uint8Array([1, 2, 3]), rig.clock.nowUs());
    await rig.hear('silence', 40);
    const up = rig.packets.filter(({ track }) => track === 'uplink');
    expect(up.map(({ index, mediaUs }) => [index, mediaUs])).toEqual([
      [0, 0],
      [1, 20_000],
      [2, 40_000],
    ]);
    expect(rig.of('engine.error')).toMatchObject([{ stage: 'transport', error: { code: 'audio/decode' } }]);
  });
});

describe('closing', () => {
  test('ends everything: no timers, no streams, no further word', async () => {
    const rig = await createRig({ replies: [{ tokens: ['一个很长很长很长的回答。'] }] });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(700);
    rig.conversation.close('board left');
    rig.conversation.close('again');
    await rig.conversation.closed;
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
    expect(rig.peer.closedWith).toBe('board left');
    expect(rig.clock.pendingTimers).toBe(0);
    expect(rig.of('conversation.closed')).toHaveLength(1);
    expect(rig.of('turn.ended')).toHaveLength(1);
    rig.conversation.text('二', { initiator: 'user-text', isSpoken: true });
    rig.conversation.uplink(new Uint8Array(640), rig.clock.nowUs());
    expect(rig.of('turn.started')).toHaveLength(1);
  });
});
