import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { uniqueToolNames } from '../../../../pipeline/agent/tool-names.ts';
import { refusedCall } from '../../../../pipeline/agent/tools.ts';
import { TalkError } from '../../../../preload/contract/errors.ts';
import { createAgentRig } from './rig.ts';

const call = (name: string, parameters: Record<string, unknown> = {}, id = 'call-1') => ({ id, name, arguments: parameters });

/** A tool whose every call waits until the test says what it answers. */
function held() {
  const waiting: PromiseWithResolvers<unknown>[] = [];
  return {
    waiting,
    behaviour: () => {
      const one = Promise.withResolvers<unknown>();
      waiting.push(one);
      return one.promise;
    },
  };
}

/** The agent as it is when its model has just been asked. */
function asked(options: Parameters<typeof createAgentRig>[0]) {
  const rig = createAgentRig(options);
  const round = rig.agent.begin('q');
  rig.agent.request({ round });
  return { ...rig, round };
}

test('ids of calls are remembered as long as a history shows them, not for good', async () => {
  const { agent, clock } = asked({ tools: { t: async () => 1 } });
  const run = agent.runTool(1);
  const first = run(call('t', {}, 'x')).call.id;
  const again = run(call('t', {}, 'x')).call.id;
  for (let count = 0; count < 1000; count += 1) run(call('t', { count }, `y${count}`));
  await clock.settle();
  expect([first, again, run(call('t', {}, 'x')).call.id]).toEqual(['x', 'x-2', 'x']);
});

describe('tools on the board', () => {
  test('get what the model called them with, and their result goes back', async () => {
    const { agent, peer, clock, of } = asked({ tools: { get_battery: async () => ({ battery: 80 }) } });
    const answer = agent.runTool(1)(call('get_battery', { a: 1 }));
    expect([answer.isRunning, JSON.parse(answer.content)]).toMatchObject([true, { status: 'running' }]);
    await answer.settled;
    expect([answer.isRunning, answer.content]).toEqual([false, '{"battery":80}']);
    expect(peer.toolCalls).toEqual([{ name: 'get_battery', parameters: { a: 1 } }]);
    expect(of('tool.call')).toHaveLength(1);
    expect(of('tool.result')).toMatchObject([{ turnId: 1, callId: 'call-1', isOk: true, result: { battery: 80 } }]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('that answer nothing time out, and are answered once even when they answer later', async () => {
    const { waiting, behaviour } = held();
    const { agent, clock, of } = asked({ tools: { slow: behaviour }, settings: { agent: { toolTimeoutMs: 1000 } } });
    const answer = agent.runTool(1)(call('slow'));
    await clock.advance(1_000_000);
    await answer.settled;
    expect(JSON.parse(answer.content)).toMatchObject({ error: { code: 'tool/timeout', data: { name: 'slow', timeoutMs: 1000 } } });
    waiting[0]?.resolve('late');
    await clock.settle();
    expect(of('tool.result')).toHaveLength(1);
  });

  test('survive an interruption: their result reaches the history (livekit #3702, #4877: lost, so the call was made twice)', async () => {
    const { waiting, behaviour } = held();
    const rig = asked({ tools: { set_alarm: behaviour } });
    const interrupted = new AbortController();
    const answer = rig.agent.runTool(1)(call('set_alarm'), interrupted.signal);
    rig.round.steps.push({ text: '', toolAnswers: [answer] });
    interrupted.abort();
    await rig.clock.settle();
    expect(rig.texts('and?')).toEqual(['q', '', JSON.stringify({ status: 'running', note: 'the result will follow' }), 'and?']);
    waiting[0]?.resolve({ status: 'set' });
    await answer.settled;
    expect(rig.texts('and?')).toEqual(['q', '', '{"status":"set"}', 'and?']);
  });

  test('that are called again in a later turn while they still run are not run twice, and both calls are answered', async () => {
    const { waiting, behaviour } = held();
    const { agent, peer, of } = asked({ tools: { unlock: behaviour } });
    const first = agent.runTool(1)(call('unlock', { door: 1 }, 'a'));
    const again = agent.runTool(2)(call('unlock', { door: 1 }, 'b'));
    const other = agent.runTool(2)(call('unlock', { door: 2 }, 'c'));
    expect(peer.toolCalls).toHaveLength(2);
    for (const one of waiting) one.resolve('open');
    await Promise.all([first.settled, again.settled, other.settled]);
    expect(of('tool.result').map(({ callId }) => callId)).toEqual(expect.arrayContaining(['a', 'b', 'c']));
    const afterwards = agent.runTool(3)(call('unlock', { door: 1 }, 'd'));
    expect(peer.toolCalls).toHaveLength(3);
    waiting.at(-1)?.resolve('open');
    await afterwards.settled;
  });

  test('end as cancelled with the conversation: none stays in progress (pipecat #5779)', async () => {
    const { behaviour } = held();
    const { agent, session, of, clock } = asked({ tools: { slow: behaviour } });
    const answers = [1, 2, 3].map((turnId) => agent.runTool(turnId)(call('slow', { turnId }, `call-${turnId}`)));
    session.abort();
    await Promise.all(answers.map(({ settled }) => settled));
    expect(of('tool.result').map(({ result }) => result)).toEqual([1, 2, 3].map(() => expect.objectContaining({ code: 'cancelled' })));
    expect(clock.pendingTimers).toBe(0);
  });

  test('are told what is wrong with their arguments, and are not run', async () => {
    const parameters = { type: 'object', properties: { action: { type: 'string', enum: ['set', 'increase'] } }, required: ['action'] };
    const { agent, peer } = asked({
      tools: { control_volume: async () => 1 },
      settings: { agent: { tools: [{ source: 'action', name: 'control_volume', parameters }] } },
    });
    const answer = agent.runTool(1)(call('control_volume', { action: 'mute' }));
    await answer.settled;
    expect(peer.toolCalls).toEqual([]);
    expect(JSON.parse(answer.content)).toMatchObject({
      error: { code: 'tool/bad-arguments', data: { issues: [{ path: 'action', reason: 'not-allowed', expected: ['set', 'increase'] }] } },
    });
  });

  test('are not run when the arguments were cut short or no JSON, though none are wanted', async () => {
    const { agent, peer } = asked({
      tools: { reboot: async () => 1 },
      settings: { agent: { tools: [{ source: 'action', name: 'reboot', parameters: { type: 'object', properties: {} } }] } },
    });
    const answer = agent.runTool(1)({ ...call('reboot', {}), malformed: '{"delay":' });
    await answer.settled;
    expect(peer.toolCalls).toEqual([]);
    expect(JSON.parse(answer.content)).toMatchObject({
      error: { code: 'tool/bad-arguments', data: { issues: [{ path: '', expected: 'a JSON object', given: '{"delay":' }] } },
    });
  });

  test('that nobody has are answered as such; what a tool throws is its answer', async () => {
    const { agent } = asked({
      tools: {
        broken: () => {
          throw new Error('bug');
        },
        refusing: () => Promise.reject(new TalkError('tool/failed', { name: 'refusing', code: 3, status: 'no' })),
      },
    });
    const run = agent.runTool(1);
    const answers = ['nobody', 'broken', 'refusing'].map((name) => run(call(name, {}, name)));
    await Promise.all(answers.map(({ settled }) => settled));
    expect(answers.map(({ content }) => JSON.parse(content).error.code)).toEqual(['tool/unknown', 'tool/failed', 'tool/failed']);
    expect(agent.hasTool('nobody')).toBe(false);
    expect(agent.hasTool('broken')).toBe(true);
  });

  test('calls without an id, or with one that was, get their own', async () => {
    const { agent } = asked({ tools: { t: async () => 1 } });
    const answers = ['', '', 'x', 'x', 'x-2'].map((id) => agent.runTool(1)(call('t', {}, id)));
    await Promise.all(answers.map(({ settled }) => settled));
    expect(new Set(answers.map((answer) => answer.call.id)).size).toBe(5);
    expect(answers[2]?.call.id).toBe('x');
  });

  test('can be left out and described in other words', () => {
    const tools = { a: async () => 1, b: async () => 1 };
    const { agent } = createAgentRig({
      tools,
      settings: {
        agent: {
          tools: [
            { source: 'action', name: 'a', isOn: false },
            { source: 'action', name: 'b', description: '开门' },
          ],
        },
      },
    });
    expect(agent.request({ round: agent.draft('q') }).tools).toMatchObject([{ name: 'b', description: '开门' }]);
  });
});

test('names no model takes are changed, and changed back for the board', async () => {
  const { agent, peer } = asked({ tools: { 'self.audio.set_volume': async () => true, 'self.audio/set_volume': async () => true } });
  const names = agent.request({ round: agent.draft('q') }).tools.map(({ name }) => name);
  expect(names).toEqual(['self_audio_set_volume', 'self_audio_set_volume_2']);
  await agent.runTool(1)(call('self_audio_set_volume_2')).settled;
  expect(peer.toolCalls[0]?.name).toBe('self.audio/set_volume');
});

test('whatever tools are called, each gets its own name that models take', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 80 }), { maxLength: 20 }), (given) => {
      const names = uniqueToolNames(given);
      expect(new Set(names).size).toBe(given.length);
      for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/u);
    }),
  );
});

