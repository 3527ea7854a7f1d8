import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createPortOpener } from '../../../../../main/core/devices/open.ts';
import { createFlashJobs, type FlashJobs } from '../../../../../main/core/flash/jobs.ts';
import type { Provisioner } from '../../../../../main/core/flash/tool.ts';
import { type Batches, createBatches } from '../../../../../main/core/recipes/batches.ts';
import { FirmwareShelf } from '../../../../../main/core/recipes/firmware-shelf.ts';
import { createRecipes } from '../../../../../main/core/recipes/recipes.ts';
import { createVirtualBoard, type VirtualBoard } from '../../../../../pipeline/boards/esp/board.ts';
import { buildDemoImages } from '../../../../../pipeline/boards/esp/demo-images.ts';
import type { BoardUart } from '../../../../../pipeline/boards/uart.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import type { CallRequest } from '../../../../../preload/contract/index.ts';
import { portOptions } from '../../../../../preload/contract/ports.ts';
import { type Batch, recipeCalls } from '../../../../../preload/contract/recipes.ts';
import { openTestBench, silentLog, type TestBench } from '../../../../fakes/store.ts';

const context = { signal: new AbortController().signal, role: 'operator' } as const;
const demo = buildDemoImages();

interface Lab {
  bench: TestBench;
  jobs: FlashJobs;
  batches: Batches;
  boards: VirtualBoard[];
  /** How many boards were being flashed at once, at most. */
  mostAtOnce(): number;
  start(request: Omit<CallRequest<'batch.start'>, 'recipeId'>): Promise<string>;
  ended(batchId: string): Promise<Batch>;
}

let lab: Lab | null = null;
afterEach(async () => {
  if (lab === null) return;
  lab.batches.close();
  await lab.jobs.close();
  for (const board of lab.boards) await board.close();
  await lab.bench.close();
  lab = null;
});

/** Blank virtual boards of these kinds, and the demo firmware as a recipe. */
async function open(
  kinds: readonly ('esp32s3' | 'esp32c3')[],
  options: { provisioner?: () => Provisioner; device?: unknown } = {},
): Promise<Lab> {
  const bench = await openTestBench();
  const uarts = new Map<string, BoardUart>();
  const boards: VirtualBoard[] = [];
  for (const [index, kind] of kinds.entries()) {
    const board = await createVirtualBoard({ name: `b${index}`, kind, withPty: false, clock: systemClock });
    boards.push(board);
    uarts.set(board.name, board.uart);
  }
  const openPort = createPortOpener({ clock: systemClock, virtualBoards: uarts });
  let now = 0;
  let most = 0;
  const jobs = createFlashJobs({
    clock: systemClock,
    log: silentLog,
    recorder: { ensureSession: () => ({ id: 's', startedUs: systemClock.nowUs(), startedWallMs: 0 }), flash() {} },
    ports: {
      list: async () => [],
      async borrow(address) {
        const port = await openPort(address, portOptions.parse({}));
        most = Math.max(most, ++now);
        return {
          port,
          keepPrivate() {},
          async giveBack() {
            now--;
            await port.close();
          },
        };
      },
    },
    provisioner:
      options.provisioner ??
      (() => {
        throw new Error('nothing is provisioned here');
      }),
  });
  const shelf = new FirmwareShelf(join(bench.folder, 'firmware'));
  const recipes = await createRecipes({ store: bench.store, shelf, clock: bench.clock, log: silentLog });
  const files = await Promise.all(
    demo.files.map(async ({ offset, name, data }) => ({ offset, name, source: { sha256: await shelf.put(data) } })),
  );
  const recipe = {
    id: 'demo',
    name: 'Demo',
    files,
    ...(options.provisioner === undefined ? {} : { provisioning: options.device === undefined ? {} : { device: options.device } }),
  };
  await recipes.calls['recipes.save'](recipeCalls['recipes.save'].request.parse({ recipe }), context);
  const batches = createBatches({ jobs, recipes, clock: bench.clock });
  const { topic } = batches.streams['batch.all']({});
  lab = {
    bench,
    jobs,
    batches,
    boards,
    mostAtOnce: () => most,
    async start(request) {
      const body = recipeCalls['batch.start'].request.parse({ recipeId: 'demo', ...request });
      return (await batches.calls['batch.start'](body, context)).batchId;
    },
    ended: (batchId) =>
      new Promise((resolve) => {
        const last = topic.snapshot().find((batch) => batch.batchId === batchId);
        if (last !== undefined && last.state !== 'running') return resolve(last);
        const stop = topic.listen((batch) => {
          if (batch.batchId !== batchId || batch.state === 'running') return;
          stop();
          resolve(batch);
        });
      }),
  };
  return lab;
}

