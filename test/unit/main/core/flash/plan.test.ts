import { describe, expect, it } from 'vitest';
import { prepareFlash, requireAsPlanned } from '../../../../../main/core/flash/plan.ts';
import { buildDemoImages } from '../../../../../pipeline/boards/esp/demo-images.ts';
import { flashPlan } from '../../../../../preload/contract/flash.ts';
import { madeEc718Soc } from '../../../../fakes/module-package.ts';
import { app, bootloader, demoTable, upload } from './image/esp-files.ts';

const text = (words: string) => new TextEncoder().encode(words);

describe('what is to be flashed', () => {
  it('is an ESP’s when nothing says otherwise, and its plan crosses the contract', async () => {
    const { plan } = await prepareFlash({
      files: [upload('b.bin', bootloader), upload('t.bin', demoTable), upload('a.bin', app)],
      options: {},
    });
    expect(flashPlan.parse(plan)).toEqual(plan);
    expect(plan).toMatchObject({ family: 'esp', expectChip: 'esp32s3' });
  });

  it('may be for a chip that only its vendor’s tool writes', async () => {
    const refused = { value: { code: 'flash/vendor-tool', data: { chip: 'RV1106/RK3588' } } };
    await expect(prepareFlash({ files: [upload('update.img', text('RKFW…'))], options: {} })).rejects.toMatchObject(refused);
    await expect(prepareFlash({ files: [upload('update.img', text('…'), 0)], options: { expectChip: 'rk3588' } })).rejects.toMatchObject(
      refused,
    );
  });

  it('is the NVS of one board too, where the files say its place', async () => {
    const provisioning = { partition: 'nvs', entries: [], variables: {} };
    const { plan } = await prepareFlash({ files: [upload('t.bin', demoTable)], options: {}, provisioning });
    expect(plan.files.map(({ name, kind }) => [name, kind])).toEqual([
      ['t.bin', 'partition-table'],
      ['nvs', 'nvs'],
    ]);
  });

  it('refuses values that would not come to the board: of a device that none names, and for an LTE module', async () => {
    const files = [upload('t.bin', demoTable)];
    const device = { kind: 'list', listId: 'l' } as const;
    const entries = [{ namespace: 'n', key: 'port', type: 'u16' as const, value: '${port}' }];
    const provisioning = { partition: 'nvs', entries, variables: {}, device };
    await expect(prepareFlash({ files, options: {}, provisioning })).rejects.toMatchObject({ code: 'provisioning/unnamed' });
    const named = [{ namespace: 'n', key: 'psk', type: 'string' as const, value: '${device_secret}' }];
    const { plan } = await prepareFlash({ files, options: {}, provisioning: { ...provisioning, entries: named } });
    expect(plan.files).toHaveLength(2);
    const soc = [upload('luatos.soc', await madeEc718Soc())];
    await expect(prepareFlash({ files: soc, options: {}, provisioning: { ...provisioning, entries: named } })).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  it('shows no agentboot’s bytes to who only looks', async () => {
    const { plan } = await prepareFlash({ files: [upload('t.bin', demoTable)], options: { agentboot: { data: text('vendor') } } });
    expect(plan.options).not.toHaveProperty('agentboot');
  });
});

describe('what was shown', () => {
  const planOf = async (files: Parameters<typeof prepareFlash>[0]['files']) => (await prepareFlash({ files, options: {} })).plan;

  it('is what may be started, and nothing that was built since, moved, added or taken away', async () => {
    const files = [upload('b.bin', bootloader), upload('t.bin', demoTable), upload('a.bin', app)];
    const shown = (await planOf(files)).files;
    expect(() => requireAsPlanned({ files: shown }, shown)).not.toThrow();
    const another = buildDemoImages({ version: '2.0.0' }).files[2]?.data ?? app;
    const rebuilt = await planOf([upload('b.bin', bootloader), upload('t.bin', demoTable), upload('a.bin', another, 0x10000)]);
    const changed = (names: string[]) =>
      expect.objectContaining({ value: expect.objectContaining({ code: 'flash/files-changed', data: { names } }) });
    expect(() => requireAsPlanned(rebuilt, shown)).toThrow(changed(['a.bin']));
    const moved = shown.map((file) => (file.name === 't.bin' ? { ...file, offset: 0xc000 } : file));
    expect(() => requireAsPlanned({ files: moved }, shown)).toThrow(changed(['t.bin']));
    expect(() => requireAsPlanned({ files: shown.slice(1) }, shown)).toThrow(changed(['b.bin']));
    expect(() => requireAsPlanned({ files: shown }, shown.slice(1))).toThrow(changed(['b.bin']));
  });
});
