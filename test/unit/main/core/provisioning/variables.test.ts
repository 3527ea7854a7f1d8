import { describe, expect, test } from 'vitest';
import { findBenchHost } from '../../../../../main/core/provisioning/bench-host.ts';
import { entriesOf } from '../../../../../main/core/provisioning/entries.ts';
import { provisioningTemplates } from '../../../../../main/core/provisioning/templates.ts';
import { fillVariables, variablesOf } from '../../../../../main/core/provisioning/variables.ts';
import type { NvsEntry } from '../../../../../preload/contract/nvs.ts';
import { isTalkError } from '../../../../../preload/contract/talk-error.ts';

const entry = (value: string, key = 'k'): NvsEntry => ({ namespace: 'n', key, type: 'string', value });
const fill = (value: string, variables: Record<string, string> = {}) =>
  fillVariables([entry(value)], new Map(Object.entries(variables)))[0]?.value;

function failure(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    if (isTalkError(error)) return { code: error.code, ...error.value.data };
    throw error;
  }
  return null;
}

describe('variables of values', () => {
  test('are filled in, several and in the middle', () => {
    expect(fill('mqtt://${host}:${port}/', { host: 'bench', port: '1883' })).toBe('mqtt://bench:1883/');
    expect(fill('no variable, $5 {}', {})).toBe('no variable, $5 {}');
  });

  test('are not looked for in what they bring, nor are its dollars taken for anything', () => {
    expect(fill('${password}', { password: "a${other}$&$1$$'" })).toBe("a${other}$&$1$$'");
  });

  test('can be written as they are', () => {
    expect(fill('$${host} is ${host}', { host: 'bench' })).toBe('${host} is bench');
  });

  test('must be known, and have a name', () => {
    expect(failure(() => fill('${wifi_password}'))).toEqual({ code: 'nvs/missing-variable', name: 'wifi_password' });
    for (const value of ['${open', '${}', '${a b}', 'pa$${ok}ss${wo/rd}']) {
      expect([value, failure(() => fill(value))]).toEqual([
        value,
        { code: 'nvs/bad-value', namespace: 'n', key: 'k', reason: expect.stringMatching(/^variable-/) },
      ]);
    }
  });

  test('are asked for once each', () => {
    expect(variablesOf([entry('${a}${b}'), entry('$${c}${a}', 'l')])).toEqual(['a', 'b']);
  });
});

test('values of the form take the place of the CSV’s of the same name, and follow the rest', () => {
  const csv = 'key,type,encoding,value\nn,namespace,,\nk,data,u8,1\nl,data,u8,2\n';
  const entries = entriesOf({ csv, entries: [entry('mine'), entry('more', 'm')] });
  expect(entries.map(({ key, value }) => [key, value])).toEqual([
    ['k', 'mine'],
    ['l', '2'],
    ['m', 'more'],
  ]);
});

describe('the bench’s address', () => {
  const address = (ip: string, family: 'IPv4' | 'IPv6' = 'IPv4', internal = false) =>
    ({ address: ip, family, internal, netmask: '', mac: '', cidr: null, scopeid: 0 }) as never;

  test('is the first IPv4 of a network, not a container’s or a tunnel’s', () => {
    const interfaces = {
      lo: [address('127.0.0.1', 'IPv4', true)],
      docker0: [address('172.17.0.1')],
      eth0: [address('fe80::1', 'IPv6'), address('192.168.1.9')],
      wlan0: [address('192.168.2.9')],
    };
    expect(findBenchHost(interfaces)).toBe('192.168.1.9');
    expect(findBenchHost({ lo: interfaces.lo, docker0: interfaces.docker0 })).toBe('172.17.0.1');
    expect(findBenchHost({ lo: interfaces.lo })).toBeNull();
  });
});

test('templates ask for what no device and no bench brings', () => {
  const brought = ['product_id', 'device_name', 'device_secret'];
  for (const { entries, variables } of provisioningTemplates(1884)) {
    expect(
      variablesOf(entries)
        .filter((name) => !brought.includes(name))
        .toSorted(),
    ).toEqual(variables.toSorted());
  }
  expect(provisioningTemplates(1884)[0]?.entries).toContainEqual({ namespace: 'twetalk', key: 'mqtt_port', type: 'u16', value: '1884' });
});