test('whatever happens when, every call is answered exactly once (#1976: tool_calls without a tool message)', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('call' as const), name: fc.constantFrom('act', 'nobody'), door: fc.integer({ min: 1, max: 2 }) }),
    fc.record({ kind: fc.constant('answer' as const), isOk: fc.boolean() }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3000 }) }),
    fc.record({ kind: fc.constant('interrupt' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const { waiting, behaviour } = held();
      const rig = createAgentRig({ tools: { act: behaviour }, settings: { agent: { toolTimeoutMs: 2000 } } });
      let round = rig.agent.begin('q');
      let interruption = new AbortController();
      let turnId = 1;
      const ids: string[] = [];
      for (const one of steps) {
        if (one.kind === 'call') {
          rig.agent.request({ round });
          const answer = rig.agent.runTool(turnId)(call(one.name, { door: one.door }, 'same'), interruption.signal);
          ids.push(answer.call.id);
          round.steps.push({ text: '', toolAnswers: [answer] });
        } else if (one.kind === 'answer') {
          const next = waiting.shift();
          if (one.isOk) next?.resolve('ok');
          else next?.reject(new Error('no'));
        } else if (one.kind === 'wait') await rig.clock.advance(one.ms * 1000);
        else {
          interruption.abort();
          interruption = new AbortController();
          turnId += 1;
          round = rig.agent.begin('next');
        }
        // What the fake service accepts: each call followed by its one answer.
        const { messages } = rig.agent.request({ round });
        const calls = messages.flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : [])).map(({ id }) => id);
        expect(messages.flatMap((message) => (message.role === 'tool' ? message.toolCallId : []))).toEqual(calls);
      }
      rig.session.abort();
      await rig.clock.settle();
      expect(
        rig
          .of('tool.result')
          .map(({ callId }) => callId)
          .sort(),
      ).toEqual(ids.toSorted());
      expect(rig.clock.pendingTimers).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('a refused call is an answer too', () => {
  expect(refusedCall(call('a'), new TalkError('cancelled').value)).toMatchObject({ isRunning: false, call: { id: 'call-1' } });
});
