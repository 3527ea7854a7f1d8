import { expect } from 'vitest';
import type { TtsEngine, TtsEvent, TtsRequest } from '../../../pipeline/engines/tts/engine.ts';
import { behave, expectFailure, failingBehaviours, type GuardHarness, type GuardRig, givenUpInTime, guard, soon } from './guarder.ts';

export interface TtsHarness extends GuardHarness<TtsEngine> {
  /** Two sentences whose audio differs. */
  sentences: readonly [TtsRequest, TtsRequest];
  /** What the fake says for a sentence, where that is known. Without it only that the same sentence sounds the same is looked at. */
  spoken?(request: TtsRequest): Int16Array;
  /** Its connection is a WebSocket, of which it is known when it is free. */
  isWarmExact?: true;
  /** It never says the same twice in the same way: lengths are compared, and to a hundredth only. */
  isVarying?: true;
}

export function guardTts(harness: TtsHarness): void {
  const [first, second] = harness.sentences;

  /** Without printing thousands of samples. */
  function expectSame(actual: Int16Array, expected: Int16Array): void {
    if (harness.isVarying === true) {
      expect(Math.abs(actual.length - expected.length)).toBeLessThan(expected.length / 100);
      return;
    }
    expect(actual.length).toBe(expected.length);
    expect(actual.findIndex((sample, index) => sample !== expected[index])).toBe(-1);
  }

  async function speaksWhole(rig: GuardRig<TtsEngine>, request = first): Promise<Int16Array> {
    const pcm = pcmOf(await soon('the audio', collect(rig.engine.synthesize(request, new AbortController().signal))));
    expect(pcm.length).toBeGreaterThan(0);
    const expected = harness.spoken?.(request);
    if (expected !== undefined) expectSame(pcm, expected);
    return pcm;
  }

  function failing(name: keyof typeof failingBehaviours) {
    return async (rig: GuardRig<TtsEngine>) => {
      behave(rig, failingBehaviours[name]);
      const outcome = collect(rig.engine.synthesize(first, new AbortController().signal));
      await expectFailure(harness, rig, name, soon(name, outcome));
      await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
    };
  }

  guard('tts', harness, {
    async flush(rig) {
      expectSame(await speaksWhole(rig), await speaksWhole(rig));
    },

    async interleaved(rig) {
      const alone = [await speaksWhole(rig, first), await speaksWhole(rig, second)] as const;
      const together = await Promise.all([speaksWhole(rig, first), speaksWhole(rig, second)]);
      expectSame(together[0], alone[0]);
      expectSame(together[1], alone[1]);
    },

    async 'one of two cancelled'(rig) {
      const whole = await speaksWhole(rig, second);
      rig.behave?.('slow');
      const abort = new AbortController();
      const events = rig.engine.synthesize(first, abort.signal)[Symbol.asyncIterator]();
      const other = speaksWhole(rig, second);
      await soon('the first event of the one', events.next());
      const rest = restOf(events);
      abort.abort(new Error('enough'));
      await soon('the end of the one', rest);
      expectSame(await other, whole);
      await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
    },

    async 'cancel at every await'(rig) {
      const all = await collect(rig.engine.synthesize(first, new AbortController().signal));
      rig.behave?.('slow');
      for (let after = 0; after < Math.max(1, all.length); after++) {
        for (const moment of ['before it is asked', 'while it waits', 'by leaving']) {
          const abort = new AbortController();
          const events = rig.engine.synthesize(first, abort.signal)[Symbol.asyncIterator]();
          for (let taken = 0; taken < after; taken++) await soon(`event ${taken}`, events.next());
          const reason = new Error('enough');
          if (moment === 'by leaving') await soon('leaving', Promise.resolve(events.return?.()));
          else {
            if (moment === 'before it is asked') abort.abort(reason);
            const rest = restOf(events);
            if (moment === 'while it waits') abort.abort(reason);
            const outcome = await soon(`the end after ${after} events, aborted ${moment}`, rest);
            if ('error' in outcome) expect(outcome.error, 'no other error than the abort').toBe(reason);
          }
          await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
        }
      }
      rig.behave?.('normal');
      expectSame(await speaksWhole(rig), pcmOf(all));
    },

    async 'odd chunks'(rig) {
      const expected = await speaksWhole(rig);
      behave(rig, 'odd-chunks');
      expectSame(await speaksWhole(rig), expected);
    },
    async slow(rig) {
      const expected = await speaksWhole(rig);
      behave(rig, 'slow');
      expectSame(await speaksWhole(rig), expected);
    },
    'in-band error': failing('in-band error'),
    'rate-limited': failing('rate-limited'),
    cut: failing('cut'),
    'wrong key': failing('wrong key'),

    async silent(rig, clock) {
      behave(rig, 'silent');
      const outcome = collect(rig.engine.synthesize(first, new AbortController().signal));
      outcome.catch(() => {});
      await soon('the service to see the request', rig.seen?.(1) ?? Promise.resolve());
      await expectFailure(harness, rig, 'silent', soon('giving up', givenUpInTime(clock, outcome)));
      await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
    },

    async hang(rig, clock) {
      behave(rig, 'hang');
      const events = rig.engine.synthesize(first, new AbortController().signal)[Symbol.asyncIterator]();
      while ((await soon('the first audio', events.next())).value?.kind !== 'audio');
      const rest = restOf(events).then((outcome) => ('error' in outcome ? Promise.reject(outcome.error) : outcome));
      rest.catch(() => {});
      await expectFailure(harness, rig, 'hang', soon('giving up', givenUpInTime(clock, rest)));
      await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
    },

    async 'left idle'(rig) {
      const whole = await speaksWhole(rig);
      await soon('the connections to be closed', rig.dropIdle?.() ?? Promise.resolve());
      expectSame(await speaksWhole(rig), whole);
    },

    async warmed(rig) {
      const { text: _, ...voice } = first;
      rig.engine.warm?.(voice);
      rig.engine.warm?.(voice);
      await soon('the connection', rig.connected?.(1) ?? Promise.resolve());
      await speaksWhole(rig);
      expect(rig.requests?.()).toBe(1);
      // One may still be busy with its last byte.
      expect(rig.handshakes?.()).toBeLessThanOrEqual(harness.isWarmExact === true ? 1 : 2);
      await rig.vanish?.();
      rig.engine.warm?.(voice);
      const outcome = collect(rig.engine.synthesize(first, new AbortController().signal));
      await expectFailure(harness, rig, 'absent', soon('absent', outcome));
    },

    async absent(rig) {
      await rig.vanish?.();
      const outcome = collect(rig.engine.synthesize(first, new AbortController().signal));
      await expectFailure(harness, rig, 'absent', soon('absent', outcome));
    },
  });
}

async function collect(events: AsyncIterable<TtsEvent>): Promise<TtsEvent[]> {
  const all: TtsEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

async function restOf(events: AsyncIterator<TtsEvent>): Promise<{ events: TtsEvent[] } | { error: unknown }> {
  const rest: TtsEvent[] = [];
  try {
    for (;;) {
      const result = await events.next();
      if (result.done === true) return { events: rest };
      rest.push(result.value);
    }
  } catch (error) {
    return { error };
  }
}

/** All in one piece; throws when the sample rate changes on the way. */
function pcmOf(events: readonly TtsEvent[]): Int16Array {
  const audio = events.filter((event) => event.kind === 'audio');
  expect(new Set(audio.map(({ sampleRate }) => sampleRate)).size).toBeLessThanOrEqual(1);
  return Int16Array.from(audio.flatMap(({ pcm }) => [...pcm]));
}
