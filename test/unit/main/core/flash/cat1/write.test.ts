import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { BytePort } from '../../../../../../main/core/devices/port.ts';
import { prepareCat1 } from '../../../../../../main/core/flash/cat1/prepare.ts';
import type { PreparedFlash } from '../../../../../../main/core/flash/tool.ts';
import type { Cat1BoardOptions } from '../../../../../../pipeline/boards/cat1/board.ts';
import { type LoaderFault, LoaderFaults } from '../../../../../../pipeline/boards/cat1/loader-faults.ts';
import { madeUpAgentboot } from '../../../../../../pipeline/boards/cat1/made-up-agentboot.ts';
import { flashOptions, type RequestedFlashOptions } from '../../../../../../preload/contract/flash.ts';
import type { MonoUs } from '../../../../../../preload/contract/time.ts';
import { createModuleBench, type ModuleBench } from '../../../../../fakes/module-bench.ts';
import { madeBinpkg, madeEc718, madeEc718Soc, madeImage } from '../../../../../fakes/module-package.ts';

let soc: Uint8Array;
let bench: ModuleBench;

/** Two pieces of 64 KiB, and little else: for what is done a hundred times. */
const small = madeBinpkg([{ name: 'app', type: 'AP', address: 0x87e000, data: madeImage(0x10800, 5, 'LuatOS@small_V1') }], {
  product: 'EC718P_PRD',
});
const ec618 = madeBinpkg([
  { name: 'ap_bootloader', type: 'BL', address: 0x800000, data: madeImage(0x1800, 6) },
  { name: 'ap', type: 'AP', address: 0x824000, data: madeImage(0x12000, 7, 'EC618_SW_V002') },
  { name: 'cp-demo-flash', type: 'CP', address: 0, data: madeImage(0x8000, 8) },
]);

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

/** The small package into a module whose loader has these faults. */
async function flashSmall(faults: LoaderFault[] = [], board: Partial<Cat1BoardOptions> = {}, options: RequestedFlashOptions = {}) {
  bench = await createModuleBench({ ...board, loader: { ...board.loader, faults } });
  return bench.flash(await prepare(small, 'small.binpkg', options));
}

function isWritten(at = 0x7e000): boolean {
  const image = small.subarray(0x1d8 + 364);
  return Buffer.from(bench.board.flash.read('common', at, image.length)).equals(image);
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
    expect(bench.job().stages.map(({ stage }) => stage)).toEqual(['connect', 'identify', 'stub', 'write']);
    expect(await bench.ask('ATI')).toContain('AirM2M_780EPM_V2045_LTE_AT');
  });

  test('an EC618: its modem’s part goes into a flash of its own', async () => {
    bench = await createModuleBench({ chip: 'ec618', family: 'eigencomm' });
    const prepared = await prepare(ec618, 'air780e.binpkg', { agentboot: { data: madeUpAgentboot('ec618', 'usb') } });
    expect(await bench.flash(prepared)).toBeNull();
    expect(bench.job().chip).toMatchObject({ chip: 'ec618', description: 'EC618 (ROM 0102000000)' });
    expect(bench.trace()).toContain('> LPC BURN_ONE 4942504301e1');
    const { flash } = bench.board;
    expect(Buffer.from(flash.read('cp', 0, 0x8000)).equals(madeImage(0x8000, 8))).toBe(true);
    expect(Buffer.from(flash.read('common', 0x24000, 0x12000)).equals(madeImage(0x12000, 7, 'EC618_SW_V002'))).toBe(true);
    expect(flash.isCalibrated).toBe(true);
    expect(await bench.ask('AT+CGMR')).toContain('EC618_SW_V002');
  });

  test('pieces of answers, and echoes that come late', async () => {
    expect(await flashSmall([], { loader: { fragmentBytes: 1, echoDelayMs: 300 } })).toBeNull();
    expect(isWritten()).toBe(true);
  });

  test('echoes so late that they come while the next word is sent', async () => {
    expect(await flashSmall([], { loader: { echoDelayMs: 801 } })).toBeNull();
    expect(isWritten()).toBe(true);
  });

  test('without asking for the image again before each 64 KiB, where the agentboot needs no asking', async () => {
    expect(await flashSmall([], { loader: { wantsInfoPerPiece: false } }, { dialect: { infoPerPiece: false } })).toBeNull();
    expect(isWritten()).toBe(true);
  });

  test('in small pieces with pauses, as drivers of real USB ports like it', async () => {
    expect(await flashSmall([], {}, { dialect: { chunkBytes: 64, chunkPauseMs: 1 } })).toBeNull();
    expect(isWritten()).toBe(true);
  });

  test('and stays in its loader when it shall', async () => {
    expect(await flashSmall([], {}, { after: 'stay' })).toBeNull();
    expect(bench.job().boardState).toBe('download-mode');
    expect(bench.board.state).toBe('download');
  });

  test('no byte of an image is in the protocol’s log', async () => {
    expect(await flashSmall()).toBeNull();
    const image = Buffer.from(small.subarray(0x1d8 + 364, 0x1d8 + 364 + 8)).toString('hex');
    expect(bench.trace().join('\n')).not.toContain(image);
    expect(bench.trace()).toContain('> AG DOWNLOAD_DATA #0 16384 bytes');
    expect(bench.trace()).toContain('> LPC BURN_ONE 49424b44');
    expect(bench.trace()).toContain('< ok 5a7a5a7a5a7a5a7a');
  });
});

