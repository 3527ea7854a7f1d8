import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { DeviceLists } from '../../../../../main/core/provisioning/device-lists.ts';
import { openSecretFile } from '../../../../../main/core/settings/secrets.ts';
import type { DeviceList } from '../../../../../preload/contract/provisioning.ts';
import { isTalkError } from '../../../../../preload/contract/talk-error.ts';
import { openTestProvisioning, type TestProvisioning } from '../../../../fakes/provisioning.ts';
import { openTestBench } from '../../../../fakes/store.ts';

const failure = (attempt: Promise<unknown>) =>
  attempt.then(
    () => null,
    (error: unknown) => (isTalkError(error) ? { code: error.code, ...error.value.data } : Promise.reject(error)),
  );
const listOf = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => from + index)
    .map((number) => `P,dev-${number},${Buffer.from(`secret of dev-${number}`).toString('base64')}`)
    .join('\n');
const fromList = (listId: string) => ({ device: { kind: 'list', listId } as const });

describe('importing a list', () => {
  let bench: TestProvisioning;
  beforeEach(async () => {
    bench = await openTestProvisioning();
  });

  test('keeps its devices in order and its secrets apart, in one write', async () => {
    const list = await bench.lists.import('pilot run', listOf(3000));
    expect(list).toMatchObject({ name: 'pilot run', total: 3000, free: 3000, reserved: 0, used: 0 });
    expect(bench.secrets.writes).toBe(1);
    const entries = await bench.lists.entries(list.listId);
    expect(entries.map(({ deviceName }) => deviceName)).toEqual(Array.from({ length: 3000 }, (_, index) => `dev-${index}`));
    expect(entries[0]).toEqual({ productId: 'P', deviceName: 'dev-0', state: 'free', mac: null, usedWallMs: null });
    expect(bench.store.database.serialize().includes(Buffer.from('secret of dev-7').toString('base64'))).toBe(false);
    expect(await bench.lists.secret({ productId: 'P', deviceName: 'dev-7' })).toBe(Buffer.from('secret of dev-7').toString('base64'));
  });

  test('with a device that a list has already takes nothing of it, and says where it stands', async () => {
    await bench.lists.import('first', 'P,a,MQ==\nP,b,Mg==', 'none');
    expect(await failure(bench.lists.import('second', 'P,c,Mw==\n\nP,b,NA==', 'none'))).toEqual({
      ...{ code: 'provisioning/duplicate', productId: 'P', deviceName: 'b' },
      ...{ line: 3, listName: 'first' },
    });
    expect(bench.lists.topic.snapshot()).toHaveLength(1);
    expect(bench.secrets.names).toEqual(['device-list/P/a', 'device-list/P/b']);
    expect(await bench.lists.secret({ productId: 'P', deviceName: 'b' })).toBe('Mg==');
  });

  test('twice at once takes it once', async () => {
    const outcomes = await Promise.all([failure(bench.lists.import('one', listOf(5))), failure(bench.lists.import('two', listOf(5)))]);
    expect(outcomes).toMatchObject([null, { code: 'provisioning/duplicate', line: 1, listName: 'one' }]);
    expect(bench.secrets.names).toHaveLength(5);
  });

  test('while the same is being removed keeps the secrets that come with it', async () => {
    const { listId } = await bench.lists.import('one', listOf(5));
    const removeAll = bench.secrets.removeAll.bind(bench.secrets);
    bench.secrets.removeAll = async (names) => {
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      await removeAll(names);
    };
    await Promise.all([bench.lists.remove(listId), bench.lists.import('again', listOf(5))]);
    expect(bench.secrets.names).toHaveLength(5);
  });

  test('that cannot be kept leaves no secrets behind', async () => {
    bench.store.database.exec('DROP TABLE device_list_entry');
    await expect(bench.lists.import('one', listOf(5))).rejects.toThrow();
    expect(bench.secrets.names).toEqual([]);
  });
});

