import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConversations } from '../../../../../../main/core/replay/resimulate/read.ts';
import { createResimulation } from '../../../../../../main/core/replay/resimulate/service.ts';
import { openReader } from '../../../../../../main/core/store/database.ts';
import { createScriptedVad } from '../../../../../../pipeline/engines/scripted/vad.ts';
import { replayCalls } from '../../../../../../preload/contract/replay.ts';
import type { TalkError } from '../../../../../../preload/contract/talk-error.ts';
import { openTestBench, type TestBench } from '../../../../../fakes/store.ts';
import { createRig } from '../../../../pipeline/turn/rig.ts';

const context = () => ({ signal: new AbortController().signal, role: 'viewer' as const });

let bench: TestBench;
let sessionId: string;

beforeAll(async () => {
  bench = await openTestBench();
  const rig = await createRig({
    utterances: [{ text: '你好', finalMs: 40 }],
    replies: [{ tokens: ['你好呀。'], ttftMs: 200 }],
    engines: { vad: createScriptedVad() },
  });
  await rig.hear('silence', 500);
  await rig.hear('speech', 600);
  await rig.hear('silence', 2500);
  rig.conversation.close('bye');
  await rig.advanceMs(3000);
  sessionId = bench.recorder.ensureSession('recorded').id;
  for (const event of rig.events) bench.recorder.event(event);
  for (const packet of rig.packets) bench.recorder.packet(packet);
  await bench.recorder.stop();
  await bench.store.flush();
});
afterAll(() => bench.close());

const service = () => createResimulation({ store: bench.store, recorder: bench.recorder });

describe('a session of the library', () => {
  test('is simulated on a thread, its reply as the contract has it, and told how far it is', async () => {
    const { calls, streams } = service();
    const fractions: number[] = [];
    const attachment = streams['replay.progress']({ runId: 'r1' });
    attachment.topic.listen((delta) => attachment.accepts?.(delta) && fractions.push(delta.fraction));
    const request = replayCalls['replay.resimulate'].request.parse({
      sessionIds: [sessionId],
      changes: { turns: { vadSilenceMs: 800 } },
      runId: 'r1',
    });
    const reply = await calls['replay.resimulate'](request, context());
    const { result, cost } = replayCalls['replay.resimulate'].reply.parse(reply);
    expect(result.conversations).toMatchObject([
      { sessionId, vad: 'scripted', fidelity: { recordedTurns: 1, matched: 1, commitMaxMs: 0, v2vMaxMs: 0 }, pairs: [{ change: 'moved' }] },
    ]);
    expect(result.after.endpoint.p50).toBeGreaterThan(result.before.endpoint.p50 ?? 0);
    expect(cost.simulatedMs).toBeGreaterThan(3000);
    expect(fractions.at(-1)).toBe(1);
    // What the detector heard is remembered, and makes no difference.
    expect((await calls['replay.resimulate'](request, context())).result).toEqual(reply.result);
  });

  test('that is not there, or has no such conversation, is told so', () => {
    const database = openReader(bench.path);
    const read = (id: string, conversationId?: string) => {
      try {
        return readConversations(database, id, conversationId).map((each) => each.conversationId);
      } catch (error) {
        return (error as TalkError).value;
      }
    };
    expect(read(sessionId)).toEqual(['c1']);
    expect(read('none')).toMatchObject({ code: 'session/not-found', data: { id: 'none' } });
    expect(read(sessionId, 'none')).toMatchObject({ code: 'replay/no-conversation', data: { id: sessionId } });
    database.close();
  });

  test('what cannot be tried is refused before anything is read', async () => {
    const call = service().calls['replay.resimulate'];
    const sweep = { key: 'turns.vadSilenceMs', values: [300, 3] };
    await expect(call({ sessionIds: ['none'], changes: {}, sweep }, context())).rejects.toMatchObject({
      value: { code: 'settings/invalid' },
    });
  });

  test('a run that is cancelled ends as that, and gives its place to the next', async () => {
    const call = service().calls['replay.resimulate'];
    const abort = new AbortController();
    const first = call({ sessionIds: [sessionId], changes: {} }, { ...context(), signal: abort.signal });
    const second = call({ sessionIds: [sessionId], changes: {} }, context());
    abort.abort();
    await expect(first).rejects.toMatchObject({ value: { code: 'cancelled' } });
    await expect(second).resolves.toMatchObject({ result: { before: { userTurns: 1 } } });
  });
});
