import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { turnsOf } from '../../../../main/core/analysis/turns.ts';
import { TurnController } from '../../../../pipeline/turn/controller.ts';
import { TalkError } from '../../../../preload/contract/errors.ts';
import type { MonoUs } from '../../../../preload/contract/time.ts';
import { FakeLlm, type FakeReply, FakeStt, FakeTts } from '../../../fakes/engines.ts';
import { createRig, type Rig } from './rig.ts';

/** A hundred in every run of the tests; TALKBENCH_INTERLEAVINGS=10000 for the number that the guarantees speak of. */
const RUNS = Number(process.env.TALKBENCH_INTERLEAVINGS ?? 100);

afterEach(() => vi.restoreAllMocks());

const ms = (max: number) => fc.integer({ min: 0, max });
const rare = (arbitrary: fc.Arbitrary<boolean>) => fc.tuple(arbitrary, fc.boolean(), fc.boolean()).map((all) => all.every(Boolean));
const isRare = rare(fc.boolean());

const replyScript = fc.record({
  parts: fc.integer({ min: 0, max: 4 }),
  ttftMs: ms(1500),
  thoughts: ms(3),
  tools: fc.array(fc.constantFrom('quick', 'slow', 'stuck', 'broken', 'missing'), { maxLength: 2 }),
  isTool: fc.boolean(),
  isHung: isRare,
  isFailing: isRare,
});

const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('speech' as const), ms: ms(900) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('silence' as const), ms: ms(1200) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: ms(3000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('interrupt' as const, 'text' as const, 'say' as const, 'image' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('maybe' as const), text: fc.constantFrom('你好', '今天天气', '停') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('edit' as const),
      leaves: fc.constantFrom(
        { interruption: 'off' },
        { interruption: 'duration' },
        { isHalfDuplex: true },
        { isHalfDuplex: false },
        { isPreemptive: true },
        { interruptionWhileThinking: 'off' },
        { interruptionWhileThinking: 'same' },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('music' as const, 'no-music' as const, 'report' as const, 'close' as const) }),
  },
);

