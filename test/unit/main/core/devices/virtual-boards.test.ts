import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Devices, memoryDeviceStore } from '../../../../../main/core/devices/registry.ts';
import { createVirtualBoards } from '../../../../../main/core/devices/virtual-boards.ts';
import type { BoardUart } from '../../../../../pipeline/boards/uart.ts';
import { silentLog } from '../../../../fakes/store.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

test('two clients that start a board of one name at once get one board', async () => {
  const ptyDirectory = mkdtempSync(join(tmpdir(), 'talkbench-boards-'));
  const uarts = new Map<string, BoardUart>();
  const clock = new VirtualClock(5_000_000);
  const boards = createVirtualBoards({
    clock,
    devices: await Devices.open({
      store: memoryDeviceStore(),
      wallMs: () => clock.wallMs(),
      onStoreFault: (error) => expect(error).toBeUndefined(),
    }),
    uarts,
    broker: () => null,
    synthesize: () => Promise.reject(new Error('not asked to speak')),
    playout: () => {},
    onGone: async () => {},
    ptyDirectory,
    log: silentLog,
  });
  const request = { name: 'twin', firmware: 'blank', language: 'en', audioType: 'opus', audioInterval: 60 } as const;
  const [first, second] = await Promise.all([boards.start(request), boards.start(request)]);
  expect(second).toEqual(first);
  await boards.close();
  expect([boards.list(), [...uarts.keys()], readdirSync(ptyDirectory)]).toEqual([[], [], []]);
  rmSync(ptyDirectory, { recursive: true });
});