/** Every kind of request of the sequence. */
const steps = [
  'DL sync',
  'DL GET_VERSION',
  'DL SEL_IMAGE',
  'DL VERIFY_IMAGE',
  'DL DATA_HEAD',
  'DL DOWNLOAD_DATA',
  'DL DONE',
  'LPC sync',
  'LPC BURN_ONE',
  'AG sync',
  'AG GET_VERSION',
  'AG SEL_IMAGE',
  'AG VERIFY_IMAGE',
  'AG DATA_HEAD',
  'AG DOWNLOAD_DATA',
  'AG DONE',
  'LPC GET_BURN_STATUS',
  'LPC SYS_RST',
];
const requests = steps.filter((step) => !step.endsWith('sync'));
/** The sequence up to where the flash is touched. */
const beforeWriting = steps.slice(0, steps.indexOf('LPC BURN_ONE'));

describe.each(steps)('%s', (at) => {
  test.each(['silence', 'lost-answer', 'late-answer', 'bad-check', 'noise'] as const)(
    '%s once: asked again, and all is well',
    async (does) => {
      for (const nth of [1, 2]) {
        expect(await flashSmall([{ at, does, nth }])).toBeNull();
        expect(isWritten()).toBe(true);
        expect(bench.job().boardState).toBe('running');
      }
    },
  );

  test('not heard the second time: the same', async () => {
    expect(await flashSmall([{ at, does: 'silence', nth: 2 }])).toBeNull();
    expect(isWritten()).toBe(true);
  });

  test('the power goes: the port is lost, and the board’s state is named', async () => {
    const error = await flashSmall([{ at, does: 'vanish' }]);
    if (at === 'LPC SYS_RST') expect(error).toBeNull();
    else expect(error?.value).toMatchObject({ code: 'port/lost', retryable: true });
    const isTouched = !beforeWriting.includes(at) && at !== 'LPC SYS_RST';
    expect(bench.job().boardState).toBe(at === 'LPC SYS_RST' ? 'unknown' : isTouched ? 'partially-written' : 'download-mode');
  });
});

describe.each(requests)('%s', (at) => {
  test('refused: said at once, never asked again', async () => {
    const error = await flashSmall([{ at, does: 'nak', times: 99 }]);
    if (at === 'LPC SYS_RST') {
      expect(error).toBeNull();
      expect(bench.notes).toEqual([{ code: 'not-reset', data: {} }]);
      expect(bench.job().boardState).toBe('download-mode');
      return;
    }
    expect(error?.value).toEqual({ code: 'flash/protocol', data: { command: at, status: '0x01', reason: 'refused' }, retryable: false });
    expect(bench.trace().filter((line) => line.startsWith(`> ${at}`))).toHaveLength(1);
    expect(bench.job().boardState).toBe(beforeWriting.includes(at) ? 'download-mode' : 'partially-written');
  });

  test('never answered: given up after ten times', async () => {
    const error = await flashSmall([{ at, does: 'silence', times: 99 }]);
    if (at === 'LPC SYS_RST') return expect(bench.notes).toEqual([{ code: 'not-reset', data: {} }]);
    expect(error?.value).toEqual({ code: 'flash/protocol', data: { command: at, status: null, reason: 'no answer' }, retryable: true });
    expect(bench.trace().filter((line) => line.startsWith(`> ${at}`))).toHaveLength(10);
  });
});

