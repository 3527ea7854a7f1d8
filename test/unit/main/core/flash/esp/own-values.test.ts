import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { readPartitionTable } from '../../../../../../main/core/flash/image/partition-table.ts';
import { buildNvs } from '../../../../../../main/core/flash/nvs/build.ts';
import { readNvs } from '../../../../../../main/core/flash/nvs/read.ts';
import type { Provisioner } from '../../../../../../main/core/flash/tool.ts';
import { buildDemoImages } from '../../../../../../pipeline/boards/esp/demo-images.ts';
import { incompressible } from '../../../../../fakes/esp-data.ts';
import { createEspBench, type EspBench, type EspRunOptions } from '../../../../../fakes/esp-run.ts';
import { merge } from '../image/esp-files.ts';

const demo = buildDemoImages();
const table = readPartitionTable(demo.files.find(({ offset }) => offset === 0x8000)?.data ?? new Uint8Array());
const partition = (name: string) => {
  const found = table.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no ${name} in the demo's table`);
  return found;
};

let bench: EspBench;
afterEach(() => bench.close());

async function open(options: EspRunOptions = {}): Promise<void> {
  bench = await createEspBench(options);
}

function expectOnBoard(files: readonly { offset: number; data: Uint8Array }[]): void {
  for (const { offset, data } of files) expect(Buffer.from(bench.board.chip.flash.read(offset, data.length)).equals(data)).toBe(true);
}

describe('a board’s own values', () => {
  const secret = 'never to be told';

  function provisioner(): Provisioner & { asked: (string | null)[] } {
    const asked: (string | null)[] = [];
    return {
      asked,
      partition: 'nvs',
      async forBoard(mac) {
        asked.push(mac);
        return {
          device: { productId: 'p', deviceName: 'd' },
          image: (sizeBytes) => buildNvs([{ namespace: 'dev', key: 'device_secret', type: 'string', value: secret }], sizeBytes).data,
        };
      },
      settle: async () => {},
    };
  }

  it.each([true, false])('are burned into the partition the table names, the table among the files: %s', async (hasTable) => {
    const own = provisioner();
    await open({ provisioner: own, flash: hasTable ? [] : demo.files });
    expect(await bench.write(hasTable ? demo.files : demo.files.slice(-1), hasTable ? { table } : {})).toBeNull();
    expect(own.asked).toEqual([bench.board.chip.mac]);
    const { offset, sizeBytes } = partition('nvs');
    const values = readNvs(bench.board.chip.flash.read(offset, sizeBytes), { withSecrets: true }).values;
    expect(values).toMatchObject([{ key: 'device_secret', value: secret }]);
    expect(bench.job.files.at(-1)).toMatchObject({ name: 'nvs', offset, writtenBytes: sizeBytes, verified: true, md5: null });
    expect(bench.job.device).toEqual({ productId: 'p', deviceName: 'd' });
  });

  it('are private on the line, and never in the job nor its trace', async () => {
    await open({ provisioner: provisioner() });
    expect(await bench.write(demo.files, { table, compress: false })).toBeNull();
    expect(bench.privacy).toEqual([true, false, true, false]);
    const said = JSON.stringify([bench.published, bench.trace]);
    expect(said).not.toContain(secret);
    const { offset, sizeBytes } = partition('nvs');
    expect(said).not.toContain(createHash('md5').update(bench.board.chip.flash.read(offset, sizeBytes)).digest('hex'));
  });

  it('stay out of the trace on a port that came back in the middle of them', async () => {
    let opened = 0;
    let deafOn: number | null = null;
    await open({
      wiring: 'usb-serial-jtag',
      usbGoneMs: 300,
      comesBack: true,
      flash: demo.files,
      provisioner: provisioner(),
      wrap(port) {
        const nth = ++opened;
        const write = (data: Uint8Array) => {
          if (bench.job.stage !== 'verify' || data[2] !== 0x13) return port.write(data);
          deafOn ??= nth;
          return nth === deafOn ? Promise.resolve() : port.write(data);
        };
        return { ...port, write };
      },
    });
    await bench.clock.advance(1_000_000);
    expect(await bench.write([], { table })).toBeNull();
    expect(opened).toBeGreaterThan(deafOn ?? Number.POSITIVE_INFINITY);
    const { offset, sizeBytes } = partition('nvs');
    const digest = createHash('md5').update(bench.board.chip.flash.read(offset, sizeBytes)).digest('hex');
    expect(bench.trace.filter((line) => line.includes(digest))).toEqual([]);
  });

  it('in a file of their own, or inside a merged image, are not recorded either', async () => {
    for (const [file, isPrivate] of [
      [{ offset: partition('nvs').offset, name: 'nvs.bin', data: incompressible(4096) }, true],
      [{ offset: 0, name: 'merged.bin', data: merge(demo.files), kind: 'merged' }, true],
      [{ offset: 0x200000, name: 'else.bin', data: incompressible(4096) }, false],
    ] as const) {
      await open();
      expect(await bench.write([file], { table, verify: false })).toBeNull();
      expect(bench.privacy).toEqual(isPrivate ? [true, false] : []);
      await bench.close();
    }
    await open();
  });

  it('without a place for them touch nothing', async () => {
    await open({ provisioner: { ...provisioner(), partition: 'elsewhere' }, flash: demo.files });
    expect(await bench.write(demo.files.slice(-1))).toMatchObject({ code: 'flash/no-partition', data: { partition: 'elsewhere' } });
    expect(bench.job.boardState).toBe('running');
  });

  it.each(['factory', 'phy_init'])('named for %s, which no NVS is in, touch nothing', async (name) => {
    await open({ provisioner: { ...provisioner(), partition: partition(name).name }, flash: demo.files });
    expect(await bench.write([])).toMatchObject({ code: 'flash/no-partition', data: { partition: name } });
    expectOnBoard(demo.files);
    expect(bench.job.boardState).toBe('running');
  });

  it('under a file of the same place touch nothing', async () => {
    await open({ provisioner: provisioner(), flash: demo.files });
    const { offset } = partition('nvs');
    expect(await bench.write([{ offset, name: 'mine', data: incompressible(4096) }])).toMatchObject({ code: 'flash/overlap' });
    expect(bench.job.files.every(({ writtenBytes }) => writtenBytes === 0)).toBe(true);
  });
});
