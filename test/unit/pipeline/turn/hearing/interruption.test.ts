import { describe, expect, test } from 'vitest';
import { type Evidence, interruptionPolicy, judge } from '../../../../../pipeline/turn/interruption.ts';
import { isFiller, isStopCommand, withoutFillers } from '../../../../../pipeline/turn/words.ts';
import { settingsSchema } from '../../../../../preload/contract/settings.ts';
import { createRig, type Rig, type RigOptions } from '../rig.ts';

const policy = (turns: Record<string, unknown> = {}) => interruptionPolicy(settingsSchema.parse({ turns }).turns);
const verdict = (turns: Record<string, unknown>, evidence: Partial<Evidence>) =>
  judge(policy(turns), { speechMs: 0, text: undefined, isFinal: false, ...evidence });

describe('by duration', () => {
  test.each([300, 500, 5000])('%i ms of speech interrupt, less does not', (interruptionMs) => {
    expect(verdict({ interruptionMs }, { speechMs: interruptionMs - 1 })).toEqual({ kind: 'wait' });
    expect(verdict({ interruptionMs }, { speechMs: interruptionMs })).toEqual({ kind: 'interrupt', reason: 'duration' });
  });

  test.each(['嗯', '嗯嗯，对', '好的好的', 'uh-huh', 'yeah, right'])('a backchannel never does, however long: %s', (text) => {
    expect(verdict({}, { text, speechMs: 3000 })).toEqual({ kind: 'wait' });
    expect(verdict({}, { text, isFinal: true })).toEqual({ kind: 'resume', reason: 'backchannel' });
  });

  test.each(['嗯…那个', '那个', '那个那个', '就是说', 'um, well', 'uh you know'])('fillers alone never do (livekit #1391): %s', (text) => {
    expect(verdict({}, { text, speechMs: 3000 })).toEqual({ kind: 'wait' });
    expect(verdict({}, { text, isFinal: true })).toEqual({ kind: 'resume', reason: 'filler' });
  });

  test('the bench’s own backchannels count', () => {
    expect(verdict({ backchannels: ['收到', 'Copy that'] }, { text: '收到。', isFinal: true })).toMatchObject({ reason: 'backchannel' });
    expect(verdict({ backchannels: ['收到', 'Copy that'] }, { text: 'copy that', isFinal: true })).toMatchObject({ reason: 'backchannel' });
    expect(verdict({}, { text: '收到', isFinal: true })).toMatchObject({ kind: 'interrupt' });
  });

  test('minimum words are Han characters: a Chinese sentence is not one word', () => {
    const turns = { interruptionMinimumWords: 4 };
    expect(verdict(turns, { text: '换一个话题', speechMs: 800 })).toEqual({ kind: 'interrupt', reason: 'duration' });
    expect(verdict(turns, { text: '换个歌', speechMs: 800 })).toEqual({ kind: 'wait' });
    expect(verdict(turns, { text: '换个歌', isFinal: true })).toEqual({ kind: 'resume', reason: 'too-few-words' });
    // Fillers are no words.
    expect(verdict(turns, { text: '嗯那个换歌', isFinal: true })).toEqual({ kind: 'resume', reason: 'too-few-words' });
    // Nor does sound without text reach a number of words.
    expect(verdict(turns, { speechMs: 4000 })).toEqual({ kind: 'wait' });
  });
});

describe('stop words', () => {
  const stops = [
    '停',
    '停停停',
    '停止',
    '等一下',
    '等等',
    '别说了',
    '安静',
    '你等一下',
    '小助手停',
    'Stop!',
    'wait',
    'hold on',
    'stop please',
    'shut up',
  ];
  test.each(stops)('interrupt at once, with one word and whatever the minimum: %s', (text) => {
    expect(isStopCommand(text)).toBe(true);
    for (const interruption of ['duration', 'semantic'])
      expect(verdict({ interruption, interruptionMinimumWords: 5 }, { text })).toEqual({ kind: 'interrupt', reason: 'command' });
  });
  test.each(['停车场在哪', '等你回来', '不停', 'stop at the next station', 'i cannot wait', '好', '嗯', ''])(
    'but not as a part of something else: %s',
    (text) => {
      expect(isStopCommand(text)).toBe(false);
    },
  );
});