describe('a module that gives no answer at all', () => {
  test('to the first word: said after fifty times', async () => {
    const error = await flashSmall([{ at: 'DL sync', does: 'silence', times: 99 }]);
    expect(error?.value).toMatchObject({ code: 'flash/sync-timeout', data: { address: 'virtual://module-download', attempts: 50 } });
  });

  test('to a block whose check is always wrong', async () => {
    const error = await flashSmall([{ at: 'AG DOWNLOAD_DATA', does: 'bad-check', nth: 2, times: 99 }]);
    expect(error?.value).toMatchObject({
      code: 'flash/protocol',
      data: { command: 'AG DOWNLOAD_DATA', reason: 'checksum' },
      retryable: true,
    });
    expect(bench.notes[0]).toEqual({ code: 'block-repeated', data: { offset: 0x7e000, reason: 'checksum' } });
  });
});

test('a package that does not say what chip it is for does not reach the calibration data of the one that is there', async () => {
  bench = await createModuleBench();
  const nameless = madeBinpkg([{ name: 'app', type: 'AP', address: 0xbf1000, data: madeImage(0x2000, 5) }], { product: 'PRODUCT_X' });
  const error = await bench.flash(await prepare(nameless, 'nameless.binpkg'));
  expect(error?.value).toMatchObject({ code: 'flash/protected', data: { what: 'calibration' } });
  expect(bench.job().boardState).toBe('download-mode');
  expect(bench.board.flash.isCalibrated).toBe(true);
});

test('after a failure in the middle the agentboot is still there: the next job goes on from it', async () => {
  expect((await flashSmall([{ at: 'AG DOWNLOAD_DATA', does: 'nak', nth: 3 }]))?.code).toBe('flash/protocol');
  expect(bench.job().boardState).toBe('partially-written');
  // Nobody needs to give the agentboot again.
  const again = await prepareCat1([{ offset: undefined, name: 'small.binpkg', data: small, path: null }], flashOptions.parse({}));
  if (again === null) throw new Error('no package');
  expect(await bench.flash(again, { address: 'virtual://module-download' })).toBeNull();
  expect(bench.notes.map(({ code }) => code)).toEqual(['stub-resident']);
  expect(bench.trace()).not.toContain('> DL GET_VERSION');
  expect(isWritten()).toBe(true);
  expect(await bench.ask('ATI')).toContain('LuatOS@small_V1');
});

test('behind a resident agentboot nobody says what chip it is: all known calibration data are kept, whatever the package is for', async () => {
  expect((await flashSmall([{ at: 'AG DONE', does: 'nak' }]))?.code).toBe('flash/protocol');
  const foreign = madeBinpkg([{ name: 'app', type: 'AP', address: 0xbf1000, data: madeImage(0x2000, 5) }], { product: 'EC716S_PRD' });
  const error = await bench.flash(await prepare(foreign, 'foreign.binpkg', { agentboot: { data: madeUpAgentboot('ec716', 'usb') } }), {
    address: 'virtual://module-download',
  });
  expect(error?.value).toMatchObject({ code: 'flash/protected', data: { what: 'calibration' } });
  expect(bench.board.flash.isCalibrated).toBe(true);
});

test('where neither the package nor the ROM says what chip it is, all known calibration data are kept', async () => {
  bench = await createModuleBench();
  const entry = { name: 'app', type: 'AP', address: 0xbf1000, data: madeImage(0x2000, 5) };
  const foreign = await prepare(madeBinpkg([entry], { product: 'NEW1_PRD' }), 'foreign.binpkg');
  const known = Buffer.from('0000000302000000', 'hex');
  const newer = Buffer.from('0000000902000000', 'hex');
  const disguised = (port: BytePort): BytePort => ({
    ...port,
    onData: (listener) =>
      port.onData((data, atUs) => {
        const at = Buffer.from(data).indexOf(known);
        listener(at < 0 ? data : Buffer.concat([data.subarray(0, at), newer, data.subarray(at + newer.length)]), atUs);
      }),
  });
  const flashing = bench.run(
    (run) => foreign.write({ ...run, awaitPort: async (isIt, timeoutMs) => disguised(await run.awaitPort(isIt, timeoutMs)) }),
    { prepared: foreign },
  );
  await expect(flashing).rejects.toMatchObject({ code: 'flash/protected', value: { data: { what: 'calibration' } } });
  expect(bench.job().chip?.description).toBe('LTE module (ROM 0209000000)');
  expect(bench.job().boardState).toBe('download-mode');
  expect(bench.board.flash.isCalibrated).toBe(true);
});

