import { expect } from 'vitest';
import type { LlmEngine, LlmEvent, LlmRequest } from '../../../pipeline/engines/llm/engine.ts';
import { behave, expectFailure, failingBehaviours, type GuardHarness, type GuardRig, givenUpInTime, guard, soon } from './guarder.ts';

export interface LlmHarness extends GuardHarness<LlmEngine> {
  /** What the fake answers to each, whole. Two at least, of several tokens, with Han characters (they are several bytes long). */
  questions: readonly [Question, Question, ...Question[]];
}

interface Question {
  text: string;
  answer: string;
}

export function guardLlm(harness: LlmHarness): void {
  const [first, second] = harness.questions;

  async function answersWhole(rig: GuardRig<LlmEngine>): Promise<void> {
    const events = await soon('the answer', collect(rig.engine.respond(request(first), new AbortController().signal)));
    expect(textOf(events)).toBe(first.answer);
    expect(events.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ kind: 'done', finish: 'stop' });
  }

  function failing(name: keyof typeof failingBehaviours) {
    return async (rig: GuardRig<LlmEngine>) => {
      behave(rig, failingBehaviours[name]);
      const outcome = collect(rig.engine.respond(request(first), new AbortController().signal));
      await expectFailure(harness, rig, name, soon(name, outcome));
      await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
    };
  }

  guard('llm', harness, {
    flush: answersWhole,

    async interleaved(rig) {
      const [one, two] = [first, second].map((question) =>
        rig.engine.respond(request(question), new AbortController().signal)[Symbol.asyncIterator](),
      );
      if (one === undefined || two === undefined) throw new Error('two questions');
      const answers: [LlmEvent[], LlmEvent[]] = [[], []];
      const isDone = [false, false];
      while (!isDone.every(Boolean)) {
        const results = await soon('both', Promise.all([isDone[0] ? null : one.next(), isDone[1] ? null : two.next()]));
        for (const [index, result] of results.entries()) {
          if (result?.done === true) isDone[index] = true;
          else if (result?.value !== undefined) answers[index as 0 | 1].push(result.value);
        }
      }
      expect(answers.map(textOf)).toEqual([first.answer, second.answer]);
    },

    async 'one of two cancelled'(rig) {
      rig.behave?.('slow');
      const abort = new AbortController();
      const events = rig.engine.respond(request(first), abort.signal)[Symbol.asyncIterator]();
      const other = collect(rig.engine.respond(request(second), new AbortController().signal));
      await soon('the first event of the one', events.next());
      const rest = restOf(events);
      abort.abort(new Error('enough'));
      await soon('the end of the one', rest);
      expect(textOf(await soon('the other', other))).toBe(second.answer);
      await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
    },

    async 'cancel at every await'(rig) {
      const all = await collect(rig.engine.respond(request(first), new AbortController().signal));
      rig.behave?.('slow');
      for (let after = 0; after <= all.length - 1; after++) {
        for (const moment of ['before it is asked', 'while it waits', 'by leaving']) {
          const abort = new AbortController();
          const events = rig.engine.respond(request(first), abort.signal)[Symbol.asyncIterator]();
          for (let taken = 0; taken < after; taken++) await soon(`event ${taken}`, events.next());
          const reason = new Error('enough');
          if (moment === 'by leaving') await soon('leaving', Promise.resolve(events.return?.()));
          else {
            if (moment === 'before it is asked') abort.abort(reason);
            const rest = restOf(events);
            if (moment === 'while it waits') abort.abort(reason);
            const outcome = await soon(`the end after ${after} events, aborted ${moment}`, rest);
            if ('error' in outcome) expect(outcome.error, 'no other error than the abort').toBe(reason);
            // Only one that was whole already, and told so at once, may say so.
            else if (moment === 'before it is asked' || after < all.length - 1)
              expect(outcome.events.map(({ kind }) => kind)).not.toContain('done');
          }
          await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
        }
      }
      rig.behave?.('normal');
      await answersWhole(rig);
    },

    async 'odd chunks'(rig) {
      behave(rig, 'odd-chunks');
      await answersWhole(rig);
    },
    async slow(rig) {
      behave(rig, 'slow');
      await answersWhole(rig);
    },
    'in-band error': failing('in-band error'),
    'rate-limited': failing('rate-limited'),
    cut: failing('cut'),
    'wrong key': failing('wrong key'),

    async silent(rig, clock) {
      behave(rig, 'silent');
      const outcome = collect(rig.engine.respond(request(first), new AbortController().signal));
      outcome.catch(() => {});
      await soon('the service to see the request', rig.seen?.(1) ?? Promise.resolve());
      await expectFailure(harness, rig, 'silent', soon('giving up', givenUpInTime(clock, outcome)));
      await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
    },

    async hang(rig, clock) {
      behave(rig, 'hang');
      const events = rig.engine.respond(request(first), new AbortController().signal)[Symbol.asyncIterator]();
      while ((await soon('the first token', events.next())).value?.kind !== 'text');
      const rest = restOf(events).then((outcome) => ('error' in outcome ? Promise.reject(outcome.error) : outcome));
      rest.catch(() => {});
      await expectFailure(harness, rig, 'hang', soon('giving up', givenUpInTime(clock, rest)));
      await soon('the service to be left', rig.idle?.() ?? Promise.resolve());
    },

    async 'left idle'(rig) {
      await answersWhole(rig);
      await soon('the connections to be closed', rig.dropIdle?.() ?? Promise.resolve());
      await answersWhole(rig);
    },

    async warmed(rig) {
      rig.engine.warm?.();
      rig.engine.warm?.();
      await soon('the connection', rig.connected?.(1) ?? Promise.resolve());
      await answersWhole(rig);
      expect(rig.requests?.()).toBe(1);
      // One may still be busy with its last byte.
      expect(rig.handshakes?.()).toBeLessThanOrEqual(2);
      await rig.vanish?.();
      rig.engine.warm?.();
      const outcome = collect(rig.engine.respond(request(first), new AbortController().signal));
      await expectFailure(harness, rig, 'absent', soon('absent', outcome));
    },

    async absent(rig) {
      await rig.vanish?.();
      const outcome = collect(rig.engine.respond(request(first), new AbortController().signal));
      await expectFailure(harness, rig, 'absent', soon('absent', outcome));
    },
  });
}

function request({ text }: Question): LlmRequest {
  const language = /\p{Script=Han}/u.test(text) ? 'zh' : 'en';
  return { model: 'guarder', language, messages: [{ role: 'user', content: text }], tools: [] };
}

async function collect(events: AsyncIterable<LlmEvent>): Promise<LlmEvent[]> {
  const all: LlmEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** What is still to come, or what it ended with. */
async function restOf(events: AsyncIterator<LlmEvent>): Promise<{ events: LlmEvent[] } | { error: unknown }> {
  const rest: LlmEvent[] = [];
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

function textOf(events: readonly LlmEvent[]): string {
  return events.map((event) => (event.kind === 'text' ? event.text : '')).join('');
}
