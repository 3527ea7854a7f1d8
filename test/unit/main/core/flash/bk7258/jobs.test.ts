import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { FlashTask } from '../../../../../../preload/contract/flash.ts';
import type { CallBody } from '../../../../../../preload/contract/index.ts';
import { madeAir8101Soc } from '../../../../../fakes/bk7258-bench.ts';
import { createFlashServices, type FlashServices } from '../../../../../fakes/flash-services.ts';

let soc: Uint8Array;
let services: FlashServices;

beforeAll(async () => {
  soc = await madeAir8101Soc();
});
beforeEach(async () => {
  services = await createFlashServices();
});
afterEach(() => services.close());

function start(name: string, bk7258?: CallBody<'boards.start'>['bk7258']) {
  return services.start({ kind: 'bk7258', firmware: 'blank', name, ...(bk7258 === undefined ? {} : { bk7258 }) });
}

const written = (options: object = {}): FlashTask => ({ kind: 'write', files: [{ name: 'air8101.soc', source: { data: soc } }], options });

test('a blank board is flashed through its port; the monitor has its own back and hears the new version', async () => {
  const { boards, ports, clock } = services;
  await start('beken');
  expect(boards.list()).toMatchObject([{ kind: 'bk7258', state: 'booting' }]);
  await services.open('virtual://beken');
  const heard: string[] = [];
  ports.tap('virtual://beken', (data) => void heard.push(Buffer.from(data).toString('latin1')));
  const job = await services.run('virtual://beken', written());
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
  expect(await services.run('virtual://beken', { kind: 'info', family: 'bk7258', options: {} })).toMatchObject({
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
  const begun = await Promise.all(names.map((name) => services.begin(`virtual://${name}`, written())));
  const done = await services.inTime(Promise.all(begun.map(services.ended)));
  expect(done.map(({ state }) => state)).toEqual(['done', 'failed', 'done', 'done']);
  expect(done[1]).toMatchObject({ boardState: 'partially-written', error: { code: 'flash/sync-timeout' } });
  expect(services.boards.list().find(({ name }) => name === 'two')?.state).toBe('off');
});

test('cancelled in the middle it stays in its bootloader; the port is free', async () => {
  const { jobs, boards } = services;
  await start('beken');
  const first = await services.begin('virtual://beken', written());
  const stop = jobs.listen(({ jobId, stage, writtenBytes }) => {
    if (stage === 'write' && writtenBytes > 0x8000) jobs.cancel(jobId);
  });
  expect(await services.inTime(services.ended(first))).toMatchObject({
    state: 'cancelled',
    boardState: 'partially-written',
    error: { code: 'flash/cancelled' },
  });
  stop();
  expect(boards.list()).toMatchObject([{ state: 'download' }]);
  expect(await services.run('virtual://beken', written())).toMatchObject({ state: 'done', boardState: 'running' });
});

test('what is not built for it is refused by name', async () => {
  await start('beken');
  await expect(services.begin('virtual://beken', written({ eraseAll: true }))).rejects.toMatchObject({
    value: { code: 'flash/protected' },
  });
});
