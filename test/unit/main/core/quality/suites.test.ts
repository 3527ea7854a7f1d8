import { afterEach, expect, test } from 'vitest';
import type { QualityPorts } from '../../../../../main/core/quality/ports.ts';
import { createQuality, type Quality } from '../../../../../main/core/quality/suites.ts';
import type { Store } from '../../../../../main/core/store/store.ts';
import type { SuiteRun } from '../../../../../preload/contract/quality.ts';
import { TalkError } from '../../../../../preload/contract/talk-error.ts';
import { logRow, openTestBench, recordRows, silentLog, type TestBench } from '../../../../fakes/store.ts';

const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

const never = () => Promise.reject(new Error('not asked'));
const ports: QualityPorts = {
  ...{ resimulate: never, rerun: never, playScenario: never, importSession: never, stopRecording: never },
  recordingId: () => null,
};
const context = { signal: new AbortController().signal, role: 'operator' as const };
const suiteNamed = (name: string, cases = '  - session: none\n') => `version: 1\nname: ${name}\ncases:\n${cases}`;

async function bench(): Promise<TestBench> {
  const one = await openTestBench();
  ended.push(() => one.close());
  return one;
}

async function quality({ clock }: TestBench, store: Store, held: readonly string[] = []): Promise<Quality> {
  const one = await createQuality({ store, clock, log: silentLog, ports, secrets: async () => held });
  ended.push(() => one.close());
  return one;
}

async function ran({ calls }: Quality, text: string): Promise<SuiteRun> {
  const { id } = await calls['suites.start']({ text, only: [], jobs: 1 }, context);
  return calls['suites.wait']({ runId: id }, context);
}

async function shown({ streams }: Quality, runId: string): Promise<SuiteRun | null> {
  const { topic, snapshot, ready } = streams['suites.run']({ runId });
  await ready;
  return snapshot === undefined ? topic.snapshot() : snapshot();
}

test('a run is read from the library once it is stored, also after a restart', async () => {
  const one = await bench();
  const first = await quality(one, one.store);
  const run = await ran(first, suiteNamed('kitchen'));
  expect(run.cases).toMatchObject([{ state: 'error', error: { code: 'session/not-found' } }]);
  for (const each of [first, await quality(one, one.store)]) {
    expect(await shown(each, run.id)).toEqual(run);
    expect(each.streams['suites.runs']({}).topic.snapshot()).toMatchObject([{ id: run.id, state: 'error', counts: { errors: 1 } }]);
    const { text } = await each.calls['suites.report']({ runId: run.id, format: 'junit', language: 'en' }, context);
    expect(text).toContain('kitchen');
    expect(await each.calls['suites.wait']({ runId: run.id }, context)).toEqual(run);
  }
  expect(await shown(first, 'never run')).toBeNull();
  await expect(first.calls['suites.cancel']({ runId: 'never run' }, context)).rejects.toMatchObject({ code: 'not-found' });
});

test('what cannot be stored is shown for as long as the last few', async () => {
  const one = await bench();
  const full = {
    ...one.store,
    read: one.store.read.bind(one.store),
    write: () => Promise.reject(new TalkError('store/disk-full')),
  } as unknown as Store;
  const its = await quality(one, full);
  const runs: SuiteRun[] = [];
  for (let i = 0; i < 7; i++) {
    runs.push(await ran(its, suiteNamed(`suite ${i}`)));
    await one.clock.advance(1_000_000);
  }
  const known = await Promise.all(runs.map(async ({ id }) => (await shown(its, id)) !== null));
  expect(known).toEqual([false, false, true, true, true, true, true]);
});

test('who looks at one run hears nothing of another', async () => {
  const one = await bench();
  const its = await quality(one, one.store);
  const start = (name: string) => its.calls['suites.start']({ text: suiteNamed(name), only: [], jobs: 1 }, context);
  const { id } = await start('looked at');
  const heard: (string | undefined)[] = [];
  its.streams['suites.run']({ runId: id }).topic.listen((run) => heard.push(run?.name));
  const { id: otherId } = await start('another');
  await Promise.all([id, otherId].map((runId) => its.calls['suites.wait']({ runId }, context)));
  expect(new Set(heard)).toEqual(new Set(['looked at']));
});

test('a long suite is read, checked and changed like a short one', async () => {
  const one = await bench();
  const its = await quality(one, one.store);
  const long = suiteNamed('long', Array.from({ length: 900 }, (_, i) => `  - {session: s, name: number ${i}}\n`).join(''));
  expect(long.length).toBeGreaterThan(20_000);
  expect((await its.calls['suites.inspect']({ text: long }, context)).outline?.cases).toHaveLength(900);
  const again = `${long}  - {session: s, name: number 7}\n`;
  expect((await its.calls['suites.inspect']({ text: again }, context)).problems).toMatchObject([{ line: 904, path: 'cases.900' }]);
  await expect(its.calls['suites.save']({ text: again }, context)).rejects.toMatchObject({
    code: 'suite/bad-file',
    value: { data: { line: 904 } },
  });
  const change = { kind: 'set', value: 'renamed' } as const;
  const { text } = await its.calls['suites.edit']({ text: long, path: ['name'], change }, context);
  expect(await its.calls['suites.save']({ text }, context)).toMatchObject({ name: 'renamed', caseCount: 900 });
  await expect(its.calls['suites.edit']({ text: `${long}\t]`, path: ['name'], change }, context)).rejects.toMatchObject({
    code: 'suite/bad-file',
  });
  expect((await quality(one, one.store)).streams['suites.documents']({}).topic.snapshot()).toMatchObject([
    { name: 'renamed', caseCount: 900 },
  ]);
});

test('nothing that a run tells outside has a secret or an identity in it, whole or cut', async () => {
  const one = await bench();
  const secret = 'c2VjcmV0LWtleS0xMjM=';
  const [imei, iccid] = ['867123456789012', '89860012345678901234'];
  const { id } = one.recorder.ensureSession('x');
  const padding = 'and so on '.repeat(28);
  recordRows(one.recorder, [
    logRow('/dev/ttyUSB0', 0, `mqtt connect ${imei} ${secret}`),
    // Rows are told up to their 300th character.
    logRow('/dev/ttyUSB0', 1, `long ${padding}key=${secret}`),
  ]);
  const of = { conversationId: 'c', turnId: 1, atUs: one.clock.nowUs() };
  one.recorder.event({ kind: 'llm.text', ...of, text: JSON.stringify({ iccid, token: secret }) });
  await one.recorder.stop();
  const its = await quality(one, one.store, [secret]);
  const expected = '{ log: { text: mqtt } }, { log: { text: long } }, { event: llm.text, where: { text: other } }, { tool: none }';
  const run = await ran(its, suiteNamed(`of ${secret}`, `  - session: ${id}\n    expect: [${expected}, { log: { text: ${secret} } }]\n`));
  expect(run.cases[0]).toMatchObject({ sessionId: id, state: 'failed' });
  expect(run.cases[0]?.checks.map(({ isMet }) => isMet)).toEqual([true, true, false, false, true]);
  const report = async (format: 'junit' | 'html') =>
    (await its.calls['suites.report']({ runId: run.id, format, language: 'en' }, context)).text;
  for (const text of [JSON.stringify(run), await report('junit'), await report('html')]) {
    expect(text).toContain('llm.text');
    for (const gone of [secret, secret.slice(0, 6), imei, iccid]) expect(text).not.toContain(gone);
  }
});
