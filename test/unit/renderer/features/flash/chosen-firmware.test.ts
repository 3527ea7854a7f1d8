import { beforeEach, describe, expect, test } from 'vitest';
import type { Provisioning } from '../../../../../preload/contract/provisioning.ts';
import {
  addFiles,
  type ChosenFile,
  changeFile,
  chooseFirmware,
  clearFirmware,
  firmwareRequest,
  readFolderAgain,
  useChosenFirmware,
} from '../../../../../renderer/features/flash/chosen-firmware.ts';
import { planRows } from '../../../../../renderer/features/flash/plan-rows.ts';

function file(name: string, offsetText = ''): ChosenFile {
  return { name, offsetText, source: { data: new Uint8Array(4) } };
}

const chosenNames = (): string[] => useChosenFirmware.getState().files.map(({ name }) => name);

beforeEach(() => {
  clearFirmware();
  chooseFirmware({ options: {}, isProvisionOnly: false });
});

describe('the chosen firmware', () => {
  test('a file of the same name replaces the one before, a whole build replaces everything', () => {
    addFiles([file('a.bin'), file('b.bin')], false);
    addFiles([file('b.bin', '0x1000')], false);
    expect(chosenNames()).toEqual(['a.bin', 'b.bin']);
    addFiles([file('c.bin')], true);
    expect(chosenNames()).toEqual(['c.bin']);
  });

  test('an agentboot among dropped files is the module’s loader, not firmware', () => {
    addFiles([file('luatos.soc'), file('agentboot_usb.bin')], true);
    expect(chosenNames()).toEqual(['luatos.soc']);
    expect(useChosenFirmware.getState().agentboot?.name).toBe('agentboot_usb.bin');
  });

  test('a file goes where it belongs unless an offset is typed; a malformed one asks the core nothing', () => {
    addFiles([file('app.bin')], false);
    expect(firmwareRequest(useChosenFirmware.getState(), null)?.files).toEqual([{ name: 'app.bin', source: { data: new Uint8Array(4) } }]);
    changeFile('app.bin', { offsetText: '0x20000' });
    expect(firmwareRequest(useChosenFirmware.getState(), null)?.files?.[0]?.offset).toBe(0x20000);
    changeFile('app.bin', { offsetText: 'here' });
    expect(firmwareRequest(useChosenFirmware.getState(), null)).toBeNull();
  });

  test('a build folder read again is asked about again, though its path is the same', () => {
    chooseFirmware({ buildFolder: '/project/build' });
    const before = useChosenFirmware.getState();
    readFolderAgain();
    expect(useChosenFirmware.getState()).not.toBe(before);
    expect(useChosenFirmware.getState()).toEqual(before);
  });

  const values: Provisioning = { partition: 'nvs', entries: [{ namespace: 'a', key: 'b', type: 'u8', value: '1' }], variables: {} };

  test('values without a firmware are written only when it is said so, and never with the whole flash erased', () => {
    chooseFirmware({ options: { eraseAll: true, baudRate: 115_200 } });
    expect(firmwareRequest(useChosenFirmware.getState(), values)).toBeNull();
    chooseFirmware({ isProvisionOnly: true });
    expect(firmwareRequest(useChosenFirmware.getState(), values)).toEqual({
      files: [],
      options: { eraseAll: false, baudRate: 115_200 },
      provisioning: values,
    });
    expect(firmwareRequest(useChosenFirmware.getState(), null)).toBeNull();
  });

  test('a firmware that is chosen ends writing values alone: when it is removed again, nothing is written by itself', () => {
    for (const choose of [() => addFiles([file('a.bin')], false), () => chooseFirmware({ buildFolder: '/project/build' })]) {
      chooseFirmware({ isProvisionOnly: true });
      choose();
      expect(firmwareRequest(useChosenFirmware.getState(), values)).toMatchObject({ options: {} });
      clearFirmware();
      expect(firmwareRequest(useChosenFirmware.getState(), values)).toBeNull();
    }
  });

  test('with nothing chosen there is nothing to ask', () => {
    expect(firmwareRequest(useChosenFirmware.getState(), null)).toBeNull();
  });
});

describe('rows of the plan', () => {
  const planned = { offset: 0x1000, sizeBytes: 4, sha256: '', kind: 'data', chip: null, app: null, partition: null } as const;
  const plan = {
    family: 'esp',
    title: null,
    files: [
      { ...planned, name: 'late.bin', offset: 0x9000 },
      { ...planned, name: 'early.bin' },
    ],
    totalBytes: 8,
    expectChip: null,
    options: {} as never,
    partitions: null,
    flashBytes: null,
    warnings: [],
    commands: [],
  } as const;

  test('stand in the order of the flash; what is not written itself comes last and says why', () => {
    const rows = planRows(
      [file('late.bin'), file('early.bin'), file('flasher_args.json'), file('pack.soc')],
      { ...plan, files: [...plan.files], warnings: [], commands: [] },
      null,
    );
    expect(rows.map(({ name, aside }) => [name, aside])).toEqual([
      ['early.bin', null],
      ['late.bin', null],
      ['flasher_args.json', 'read'],
      ['pack.soc', 'parts'],
    ]);
  });

  test('what a problem names is marked', () => {
    const problem = { code: 'flash/overlap', data: { first: 'a.bin', second: 'b.bin' }, retryable: false } as const;
    expect(planRows([file('a.bin'), file('b.bin'), file('c.bin')], null, problem).map(({ isBad }) => isBad)).toEqual([true, true, false]);
  });
});
