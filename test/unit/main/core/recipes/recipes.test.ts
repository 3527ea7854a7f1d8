import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FirmwareShelf } from '../../../../../main/core/recipes/firmware-shelf.ts';
import { createRecipes, type Recipes } from '../../../../../main/core/recipes/recipes.ts';
import type { CallRequest } from '../../../../../preload/contract/index.ts';
import { type Recipe, recipeCalls } from '../../../../../preload/contract/recipes.ts';
import { openTestBench, silentLog, type TestBench } from '../../../../fakes/store.ts';

const context = { signal: new AbortController().signal, role: 'operator' } as const;
const app = new Uint8Array(Buffer.from('an application'));
const sha256 = createHash('sha256').update(app).digest('hex');

let bench: TestBench | null = null;
afterEach(async () => {
  await bench?.close();
  bench = null;
});

async function open(): Promise<{ bench: TestBench; shelf: FirmwareShelf; recipes: Recipes }> {
  bench ??= await openTestBench();
  const shelf = new FirmwareShelf(join(bench.folder, 'firmware'));
  return { bench, shelf, recipes: await createRecipes({ store: bench.store, shelf, clock: bench.clock, log: silentLog }) };
}

function save(recipes: Recipes, request: CallRequest<'recipes.save'>): Promise<Recipe> {
  return recipes.calls['recipes.save'](recipeCalls['recipes.save'].request.parse(request), context);
}

const ofApp = { id: 'speaker', name: 'Speaker', files: [{ offset: 0x10000, name: 'app.bin', source: { sha256 } }] };
const everything = (recipes: Recipes) => recipes.streams['recipes.all']({}).topic.snapshot();

