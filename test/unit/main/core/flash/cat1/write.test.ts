import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { prepareCat1 } from '../../../../../../main/core/flash/cat1/prepare.ts';
import type { PreparedFlash } from '../../../../../../main/core/flash/tool.ts';
import type { Cat1BoardOptions } from '../../../../../../pipeline/boards/cat1/board.ts';
import type { ModuleChip } from '../../../../../../pipeline/boards/cat1/chips.ts';
import { madeUpAgentboot } from '../../../../../../pipeline/boards/cat1/made-up-agentboot.ts';
import { flashOptions, type RequestedFlashOptions } from '../../../../../../preload/contract/flash.ts';
import { createModuleBench, type ModuleBench } from '../../../../../fakes/module-bench.ts';
import { madeEc718, madeEc718Binpkg, madeEc718Soc } from '../../../../../fakes/module-package.ts';

let soc: Uint8Array;
let bench: ModuleBench;

beforeAll(async () => {
  soc = await madeEc718Soc();
});
afterEach(() => bench.close());

async function prepare(data: Uint8Array, name: string, options: RequestedFlashOptions = {}): Promise<PreparedFlash> {
  const agentboot = { data: madeUpAgentboot('ec718', 'usb') };
  const prepared = await prepareCat1([{ offset: undefined, name, data, path: null }], flashOptions.parse({ agentboot, ...options }));
  if (prepared === null) throw new Error('no package');
  return prepared;
}

describe('a module is flashed', () => {
  test('from a .soc: entered by AT, followed to its new port, written, started, and says the version that was written', async () => {
    bench = await createModuleBench();
    expect(await bench.ask('ATI')).toContain('AirM2M_780EP_V1007_LTE_AT');
    expect(await bench.flash(await prepare(soc, 'luatos.soc'))).toBeNull();
    expect(bench.job()).toMatchObject({ boardState: 'running', chip: { chip: 'ec718' }, writtenBytes: bench.job().totalBytes });
    expect(bench.job().files.map(({ name, verified }) => [name, verified])).toEqual([
      ['ap_bootloader', true],
      ['cp-demo-flash', true],
      ['luatos', true],
      ['script', true],
    ]);
    const { flash } = bench.board;
    expect(Buffer.from(flash.read('common', 0x3000, madeEc718.bl.length)).equals(madeEc718.bl)).toBe(true);
    expect(Buffer.from(flash.read('common', 0x1a000, madeEc718.cp.length)).equals(madeEc718.cp)).toBe(true);
    expect(Buffer.from(flash.read('common', 0x7e000, madeEc718.ap.length)).equals(madeEc718.ap)).toBe(true);
    expect(Buffer.from(flash.read('common', 0x2e0000, madeEc718.script.length)).equals(madeEc718.script)).toBe(true);
    expect(flash.isCalibrated).toBe(true);
    expect(bench.notes).toEqual([]);
    expect(await bench.ask('ATI')).toContain('AirM2M_780EPM_V2045_LTE_AT');
  });
});
