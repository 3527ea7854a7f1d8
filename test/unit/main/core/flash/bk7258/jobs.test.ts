import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPortOpener } from '../../../../../../main/core/devices/open.ts';
import { createPorts, type Ports } from '../../../../../../main/core/devices/ports.ts';
import { Devices, memoryDeviceStore } from '../../../../../../main/core/devices/registry.ts';
import { createVirtualBoards, type VirtualBoards } from '../../../../../../main/core/devices/virtual-boards.ts';
import { createFlashJobs, type FlashJobs } from '../../../../../../main/core/flash/jobs.ts';
import { LogBook } from '../../../../../../main/core/logs/log-book.ts';
import type { BoardUart } from '../../../../../../pipeline/boards/uart.ts';
import type { FlashJob, FlashTask } from '../../../../../../preload/contract/flash.ts';
import type { CallBody } from '../../../../../../preload/contract/index.ts';
import { madeAir8101Soc } from '../../../../../fakes/bk7258-bench.ts';
import { createFakeRecorder } from '../../../../../fakes/recorder.ts';
import { silentLog } from '../../../../../fakes/store.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';

const context = { signal: new AbortController().signal, role: 'operator' } as const;

let soc: Uint8Array;
let folder: string;
let clock: VirtualClock;
let boards: VirtualBoards;
let ports: Ports;
let jobs: FlashJobs;

beforeAll(async () => {
  soc = await madeAir8101Soc();
});

/** The services of the core, on a clock that the test moves. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'talkbench-beken-'));
  clock = new VirtualClock(5_000_000);
  const uarts = new Map<string, BoardUart>();
  const recorder = createFakeRecorder(clock);
  const store = memoryDeviceStore();
  boards = createVirtualBoards({
    clock,
    devices: await Devices.open({ store, wallMs: () => clock.wallMs(), onStoreFault: (error) => expect(error).toBeUndefined() }),
    uarts,
    broker: () => null,
    synthesize: () => Promise.reject(new Error('not asked to speak')),
    playout: () => {},
    onGone: (address) => ports.release(address),
    ptyDirectory: join(folder, 'ptys'),
    log: silentLog,
  });
  ports = createPorts({
    openPort: createPortOpener({ clock, virtualBoards: uarts }),
    clock,
    recorder,
    book: new LogBook({ clock, recorder }),
    virtualPorts: () => boards.ports(),
    list: async (others) => ({ ports: [...others] }),
  });
  const provisioner = () => {
    throw new Error('nothing is provisioned here');
  };
  jobs = createFlashJobs({ ports, clock, recorder, log: silentLog, provisioner });
});

afterEach(async () => {
  await jobs.close();
  await boards.close();
  await ports.close();
  rmSync(folder, { recursive: true });
});

function start(name: string, bk7258?: CallBody<'boards.start'>['bk7258']) {
  const usual = { kind: 'bk7258', firmware: 'blank', language: 'en', audioType: 'opus', audioInterval: 60 } as const;
  return boards.start({ ...usual, name, ...(bk7258 === undefined ? {} : { bk7258 }) });
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = work.finally(() => {
    isSettled = true;
  });
  settled.catch(() => {});
  for (let passes = 0; !isSettled; passes++) {
    if (passes > 10_000) throw new Error('this takes for ever');
    await clock.advance(100_000);
  }
  return settled;
}

const write: FlashTask = {
  kind: 'write',
  files: [
    {
      name: 'air8101.soc',
      source: {
        get data() {
          return soc;
        },
      },
    },
  ],
  options: {},
};

async function begin(address: string, task: FlashTask): Promise<string> {
  return (await jobs.calls['flash.start']({ address, task }, context)).jobId;
}

function ended(jobId: string): Promise<FlashJob> {
  return new Promise((resolve) => {
    const stop = jobs.listen((job) => {
      if (job.jobId !== jobId || job.state === 'running') return;
      stop();
      resolve(job);
    });
  });
}

async function run(address: string, task: FlashTask): Promise<FlashJob> {
  return inTime(ended(await begin(address, task)));
}

test('a blank board is flashed through its port; the monitor has its own back and hears the new version', async () => {
  await start('beken');
  expect(boards.list()).toMatchObject([{ kind: 'bk7258', state: 'booting' }]);
  await ports.handlers['ports.open']({ address: 'virtual://beken', options: {} }, context);
  const heard: string[] = [];
  ports.tap('virtual://beken', (data) => void heard.push(Buffer.from(data).toString('latin1')));
  const job = await run('virtual://beken', write);
  expect(job).toMatchObject({
    state: 'done',
    error: null,
    family: 'bk7258',
    boardState: 'running',
    title: 'bk72xx · LuatOS V2013 · demo 1.0.0',
    chip: { chip: 'bk7258' },
    notes: [],
  });
  await clock.advance(1_000_000);
  expect(boards.list()).toMatchObject([{ state: 'running' }]);
  expect(heard.join('')).toContain('LuatOS@Air8101_V2013');
});

test('its flash is told without writing', async () => {
  await start('beken', { faults: [], flashId: 0x1640c8 });
  expect(await run('virtual://beken', { kind: 'info', family: 'bk7258', options: {} })).toMatchObject({
    state: 'done',
    family: 'bk7258',
    chip: { chip: 'bk7258', flashBytes: 0x400000, flashId: '0xC84016' },
  });
});

test('four at once: one whose power goes in the middle stops none, and is named', async () => {
  const names = ['one', 'two', 'three', 'four'];
  for (const name of names) {
    const faults = name === 'two' ? [{ at: 'WRITE_SECTOR', nth: 4, times: 1, does: 'vanish' as const }] : [];
    await start(name, { faults });
  }
  const begun = await Promise.all(names.map((name) => begin(`virtual://${name}`, write)));
  const done = await inTime(Promise.all(begun.map(ended)));
  expect(done.map(({ state }) => state)).toEqual(['done', 'failed', 'done', 'done']);
  expect(done[1]).toMatchObject({ boardState: 'partially-written', error: { code: 'flash/sync-timeout' } });
  expect(boards.list().find(({ name }) => name === 'two')?.state).toBe('off');
});

test('cancelled in the middle it stays in its bootloader; the port is free', async () => {
  await start('beken');
  const first = await begin('virtual://beken', write);
  const stop = jobs.listen(({ jobId, stage, writtenBytes }) => {
    if (stage === 'write' && writtenBytes > 0x8000) jobs.cancel(jobId);
  });
  expect(await inTime(ended(first))).toMatchObject({
    state: 'cancelled',
    boardState: 'partially-written',
    error: { code: 'flash/cancelled' },
  });
  stop();
  expect(boards.list()).toMatchObject([{ state: 'download' }]);
  expect(await run('virtual://beken', write)).toMatchObject({ state: 'done', boardState: 'running' });
});

test('what is not built for it is refused by name', async () => {
  await start('beken');
  const task: FlashTask = { kind: 'write', files: write.kind === 'write' ? write.files : [], options: { eraseAll: true } };
  await expect(begin('virtual://beken', task)).rejects.toMatchObject({ value: { code: 'flash/protected' } });
});