describe('a list', () => {
  let bench: TestProvisioning;
  let listId: string;
  beforeEach(async () => {
    bench = await openTestProvisioning();
    ({ listId } = await bench.lists.import('list', listOf(20)));
  });
  const state = async (name: string) => (await bench.lists.entries(listId)).find(({ deviceName }) => deviceName === name);

  test('gives sixteen jobs at once sixteen devices', async () => {
    const jobs = Array.from({ length: 16 }, (_, index) => ({
      mac: `aa:${index}`,
      provisioner: bench.provisioner(fromList(listId), `job-${index}`),
    }));
    const boards = await Promise.all(jobs.map(({ mac, provisioner }) => provisioner.forBoard(mac)));
    expect(new Set(boards.map(({ device }) => device?.deviceName)).size).toBe(16);
    expect(bench.lists.topic.snapshot()).toMatchObject([{ total: 20, free: 4, reserved: 16, used: 0 }]);
    await Promise.all(jobs.map(({ provisioner }) => provisioner.settle('burned')));
    expect(bench.lists.topic.snapshot()).toMatchObject([{ free: 4, reserved: 0, used: 16 }]);
  });

  test('gives a board the device it had before, however it is written', async () => {
    const first = bench.provisioner(fromList(listId), 'one');
    await first.forBoard('AA:BB:CC:DD:EE:FF');
    await first.settle('burned');
    const again = bench.provisioner(fromList(listId), 'two');
    expect((await again.forBoard('aa:bb:cc:dd:ee:ff')).device).toEqual({ productId: 'P', deviceName: 'dev-0' });
    // Nothing of it was written this time, and yet the board has it.
    await again.settle('untouched');
    expect(await state('dev-0')).toMatchObject({ state: 'used', mac: 'aa:bb:cc:dd:ee:ff', usedWallMs: expect.any(Number) });
  });

  test('has a device again that was not written, and not one that may have been', async () => {
    const untouched = bench.provisioner(fromList(listId), 'one');
    await untouched.forBoard('aa');
    expect(await state('dev-0')).toMatchObject({ state: 'reserved', mac: 'aa' });
    await untouched.settle('untouched');
    expect(await state('dev-0')).toMatchObject({ state: 'free', mac: null });
    const doubtful = bench.provisioner(fromList(listId), 'two');
    await doubtful.forBoard('bb');
    await doubtful.settle('doubtful');
    expect(await state('dev-0')).toMatchObject({ state: 'used', mac: 'bb' });
  });

  test('counts what a dead process had reserved as used by its board', async () => {
    await bench.provisioner(fromList(listId), 'one').forBoard('aa');
    await bench.restart();
    expect(await state('dev-0')).toMatchObject({ state: 'used', mac: 'aa', usedWallMs: expect.any(Number) });
    const other = await bench.provisioner(fromList(listId), 'two').forBoard('bb');
    const same = await bench.provisioner(fromList(listId), 'three').forBoard('aa');
    expect([other.device?.deviceName, same.device?.deviceName]).toEqual(['dev-1', 'dev-0']);
  });

  test('runs empty, and says so', async () => {
    const { listId: short } = await bench.lists.import('short', listOf(1, 100));
    await bench.provisioner(fromList(short), 'one').forBoard('aa');
    expect(await failure(bench.provisioner(fromList(short), 'two').forBoard('bb'))).toEqual({
      code: 'provisioning/list-empty',
      listId: short,
    });
    expect(await failure(bench.provisioner(fromList('gone'), 'three').forBoard('bb'))).toMatchObject({ code: 'not-found', id: 'gone' });
  });

  test('gives no device to a board whose values are wrong', async () => {
    const entries = [{ namespace: 'n', key: 'k', type: 'string', value: '${device_name} ${wifi_ssid}' } as const];
    const attempt = bench.provisioner({ ...fromList(listId), entries }, 'one').forBoard('aa');
    expect(await failure(attempt)).toEqual({ code: 'nvs/missing-variable', name: 'wifi_ssid' });
    expect(await failure(bench.provisioner({ ...fromList(listId), csv: 'nonsense' }, 'two').forBoard('aa'))).toMatchObject({
      code: 'nvs/bad-csv',
    });
    expect(bench.lists.topic.snapshot()).toMatchObject([{ free: 20 }]);
  });

  test('keeps a device chosen by name from other boards', async () => {
    const known = { device: { kind: 'known', productId: 'P', deviceName: 'dev-0' } as const };
    await bench.provisioner(known, 'one').forBoard('aa');
    const used = { code: 'provisioning/used', productId: 'P', deviceName: 'dev-0' };
    expect(await failure(bench.provisioner(known, 'two').forBoard('bb'))).toEqual(used);
    const given = { device: { ...known.device, kind: 'given', deviceSecret: 'eA==' } as const };
    expect(await failure(bench.provisioner(given, 'three').forBoard('bb'))).toEqual(used);
    expect((await bench.provisioner(fromList(listId), 'four').forBoard('bb')).device?.deviceName).toBe('dev-1');
  });

  test('lets a person free a device, but not while it is burned', async () => {
    const device = { productId: 'P', deviceName: 'dev-0' };
    const provisioner = bench.provisioner(fromList(listId), 'one');
    await provisioner.forBoard('aa');
    expect(await failure(bench.lists.release(listId, device))).toEqual({ code: 'provisioning/reserved', listId, ...device });
    expect(await failure(bench.lists.remove(listId))).toEqual({ code: 'provisioning/reserved', listId });
    await provisioner.settle('burned');
    await bench.lists.release(listId, device);
    expect(await state('dev-0')).toMatchObject({ state: 'free', mac: null, usedWallMs: null });
    expect(await failure(bench.lists.release(listId, { productId: 'P', deviceName: 'gone' }))).toMatchObject({ code: 'not-found' });
  });

  test('goes with its secrets', async () => {
    await bench.lists.import('other', 'Q,x,MQ==', 'none');
    await bench.lists.remove(listId);
    expect(bench.secrets.names).toEqual(['device-list/Q/x']);
    expect(bench.lists.topic.snapshot().map(({ name }) => name)).toEqual(['other']);
    expect(await failure(bench.lists.entries(listId))).toMatchObject({ code: 'not-found' });
    expect(await failure(bench.lists.remove(listId))).toMatchObject({ code: 'not-found' });
  });

  test('tells who watches after each change, and last of all how it is', async () => {
    const heard: DeviceList[] = [];
    bench.lists.topic.listen(([list]) => list !== undefined && heard.push(list));
    const provisioners = ['one', 'two'].map((jobId) => bench.provisioner(fromList(listId), jobId));
    await Promise.all(provisioners.map((provisioner, index) => provisioner.forBoard(`aa:${index}`)));
    await Promise.all(provisioners.map((provisioner) => provisioner.settle('burned')));
    expect(heard.at(-1)).toMatchObject({ free: 18, reserved: 0, used: 2 });
  });
});

