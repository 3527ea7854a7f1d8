import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Devices, memoryDeviceStore } from '../../../../../main/core/devices/registry.ts';
import { openVirtual } from '../../../../../main/core/devices/virtual.ts';
import { createVirtualBoards } from '../../../../../main/core/devices/virtual-boards.ts';
import type { BoardUart } from '../../../../../pipeline/boards/uart.ts';
import { virtualBoardKind } from '../../../../../preload/contract/boards.ts';
import { portOptions } from '../../../../../preload/contract/ports.ts';
import { silentLog } from '../../../../fakes/store.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function build() {
  const ptyDirectory = mkdtempSync(join(tmpdir(), 'talkbench-boards-'));
  cleanups.push(() => rmSync(ptyDirectory, { recursive: true }));
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
    openAudio: () => Promise.reject(new Error('no board of these tests has real audio')),
    onGone: async () => {},
    ptyDirectory,
    log: silentLog,
  });
  cleanups.push(() => boards.close());
  return { clock, boards, uarts, ptyDirectory };
}

const request = { name: 'twin', firmware: 'blank', language: 'en', audioType: 'opus', audioInterval: 60 } as const;

test('two clients that start a board of one name at once get one board', async () => {
  const { boards, uarts, ptyDirectory } = await build();
  const [first, second] = await Promise.all([boards.start(request), boards.start(request)]);
  expect(second).toEqual(first);
  await boards.close();
  expect([boards.list(), [...uarts.keys()], readdirSync(ptyDirectory)]).toEqual([[], [], []]);
});

test.each(virtualBoardKind.options)('a board of kind %s starts, and its port says what it is', async (kind) => {
  const { boards } = await build();
  const board = await boards.start({ ...request, kind });
  expect(board.kind).toBe(kind);
  const name = kind === 'cat1' ? 'LTE cat.1' : kind.toUpperCase().replace(/^ESP32(?=.)/, 'ESP32-');
  expect(boards.ports().map(({ label }) => label)).toEqual([`${name} (virtual) twin`]);
});

test('a board with a fault by name has it: one without a reset circuit does not mind DTR and RTS', async () => {
  const { boards, uarts, clock } = await build();
  await boards.start({ ...request, firmware: 'installed', fault: 'no-reset-circuit' });
  await clock.advance(1_000_000);
  uarts.get('twin')?.setLines({ dtr: false, rts: true });
  expect(boards.list()[0]?.state).toBe('running');
});

test('a board with USB of its own closes its port at a reset, is no port meanwhile, and comes back', async () => {
  const { boards, uarts, clock } = await build();
  await boards.start({ ...request, fault: 'native-usb' });
  await clock.advance(1_000_000);
  const open = () => openVirtual('virtual://twin', uarts.get('twin'), portOptions.parse({}), clock);
  const port = await open();
  const closed = Promise.withResolvers<Error | null>();
  port.onClose(closed.resolve);
  await port.setSignals({ dtr: false, rts: true });
  await port.setSignals({ dtr: false, rts: false });
  await clock.advance(10_000);
  expect(await closed.promise).toMatchObject({ value: { code: 'port/lost', data: { reason: 'unplugged' } } });
  expect(boards.ports()).toEqual([]);
  await expect(open()).rejects.toMatchObject({ value: { code: 'port/not-found', retryable: true } });
  await clock.advance(300_000);
  expect(boards.ports()).toHaveLength(1);
  await (await open()).close();
});