const addresses = (count: number) => Array.from({ length: count }, (_, index) => ({ address: `virtual://b${index}`, label: `SN${index}` }));

describe('a batch', () => {
  it('flashes every board by one recipe, and one failure stops none of the others', async () => {
    const on = await open(['esp32s3', 'esp32c3', 'esp32s3']);
    const batch = await on.ended(await on.start({ boards: addresses(3) }));
    expect(batch.boards.map(({ label, job }) => [label, job?.state, job?.error?.code])).toEqual([
      ['SN0', 'done', undefined],
      ['SN1', 'failed', 'flash/wrong-chip'],
      ['SN2', 'done', undefined],
    ]);
    expect(batch).toMatchObject({ state: 'done', name: 'Demo' });
    for (const index of [0, 2])
      for (const { offset, data } of demo.files)
        expect(Buffer.from(on.boards[index]?.chip.flash.read(offset, data.length) ?? []).equals(Buffer.from(data))).toBe(true);
    const table = await on.batches.calls['batch.export']({ batchId: batch.batchId, format: 'csv', language: 'zh' }, context);
    expect(table.text.split('\r\n')).toHaveLength(5);
  });

  it('tells of all its boards together, not of each one’s progress', async () => {
    const on = await open(['esp32s3', 'esp32s3']);
    let told = 0;
    let jobChanges = 0;
    on.batches.streams['batch.all']({}).topic.listen(() => told++);
    on.jobs.listen(() => jobChanges++);
    // This bench's clock stands: nothing is due but what ends.
    await on.ended(await on.start({ boards: addresses(2) }));
    expect(jobChanges).toBeGreaterThan(20);
    expect(told).toBe(1 + 2 + 1); // begun, each board's end, its own
  });

  it('has no more boards under way than it was told', async () => {
    const on = await open(['esp32s3', 'esp32s3', 'esp32s3']);
    await on.ended(await on.start({ boards: addresses(3), atOnce: 1 }));
    expect(on.mostAtOnce()).toBe(1);
  });

  it('begins no more boards once it is cancelled, and says so', async () => {
    const on = await open(['esp32s3', 'esp32s3']);
    const batchId = await on.start({ boards: addresses(2), atOnce: 1 });
    await on.batches.calls['batch.cancel']({ batchId }, context);
    const batch = await on.ended(batchId);
    expect(batch.state).toBe('cancelled');
    expect(batch.boards.map(({ job }) => job?.state ?? null)).toEqual(['cancelled', null]);
  });

  it('gives each board a provisioner of its own', async () => {
    const told: string[] = [];
    const provisioner = (): Provisioner => ({
      partition: 'nvs',
      forBoard: async (mac) => {
        told.push(mac ?? '');
        return { device: { productId: 'P', deviceName: `D${told.length}` }, image: (sizeBytes) => new Uint8Array(sizeBytes) };
      },
      settle: async () => {},
    });
    const on = await open(['esp32s3', 'esp32s3'], { provisioner });
    const batch = await on.ended(await on.start({ boards: addresses(2) }));
    expect(new Set(batch.boards.map(({ job }) => job?.device?.deviceName))).toEqual(new Set(['D1', 'D2']));
    expect(new Set(told)).toEqual(new Set(on.boards.map(({ chip }) => chip.mac)));
  });

  it.each([
    ['an address', [{ address: 'virtual://b0' }, { address: 'virtual://b0' }]],
    [
      'a label',
      [
        { address: 'virtual://b0', label: 'SN' },
        { address: 'virtual://b1', label: 'SN' },
      ],
    ],
  ])('is refused with %s in it twice', async (_, boards) => {
    const on = await open(['esp32s3', 'esp32s3']);
    await expect(on.start({ boards })).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('does not make one device of several boards', async () => {
    const provisioner = () => {
      throw new Error('no board was begun');
    };
    const device = { kind: 'known', productId: 'P', deviceName: 'D' };
    const on = await open(['esp32s3', 'esp32s3'], { provisioner, device });
    await expect(on.start({ boards: addresses(2) })).rejects.toMatchObject({ code: 'provisioning/several-boards' });
  });

  it('is refused as a whole when a file of its recipe is gone', async () => {
    const on = await open(['esp32s3']);
    await new FirmwareShelf(join(on.bench.folder, 'firmware')).keepOnly(new Set());
    await expect(on.start({ boards: addresses(1) })).rejects.toMatchObject({ code: 'flash/bad-file' });
  });
});