describe('recipes', () => {
  it('are there after a restart, with the files that were given as bytes', async () => {
    const before = await open();
    await save(before.recipes, { recipe: ofApp, contents: [{ data: app }] });
    await before.bench.reopen();
    const { recipes } = await open();
    expect(everything(recipes)).toMatchObject([{ id: 'speaker', name: 'Speaker' }]);
    const firmware = await recipes.firmwareOf(recipes.get('speaker'), {});
    expect(firmware.files).toEqual([{ offset: 0x10000, name: 'app.bin', source: { data: Buffer.from(app) } }]);
  });

  it('names a file that the library does not hold', async () => {
    const { recipes } = await open();
    await expect(save(recipes, { recipe: ofApp })).rejects.toMatchObject({ code: 'flash/bad-file' });
    expect(everything(recipes)).toEqual([]);
  });

  it('has no use for a file that is no longer what it was', async () => {
    const { recipes, shelf } = await open();
    await save(recipes, { recipe: ofApp, contents: [{ data: app }] });
    await writeFile(shelf.path(sha256), 'something else');
    await expect(recipes.firmwareOf(recipes.get('speaker'), {})).rejects.toMatchObject({
      code: 'flash/bad-file',
      value: { data: { path: 'app.bin', reason: 'damaged in the library' } },
    });
  });

  it('gives a name once, and an id stands for one recipe', async () => {
    const { recipes } = await open();
    await save(recipes, { recipe: ofApp, contents: [{ data: app }] });
    await save(recipes, { recipe: { ...ofApp, id: 'other' } });
    await save(recipes, { recipe: { ...ofApp, notes: 'changed' } });
    expect(everything(recipes).map(({ name, notes }) => [name, notes])).toEqual([
      ['Speaker', 'changed'],
      ['Speaker (2)', ''],
    ]);
  });

  it('forgets the files that no other recipe names', async () => {
    const { recipes, bench: on } = await open();
    const other = new Uint8Array(Buffer.from('another'));
    const otherSha256 = createHash('sha256').update(other).digest('hex');
    await save(recipes, { recipe: ofApp, contents: [{ data: app }] });
    const files = [...ofApp.files, { name: 'other.bin', source: { sha256: otherSha256 } }];
    await save(recipes, { recipe: { id: 'two', name: 'Two', files }, contents: [{ data: other }] });
    await recipes.calls['recipes.remove']({ id: 'two' }, context);
    expect(await readdir(join(on.folder, 'firmware'))).toEqual([sha256]);
    await expect(recipes.calls['recipes.remove']({ id: 'two' }, context)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('keeps no secret: not of a device typed in, not in a variable, an entry or a CSV', async () => {
    const { recipes, bench: on } = await open();
    const saved = await save(recipes, {
      recipe: {
        ...ofApp,
        provisioning: {
          entries: [{ namespace: 'wifi', key: 'password', type: 'string', value: 'correct horse' }],
          csv: 'key,type,encoding,value\ndev,namespace,,\ndevice_secret,data,string,battery staple\nport,data,u16,1883\n',
          variables: { wifi_password: 'correct horse', wifi_ssid: 'bench' },
          device: { kind: 'given', productId: 'P', deviceName: 'D', deviceSecret: 'battery staple' },
        },
      },
      contents: [{ data: app }],
    });
    const { json } = await recipes.calls['recipes.export']({ id: 'speaker', withFiles: true }, context);
    await on.store.flush();
    for (const text of [JSON.stringify(saved), json, JSON.stringify(await on.store.read('recipe.list', {}))]) {
      expect(text).not.toContain('correct horse');
      expect(text).not.toContain('battery staple');
    }
    expect(saved.provisioning).toEqual({
      partition: 'nvs',
      variables: { wifi_ssid: 'bench' },
      entries: [
        { namespace: 'dev', key: 'device_secret', type: 'string', value: '${device_secret}' },
        { namespace: 'dev', key: 'port', type: 'u16', value: '1883' },
        { namespace: 'wifi', key: 'password', type: 'string', value: '${password}' },
      ],
    });
    const firmware = await recipes.firmwareOf(saved, { password: 'from the operator' });
    expect(firmware.provisioning?.variables).toEqual({ wifi_ssid: 'bench', password: 'from the operator' });
  });
});

describe('a recipe with provisioning', () => {
  const entry = (namespace: string, key: string, value: string) => ({ namespace, key, type: 'string' as const, value });
  const saveWith = async (provisioning: NonNullable<CallRequest<'recipes.save'>['recipe']['provisioning']>) => {
    const { recipes } = await open();
    const saved = await save(recipes, { recipe: { ...ofApp, provisioning }, contents: [{ data: app }] });
    return { values: saved.provisioning?.entries.map(({ value }) => value), variables: saved.provisioning?.variables };
  };

  it('asks for two secrets of the same key by two names', async () => {
    const { values } = await saveWith({
      entries: [
        entry('wifi', 'password', 'of the network'),
        entry('mqtt', 'password', 'of the broker'),
        entry('x', 'psk', '${psk}'),
        entry('y', 'psk', 'other'),
      ],
    });
    expect(values).toEqual(['${password}', '${mqtt.password}', '${psk}', '${y.psk}']);
  });

  it('asks for a secret by a name that a variable may have', async () => {
    expect((await saveWith({ entries: [entry('wifi', '密码 psk', 'hunter22')] })).values).toEqual(['${___psk}']);
  });

  it('keeps an open network’s empty password, and what is escaped is no variable', async () => {
    expect((await saveWith({ entries: [entry('wifi', 'password', ''), entry('a', 'token', '$${literal}')] })).values).toEqual([
      '',
      '${token}',
    ]);
  });

  it('forgets a variable that a secret value is made of, whatever it is called', async () => {
    const { variables } = await saveWith({
      entries: [entry('wifi', 'password', '${w}'), entry('wifi', 'ssid', '${s}')],
      variables: { w: 'hunter22', s: 'bench' },
    });
    expect(variables).toEqual({ s: 'bench' });
  });

  it('takes an entry for the one of the CSV that has its name', async () => {
    const csv = 'key,type,encoding,value\nnet,namespace,,\nport,data,u16,1883\n';
    const { values } = await saveWith({ csv, entries: [{ ...entry('net', 'port', '1884'), type: 'u16' }] });
    expect(values).toEqual(['1884']);
  });

  it('is refused when it could not be read again after a restart', async () => {
    const csv = ['key,type,encoding,value', 'n,namespace,,', ...Array.from({ length: 2001 }, (_, at) => `k${at},data,u8,1`)].join('\n');
    await expect(saveWith({ csv })).rejects.toMatchObject({ code: 'bad-request' });
    const { recipes } = await open();
    const name = 'n'.repeat(80);
    await save(recipes, { recipe: { ...ofApp, name }, contents: [{ data: app }] });
    const second = await save(recipes, { recipe: { ...ofApp, id: 'second', name } });
    expect(recipeCalls['recipes.save'].reply.safeParse(second).success).toBe(true);
  });
});

describe('recipes changed at the same time', () => {
  it('keep their files and their names to themselves', async () => {
    const { recipes } = await open();
    await save(recipes, { recipe: { ...ofApp, files: [] } });
    const [, one, two] = await Promise.all([
      recipes.calls['recipes.remove']({ id: 'speaker' }, context),
      save(recipes, { recipe: { ...ofApp, id: 'one', name: 'Same' }, contents: [{ data: app }] }),
      save(recipes, { recipe: { ...ofApp, id: 'two', name: 'Same' }, contents: [{ data: app }] }),
    ]);
    expect([one.name, two.name]).toEqual(['Same', 'Same (2)']);
    await expect(recipes.firmwareOf(one, {})).resolves.toMatchObject({ files: [{ name: 'app.bin' }] });
  });
});

describe('a recipe as a file', () => {
  it('carries ordinary files only: what a pipe or a device gives has no end', async () => {
    const { recipes } = await open();
    await save(recipes, { recipe: { ...ofApp, files: [{ offset: 0x10000, name: 'app.bin', source: { path: '/dev/null' } }] } });
    await expect(recipes.calls['recipes.export']({ id: 'speaker', withFiles: true }, context)).rejects.toMatchObject({
      code: 'flash/bad-file',
      value: { data: { reason: 'not a file' } },
    });
  });

  it('carries its files to another bench, also those it only had by path', async () => {
    const { recipes, bench: on } = await open();
    const path = join(on.folder, 'by-path.bin');
    await writeFile(path, app);
    await save(recipes, { recipe: { ...ofApp, files: [{ offset: 0x10000, name: 'app.bin', source: { path } }] } });
    const { name, json } = await recipes.calls['recipes.export']({ id: 'speaker', withFiles: true }, context);
    expect(name).toBe('Speaker.recipe.json');
    expect(json).not.toContain(path);
    await on.close();
    bench = null;

    const there = await open();
    await there.recipes.calls['recipes.import']({ json }, context);
    const firmware = await there.recipes.firmwareOf(there.recipes.get('speaker'), {});
    expect(firmware.files).toEqual([{ offset: 0x10000, name: 'app.bin', source: { data: Buffer.from(app) } }]);
  });

  it('comes in beside a recipe of the same id and name', async () => {
    const { recipes } = await open();
    await save(recipes, { recipe: ofApp, contents: [{ data: app }] });
    const { json } = await recipes.calls['recipes.export']({ id: 'speaker', withFiles: true }, context);
    await recipes.calls['recipes.import']({ json }, context);
    expect(everything(recipes).map((each) => each.name)).toEqual(['Speaker', 'Speaker (2)']);
  });

  it.each([
    ['not JSON', '{'],
    ['another kind of file', '{"format":"something"}'],
    ['a later version', JSON.stringify({ format: 'talkbench-recipe', version: 2, recipe: ofApp })],
    ['a file that was changed', JSON.stringify({ format: 'talkbench-recipe', version: 1, recipe: ofApp, contents: { [sha256]: 'AAAA' } })],
  ])('is refused when it is %s', async (_, json) => {
    const { recipes } = await open();
    await expect(recipes.calls['recipes.import']({ json }, context)).rejects.toMatchObject({ code: 'recipe/bad-file' });
  });
});
