import { describe, expect, test } from 'vitest';
import type { VirtualBoard } from '../../../../../preload/contract/boards.ts';
import type { CheckRun } from '../../../../../preload/contract/checks.ts';
import type { DeviceRecord } from '../../../../../preload/contract/pipeline.ts';
import type { PortState } from '../../../../../preload/contract/ports.ts';
import { candidatesOf, likeliest, listFor, stationBoards } from '../../../../../renderer/features/checks/start/candidates.ts';
import type { BenchBoard } from '../../../../../renderer/features/flash/bench-boards.ts';

const port = (address: string, over: Partial<BenchBoard['info']> = {}): BenchBoard => ({
  address,
  name: address,
  info: { address, label: address, kind: 'serial', ...over },
  lentTo: null,
});
const open = (address: string) => ({ address, state: 'open' }) as PortState;
const virtualBoard = (name: string) =>
  ({ name, address: `virtual://${name}`, kind: 'esp32s3', productId: 'TALKBENCH1', deviceName: name, state: 'running' }) as VirtualBoard;
const online = (deviceName: string) => ({ productId: 'TALKBENCH1', deviceName, isOnline: true }) as DeviceRecord;
const nothing = { boards: [], states: [], virtual: [], devices: [], runs: [] };

describe('boards to be checked', () => {
  test('an open port comes before a board in software, that before a port nobody has opened', () => {
    const found = candidatesOf({
      ...nothing,
      boards: [port('/dev/ttyUSB0'), port('virtual://demo'), port('/dev/ttyUSB1')],
      states: [open('/dev/ttyUSB1')],
      virtual: [virtualBoard('demo')],
    });
    expect(found.map(({ key }) => key)).toEqual(['/dev/ttyUSB1', 'virtual://demo', '/dev/ttyUSB0']);
    expect(likeliest(found)?.key).toBe('/dev/ttyUSB1');
  });

  test('a virtual board that is online is one choice, another device online is another', () => {
    const found = candidatesOf({
      ...nothing,
      boards: [port('virtual://demo')],
      virtual: [virtualBoard('demo')],
      devices: [online('demo'), online('kitchen')],
    });
    expect(found.map(({ key }) => key)).toEqual(['virtual://demo', 'TALKBENCH1/kitchen']);
    expect(found[0]?.kind).toBe('esp32s3');
  });

  test('of a module with several interfaces its log port is the choice', () => {
    const roles = ['download', 'log', 'epat', 'ppp'] as const;
    const found = candidatesOf({ ...nothing, boards: roles.map((role) => port(`/dev/${role}`, { role })) });
    expect(found.map(({ key }) => key)).toEqual(['/dev/download', '/dev/log']);
  });

  test('a board that is being checked or flashed is nobody’s next one', () => {
    const runs = [{ id: 'r1', state: 'running', port: 'virtual://demo' }] as CheckRun[];
    const boards = [port('virtual://demo'), { ...port('/dev/ttyUSB0'), lentTo: 'flash' }];
    const found = candidatesOf({ ...nothing, boards, virtual: [virtualBoard('demo')], runs });
    expect(likeliest(found)).toBeUndefined();
    expect(found.find(({ key }) => key === 'virtual://demo')?.runId).toBe('r1');
  });

  test('of two unknown ports neither is ticked, a single one is', () => {
    expect(likeliest(candidatesOf({ ...nothing, boards: [port('/dev/a'), port('/dev/b')] }))).toBeUndefined();
    expect(likeliest(candidatesOf({ ...nothing, boards: [port('/dev/a')] }))?.key).toBe('/dev/a');
  });
});

test('the first list that is for the board’s kind or for any; any list rather than none', () => {
  const lists = [
    { id: 'module', boardKinds: ['cat1'] },
    { id: 'any', boardKinds: [] },
    { id: 'esp', boardKinds: ['esp32s3'] },
  ];
  expect(listFor(lists, 'cat1')?.id).toBe('module');
  expect(listFor(lists, 'esp32s3')?.id).toBe('any');
  expect(listFor(lists, '')?.id).toBe('any');
  expect(listFor(lists.slice(0, 1), 'bk7258')?.id).toBe('module');
  expect(listFor([], '')).toBeUndefined();
});

describe('a station’s boards', () => {
  const bench = (...names: string[]) => candidatesOf({ ...nothing, boards: names.map((name) => port(name)) });

  test('are those chosen for it, also while they are being checked: the next number is not given to another board', () => {
    const found = candidatesOf({
      ...nothing,
      boards: [port('/dev/a'), port('/dev/b')],
      states: [open('/dev/b')],
      runs: [{ id: 'r1', state: 'running', port: '/dev/a' }] as CheckRun[],
    });
    expect(stationBoards(found, ['/dev/a']).map(({ key, runId }) => [key, runId])).toEqual([['/dev/a', 'r1']]);
  });
  test('where the chosen one is gone, the one plugged in alone is meant, and of two neither', () => {
    expect(stationBoards(bench('/dev/b'), ['/dev/a']).map(({ key }) => key)).toEqual(['/dev/b']);
    expect(stationBoards(bench('/dev/b', '/dev/c'), ['/dev/a'])).toEqual([]);
    expect(stationBoards(bench(), ['/dev/a'])).toEqual([]);
  });
  test('where none was ever chosen, the likeliest', () => {
    expect(stationBoards(bench('/dev/a'), []).map(({ key }) => key)).toEqual(['/dev/a']);
  });
});
