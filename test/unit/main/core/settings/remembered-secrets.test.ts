import { describe, expect, onTestFinished, test } from 'vitest';
import { newDevice } from '../../../../../main/core/devices/device-store.ts';
import { DeviceLists } from '../../../../../main/core/provisioning/device-lists.ts';
import { openRememberedSecrets } from '../../../../../main/core/settings/remembered-secrets.ts';
import { createDeviceStore } from '../../../../../main/core/store/devices.ts';
import { memoryListStore, memorySecrets } from '../../../../fakes/provisioning.ts';
import { silentLog } from '../../../../fakes/store.ts';

type Options = { isKept?: () => boolean };

function open(store: ReturnType<typeof memorySecrets>, { isKept = () => true }: Options = {}) {
  return openRememberedSecrets({ store, isKept, log: silentLog });
}

/** What a process that begins with this store knows. */
async function knownLater(store: ReturnType<typeof memorySecrets>, options?: Options): Promise<readonly string[]> {
  return (await open(store, options)).values();
}

describe('what passes through', () => {
  test('is known at once, and after a restart', async () => {
    const store = memorySecrets();
    await store.set('device/a/b', 'device-secret');
    const remembered = await open(store);
    remembered.add('hunter22');
    remembered.add('');
    expect(await remembered.values()).toEqual(['device-secret', 'hunter22']);
    remembered.add('hunter22');
    await remembered.settle();
    expect(store.names).toHaveLength(2);
    expect(await knownLater(store)).toEqual(['device-secret', 'hunter22']);
  });

  test('is the same array until something changes', async () => {
    const store = memorySecrets();
    const values = await store.values();
    store.values = async () => values;
    const remembered = await open(store);
    const first = await remembered.values();
    expect(await remembered.values()).toBe(first);
    remembered.addForNow('token');
    const second = await remembered.values();
    expect(second).toEqual(['token']);
    expect(await remembered.values()).toBe(second);
  });

  test('is not kept when it is worth nothing later', async () => {
    const store = memorySecrets();
    const remembered = await open(store);
    remembered.addForNow('token-of-the-process');
    await remembered.settle();
    expect(await remembered.values()).toContain('token-of-the-process');
    expect(await knownLater(store)).toEqual([]);
  });

  test('is the newest thousand, over restarts too, and none of the held is forgotten for it', async () => {
    const store = memorySecrets();
    await store.set('device/a/b', 'device-secret');
    const first = await open(store);
    for (let index = 0; index < 600; index++) first.add(`passing-${index}`);
    await first.settle();
    const second = await open(store);
    for (let index = 600; index < 1100; index++) second.add(`passing-${index}`);
    await second.settle();
    const values = await knownLater(store);
    expect(values).toHaveLength(1001);
    expect(values).toContain('device-secret');
    expect(values).not.toContain('passing-99');
    expect(values).toContain('passing-100');
    expect(values).toContain('passing-1099');
    expect(store.names).toHaveLength(1001);
  });
});

test('signatures, which each request brings, make only each other forgotten', async () => {
  const store = memorySecrets();
  const remembered = await open(store);
  remembered.add('hunter22');
  for (let index = 0; index < 1200; index++) remembered.addSignature(`signature-${index}`);
  await remembered.settle();
  const values = await knownLater(store);
  expect(values).toHaveLength(1001);
  expect(values).toEqual(expect.arrayContaining(['hunter22', 'signature-200', 'signature-1199']));
});

describe('a key that is text and held in base64', () => {
  const key = 'Zy9xWv8uTs7rQp6o';
  const held = Buffer.from(key).toString('base64');

  test.each(['device/tuya/board', 'device-list/tuya/board'])('is also known as it was typed: %s', async (name) => {
    const store = memorySecrets();
    const { secrets } = await open(store);
    await secrets.set(name, held);
    expect(await knownLater(store)).toEqual([held, key]);
    await secrets.remove(name);
    expect(await knownLater(store)).toEqual([held, key]);
  });

  test('is none where it is too short, no text, or of no device', async () => {
    const store = memorySecrets();
    await store.set('device/p/short', Buffer.from('enabled').toString('base64'));
    await store.set('device/p/bytes', Buffer.from([200, 1, 2, 3, 4, 5, 6, 7, 8]).toString('base64'));
    await store.set('device/p/text', 'no base64 at all');
    await store.set('engine/key', held);
    expect(await knownLater(store)).toHaveLength(4);
  });
});

