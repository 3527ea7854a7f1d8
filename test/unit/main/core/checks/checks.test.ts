import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Checks, type ChecksDeps, createChecks } from '../../../../../main/core/checks/checks.ts';
import { type CheckRun, checkCalls, checkRun } from '../../../../../preload/contract/checks.ts';
import type { CallRequest } from '../../../../../preload/contract/index.ts';
import { FakeBench } from '../../../../fakes/fake-bench.ts';
import { fakeCheck, fakeOpenBench, fakeRunBench } from '../../../../fakes/run-bench.ts';
import { openTestBench, silentLog, type TestBench } from '../../../../fakes/store.ts';

const context = { signal: new AbortController().signal, role: 'operator' as const };
const kinds = [
  fakeCheck('identity.chip', (bench) => {
    bench.facts.set('mac', macs.get(bench.port?.address ?? '') ?? 'aa');
    bench.facts.set('appVersion', '1.2.3');
    return { values: { level: 2 } };
  }),
  fakeCheck('identity.unique', async (bench) => {
    const others = await bench.namesakes({ mac: String(bench.facts.get('mac')), device: { productId: 'P', deviceName: 'd' } });
    return { values: { level: 1, others: others.map(({ serialNumber, shares }) => `${shares} ${serialNumber}`).join() } };
  }),
  fakeCheck('power.asks', async (bench) => {
    const answer = await bench.ask({ ask: 'press-reset', data: {}, kind: 'do' });
    return answer === 'nobody' ? { person: 'nobody-there' } : { values: { level: answer === 'done' ? 1 : 0 } };
  }),
  fakeCheck('uplink.level', (bench) => ({ values: { level: 5 }, evidence: [bench.keepSound('uplink', new Int16Array(1600))] })),
  fakeCheck('power.baseline', async (bench) => {
    const known = await bench.baselines.find('1.2.3');
    bench.baselines.propose({ firmwareVersion: '1.2.3', lines: [{ template: 'boot hunter22 hunter<n>', count: 1 }] });
    return known === null ? { skipped: 'no-baseline' } : { values: { level: 1, first: known.lines[0]?.template ?? '' } };
  }),
];
const macs = new Map<string, string>();
const asking = 'name: Asks\nversion: 1\nchecks: [identity.chip, power.asks, uplink.level]';
const plain = 'name: Plain\nversion: 2\nchecks: [identity.chip, uplink.level]';

let bench: TestBench;
let checks: Checks;
let opened: string[];
// A store is opened once: its threads take a second each time.
beforeAll(async () => {
  bench = await openTestBench();
}, 60_000);
afterAll(() => bench.close());
beforeEach(async () => {
  macs.clear();
  opened = [];
  checks = await start();
});
afterEach(async () => {
  await checks.close();
  for (const { id } of await history()) await bench.store.write('check.remove', { id });
  for (const kind of ['check-list', 'boot-baseline'] as const)
    for (const { id } of await bench.store.read('document.list', { kind })) await bench.store.write('document.remove', { kind, id });
});

function start(more: Partial<ChecksDeps> = {}): Promise<Checks> {
  const { store, recorder, clock } = bench;
  const boardOf = (port: string | null) => {
    opened.push(port ?? '');
    return new FakeBench({ port: port === null ? null : { address: port }, device: null });
  };
  return createChecks({
    ...{ store, recorder, clock, log: silentLog, appVersion: '0', kinds, lists: [{ id: 'plain', text: plain }] },
    openBench: fakeOpenBench(boardOf),
    printPdf: async () => new Uint8Array(),
    secrets: async () => ['hunter22'],
    isBenchInUse: () => false,
    ...more,
  });
}

async function begin(request: Partial<CallRequest<'checks.start'>> & Pick<CallRequest<'checks.start'>, 'list'>): Promise<string> {
  const body = checkCalls['checks.start'].request.parse({ port: 'COM7', ...request });
  return (await checks.calls['checks.start'](body, context)).runId;
}
const runs = () => checks.streams['checks.runs']({}).topic.snapshot();
const run = (runId: string) => checks.calls['checks.run']({ runId }, context);

