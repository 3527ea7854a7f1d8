import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { madeUpAgentboot } from '../../../../../../pipeline/boards/cat1/made-up-agentboot.ts';
import type { FlashJob, FlashTask, RequestedFlashOptions } from '../../../../../../preload/contract/flash.ts';
import type { CallBody } from '../../../../../../preload/contract/index.ts';
import { createFlashServices, type FlashServices } from '../../../../../fakes/flash-services.ts';
import { madeBinpkg, madeEc718Soc, madeImage } from '../../../../../fakes/module-package.ts';

let soc: Uint8Array;
let services: FlashServices;

beforeAll(async () => {
  soc = await madeEc718Soc();
});
beforeEach(async () => {
  services = await createFlashServices();
});
afterEach(() => services.close());

function start(request: Partial<CallBody<'boards.start'>> & { name: string }) {
  return services.start({ kind: 'cat1', ...request });
}

const written = (options: RequestedFlashOptions = {}): FlashTask => ({
  kind: 'write',
  files: [{ name: 'luatos.soc', source: { data: soc } }],
  options,
});

function flash(name: string, options: RequestedFlashOptions = {}): Promise<FlashJob> {
  return services.run(`virtual://${name}`, written(options));
}

const agentboot = { data: madeUpAgentboot('ec718', 'usb') };

describe('a module on the bench', () => {
  test('is flashed through its ports; the monitor has its own back and hears the new version', async () => {
    const { boards, ports, jobs, clock } = services;
    await start({ name: 'lte' });
    expect(boards.ports()).toMatchObject([
      { address: 'virtual://lte', vendorId: '19d1', productId: '0001', interface: 2, location: 'virtual/lte', board: 'LTE module' },
    ]);
    await services.open('virtual://lte');
    await clock.advance(5_000_000);
    const heard: string[] = [];
    ports.tap('virtual://lte', (data) => void heard.push(Buffer.from(data).toString('latin1')));

    const seen = new Set<string>();
    jobs.listen(() => boards.ports().forEach(({ address, role }) => void seen.add(`${address} ${role}`)));
    const job = await flash('lte', { agentboot });
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
    await services.write('virtual://lte', Buffer.from('ATI\r'));
    await clock.advance(1_000_000);
    expect(heard.join('')).toContain('AirM2M_780EPM_V2045_LTE_AT');
  });

  test('whose power goes in the middle is named so, and its ports are free', async () => {
    await start({ name: 'lte', loader: { faults: [{ at: 'AG DOWNLOAD_DATA', nth: 3, times: 1, does: 'vanish' }] } });
    const job = await flash('lte', { agentboot });
    expect(job).toMatchObject({ state: 'failed', boardState: 'partially-written', error: { code: 'port/lost', retryable: true } });
    expect(services.boards.ports()).toEqual([]);
    expect(services.boards.list()).toMatchObject([{ name: 'lte', state: 'off' }]);
  });

  test('cancelled in the middle it stays in its loader, and is finished from there', async () => {
    const { boards, jobs } = services;
    await start({ name: 'lte' });
    // As slow as a real USB port, so that there is a middle.
    const first = await services.begin('virtual://lte', written({ agentboot, dialect: { chunkBytes: 64, chunkPauseMs: 1 } }));
    const stop = jobs.listen(({ jobId, stage, writtenBytes }) => {
      if (stage === 'write' && writtenBytes > 20_000) jobs.cancel(jobId);
    });
    expect(await services.inTime(services.ended(first))).toMatchObject({
      state: 'cancelled',
      boardState: 'partially-written',
      error: { code: 'flash/cancelled' },
    });
    stop();
    expect(boards.list()).toMatchObject([{ state: 'download' }]);
    const second = await flash('lte-download');
    expect(second).toMatchObject({ state: 'done', boardState: 'running', notes: [{ code: 'stub-resident' }] });
    expect(boards.ports().map(({ address }) => address)).toEqual(['virtual://lte']);
  });

  test('tells what it is', async () => {
    await start({ name: 'lte', family: 'eigencomm' });
    await services.clock.advance(5_000_000);
    expect(await services.run('virtual://lte', { kind: 'info', family: 'cat1', options: {} })).toMatchObject({
      state: 'done',
      family: 'cat1',
      boardState: 'running',
      chip: { chip: 'ec618' },
    });
  });
});