test('what passes through again and again stays among the newest', async () => {
  const store = memorySecrets();
  const remembered = await open(store);
  for (let index = 0; index < 1500; index++) {
    remembered.add('hunter22');
    remembered.add(`token-${index}`);
  }
  await remembered.settle();
  expect(await knownLater(store)).toContain('hunter22');
});

describe('what is replaced or removed', () => {
  test('goes in the order in which it was asked for', async () => {
    const store = memorySecrets();
    const { secrets } = await open(store);
    await secrets.set('key', 'first');
    await Promise.all([secrets.set('key', 'second'), secrets.set('key', 'third')]);
    expect(await secrets.get('key')).toBe('third');
    await Promise.all([secrets.set('key', 'fourth'), secrets.remove('key')]);
    expect(await secrets.get('key')).toBeNull();
    expect(await knownLater(store)).toEqual(['first', 'second', 'third', 'fourth']);
  });

  test('is known after a restart, without having been asked for before', async () => {
    const store = memorySecrets();
    const { secrets } = await open(store);
    await secrets.set('engine/key', 'first-key');
    await secrets.set('engine/key', 'second-key');
    await secrets.setAll(new Map([['engine/key', 'third-key']]));
    await secrets.remove('engine/key');
    await secrets.setAll(new Map(Object.entries({ 'device/a': 'of-a', 'device/b': 'of-b' })));
    await secrets.removeAll(['device/a', 'device/b', 'device/none']);
    expect(await secrets.get('engine/key')).toBeNull();
    expect(await knownLater(store)).toEqual(['first-key', 'second-key', 'third-key', 'of-a', 'of-b']);
  });

  test('is not what was only written once more, or is held under another name', async () => {
    const store = memorySecrets();
    const { secrets } = await open(store);
    await secrets.set('list/one', 'same');
    await secrets.set('list/one', 'same');
    await secrets.set('device/one', 'same');
    await secrets.remove('list/one');
    expect(store.names).toEqual(['device/one']);
  });

  test('a thousand of them do not cost what passed through', async () => {
    const store = memorySecrets();
    const remembered = await open(store);
    remembered.add('hunter22');
    const list = new Map(Array.from({ length: 1500 }, (_, index) => [`list/${index}`, `secret-${index}`]));
    await remembered.secrets.setAll(list);
    await remembered.secrets.removeAll([...list.keys()]);
    const values = await knownLater(store);
    expect(values).toHaveLength(1001);
    expect(values).toContain('hunter22');
  });

  test.each(['device/product', 'device-list/product'])('secrets of %s make only each other forgotten', async (folder) => {
    const store = memorySecrets();
    const { secrets } = await open(store);
    await secrets.set('engine/key', 'old-engine-key');
    await secrets.set('engine/key', 'new-engine-key');
    const list = new Map(Array.from({ length: 2000 }, (_, index) => [`${folder}/board-${index}`, `secret of ${index}`]));
    await secrets.setAll(list);
    await secrets.removeAll([...list.keys()]);
    const values = await knownLater(store);
    expect(values).toHaveLength(1002);
    expect(values).toEqual(expect.arrayContaining(['old-engine-key', 'new-engine-key', 'secret of 1999', 'secret of 1000']));
    expect(values).not.toContain('secret of 999');
  });

  test('is told to be a device’s by the names that the registry and the lists give it', async () => {
    const store = memorySecrets();
    const { secrets } = await open(store);
    const listStore = memoryListStore();
    onTestFinished(() => void listStore.database.close());
    const { lists } = await DeviceLists.open({ store: listStore, secrets, wallMs: () => 0 });
    const { listId } = await lists.import('list', 'P,listed,c2VjcmV0IG9uZQ==\n');
    await lists.remove(listId);
    const noStore = { write: async () => undefined } as unknown as Parameters<typeof createDeviceStore>[0]['store'];
    const devices = createDeviceStore({ store: noStore, secrets, wallMs: () => 0, log: silentLog });
    const device = { ...newDevice, productId: 'P', deviceName: 'registered', secret: 'c2VjcmV0IHR3bw==' };
    await devices.save(device);
    await devices.remove([device]);
    expect(store.names).toEqual(['replaced-device/1', 'replaced-device/2']);
  });

  test('is kept in the write that takes it away', async () => {
    const store = memorySecrets();
    const remembered = await open(store);
    for (let index = 0; index < 1000; index++) remembered.add(`passing-${index}`);
    for (let index = 0; index <= 1000; index++) await remembered.secrets.set('engine/key', `key-${index}`);
    await remembered.settle();
    const before = store.writes;
    await remembered.secrets.set('engine/key', 'another');
    expect(store.writes).toBe(before + 1);
    remembered.add('hunter22');
    await remembered.settle();
    expect(store.writes).toBe(before + 2);
    await remembered.secrets.remove('engine/key');
    expect(store.writes).toBe(before + 3);
    const values = await knownLater(store);
    expect(values).toEqual(expect.arrayContaining(['another', 'key-1000', 'hunter22']));
    expect(values).toHaveLength(2000);
  });

  test('is not lost when it cannot be kept: then it is neither replaced nor removed', async () => {
    const store = memorySecrets();
    const remembered = await open(store);
    await remembered.secrets.set('engine/key', 'first-key');
    const { change } = store;
    store.change = () => Promise.reject(new Error('disk full'));
    // Nor at the second try.
    await expect(remembered.secrets.set('engine/key', 'second-key')).rejects.toThrow('disk full');
    await expect(remembered.secrets.set('engine/key', 'second-key')).rejects.toThrow('disk full');
    expect(await store.get('engine/key')).toBe('first-key');
    // One that passes through is no less known for it.
    remembered.add('hunter22');
    await remembered.settle();
    expect(await remembered.values()).toContain('hunter22');
    store.change = change;
    remembered.add('another');
    await remembered.settle();
    expect(await knownLater(store)).toEqual(expect.arrayContaining(['first-key', 'hunter22', 'another']));
  });
});