/** The run as soon as it is so. */
function until(runId: string, isSo: (run: CheckRun) => boolean): Promise<CheckRun> {
  const { promise, resolve } = Promise.withResolvers<CheckRun>();
  const look = (state: CheckRun | undefined) => state !== undefined && isSo(state) && resolve(structuredClone(state));
  const forget = checks.streams['checks.runs']({}).topic.listen((state) => look(state.id === runId ? state : undefined));
  look(runs().find(({ id }) => id === runId));
  // What is told is held back by time, which stands.
  const timer = setInterval(() => void bench.clock.advance(100_000), 1);
  return promise.finally(() => {
    clearInterval(timer);
    forget();
  });
}
const hasEnded = ({ state }: CheckRun) => state !== 'running';
const isAsking = ({ results }: CheckRun) => results.some(({ state }) => state === 'asking');
const history = async (filter = {}) => (await checks.calls['checks.history']({ limit: 200, ...filter }, context)).runs;

describe('a run of a board', () => {
  test('is recorded, told, and kept with what it measured, its sounds, and who the board is', async () => {
    macs.set('COM7', 'aa:bb');
    const runId = await begin({ list: { id: 'plain' }, boardKind: 'esp32s3', operator: 'Li' });
    const ended = await until(runId, hasEnded);
    expect(ended).toMatchObject({
      state: 'passed',
      serialNumber: 'aa:bb',
      firmwareVersion: '1.2.3',
      listId: 'plain',
      listName: 'Plain',
      listVersion: '2',
    });
    expect(checkRun.safeParse(ended).error).toBeUndefined();
    await checks.close();
    expect(bench.recorder.session).toBeNull();
    expect((await bench.store.read('session.detail', { id: ended.sessionId ?? '' }))?.session).toMatchObject({
      state: 'closed',
      title: 'Plain COM7',
    });

    checks = await start();
    expect(runs()).toEqual([]);
    expect(await run(runId)).toEqual(ended);
    const [sound] = ended.results[1]?.evidence ?? [];
    const { wav } = await checks.calls['checks.evidence']({ runId, id: sound?.kind === 'sound' ? sound.id : '' }, context);
    expect(Buffer.from(wav).subarray(0, 4).toString()).toBe('RIFF');
    expect(await history({ boardKind: 'esp32s3', serialNumber: 'aa:bb' })).toMatchObject([{ id: runId, state: 'passed', operator: 'Li' }]);
    expect(await history({ boardKind: 'cat1' })).toEqual([]);
    expect(await checks.calls['checks.yield']({}, context)).toMatchObject({ boards: 1, passedFirst: 1 });

    await checks.calls['checks.remove']({ runId }, context);
    await expect(run(runId)).rejects.toThrow('not-found');
    await expect(checks.calls['checks.evidence']({ runId, id: sound?.kind === 'sound' ? sound.id : '' }, context)).rejects.toThrow(
      'not-found',
    );
  });

  test('is of the kind of board that its list is for, unless the operator says another', async () => {
    await checks.close();
    const asked: unknown[] = [];
    checks = await start({
      openBench: async (subject) => {
        asked.push([subject.boardKind, subject.listKinds]);
        return fakeRunBench(new FakeBench({ device: null }));
      },
    });
    const text = (kinds: string) => `name: Kinds\nversion: 1\nboardKinds: [${kinds}]\nchecks: [uplink.level]`;
    const kind = async (kinds: string, boardKind = '') =>
      (await until(await begin({ list: { text: text(kinds) }, boardKind }), hasEnded)).boardKind;
    expect([await kind('cat1'), await kind('cat1', 'Air780E'), await kind('esp32, esp32s3')]).toEqual(['cat1', 'Air780E', '']);
    expect(asked).toEqual([
      ['cat1', ['cat1']],
      ['Air780E', ['cat1']],
      ['', ['esp32', 'esp32s3']],
    ]);
  });

  test('goes on beside that of another board, and not beside another of the same one', async () => {
    const first = await begin({ list: { text: asking } });
    const second = await begin({ list: { text: asking }, port: 'COM8' });
    await until(first, isAsking);
    await until(second, isAsking);
    await expect(begin({ list: { text: asking } })).rejects.toMatchObject({ value: { code: 'check/busy', data: { runId: first } } });
    await expect(checks.calls['checks.remove']({ runId: first }, context)).rejects.toThrow('check/busy');
    await checks.calls['checks.cancel']({ runId: first }, context);
    expect(await until(first, hasEnded)).toMatchObject({ state: 'cancelled' });
    await checks.calls['checks.answer']({ runId: second, resultId: 'power.asks', answer: 'done', note: 'ok' }, context);
    expect(await until(second, hasEnded)).toMatchObject({ state: 'passed' });
  });

  test('is refused beside another of the same board by another name, and stops where only its log tells that it is the same', async () => {
    await checks.close();
    const toy = { productId: 'P', deviceName: 'toy' };
    let isKnown = true;
    const names = new Map([
      ['/dev/serial/by-id/toy', 'COM7'],
      ['COM7', 'COM7'],
      ['COM9', 'COM9'],
    ]);
    checks = await start({
      identify: async ({ port, device }) => ({ port: names.get(port ?? '') ?? null, device: device ?? (isKnown ? toy : null) }),
      openBench: fakeOpenBench((port) => new FakeBench({ port: { address: port ?? '' }, device: toy })),
    });
    const first = await begin({ list: { text: asking } });
    await until(first, isAsking);
    const busy = { value: { code: 'check/busy', data: { runId: first } } };
    await expect(begin({ list: { text: asking }, port: '/dev/serial/by-id/toy' })).rejects.toMatchObject(busy);
    await expect(begin({ list: { text: asking }, port: 'COM9' })).rejects.toMatchObject(busy);
    await expect(begin({ list: { text: asking }, port: null, device: toy })).rejects.toMatchObject(busy);
    isKnown = false;
    const second = await until(await begin({ list: { text: plain }, port: 'COM9' }), hasEnded);
    expect(second).toMatchObject({
      state: 'incomplete',
      results: [{ state: 'error', error: { code: 'check/busy', data: { runId: first, ...toy } } }, {}],
    });
    await checks.calls['checks.answer']({ runId: first, resultId: 'power.asks', answer: 'done', note: '' }, context);
    expect(await until(first, hasEnded)).toMatchObject({ state: 'passed' });
  });

  test('is not begun on a board whose network is impaired on purpose, and measures nothing where only its log tells that it is that one', async () => {
    await checks.close();
    const toy = { productId: 'P', deviceName: 'toy' };
    let isKnown = true;
    checks = await start({
      identify: async ({ port, device }) => ({ port, device: device ?? (isKnown ? toy : null) }),
      openBench: fakeOpenBench((port) => new FakeBench({ port: { address: port ?? '' }, device: toy })),
      isImpaired: ({ deviceName }) => deviceName === 'toy',
    });
    const impaired = { code: 'check/link-impaired', data: toy };
    await expect(begin({ list: { text: plain } })).rejects.toMatchObject({ value: impaired });
    isKnown = false;
    expect(await until(await begin({ list: { text: plain } }), hasEnded)).toMatchObject({
      state: 'incomplete',
      results: [
        { state: 'error', error: impaired },
        { state: 'error', error: impaired },
      ],
    });
  });

  test('whose port opens while the core leaves is begun, cancelled, kept and closed before the core has left; later ones are refused', async () => {
    await checks.close();
    const port = Promise.withResolvers<void>();
    const board = fakeRunBench(new FakeBench({ device: null }));
    checks = await start({ openBench: () => port.promise.then(() => board) });
    const began = begin({ list: { id: 'plain' } });
    let hasLeft = false;
    const leaving = checks.close().then(() => {
      hasLeft = true;
    });
    await expect(begin({ list: { id: 'plain' }, port: 'COM8' })).rejects.toThrow('cancelled');
    await bench.clock.advance(1_000_000);
    expect(hasLeft).toBe(false);
    port.resolve();
    await leaving;
    expect(board.isClosed).toBe(true);
    expect(await bench.store.read('check.run', { id: await began })).toMatchObject({ run: { state: 'cancelled' } });
    expect(bench.recorder.session).toBeNull();
  });

  test('two that begin at once are not both begun on one board', async () => {
    const begun = await Promise.allSettled([begin({ list: { text: asking } }), begin({ list: { text: asking } })]);
    expect(begun.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(opened).toEqual(['COM7']);
  });

  test('is not begun for a serial number that the list does not know, or for none', async () => {
    const text = `${plain}\nserialNumber: { matches: 'TB-[0-9]{6}', example: TB-000123 }`;
    await expect(begin({ list: { text }, serialNumber: 'SN1' })).rejects.toMatchObject({
      value: { code: 'check/serial-number', data: { serialNumber: 'SN1', matches: 'TB-[0-9]{6}', example: 'TB-000123' } },
    });
    await expect(begin({ list: { text }, serialNumber: '  ' })).rejects.toThrow('check/no-serial-number');
    expect(opened).toEqual([]);
    expect(bench.recorder.session).toBeNull();
    const runId = await begin({ list: { text }, serialNumber: 'TB-000777\t' });
    expect(await until(runId, hasEnded)).toMatchObject({ state: 'passed', serialNumber: 'TB-000777' });
  });

  test('that cannot begin leaves nothing behind', async () => {
    await checks.close();
    checks = await start({ openBench: () => Promise.reject(new Error('port')) });
    await expect(begin({ list: { text: plain } })).rejects.toThrow('port');
    await expect(begin({ list: { text: 'name: x' } })).rejects.toThrow('check/bad-list');
    await expect(begin({ list: { id: 'none' } })).rejects.toThrow('not-found');
    await expect(begin({ list: { id: 'plain' }, only: ['none'] })).rejects.toThrow('bad-request');
    await expect(begin({ list: { id: 'plain' }, port: null })).rejects.toThrow('bad-request');
    expect(runs()).toEqual([]);
    expect(await history()).toEqual([]);
    expect(bench.recorder.session).toBeNull();
  });

  test('is closed as cancelled at the next start when the core was killed', async () => {
    const runId = await begin({ list: { text: asking } });
    await until(runId, isAsking);
    // What has ended is kept beside the run: a kill may come first, but not in this test.
    await vi.waitFor(async () => expect((await bench.store.read('check.run', { id: runId }))?.run.counts.passed).toBe(1), 10_000);
    const killed = checks;
    checks = await start();
    expect(await run(runId)).toMatchObject({ state: 'cancelled', counts: { passed: 1, skipped: 2, waiting: 0 } });
    await killed.close();
  });

  test('can have one check done again, also after a restart, in another session', async () => {
    const runId = await begin({ list: { text: asking }, serialNumber: 'SN1' });
    await until(runId, isAsking);
    await checks.calls['checks.answer']({ runId, resultId: 'power.asks', answer: 'skip', note: '' }, context);
    const before = await until(runId, hasEnded);
    expect(before.state).toBe('failed');
    await checks.close();
    expect(await history()).toMatchObject([{ failedItems: [{ id: 'power.asks', check: 'power.asks', title: null }] }]);
    checks = await start();
    await bench.clock.advance(5_000_000);
    await checks.calls['checks.repeat']({ runId, resultId: 'power.asks' }, context);
    await until(runId, isAsking);
    await checks.calls['checks.answer']({ runId, resultId: 'power.asks', answer: 'done', note: 'pressed' }, context);
    const after = await until(runId, hasEnded);
    expect(after).toMatchObject({ state: 'passed', serialNumber: 'SN1', startedWallMs: before.startedWallMs });
    expect(after.sessionId).not.toBe(before.sessionId);
    expect(after.results.map(({ startedUs }) => startedUs !== null)).toEqual([false, true, false]);
    await checks.close();
    expect(await history()).toMatchObject([{ state: 'passed' }]);
  });
});

test('a board that was given another name in the run has it when one of its checks is done again', async () => {
  await checks.close();
  const toy = { productId: 'P', deviceName: 'toy' };
  const toy2 = { productId: 'P', deviceName: 'toy2' };
  const meant: unknown[] = [];
  checks = await start({
    openBench: async ({ device }) => {
      meant.push(device);
      return fakeRunBench(new FakeBench({ port: { address: 'COM7' }, device: toy2 }));
    },
  });
  const runId = await begin({ list: { id: 'plain' }, device: toy });
  expect(await until(runId, hasEnded)).toMatchObject({ state: 'passed', deviceName: 'toy2' });
  // It is free again a little later.
  await vi.waitFor(async () => checks.calls['checks.repeat']({ runId, resultId: 'uplink.level' }, context));
  await until(runId, hasEnded);
  expect(meant).toEqual([toy, toy2]);
});

describe('two at once', () => {
  const ended = async () => {
    const runId = await begin({ list: { text: asking } });
    await until(runId, isAsking);
    await checks.calls['checks.answer']({ runId, resultId: 'power.asks', answer: 'skip', note: '' }, context);
    await until(runId, hasEnded);
    await checks.close();
    checks = await start();
    return runId;
  };
  const repeat = (runId: string) => checks.calls['checks.repeat']({ runId, resultId: 'power.asks' }, context);

  test('who would repeat a check of an ended run: one does', async () => {
    const runId = await ended();
    const [first, second] = await Promise.allSettled([repeat(runId), repeat(runId)]);
    expect([first.status, second]).toMatchObject(['fulfilled', { reason: { value: { code: 'check/busy', data: { runId } } } }]);
    await until(runId, isAsking);
  });

  test('a run that is being taken up again is not removed under it', async () => {
    const runId = await ended();
    const [repeated, removed] = await Promise.allSettled([repeat(runId), checks.calls['checks.remove']({ runId }, context)]);
    expect([repeated.status, removed]).toMatchObject(['fulfilled', { reason: { value: { code: 'check/busy', data: { runId } } } }]);
    expect(await until(runId, isAsking)).toMatchObject({ id: runId });
  });

  test('retention takes no sound of a run that has gone on', async () => {
    const runId = await ended();
    await repeat(runId);
    await until(runId, isAsking);
    expect(await bench.store.write('check.removeSounds', { runId })).toEqual({ removed: 0 });
    await checks.calls['checks.cancel']({ runId }, context);
    await until(runId, hasEnded);
    await checks.close();
    expect(await bench.store.write('check.removeSounds', { runId })).toEqual({ removed: 1 });
    checks = await start();
  });

  test('who bring the same list along have it once; with another text under its version the second is refused', async () => {
    const put = (text: string) => checks.calls['checks.putList']({ text, isCopy: false }, context);
    const [first, second] = await Promise.all([put(asking), put(asking)]);
    expect(second).toEqual(first);
    const other = asking.replace('Asks', 'Other');
    const both = await Promise.allSettled([put(other), put(other.replace(', uplink.level', ''))]);
    expect(both).toMatchObject([{ status: 'fulfilled' }, { reason: { value: { code: 'check/list-differs' } } }]);
  });
});

describe('what earlier runs know', () => {
  const identity = 'name: Identity\nversion: 1\nchecks: [identity.chip, identity.unique]';
  const others = async (serialNumber: string, port: string) => {
    const ended = await until(await begin({ list: { text: identity }, serialNumber, port }), hasEnded);
    return ended.results[1]?.values.find(({ name }) => name === 'others')?.value;
  };

  test('another serial number with the same MAC is another board; one without a serial number is the board of its MAC', async () => {
    macs.set('COM7', 'aa');
    macs.set('COM8', 'bb');
    expect(await others('SN1', 'COM7')).toBe('');
    expect(await others('SN1', 'COM7')).toBe('');
    expect(await others('', 'COM7')).toBe('');
    expect(await others('SN2', 'COM8')).toBe('');
    expect(await others('SN3', 'COM7')).toBe('mac SN1');
  });

  test('the first good board of a version becomes what later ones are compared with, without secrets', async () => {
    const text = 'name: Boot\nversion: 1\nchecks: [identity.chip, power.baseline]';
    const first = await until(await begin({ list: { text }, boardKind: 'k' }), hasEnded);
    expect(first).toMatchObject({ state: 'passed', results: [{}, { reason: 'no-baseline' }] });
    await checks.close();
    checks = await start();
    const second = await until(await begin({ list: { text }, boardKind: 'k' }), hasEnded);
    expect(second.results[1]?.values).toContainEqual(expect.objectContaining({ name: 'first', value: 'boot ******** *********' }));
    const other = await until(await begin({ list: { text }, boardKind: 'another' }), hasEnded);
    expect(other.results[1]?.reason).toBe('no-baseline');
  });
});

describe('lists', () => {
  test('of one’s own are kept, changed and removed; those of the product are not', async () => {
    const own = await checks.calls['checks.putList']({ text: asking, isCopy: false }, context);
    expect(own).toMatchObject({ name: 'Asks', checkCount: 3, isBuiltIn: false });
    await checks.calls['checks.putList']({ id: own.id, text: asking.replace('Asks', 'Asked'), isCopy: false }, context);
    await expect(checks.calls['checks.putList']({ text: 'name: x', isCopy: false }, context)).rejects.toThrow('check/bad-list');
    await expect(checks.calls['checks.putList']({ id: 'plain', text: asking, isCopy: false }, context)).rejects.toThrow('check/built-in');
    await expect(checks.calls['checks.removeList']({ id: 'plain' }, context)).rejects.toThrow('check/built-in');
    await checks.close();
    checks = await start();
    const lists = () =>
      checks.streams['checks.lists']({})
        .topic.snapshot()
        .map(({ id, name }) => [id, name]);
    expect(lists()).toEqual([
      ['plain', 'Plain'],
      [own.id, 'Asked'],
    ]);
    await checks.calls['checks.removeList']({ id: own.id }, context);
    expect(lists()).toEqual([['plain', 'Plain']]);
  });

  test('brought along are the one that says the same, else a new version of the one with that name, and never another text under one version', async () => {
    const put = (text: string, more = {}) => checks.calls['checks.putList']({ text, isCopy: false, ...more }, context);
    const ids = () =>
      checks.streams['checks.lists']({})
        .topic.snapshot()
        .map(({ id, version }) => `${id} ${version}`);
    const own = await put(asking);
    expect(await put(`\ufeff${asking.replaceAll('\n', '\r\n')}\r\n`)).toEqual(own);
    expect((await put(plain)).id).toBe('plain');
    expect(ids()).toEqual(['plain 2', `${own.id} 1`]);
    const other = asking.replace(', uplink.level', '');
    await expect(put(other)).rejects.toMatchObject({
      value: { code: 'check/list-differs', data: { id: own.id, name: 'Asks', version: '1' } },
    });
    expect(await put(other.replace('version: 1', 'version: 2'))).toMatchObject({ id: own.id, version: '2', checkCount: 2 });
    expect(ids()).toEqual(['plain 2', `${own.id} 2`]);
    const copy = await put(plain, { isCopy: true });
    expect(copy.isBuiltIn).toBe(false);
    expect(copy.id).not.toBe('plain');
  });

  test('that a run brings along are those of the library where they say the same; a name that is none’s has its likely ones', async () => {
    expect(await until(await begin({ list: { text: `${plain}\n` } }), hasEnded)).toMatchObject({ listId: 'plain' });
    await expect(begin({ list: { id: 'plian' } })).rejects.toMatchObject({ value: { data: { id: 'plian', near: ['plain'] } } });
  });

  test('are inspected against the catalogue', async () => {
    const { checks: catalogue } = await checks.calls['checks.catalogue']({}, context);
    expect(catalogue[0]).toMatchObject({
      name: 'identity.chip',
      parameters: [{ name: 'level', preset: 3 }],
      values: [{ name: 'level', unit: 'dB' }],
    });
    expect((await checks.calls['checks.inspectList']({ text: 'name: t\nversion: 1\nchecks: [none]' }, context)).problems).toMatchObject([
      { line: 3 },
    ]);
    expect((await checks.calls['checks.inspectList']({ text: plain }, context)).outline?.checks).toHaveLength(2);
  });
});