describe('choosing a device', () => {
  test('lets it into the lab’s cloud, if its secret is of the kind that takes', async () => {
    const bench = await openTestProvisioning();
    const { listId } = await bench.lists.import('list', 'P,a,c2VjcmV0\nP,b,not*base64', 'none');
    await bench.provisioner(fromList(listId), 'one').forBoard('aa');
    await bench.provisioner(fromList(listId), 'two').forBoard('bb');
    await bench.provisioner({ device: { kind: 'given', productId: 'Q', deviceName: 'x', deviceSecret: 'MQ==' } }, 'three').forBoard('cc');
    expect([...bench.registered]).toEqual([
      ['P/a', 'c2VjcmV0'],
      ['Q/x', 'MQ=='],
    ]);
    const unknown = bench.provisioner({ device: { kind: 'known', productId: 'Q', deviceName: 'y' } }, 'four');
    expect(await failure(unknown.forBoard('dd'))).toEqual({ code: 'device/unknown', productId: 'Q', deviceName: 'y' });
  });
});

describe('on disk', () => {
  let close: () => Promise<void>;
  afterEach(() => close());

  test('what is shown is of the library again when a job that could not be settled is told of again', async () => {
    const bench = await openTestBench();
    close = () => bench.close();
    let failure: Error | null = null;
    const store: Pick<typeof bench.store, 'read' | 'write'> = {
      read: (name, body) => (failure === null ? bench.store.read(name, body) : Promise.reject(failure)),
      write: (name, body) => bench.store.write(name, body),
    };
    const { lists } = await DeviceLists.open({ store, secrets: await openSecretFile(join(bench.folder, 'secrets.json')), wallMs: () => 7 });
    const { listId } = await lists.import('list', listOf(2));
    await lists.reserveNext(listId, { mac: 'aa', jobId: 'one' });
    // Written, and not read back.
    failure = new Error('disk');
    await expect(lists.settle('one', true)).rejects.toThrow('disk');
    failure = null;
    await lists.settle('one', true);
    expect(lists.all).toMatchObject([{ free: 1, reserved: 0, used: 1 }]);
  });

  test('a list is as it was after the app is closed, or killed with a board being burned', async () => {
    const bench = await openTestBench();
    close = () => bench.close();
    const path = join(bench.folder, 'secrets.json');
    const open = async () => DeviceLists.open({ store: bench.store, secrets: await openSecretFile(path), wallMs: () => 7 });
    const { lists } = await open();
    const { listId } = await lists.import('list', listOf(4));
    await lists.reserveNext(listId, { mac: 'aa', jobId: 'one' });
    await lists.settle('one', true);
    await lists.reserveNext(listId, { mac: 'bb', jobId: 'two' });
    await bench.reopen();
    const { lists: again, recovered } = await open();
    expect(recovered).toBe(1);
    expect(again.topic.snapshot()).toMatchObject([{ listId, name: 'list', total: 4, free: 2, reserved: 0, used: 2 }]);
    expect((await again.entries(listId)).map(({ state, mac, usedWallMs }) => [state, mac, usedWallMs])).toEqual([
      ['used', 'aa', 7],
      ['used', 'bb', 7],
      ['free', null, null],
      ['free', null, null],
    ]);
    expect(await again.secret({ productId: 'P', deviceName: 'dev-3' })).toBe(Buffer.from('secret of dev-3').toString('base64'));
    await bench.store.flush();
    const secret = Buffer.from('secret of dev-3').toString('base64');
    expect(readdirSync(bench.folder).filter((file) => readFileSync(join(bench.folder, file)).includes(secret))).toEqual(['secrets.json']);
  });
});

test('a library of schema 3 has its lists, and what was being burned when it was left is used', async () => {
  const bench = await openTestBench();
  onTestFinished(() => bench.close());
  await bench.store.close();
  copyFileSync(join(import.meta.dirname, '../../../../fixtures/databases/schema-3.db'), bench.path);
  await bench.reopen();
  const secrets = await openSecretFile(join(bench.folder, 'secrets.json'));
  const { lists } = await DeviceLists.open({ store: bench.store, secrets, wallMs: () => 5 });
  expect(lists.topic.snapshot()).toEqual([{ listId: 'list', name: 'pilot run', total: 3, free: 1, reserved: 0, used: 2 }]);
  expect((await lists.entries('list')).map(({ mac, usedWallMs }) => [mac, usedWallMs])).toEqual([
    ['10:20:30:40:50:60', 3],
    ['10:20:30:40:50:61', 5],
    [null, null],
  ]);
});