describe('by meaning', () => {
  const turns = { interruption: 'semantic' };
  test('sound alone never interrupts', () => {
    expect(verdict(turns, { speechMs: 10_000 })).toEqual({ kind: 'wait' });
  });
  test('what sounds complete does, also when short', () => {
    expect(verdict(turns, { text: '几点', completeness: 0.9 })).toEqual({ kind: 'interrupt', reason: 'semantic' });
  });
  test('a beginning waits until it says something', () => {
    expect(verdict(turns, { text: '那个我想', completeness: 0.1 })).toEqual({ kind: 'wait' });
    expect(verdict(turns, { text: '那个我想换一个', completeness: 0.1 })).toEqual({ kind: 'interrupt', reason: 'semantic' });
  });
});

test.each(['off', 'manual'])('with %s nothing said interrupts, not even "停"', (interruption) => {
  expect(verdict({ interruption }, { text: '停', speechMs: 9000 })).toEqual({ kind: 'wait' });
  expect(verdict({ interruption }, { text: '停', isFinal: true })).toEqual({ kind: 'resume', reason: 'not-interruptible' });
});

test.each([
  ['嗯那个我想问一下', '我想问一下'],
  ['um, what time is it', 'what time is it'],
  ['那个', ''],
  ['好的', '好的'],
])('without fillers %s is "%s"', (text, rest) => {
  expect(withoutFillers(text)).toBe(rest);
  expect(isFiller(text)).toBe(rest === '');
});

describe('in a conversation', () => {
  const longReply = Array.from({ length: 12 }, (_, index) => `这是故事的第${index + 1}句话。`);
  async function speaking(options: RigOptions): Promise<Rig> {
    const rig = await createRig({ replies: [{ tokens: longReply }, { tokens: ['好。'] }], ...options });
    rig.conversation.text('讲个故事', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(1500);
    return rig;
  }

  test('"停" interrupts from its partial transcript, long before the duration', async () => {
    const rig = await speaking({ turns: { interruptionMs: 3000 }, utterances: [{ text: '停', partials: [{ atMs: 250, text: '停' }] }] });
    await rig.hear('speech', 320);
    expect(rig.of('interruption.decided')).toMatchObject([{ reason: 'command' }]);
  });

  test('by meaning: noise resumes, a backchannel resumes, a question interrupts', async () => {
    const turns = { interruption: 'semantic' };
    const noise = await speaking({ turns, utterances: [{ text: '' }] });
    await noise.hear('speech', 2000);
    await noise.hear('silence', 800);
    expect(noise.of('interruption.false')).toMatchObject([{ reason: 'nothing-recognised' }]);
    expect(noise.of('interruption.decided')).toEqual([]);
    const question = await speaking({ turns, utterances: [{ text: '现在几点了', partials: [{ atMs: 400, text: '现在几点了' }] }] });
    await question.hear('speech', 600);
    expect(question.of('interruption.decided')).toMatchObject([{ reason: 'semantic' }]);
  });

  test('thinking and speaking have policies of their own (livekit #3427)', async () => {
    const turns = { interruption: 'duration', interruptionWhileThinking: 'off' };
    const thinking = await createRig({ turns, replies: [{ tokens: ['好。'], ttftMs: 2000 }], utterances: [{ text: '快点吧' }] });
    thinking.conversation.text('问题', { initiator: 'user-text', isSpoken: true });
    await thinking.hear('speech', 1000);
    expect(thinking.of('interruption.onset')).toEqual([]);
    const rig = await speaking({ turns, utterances: [{ text: '换一个' }] });
    await rig.hear('speech', 800);
    expect(rig.of('interruption.decided')).toMatchObject([{ reason: 'duration' }]);
  });

  test('a protected greeting is not interrupted, the next reply is (livekit #4223)', async () => {
    const rig = await createRig({
      turns: { isGreetingProtected: true },
      greeting: '你好，我是你的语音助手，今天有什么可以帮你的吗？',
      replies: [{ tokens: longReply }],
      utterances: [{ text: '喂喂喂' }, { text: '换一个' }],
    });
    await rig.advanceMs(600);
    await rig.hear('speech', 800);
    await rig.hear('silence', 500);
    expect(rig.of('interruption.onset')).toEqual([]);
    expect(rig.conversation.state).toBe('speaking');
    rig.conversation.text('讲个故事', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(1500);
    await rig.hear('speech', 800);
    expect(rig.of('interruption.decided').at(-1)).toMatchObject({ reason: 'duration' });
  });
});
