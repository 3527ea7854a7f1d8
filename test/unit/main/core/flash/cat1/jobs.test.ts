import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPortOpener } from '../../../../../../main/core/devices/open.ts';
import { createPorts, type Ports } from '../../../../../../main/core/devices/ports.ts';
import { Devices, memoryDeviceStore } from '../../../../../../main/core/devices/registry.ts';
import { createVirtualBoards, type VirtualBoards } from '../../../../../../main/core/devices/virtual-boards.ts';
import { createFlashJobs, type FlashJobs } from '../../../../../../main/core/flash/jobs.ts';
import { LogBook } from '../../../../../../main/core/logs/log-book.ts';
import { madeUpAgentboot } from '../../../../../../pipeline/boards/cat1/made-up-agentboot.ts';
import type { BoardUart } from '../../../../../../pipeline/boards/uart.ts';
import type { FlashJob, FlashTask, RequestedFlashOptions } from '../../../../../../preload/contract/flash.ts';
import type { CallBody } from '../../../../../../preload/contract/index.ts';
import { madeEc718Soc } from '../../../../../fakes/module-package.ts';
import { createFakeRecorder } from '../../../../../fakes/recorder.ts';
import { silentLog } from '../../../../../fakes/store.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';

const context = { signal: new AbortController().signal, role: 'operator' } as const;

let soc: Uint8Array;
let folder: string;
let clock: VirtualClock;
let uarts: Map<string, BoardUart>;
let boards: VirtualBoards;
let ports: Ports;
let jobs: FlashJobs;

beforeAll(async () => {
  soc = await madeEc718Soc();
});

/** The services of the core, on a clock that the test moves. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'talkbench-lte-'));
  clock = new VirtualClock(5_000_000);
  uarts = new Map();
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

function start(request: Partial<CallBody<'boards.start'>> & { name: string }) {
  return boards.start({ kind: 'cat1', firmware: 'installed', language: 'en', audioType: 'opus', audioInterval: 60, ...request });
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

/** The package is read in real time, the module is written in the test's. */
async function begin(address: string, options: RequestedFlashOptions = {}): Promise<string> {
  const task: FlashTask = { kind: 'write', files: [{ name: 'luatos.soc', source: { data: soc } }], options };
  const { jobId } = await jobs.calls['flash.start']({ address, task }, context);
  return jobId;
}

async function flash(address: string, options: RequestedFlashOptions = {}): Promise<FlashJob> {
  return inTime(ended(await begin(address, options)));
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

const agentboot = { data: madeUpAgentboot('ec718', 'usb') };

describe('a module on the bench', () => {
  test('is flashed through its ports; the monitor has its own back and hears the new version', async () => {
    await start({ name: 'lte' });
    expect(boards.ports()).toMatchObject([
      { address: 'virtual://lte', vendorId: '19d1', productId: '0001', interface: 2, location: 'virtual/lte', board: 'LTE module' },
    ]);
    await ports.handlers['ports.open']({ address: 'virtual://lte', options: {} }, context);
    await clock.advance(5_000_000);
    const heard: string[] = [];
    ports.tap('virtual://lte', (data) => void heard.push(Buffer.from(data).toString('latin1')));

    const seen = new Set<string>();
    jobs.listen(() => boards.ports().forEach(({ address, role }) => void seen.add(`${address} ${role}`)));
    const job = await flash('virtual://lte', { agentboot });
    expect(job).toMatchObject({
      state: 'done',
      error: null,
      family: 'cat1',
      boardState: 'running',
      title: 'EC718P_PRD · LuatOS V2045 · demo 1.0.0',
    });
    expect(job.notes).toMatchObject([{ code: 'port-moved', data: { from: 'virtual://lte', to: 'virtual://lte-download' } }]);
    expect([...seen]).toEqual(expect.arrayContaining(['virtual://lte log', 'virtual://lte-download download']));
    expect(boards.ports().map(({ address }) => address)).toEqual(['virtual://lte']);

    await clock.advance(5_000_000);
    heard.length = 0;
    await ports.handlers['ports.write']({ address: 'virtual://lte', data: Buffer.from('ATI\r') }, context);
    await clock.advance(1_000_000);
    expect(heard.join('')).toContain('AirM2M_780EPM_V2045_LTE_AT');
  });

  test('whose power goes in the middle is named so, and its ports are free', async () => {
    await start({ name: 'lte', loader: { faults: [{ at: 'AG DOWNLOAD_DATA', nth: 3, times: 1, does: 'vanish' }] } });
    const job = await flash('virtual://lte', { agentboot });
    expect(job).toMatchObject({ state: 'failed', boardState: 'partially-written', error: { code: 'port/lost', retryable: true } });
    expect(boards.ports()).toEqual([]);
    expect(boards.list()).toMatchObject([{ name: 'lte', state: 'off' }]);
  });

  test('cancelled in the middle it stays in its loader, and is finished from there', async () => {
    await start({ name: 'lte' });
    // As slow as a real USB port, so that there is a middle.
    const first = await begin('virtual://lte', { agentboot, dialect: { chunkBytes: 64, chunkPauseMs: 1 } });
    const stop = jobs.listen(({ jobId, stage, writtenBytes }) => {
      if (stage === 'write' && writtenBytes > 20_000) jobs.cancel(jobId);
    });
    expect(await inTime(ended(first))).toMatchObject({
      state: 'cancelled',
      boardState: 'partially-written',
      error: { code: 'flash/cancelled' },
    });
    stop();
    expect(boards.list()).toMatchObject([{ state: 'download' }]);
    const second = await flash('virtual://lte-download');
    expect(second).toMatchObject({ state: 'done', boardState: 'running', notes: [{ code: 'stub-resident' }] });
    expect(boards.ports().map(({ address }) => address)).toEqual(['virtual://lte']);
  });

  test('tells what it is', async () => {
    await start({ name: 'lte', family: 'eigencomm' });
    await clock.advance(5_000_000);
    const { jobId } = await jobs.calls['flash.start'](
      { address: 'virtual://lte', task: { kind: 'info', family: 'cat1', options: {} } },
      context,
    );
    expect(await inTime(ended(jobId))).toMatchObject({ state: 'done', family: 'cat1', boardState: 'running', chip: { chip: 'ec618' } });
  });
});

test('four modules at once: each is followed to the port in its own socket, and one that fails stops none', async () => {
  const names = ['one', 'two', 'three', 'four'];
  for (const name of names) {
    const faults = name === 'two' ? [{ at: 'AG DONE', nth: 1, times: 1, does: 'nak' as const }] : [];
    await start({ name, loader: { faults } });
  }
  const path = join(folder, 'ec718_usb.bin');
  writeFileSync(path, agentboot.data);
  const done = await inTime(
    Promise.all((await Promise.all(names.map((name) => begin(`virtual://${name}`, { agentboot: { path } })))).map(ended)),
  );
  expect(done.map(({ state }) => state)).toEqual(['done', 'failed', 'done', 'done']);
  expect(done.map(({ notes }) => notes[0]?.data.to)).toEqual(names.map((name) => `virtual://${name}-download`));
  expect(done[1]?.error).toMatchObject({ code: 'flash/protocol', data: { command: 'AG DONE', status: '0x01' } });
});
