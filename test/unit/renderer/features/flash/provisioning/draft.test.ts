import { beforeEach, describe, expect, test } from 'vitest';
import type { NvsEntry } from '../../../../../../preload/contract/nvs.ts';
import {
  changeDevice,
  changeDraft,
  draftProblem,
  loadProvisioning,
  provisioningOf,
  putEntries,
  useProvisioningDraft,
} from '../../../../../../renderer/features/flash/provisioning/draft.ts';
import { entryProblems } from '../../../../../../renderer/features/flash/provisioning/entry-problem.ts';
import { askedFor, isSecretName } from '../../../../../../renderer/features/flash/provisioning/variables.ts';

const entry = (key: string, value: string, type: NvsEntry['type'] = 'string'): NvsEntry => ({ namespace: 'app', key, type, value });
const draft = () => useProvisioningDraft.getState();

beforeEach(() => {
  changeDraft({ isOn: true, partition: 'nvs', entries: [], csv: '', variables: {} });
  changeDevice({ kind: 'none', known: null, listId: null, productId: '', deviceName: '', deviceSecret: '' });
});

describe('the provisioning draft', () => {
  test('is nothing while it is off or has no values', () => {
    expect(provisioningOf(draft())).toBeNull();
    putEntries([entry('a', '1')]);
    expect(provisioningOf(draft())?.entries).toEqual([entry('a', '1')]);
    changeDraft({ isOn: false });
    expect(provisioningOf(draft())).toBeNull();
  });

  test('a template put in again replaces its own entries and keeps the others', () => {
    putEntries([entry('a', '1'), entry('b', '2')]);
    putEntries([entry('b', '3')]);
    expect(draft().entries.map(({ key, value }) => [key, value])).toEqual([
      ['a', '1'],
      ['b', '3'],
    ]);
  });

  test('says what it lacks before a board is written with it', () => {
    putEntries([entry('name', '${device_name}'), entry('ssid', '${wifi_ssid}')]);
    changeDevice({ kind: 'list' });
    expect(draftProblem(draft(), 1)).toBe('device');
    changeDevice({ listId: 'l1' });
    expect(draftProblem(draft(), 1)).toBe('variables');
    changeDraft({ variables: { wifi_ssid: 'bench' } });
    expect(draftProblem(draft(), 8)).toBeNull();
    changeDevice({ kind: 'known', known: 'P/d1' });
    expect(draftProblem(draft(), 1)).toBeNull();
    expect(draftProblem(draft(), 2)).toBe('oneDevice');
  });

  test('comes back from a recipe, whose secrets are not in it', () => {
    putEntries([entry('name', '${device_name}')]);
    changeDevice({ kind: 'list', listId: 'l1' });
    const kept = provisioningOf(draft());
    changeDraft({ entries: [], isOn: false });
    loadProvisioning(kept ?? undefined);
    expect(provisioningOf(draft())).toEqual(kept);
    loadProvisioning(undefined);
    expect(draft().isOn).toBe(false);
  });
});

describe('variables', () => {
  test('are asked for once, unless the device or the bench has them', () => {
    const entries = [entry('a', '${wifi_ssid}-${device_name}'), entry('b', '${wifi_ssid}'), entry('c', '${bench_host}')];
    expect(askedFor(entries, 'k,data,string,${region}', true)).toEqual(['wifi_ssid', 'region']);
    expect(askedFor(entries, undefined, false)).toEqual(['wifi_ssid', 'device_name']);
  });

  test('secret ones are told by their names', () => {
    expect(['wifi_password', 'apiKey', 'psk', 'device_secret'].every(isSecretName)).toBe(true);
    expect(['wifi_ssid', 'keyboard'].some(isSecretName)).toBe(false);
  });
});

describe('entries', () => {
  test.each([
    ['u8', '255', null],
    ['u8', '256', 'number'],
    ['u8', '-1', 'number'],
    ['i8', '-128', null],
    ['i64', '0x7fffffffffffffff', null],
    ['u64', '18446744073709551616', 'number'],
    ['hex', 'DE ad', null],
    ['hex', 'abc', 'hex'],
    ['base64', 'YWJj', null],
    ['base64', 'Y!', 'base64'],
    ['u16', '${mqtt_port}', null],
    ['string', '', null],
  ] as const)('%s %s', (type, value, problem) => {
    const each = entry('key', value, type);
    expect(entryProblems(each, [each]).value ?? null).toBe(problem);
  });

  test('names have at most 15 characters, and are there once', () => {
    const long = entry('sixteen_letters_', '');
    expect(entryProblems(long, [long]).key).toBe('name');
    const one = entry('a', '1');
    expect(entryProblems(one, [one, entry('a', '2')]).key).toBe('twice');
  });
});
