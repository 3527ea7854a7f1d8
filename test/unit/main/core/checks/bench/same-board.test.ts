import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createIdentify } from '../../../../../../main/core/checks/bench/same-board.ts';

const toy = { productId: 'P', deviceName: 'toy' };
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'same-board-'));
  await writeFile(join(directory, 'ttyUSB0'), '');
  await symlink(join(directory, 'ttyUSB0'), join(directory, 'by-id'));
});
afterAll(() => rm(directory, { recursive: true }));

const identify = (over: object = {}) =>
  createIdentify({
    ...{ boards: { list: () => [] }, devices: { list: () => [] }, told: () => ({}), portStates: () => [] },
    ...over,
  });

describe('a board', () => {
  test('is the same by a link to its port, by the path it moved to, by any spelling of a COM port', async () => {
    const [path, link] = [join(directory, 'ttyUSB0'), join(directory, 'by-id')];
    const port = async (named: string, over = {}) => (await identify(over)({ port: named, device: null })).port;
    expect(await port(link)).toBe(await port(path));
    expect(await port('/dev/before', { portStates: () => [{ address: '/dev/before', devicePath: path }] })).toBe(await port(path));
    expect([await port('com7'), await port('\\\\.\\COM7')]).toEqual(['COM7', 'COM7']);
    expect([await port('socket://10.0.0.2:23'), await port('/dev/none')]).toEqual(['socket://10.0.0.2:23', '/dev/none']);
  });

  test('in software is the same by its address, its terminal, a link to that, and its device', async () => {
    const board = { ...toy, name: 'toy', kind: 'esp32s3', address: 'virtual://toy', ptyPath: join(directory, 'ttyUSB0') };
    const it = identify({ boards: { list: () => [board] } });
    const wanted = { port: 'virtual://toy', device: toy };
    expect(await it({ port: board.address, device: null })).toEqual(wanted);
    expect(await it({ port: board.ptyPath, device: null })).toEqual(wanted);
    expect(await it({ port: join(directory, 'by-id'), device: null })).toEqual(wanted);
    expect(await it({ port: null, device: toy })).toEqual(wanted);
    expect(await it({ port: null, device: { ...toy, deviceName: 'other' } })).toMatchObject({ port: null });
  });

  test('is the device that the log of its port has told', async () => {
    const told = (port: string) => (port === '/dev/a' ? toy : {});
    const who = (port: string, state: string) => identify({ told, portStates: () => [{ address: port, state }] })({ port, device: null });
    expect(await who('/dev/a', 'open')).toEqual({ port: '/dev/a', device: toy });
    expect((await who('/dev/b', 'open')).device).toBeNull();
    // Another board may be in its place.
    expect((await who('/dev/a', 'lost')).device).toBeNull();
    expect((await who('/dev/a', 'closed')).device).toBeNull();
  });
});