/** Little to write: for many at once. */
const small = madeBinpkg([{ name: 'app', type: 'AP', address: 0x87e000, data: madeImage(0x2000, 5, 'LuatOS@small_V1') }], {
  product: 'EC718P_PRD',
});

/** Modules that are all flashed at once. */
async function flashAll(names: readonly string[], options: (name: string) => RequestedFlashOptions): Promise<FlashJob[]> {
  const begun = await Promise.all(
    names.map((name) => {
      const files = [{ name: 'small.binpkg', source: { data: small } }];
      return services.begin(`virtual://${name}`, { kind: 'write', files, options: options(name) });
    }),
  );
  return services.inTime(Promise.all(begun.map(services.ended)));
}

const movedTo = ({ notes }: FlashJob) => notes.find(({ code }) => code === 'port-moved')?.data.to;
const waited = ({ notes }: FlashJob) => notes.some(({ code }) => code === 'waits-its-turn');

test('four modules at once: each is followed to the port in its own socket, and one that fails stops none', async () => {
  const names = ['one', 'two', 'three', 'four'];
  for (const name of names) {
    const faults = name === 'two' ? [{ at: 'AG DONE', nth: 1, times: 1, does: 'nak' as const }] : [];
    await start({ name, loader: { faults } });
  }
  const path = join(services.folder, 'ec718_usb.bin');
  writeFileSync(path, agentboot.data);
  const done = await flashAll(names, () => ({ agentboot: { path } }));
  expect(done.map(({ state }) => state)).toEqual(['done', 'failed', 'done', 'done']);
  expect(done.map(movedTo)).toEqual(names.map((name) => `virtual://${name}-download`));
  expect(done.some(waited)).toBe(false);
  expect(done[1]?.error).toMatchObject({ code: 'flash/protocol', data: { command: 'AG DONE', status: '0x01' } });
});

describe('where the system does not tell sockets', () => {
  const names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

  beforeEach(async () => {
    await services.close();
    services = await createFlashServices((info) => {
      const told = { ...info };
      delete told.location;
      return told;
    });
  });

  test('eight at once leave one after the other: none is taken for another, and those that wait say so', async () => {
    for (const name of names) await start({ name });
    const done = await flashAll(names, () => ({ agentboot }));
    expect(done.map(({ state }) => state)).toEqual(names.map(() => 'done'));
    expect(done.map(movedTo)).toEqual(names.map((name) => `virtual://${name}-download`));
    expect(done.filter(waited)).toHaveLength(7);
  });

  test('one that is cancelled while it waits runs on; one that waits for a person keeps its turn until it is cancelled, and no longer', async () => {
    const { jobs, boards } = services;
    const some = names.slice(0, 5);
    for (const name of some) await start({ name });
    jobs.listen((job) => {
      if (job.address === 'virtual://four' && waited(job)) jobs.cancel(job.jobId);
      if (job.address === 'virtual://two' && job.notes.at(-1)?.code === 'press-boot') jobs.cancel(job.jobId);
    });
    const done = await flashAll(some, (name) => (name === 'two' ? { agentboot, before: 'no-reset' } : { agentboot }));
    const states = Object.fromEntries(done.map(({ address, state }) => [address.replace('virtual://', ''), state]));
    expect(states).toEqual({ one: 'done', two: 'cancelled', three: 'done', four: 'cancelled', five: 'done' });
    expect(done[3]).toMatchObject({ boardState: 'running', notes: [{ code: 'waits-its-turn' }] });
    expect(boards.list().find(({ name }) => name === 'four')?.state).toBe('running');
    for (const job of done.filter(({ state }) => state === 'done')) expect(movedTo(job)).toBe(`${job.address}-download`);
  });
});
