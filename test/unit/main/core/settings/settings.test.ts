import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSecretFile } from '../../../../../main/core/settings/secrets.ts';
import { createSettings } from '../../../../../main/core/settings/settings.ts';
import { settingsSchema } from '../../../../../preload/contract/settings.ts';
import { openTestBench, silentLog, type TestBench } from '../../../../fakes/store.ts';

let bench: TestBench;
const open = () => createSettings({ store: bench.store, log: silentLog });

beforeEach(async () => {
  bench = await openTestBench();
});
afterEach(() => bench.close());

describe('settings', () => {
  test('start as their defaults, keep what is set, and tell what changed', async () => {
    const settings = await open();
    expect(settings.get()).toEqual(settingsSchema.parse({}));
    const heard: (readonly string[])[] = [];
    settings.onChange((_, keys) => heard.push(keys));
    const first = await settings.set({ turns: { vadSilenceMs: 400, prerollMs: 300 }, listeners: { mqttPort: 2883 } });
    expect(first.restartNeeded).toEqual(['listeners.mqttPort']);
    expect(heard).toEqual([['turns.vadSilenceMs', 'listeners.mqttPort']]);
    await bench.reopen();
    expect((await open()).get()).toEqual(first.settings);
    expect(first.settings.turns.vadSilenceMs).toBe(400);
  });

  test('change all or nothing', async () => {
    const settings = await open();
    const refused = settings.set({ turns: { vadSilenceMs: 400, interruptionMs: 1 }, nowhere: { at: 'all' } });
    await expect(refused).rejects.toMatchObject({
      value: {
        code: 'settings/invalid',
        data: { key: 'turns.interruptionMs', issues: [{ key: 'turns.interruptionMs' }, { key: 'nowhere.at' }] },
      },
    });
    expect(settings.get().turns.vadSilenceMs).toBe(500);
    await bench.reopen();
    expect((await open()).get().turns.vadSilenceMs).toBe(500);
  });

  test('that are no longer valid give way to their defaults one by one, and say so until set again', async () => {
    await bench.store.write('setting.put', { values: { 'turns.vadSilenceMs': 9, 'turns.prerollMs': 200, 'old.thing': true } });
    const settings = await open();
    expect(settings.get().turns).toMatchObject({ vadSilenceMs: 500, prerollMs: 200 });
    expect(settings.problems.map(({ key }) => key)).toEqual(['old.thing', 'turns.vadSilenceMs']);
    await settings.set({ turns: { vadSilenceMs: 300 } });
    expect(settings.problems.map(({ key }) => key)).toEqual(['old.thing']);
  });

  test('changed twice at once are both kept', async () => {
    const settings = await open();
    await Promise.all([settings.set({ turns: { prerollMs: 100 } }), settings.set({ turns: { vadSilenceMs: 300 } })]);
    expect(settings.get().turns).toMatchObject({ prerollMs: 100, vadSilenceMs: 300 });
  });
});

describe('the secret file', () => {
  test('is its owner’s alone, outlives the process, and is not replaced when unreadable', async () => {
    const path = join(bench.folder, 'secrets.json');
    const secrets = await openSecretFile(path);
    await Promise.all([secrets.set('a', 'one'), secrets.set('b', 'two')]);
    await secrets.remove('a');
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    const again = await openSecretFile(path);
    expect([await again.get('a'), await again.get('b'), await again.values()]).toEqual([null, 'two', ['two']]);
    writeFileSync(path, 'not JSON');
    await expect(openSecretFile(path)).rejects.toThrow();
    expect(readFileSync(path, 'utf8')).toBe('not JSON');
  });
});