describe('what is forgotten', () => {
  test('switched off, those kept are removed, and those of now last as long as the process', async () => {
    const store = memorySecrets();
    let isKept = true;
    const remembered = await open(store, { isKept: () => isKept });
    remembered.add('hunter22');
    await remembered.settle();
    expect(store.names).toEqual(['passing/1']);
    isKept = false;
    await remembered.settle();
    expect(store.names).toEqual([]);
    remembered.add('another');
    await remembered.settle();
    expect(await remembered.values()).toEqual(['hunter22', 'another']);
    expect(await knownLater(store)).toEqual([]);
    isKept = true;
    await remembered.settle();
    expect(await knownLater(store)).toEqual(['hunter22', 'another']);
  });
});

test('a key that passed through before is remembered for itself when it is replaced', async () => {
  const store = memorySecrets();
  const remembered = await open(store);
  remembered.add('first-key');
  await remembered.secrets.set('engine/key', 'first-key');
  await remembered.secrets.set('engine/key', 'second-key');
  for (let index = 0; index < 1000; index++) remembered.add(`token-${index}`);
  await remembered.settle();
  expect(await knownLater(store)).toContain('first-key');
});

test('what is only written now, and was known before, is no new array to prepare for', async () => {
  const store = memorySecrets();
  const remembered = await open(store);
  remembered.add('hunter22');
  const known = await remembered.values();
  expect(known).toEqual(['hunter22']);
  await remembered.settle();
  expect(await remembered.values()).toBe(known);
});
