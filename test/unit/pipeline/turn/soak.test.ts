import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from 'vitest';
import type { MonoUs } from '../../../../preload/contract/time.ts';
import { FakeLlm } from '../../../fakes/engines.ts';
import { createRig } from './rig.ts';

/** Enough to see growth; TALKBENCH_SOAK_TURNS=10000 for the number that the guarantees speak of. */
const TURNS = Number(process.env.TALKBENCH_SOAK_TURNS ?? 300);
const WARM_UP = 50;

let restore: () => void = () => {};
afterEach(() => restore());

/** Counts the listeners on signals that somebody still holds and that have not aborted: those of the conversation. */
function countListeners() {
  const signals = new Set<WeakRef<AbortSignal>>();
  const counts = new WeakMap<AbortSignal, number>();
  const change = (signal: AbortSignal, by: number) => {
    if (!counts.has(signal)) signals.add(new WeakRef(signal));
    counts.set(signal, (counts.get(signal) ?? 0) + by);
  };
  // No spies: those remember, and so hold, what they were called on.
  const { prototype } = AbortSignal;
  const { addEventListener, removeEventListener } = prototype;
  prototype.addEventListener = function (this: AbortSignal, ...given: unknown[]) {
    change(this, 1);
    return Reflect.apply(addEventListener, this, given);
  };
  prototype.removeEventListener = function (this: AbortSignal, ...given: unknown[]) {
    change(this, -1);
    return Reflect.apply(removeEventListener, this, given);
  };
  restore = () => Object.assign(prototype, { addEventListener, removeEventListener });
  return () => {
    collectGarbage();
    const held = [...signals].flatMap((signal) => signal.deref() ?? []).filter((signal) => !signal.aborted);
    return held.reduce((sum, signal) => sum + Math.max(0, counts.get(signal) ?? 0), 0);
  };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

test(
  'hundreds of turns with speech, tools, interruptions, false ones, retries and edits leave no timer, listener or turn behind',
  async () => {
    const listeners = countListeners();
    const rig = await createRig({
      settings: { conversation: { isIdleDetected: true, idleTimeoutS: 600 }, agent: { fillerZh: '稍等。', fillerAfterMs: 300 } },
      turns: { isPreemptive: true },
      tts: { msPerCharacter: 40, hasWords: true, leadSilenceMs: 60 },
      tools: { slow: () => new Promise((resolve) => void rig.clock.at((rig.clock.nowUs() + 500_000) as MonoUs, () => resolve(1))) },
    });
    const scopes: WeakRef<AbortSignal>[] = [];
    const llm = new FakeLlm(rig.clock);
    rig.live.engines = {
      ...rig.live.engines,
      llm: {
        id: 'llm',
        respond: (request, signal) => {
          scopes.push(new WeakRef(signal));
          return llm.respond(request, signal);
        },
      },
    };
    let timersAfterWarmUp = 0;
    let listenersAfterWarmUp = 0;
    for (let turn = 1; turn <= TURNS; turn += 1) {
      if (turn % 7 === 0) llm.add({ error: new Error('boom') });
      if (turn % 3 === 0) llm.add({ tokens: ['稍等。'], toolCalls: [{ id: `t${turn}`, name: 'slow', arguments: {} }] });
      llm.add({ tokens: ['[happy]', '好的，已经', '办好了。', '还要别的吗？'] });
      rig.edit('turns', { interruptionMs: 400 + (turn % 5) });
      if (turn % 2 === 0) {
        rig.stt.add({ text: '再来一次' });
        await rig.hear('speech', 300);
        await rig.hear('silence', 700);
      } else rig.conversation.text('再来一次', { initiator: 'user-text', isSpoken: true });
      if (turn % 4 === 0) {
        rig.stt.add({ text: '嗯' });
        await rig.advanceMs(400);
        await rig.hear('speech', 200);
        await rig.hear('silence', 700);
      }
      if (turn % 5 === 0) rig.conversation.interrupt('button');
      await rig.advanceMs(4000);
      expect(rig.conversation.state).toBe('listening');
      if (turn === WARM_UP) {
        timersAfterWarmUp = rig.clock.pendingTimers;
        listenersAfterWarmUp = listeners();
      }
      // What the test itself keeps.
      rig.events.length = 0;
      rig.packets.length = 0;
      rig.peer.packets.length = 0;
      rig.peer.messages.length = 0;
      llm.requests.length = 0;
      rig.tts.requests.length = 0;
    }
    expect(rig.clock.pendingTimers).toBe(timersAfterWarmUp);
    expect(listeners()).toBeLessThanOrEqual(listenersAfterWarmUp);
    expect(scopes.length).toBeGreaterThan(TURNS);
    expect(scopes.filter((scope) => scope.deref() !== undefined).length).toBeLessThanOrEqual(5);
    rig.conversation.close('over');
    await rig.conversation.closed;
    await rig.clock.runUntilIdle();
    expect(rig.clock.pendingTimers).toBe(0);
    rig.peer.assertSound();
  },
  Math.max(60_000, TURNS * 100),
);