test('a resident agentboot that does not say so is found all the same', async () => {
  expect((await flashSmall([{ at: 'AG DONE', does: 'nak' }], { loader: { tellsResident: false } }))?.code).toBe('flash/protocol');
  expect(await bench.flash(await prepare(small, 'small.binpkg'), { address: 'virtual://module-download' })).toBeNull();
  expect(isWritten()).toBe(true);
});

test('power lost in the middle of writing: it does not start, and BOOT brings it back to be written again', async () => {
  expect((await flashSmall([{ at: 'AG DOWNLOAD_DATA', does: 'vanish', nth: 3 }]))?.code).toBe('port/lost');
  expect(bench.ports()).toEqual([]);
  bench.board.pressBoot();
  await bench.clock.advance(1_000_000);
  expect(await bench.flash(await prepare(small, 'small.binpkg'), { address: 'virtual://module-download' })).toBeNull();
  expect(isWritten()).toBe(true);
  expect(bench.board.state).toBe('running');
});

test('an agentboot of another chip that says nothing of itself: reset by its watchdog in the middle, which is a lost port', async () => {
  // It runs where the right one would, and names two chips.
  const agentboot = madeUpAgentboot('ec618', 'usb');
  agentboot.set(Buffer.from('EC716'), 0x2000);
  bench = await createModuleBench();
  const error = await bench.flash(await prepare(soc, 'luatos.soc', { agentboot: { data: agentboot } }));
  expect(error?.code).toBe('port/lost');
  expect(bench.job().boardState).toBe('partially-written');
  await bench.clock.advance(1_000_000);
  expect(bench.board.state).toBe('broken');
});

describe('over a UART', () => {
  const overUart = (options: RequestedFlashOptions = {}) =>
    prepare(soc, 'luatos.soc', { transport: 'uart', agentboot: { data: madeUpAgentboot('ec718', 'uart') }, ...options });

  test('it stays on its port, which changes its rate when the agentboot does', async () => {
    bench = await createModuleBench({ uart: {} });
    expect(await bench.flash(await overUart())).toBeNull();
    const { flash } = bench.board;
    expect(Buffer.from(flash.read('common', 0x7e000, madeEc718.ap.length)).equals(madeEc718.ap)).toBe(true);
    expect(bench.job().stages.map(({ stage }) => stage)).toContain('baud');
    // The package's own settings: 460800; the first piece ends where a page does.
    expect(bench.trace()).toContain('> AG DATA_HEAD 00200000');
  });

  test('after a failure its agentboot is found at the rate it was told, and writes the rest', async () => {
    bench = await createModuleBench({ uart: { faults: new LoaderFaults([{ at: 'AG DONE', does: 'nak', nth: 3 }]) } });
    expect((await bench.flash(await overUart()))?.code).toBe('flash/protocol');
    expect(await bench.flash(await overUart())).toBeNull();
    expect(bench.notes.map(({ code }) => code)).toEqual(['stub-resident']);
    const { flash } = bench.board;
    expect(Buffer.from(flash.read('common', 0x7e000, madeEc718.ap.length)).equals(madeEc718.ap)).toBe(true);
  });

  test('nobody there: a person is asked, and how long was waited is said', async () => {
    bench = await createModuleBench({ uart: { faults: new LoaderFaults([{ at: 'DL sync', does: 'silence', times: 100_000 }]) } });
    const error = await bench.flash(await overUart());
    expect(error?.value).toMatchObject({ code: 'flash/no-download-port', data: { transport: 'uart' } });
    expect(bench.notes.map(({ code }) => code)).toEqual(['press-boot']);
    expect(bench.job().boardState).toBe('unknown');
  });

  test('an agentboot for USB does not speak there', async () => {
    bench = await createModuleBench({ uart: {} });
    const agentboot = madeUpAgentboot('ec718', 'usb');
    const error = await bench.flash(await overUart({ agentboot: { data: agentboot } }));
    expect(error?.value).toMatchObject({ code: 'flash/protocol', data: { command: 'LPC sync', reason: 'no answer' } });
  });
});