const scenario = fc.record({
  greeting: fc.boolean(),
  endsByVoice: fc.boolean(),
  isPreemptive: fc.boolean(),
  isIdleDetected: fc.boolean(),
  hasWords: fc.boolean(),
  leadSilenceMs: fc.constantFrom(-1, 0, 40),
  speed: fc.constantFrom(0.6, 4, 20),
  utterances: fc.array(
    fc.record({ text: fc.constantFrom('', '你好', '嗯', '停', '今天天气怎么样'), finalMs: ms(400), isHung: isRare, isFailing: isRare }),
    { maxLength: 6 },
  ),
  replies: fc.array(replyScript, { maxLength: 6 }),
  failing: fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 2 }),
  hanging: fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 1 }),
  actions: fc.array(action, { minLength: 1, maxLength: 9 }),
  /** What happens inside a call to the board, at which step. */
  within: fc.array(fc.record({ step: fc.integer({ min: 0, max: 120 }), what: fc.constantFrom('interrupt', 'text', 'say', 'close') }), {
    maxLength: 2,
  }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** Replies of which every sentence carries the reply's number, in its words and in its sound. */
function repliesOf(scripts: Scenario['replies']): FakeReply[] {
  return scripts.map(({ parts, ttftMs, thoughts, tools, isTool, isHung, isFailing }, index) => ({
    ttftMs,
    reasoning: Array.from({ length: thoughts }, () => '想'),
    tokens: Array.from({ length: parts }, (_, part) => `${part === 0 ? '[happy]' : ''}回答${index + 1}号的一句话。`),
    toolCalls: isTool ? tools.map((name, at) => ({ id: `t${index}-${at}`, name, arguments: {} })) : [],
    isHung,
    ...(isFailing && { error: new TalkError('engine/rate-limited', { stage: 'llm', engine: 'fake-llm', retryAfterMs: 400 }) }),
  }));
}

const numberIn = (text: string) => Number(/回答(\d+)号/u.exec(text)?.[1] ?? 0);
const levelOf = (number: number) => 4000 + 100 * number;

async function play(script: Scenario) {
  const opened = vi.spyOn(TurnController.prototype, 'open');
  const rig: Rig = await createRig({
    greeting: script.greeting ? '你好。' : '',
    utterances: script.utterances.map(({ isFailing, ...utterance }) => ({ ...utterance, ...(isFailing && { error: new Error('stt') }) })),
    replies: repliesOf(script.replies),
    settings: {
      conversation: { isIdleDetected: script.isIdleDetected, idleTimeoutS: 2 },
      voice: { leadSilenceMs: script.leadSilenceMs },
      agent: { fillerZh: '稍等。', llmTimeoutS: 1, toolTimeoutMs: 3000 },
    },
    turns: { isPreemptive: script.isPreemptive },
    tts: {
      hasWords: script.hasWords,
      speed: script.speed,
      msPerCharacter: 60,
      leadSilenceMs: 80,
      level: (text) => levelOf(numberIn(text)),
      failing: new Map(script.failing.map((request) => [request, new Error('tts')])),
      hanging: new Set(script.hanging),
    },
    tools: {
      quick: async () => 'done',
      slow: () => new Promise((resolve) => void rig.clock.at((rig.clock.nowUs() + 1_200_000) as MonoUs, () => resolve('late'))),
      stuck: () => new Promise(() => undefined),
      broken: () => Promise.reject(new TalkError('tool/failed', { name: 'broken', code: 1, status: 'no' })),
    },
  });
  const controller = opened.mock.contexts.at(-1);
  opened.mockRestore();
  const { conversation } = rig;
  const acts = {
    interrupt: () => conversation.interrupt('test'),
    text: () => conversation.text('换一个', { initiator: 'user-text', isSpoken: true }),
    say: () => conversation.say('说一句。'),
    close: () => conversation.close('test'),
    image: () => conversation.image({ mediaType: 'image/png', data: Uint8Array.of(1) }),
    music: () => conversation.setIdleDetection(false),
    'no-music': () => conversation.setIdleDetection(true),
    report: () => conversation.playout({ kind: 'audible', atUs: rig.clock.nowUs(), source: 'device' }),
  };
  watchFrames(rig);
  let step = 0;
  const watch = rig.peer.onStep;
  rig.peer.onStep = (what) => {
    watch?.(what);
    const due = script.within.filter((inside) => inside.step === step);
    step += 1;
    for (const { what: act } of due) acts[act as keyof typeof acts]();
  };
  for (const next of script.actions) {
    if (next.kind === 'speech' || next.kind === 'silence') await rig.hear(next.kind, next.ms);
    else if (next.kind === 'wait') await rig.advanceMs(next.ms);
    else if (next.kind === 'edit') rig.edit('turns', next.leaves);
    else if (next.kind === 'maybe') (controller as TurnController).mayBeComplete(next.text, 1);
    else acts[next.kind]();
  }
  rig.peer.onStep = watch;
  return rig;
}

/** No frame of a reply that is over, by its sound: checked within the call that hands it over. */
function watchFrames(rig: Rig): void {
  const over = new Set<number>();
  let turnOfReply = new Map<number, number>();
  let read = 0;
  rig.peer.onStep = (what) => {
    for (; read < rig.events.length; read += 1) {
      const event = rig.events[read];
      if (event?.kind === 'llm.text' && numberIn(event.text) > 0) turnOfReply = turnOfReply.set(numberIn(event.text), event.turnId);
      if (event?.kind === 'interruption.decided' || event?.kind === 'turn.ended') over.add(event.turnId);
    }
    if (what !== 'audio') return;
    const bytes = rig.peer.packets.at(-1)?.bytes ?? new Uint8Array(2);
    const level = Math.abs(new DataView(bytes.buffer, bytes.byteOffset).getInt16(bytes.byteLength - 2, true));
    const turnId = turnOfReply.get((level - 4000) / 100);
    if (turnId !== undefined && over.has(turnId)) rig.peer.violations.push(`a frame of turn ${turnId}, which is over`);
  };
}

function expectSound(rig: Rig): void {
  rig.peer.assertSound();
  const started = rig.of('turn.started').map(({ turnId }) => turnId);
  expect(new Set(started).size).toBe(started.length);
  const ended = rig.of('turn.ended');
  expect(ended.map(({ turnId }) => turnId).toSorted((a, b) => a - b)).toEqual(started);
  for (const { heardText, replyText } of ended) expect(replyText.startsWith(heardText)).toBe(true);
  const calls = rig.of('tool.call').map(({ callId, turnId }) => `${turnId} ${callId}`);
  const answers = rig.of('tool.result').map(({ callId, turnId }) => `${turnId} ${callId}`);
  expect(answers.toSorted()).toEqual(calls.toSorted());
  for (const { breakdown } of turnsOf(rig.events)) {
    for (const { durationUs } of breakdown.parts) expect(durationUs).toBeGreaterThanOrEqual(0);
    if (breakdown.missing.length === 0 && breakdown.totalUs !== null) {
      expect(breakdown.parts.reduce((sum, { durationUs }) => sum + durationUs, 0)).toBe(breakdown.totalUs);
    }
  }
}

test(
  'property: whatever comes when, no frame of an old reply is sent, every turn ends once, tools are answered once, and the next question is answered',
  async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (script) => {
        const rig = await play(script);
        if (rig.peer.closedWith === undefined) {
          rig.edit('conversation', { isIdleDetected: false });
          rig.conversation.setIdleDetection(false);
          // Nobody interrupts: what hangs must end by its own limits.
          if (script.endsByVoice) await rig.advanceMs(60_000);
          // The engines recover: from here on a question must be answered, whatever hangs.
          rig.live.engines = {
            ...rig.live.engines,
            stt: new FakeStt(rig.clock, [{ text: '还在吗' }]),
            llm: new FakeLlm(rig.clock, [{ tokens: ['还在。'] }]),
            tts: new FakeTts(rig.clock),
          };
          if (script.endsByVoice) {
            await rig.hear('speech', 600);
            await rig.hear('silence', 1200);
          } else rig.conversation.text('还在吗', { initiator: 'user-text', isSpoken: true });
          await rig.advanceMs(2500);
          expect(rig.conversation.state).toBe('listening');
          expect(rig.of('turn.ended').at(-1)).toMatchObject({ outcome: 'completed', userText: '还在吗', heardText: '还在。' });
          rig.conversation.close('over');
        }
        await rig.conversation.closed;
        await rig.clock.runUntilIdle();
        expectSound(rig);
        expect(rig.clock.pendingTimers).toBe(0);
      }),
      { numRuns: RUNS },
    );
  },
  Math.max(60_000, RUNS * 200),
);
