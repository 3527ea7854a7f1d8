import { describe, expect, test } from 'vitest';
import type { SimulatedTurn } from '../../../../../../preload/contract/replay.ts';
import { TalkError } from '../../../../../../preload/contract/talk-error.ts';
import type { MonoUs } from '../../../../../../preload/contract/time.ts';
import type { Rig, RigOptions } from '../../../../pipeline/turn/rig.ts';
import { recordConversation, simulated } from './recording.ts';

/** What the board answers, and when: in the middle of a conversation. */
const volume = Promise.withResolvers<unknown>();

/** Whatever is held, under its own settings it comes again: to the microsecond, for the virtual clock has no lateness of its own. */
const held: Record<string, { options: RigOptions; hold: (rig: Rig) => Promise<void> }> = {
  'a greeting, a question and its answer': {
    options: {
      greeting: '你好，请讲。',
      utterances: [{ text: '今天天气怎么样', finalMs: 40, partials: [{ atMs: 300, text: '今天' }] }],
      replies: [{ tokens: ['今天', '晴天，', '二十五度。'], ttftMs: 310 }],
      tts: { leadSilenceMs: 40 },
    },
    async hold(rig) {
      await rig.hear('silence', 2500);
      await rig.hear('speech', 900);
      await rig.hear('silence', 4000);
    },
  },
  'speech that interrupts, and a listener’s signal that does not': {
    options: {
      turns: { interruption: 'semantic' },
      utterances: [{ text: '讲个故事' }, { text: '嗯', finalMs: 50 }, { text: '停', finalMs: 30, partials: [{ atMs: 200, text: '停' }] }],
      replies: [{ tokens: ['从前有一座山，', '山里有一座庙，', '庙里有个老和尚，', '在讲故事。'], ttftMs: 200 }, { tokens: ['好。'] }],
    },
    async hold(rig) {
      await rig.hear('silence', 300);
      await rig.hear('speech', 900);
      await rig.hear('silence', 1400);
      await rig.hear('speech', 300);
      await rig.hear('silence', 1200);
      await rig.hear('speech', 500);
      await rig.hear('silence', 3000);
    },
  },
  'a tool of the board': {
    options: {
      utterances: [{ text: '音量调到三十' }],
      replies: [
        { toolCalls: [{ id: 'a', name: 'volume', arguments: { level: 30 } }], ttftMs: 120 },
        { tokens: ['好了。'], ttftMs: 90 },
      ],
      settings: { agent: { fillerZh: '稍等。', fillerAfterMs: 400 } },
      tools: { volume: () => volume.promise },
    },
    async hold(rig) {
      await rig.hear('silence', 300);
      await rig.hear('speech', 900);
      await rig.hear('silence', 1700);
      volume.resolve({ level: 30 });
      await rig.hear('silence', 3300);
    },
  },
  'a model that fails once, and a recogniser that fails': {
    options: {
      utterances: [{ text: '现在几点了' }, { text: '', error: new TalkError('engine/rate-limited', { stage: 'stt', engine: 'fake-stt' }) }],
      replies: [
        { error: new TalkError('engine/cut', { stage: 'llm' }, { retryable: true }), ttftMs: 80 },
        { tokens: ['三点。'], ttftMs: 60 },
      ],
    },
    async hold(rig) {
      await rig.hear('silence', 300);
      await rig.hear('speech', 600);
      await rig.hear('silence', 2500);
      await rig.hear('speech', 600);
      await rig.hear('silence', 2500);
    },
  },
  'texts from the board and the bench, a manual interruption': {
    options: { replies: [{ tokens: ['一', '二三四五六七八九十。'] }, { tokens: ['好。'] }] },
    async hold(rig) {
      await rig.hear('silence', 200);
      rig.conversation.text('数到十', { initiator: 'user-text', isSpoken: true });
      await rig.hear('silence', 1000);
      rig.conversation.interrupt('operator');
      await rig.hear('silence', 500);
      rig.conversation.say('请稍等一下。');
      await rig.hear('silence', 1500);
      rig.conversation.text('好吗', { initiator: 'injected', isSpoken: false });
      await rig.hear('silence', 1500);
    },
  },
  'a button': {
    options: {
      turns: { input: 'push-to-talk' },
      utterances: [{ text: '开灯' }, { text: '关灯' }],
      replies: [{ tokens: ['好的，', '灯开了。'] }, { tokens: ['灯关了。'] }],
    },
    async hold(rig) {
      for (const ms of [800, 640]) {
        await rig.hear('silence', 400);
        rig.conversation.listen('start', rig.clock.nowUs());
        await rig.hear('speech', ms);
        rig.conversation.listen('stop', rig.clock.nowUs());
        await rig.hear('silence', 3000);
      }
    },
  },
  'an answer begun before the endpoint, by what was said': {
    options: {
      turns: { endpointing: 'semantic', isPreemptive: true },
      utterances: [{ text: '今天天气怎么样吗？', finalMs: 30, partials: [{ atMs: 400, text: '今天天气怎么样吗？' }] }],
      replies: [
        { tokens: ['今天', '晴天。'], ttftMs: 250 },
        { tokens: ['今天', '晴天。'], ttftMs: 250 },
      ],
    },
    async hold(rig) {
      await rig.hear('silence', 300);
      await rig.hear('speech', 900);
      await rig.hear('silence', 3500);
    },
  },
  'settings that are changed in between, and reminders': {
    options: {
      utterances: [{ text: '你好' }, { text: '再见' }],
      replies: [{ tokens: ['你好呀。'] }, { tokens: ['再见。'] }],
      settings: { conversation: { isIdleDetected: true, idleTimeoutS: 2 } },
    },
    async hold(rig) {
      await rig.hear('silence', 300);
      await rig.hear('speech', 500);
      await rig.hear('silence', 5500);
      rig.edit('turns', { vadSilenceMs: 900 });
      await rig.hear('speech', 500);
      await rig.hear('silence', 3000);
    },
  },
  'half duplex': {
    options: {
      turns: { isHalfDuplex: true },
      utterances: [{ text: '讲个故事' }, { text: '还有吗' }],
      replies: [{ tokens: ['从前有一座山，山里有一座庙。'] }, { tokens: ['没有了。'] }],
    },
    async hold(rig) {
      await rig.hear('silence', 300);
      await rig.hear('speech', 700);
      await rig.hear('silence', 1200);
      await rig.hear('speech', 500);
      await rig.hear('silence', 3500);
      await rig.hear('speech', 700);
      await rig.hear('silence', 3000);
    },
  },
  'a board that reports what it plays': {
    options: { utterances: [{ text: '你好' }], replies: [{ tokens: ['你好呀。'] }] },
    async hold(rig) {
      await rig.hear('silence', 300);
      await rig.hear('speech', 500);
      await rig.hear('silence', 1000);
      const frameUs = rig.of('downlink.first-frame')[0]?.atUs ?? 0;
      rig.conversation.playout({ kind: 'audible', atUs: (frameUs + 73_000) as MonoUs, source: 'device' });
      await rig.hear('silence', 2000);
    },
  },
};

describe('under its own settings a conversation comes again', () => {
  for (const [name, { options, hold }] of Object.entries(held)) {
    test(name, async () => {
      const recorded = await recordConversation(options, hold);
      const { conversations } = await simulated(recorded);
      const [conversation] = conversations;
      const again = conversation?.pairs.flatMap(({ before }) => before) ?? [];
      expect(conversation?.recorded.length).toBeGreaterThan(0);
      expect(again.map(facts)).toEqual(conversation?.recorded.map(facts));
      expect(conversation?.fidelity).toMatchObject({ commitMaxMs: again.some(({ committedMs }) => committedMs !== null) ? 0 : null });
    });
  }
});

/** In the order of their numbers: all but what is modelled, which the recording itself never is. */
function facts(turn: SimulatedTurn): SimulatedTurn {
  return { ...turn, modelled: [] };
}