describe('entering download mode', () => {
  test('a module that does not hear AT is asked for by hand, and found when a person has done it', async () => {
    bench = await createModuleBench();
    const flashing = bench.flash(await prepare(small, 'small.binpkg', { dialect: { entries: ['quectel'] } }));
    bench.clock.at((bench.clock.nowUs() + 40_000_000) as MonoUs, () => bench.board.pressBoot());
    expect(await flashing).toBeNull();
    expect(bench.notes.map(({ code }) => code)).toEqual(['press-boot']);
    expect(isWritten()).toBe(true);
  });

  test('a module of another maker’s USB ids is looked at for a loader first, and then asked all the same', async () => {
    bench = await createModuleBench({ runVendorId: '2c7c' });
    expect(await bench.flash(await prepare(small, 'small.binpkg'))).toBeNull();
    // Its echo is what a loader would answer.
    expect(bench.trace().slice(0, 3)).toEqual(['> sync DL', '- what is sent comes back: no loader', '< nothing (3 tries)']);
    expect(isWritten()).toBe(true);
  });

  test('whose port it is was decided before: behind Espressif’s own bridge, or forced, a module is flashed', async () => {
    bench = await createModuleBench({ runVendorId: '303a' });
    expect(await bench.flash(await prepare(small, 'small.binpkg'))).toBeNull();
    expect(isWritten()).toBe(true);
  });

  test('nothing is said to a running module with before: no-reset', async () => {
    bench = await createModuleBench();
    const flashing = bench.flash(await prepare(small, 'small.binpkg', { before: 'no-reset' }));
    bench.clock.at((bench.clock.nowUs() + 20_000_000) as MonoUs, () => bench.board.pressBoot());
    expect(await flashing).toBeNull();
    expect(bench.trace().filter((line) => line.startsWith('> enter'))).toEqual([]);
  });

  test('nobody does it: said how long was waited, the module runs on', async () => {
    bench = await createModuleBench();
    const error = await bench.flash(await prepare(small, 'small.binpkg', { dialect: { entries: [] } }));
    expect(error?.value).toEqual({ code: 'flash/no-download-port', data: { waitedMs: 90_000, transport: 'usb' }, retryable: true });
    expect(bench.job().boardState).toBe('running');
    expect(await bench.ask('AT')).toContain('OK');
  });

  test('without an agentboot a running module is left alone', async () => {
    bench = await createModuleBench();
    const prepared = await prepareCat1([{ offset: undefined, name: 'small.binpkg', data: small, path: null }], flashOptions.parse({}));
    const error = prepared === null ? null : await bench.flash(prepared);
    expect(error?.value).toMatchObject({ code: 'flash/no-agentboot', data: { chip: 'ec718', transport: 'usb' } });
    expect(bench.board.state).toBe('running');
    expect(await bench.ask('AT')).toContain('OK');
  });
});

describe('a module of another chip', () => {
  test('is known by its ROM, before anything is sent to it', async () => {
    const error = await flashSmall([], { chip: 'ec718m' });
    expect(error?.value).toMatchObject({ code: 'flash/wrong-chip', data: { expected: 'ec718', actual: 'ec718m' } });
    expect(bench.trace().some((line) => line.includes('DOWNLOAD_DATA'))).toBe(false);
    expect(bench.job().boardState).toBe('download-mode');
  });

  test('forced on it, its agentboot is refused by us where the ROM would take it', async () => {
    const error = await flashSmall([], { chip: 'ec718m' }, { force: true });
    expect(error?.value).toMatchObject({ code: 'flash/wrong-agentboot', data: { expected: 'ec718m', actual: 'ec718' } });
  });
});

describe('cancelled', () => {
  test.each([
    ['> sync DL', 'download-mode'],
    ['> DL DOWNLOAD_DATA #5 1024 bytes', 'download-mode'],
    ['> AG DOWNLOAD_DATA #2 16384 bytes', 'partially-written'],
  ])('at "%s" it leaves the module %s', async (line, boardState) => {
    bench = await createModuleBench();
    const prepared = await prepare(small, 'small.binpkg');
    const reason = new Error('cancelled by the test');
    const running = bench.run(
      async (run) => {
        const sent = run.trace.sent.bind(run.trace);
        run.trace.sent = (text) => {
          sent(text);
          if (`> ${text}` === line) bench.abort.abort(reason);
        };
        await prepared.write(run);
      },
      { prepared },
    );
    await expect(running).rejects.toBe(reason);
    expect(bench.job().boardState).toBe(boardState);
  });
});
