import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { BytePort } from '../../../../../../main/core/devices/port.ts';
import { commands } from '../../../../../../main/core/flash/bk7258/frames.ts';
import { prepareBk7258 } from '../../../../../../main/core/flash/bk7258/prepare.ts';
import { withBlockCrcs } from '../../../../../../main/core/flash/bk7258/script-crc.ts';
import { runBk7258Task } from '../../../../../../main/core/flash/bk7258/tasks.ts';
import type { PreparedFlash } from '../../../../../../main/core/flash/tool.ts';
import type { BootFault } from '../../../../../../pipeline/boards/bk7258/bootloader.ts';
import { TalkError } from '../../../../../../preload/contract/errors.ts';
import { flashOptions, type RequestedFlashOptions } from '../../../../../../preload/contract/flash.ts';
import type { MonoUs } from '../../../../../../preload/contract/time.ts';
import { type Bk7258Bench, createBk7258Bench, madeAir8101, madeAir8101Soc } from '../../../../../fakes/bk7258-bench.ts';
import { madeImage } from '../../../../../fakes/module-package.ts';

let soc: Uint8Array;
let bench: Bk7258Bench;

const app = madeImage(0x5123, 21, 'LuatOS@small_V1');
const APP_AT = 0x10000;

beforeAll(async () => {
  soc = await madeAir8101Soc();
});
afterEach(() => bench.close());

async function prepared(
  files: { name: string; data: Uint8Array; offset?: number }[],
  options: RequestedFlashOptions,
): Promise<PreparedFlash> {
  const loaded = files.map(({ name, data, offset }) => ({ name, data, offset, path: null }));
  const flash = await prepareBk7258(loaded, flashOptions.parse(options));
  if (flash === null) throw new Error('not for this chip');
  return flash;
}

function small(options: RequestedFlashOptions = {}): Promise<PreparedFlash> {
  return prepared([{ name: 'app.bin', data: app, offset: APP_AT }], { expectChip: 'bk7258', ...options });
}

function bound(port: BytePort): BytePort {
  return {
    address: port.address,
    write: (data) => port.write(data),
    setSignals: (lines) => port.setSignals(lines),
    setBaudRate: (rate) => port.setBaudRate(rate),
    onData: (listener) => port.onData(listener),
    onClose: (listener) => port.onClose(listener),
    close: () => port.close(),
  };
}

/** As one with both wires on one pin. */
function echoing(port: BytePort): BytePort {
  let hear: Parameters<BytePort['onData']>[0] = () => {};
  return {
    ...bound(port),
    async write(data) {
      hear(data.slice(), bench.clock.nowUs());
      await port.write(data);
    },
    onData(listener) {
      hear = listener;
      port.onData(listener);
    },
  };
}

/** One that can be pulled out. */
function pulledOut(port: BytePort): { port: BytePort; pullOut: () => void } {
  const lost = new TalkError('port/lost', { address: port.address });
  let isOut = false;
  let close: Parameters<BytePort['onClose']>[0] = () => {};
  const orLost = <T>(work: () => Promise<T>) => (isOut ? Promise.reject(lost) : work());
  return {
    port: {
      ...bound(port),
      write: (data) => orLost(() => port.write(data)),
      setSignals: (lines) => orLost(() => port.setSignals(lines)),
      setBaudRate: (rate) => orLost(() => port.setBaudRate(rate)),
      onData: (listener) => port.onData((data, atUs) => (isOut ? undefined : listener(data, atUs))),
      onClose(listener) {
        close = listener;
        if (isOut) listener(lost);
      },
    },
    pullOut() {
      if (isOut) return;
      isOut = true;
      close(lost);
    },
  };
}

/** A small file into a board with these faults. */
async function flashSmall(
  faults: BootFault[] = [],
  options: RequestedFlashOptions = {},
  board: Parameters<typeof createBk7258Bench>[0] = {},
) {
  bench = await createBk7258Bench({ ...board, faults });
  return bench.flash(await small(options));
}

describe('a board is flashed', () => {
  test('from a .soc: reset into its bootloader, unprotected, written, compared, protected again, started', async () => {
    bench = await createBk7258Bench();
    expect(bench.board.status.isProtected).toBe(true);
    expect(await bench.flash(await prepared([{ name: 'air8101.soc', data: soc }], {}))).toBeNull();
    expect(bench.holds(0, madeAir8101.rom)).toBe(true);
    expect(bench.holds(0x200000, withBlockCrcs(madeAir8101.script))).toBe(true);
    expect(bench.board.status.value).toBe(0x021c);
    expect(bench.board.state).toBe('running');
    expect(bench.board.complaints).toEqual([]);
    expect(bench.notes).toEqual([]);
    expect(bench.job()).toMatchObject({
      boardState: 'running',
      writtenBytes: bench.job().totalBytes,
      chip: { chip: 'bk7258', flashBytes: 0x800000, flashId: '0xC86517' },
      files: [{ verified: true }, { verified: true }],
    });
    expect(bench.job().stages.map(({ stage }) => stage)).toEqual(['connect', 'identify', 'baud', 'erase', 'write', 'verify']);
    expect(bench.trace()).toContain('> SET_BAUD 2000000');
    expect(bench.trace()).toContain('> ERASE 0x10000 block');
    expect(bench.trace()).toContain('> ERASE 0x21000 sector');
  });

  test('at an address: its neighbours stay', async () => {
    bench = await createBk7258Bench();
    bench.board.flash.program(APP_AT - 4, Buffer.from('left'));
    bench.board.flash.program(APP_AT + 0x6000, Buffer.from('right'));
    bench.board.flash.program(APP_AT, Buffer.from('what was there before'));
    expect(await bench.flash(await small())).toBeNull();
    expect(bench.holds(APP_AT, app)).toBe(true);
    expect(bench.holds(APP_AT - 4, Buffer.from('left'))).toBe(true);
    expect(bench.holds(APP_AT + 0x6000, Buffer.from('right'))).toBe(true);
    expect(bench.board.complaints).toEqual([]);
  });

  test('whose answers come byte by byte, with an identification one short', async () => {
    expect(await flashSmall([], {}, { fragmentBytes: 1, hasShortId: true })).toBeNull();
    expect(bench.job().chip?.flashBytes).toBe(0x800000);
    expect(bench.holds(APP_AT, app)).toBe(true);
  });

  test('without control lines, when a person resets it in time', async () => {
    bench = await createBk7258Bench({ wiring: 'none' });
    await bench.clock.advance(1_000_000);
    bench.clock.at((bench.clock.nowUs() + 4_000_000) as MonoUs, () => bench.board.pressReset());
    expect(await bench.flash(await small({ before: 'no-reset' }))).toBeNull();
    expect(bench.notes).toEqual([{ code: 'press-boot', data: { how: 'RESET' } }]);
    expect(bench.holds(APP_AT, app)).toBe(true);
    expect(bench.job().boardState).toBe('running');
  });

  test('whose control lines end at the bridge: a person is asked, and resets it when the pulses are over', async () => {
    bench = await createBk7258Bench({ wiring: 'none' });
    await bench.clock.advance(1_000_000);
    bench.clock.at((bench.clock.nowUs() + 25_000_000) as MonoUs, () => bench.board.pressReset());
    expect(await bench.flash(await small())).toBeNull();
    expect(bench.notes).toEqual([{ code: 'press-boot', data: { how: 'RESET' } }]);
    expect(bench.holds(APP_AT, app)).toBe(true);
  });

  test.each([
    [0x1765c8, 'apart'],
    [0x1765c8, 'together'],
    [0x174068, 'together'],
    [0x174068, 'apart'],
  ] as const)('whose flash 0x%x takes its status registers %s: unprotected, and as it was afterwards', async (flashId, statusWrites) => {
    expect(await flashSmall([], {}, { flashId, statusWrites })).toBeNull();
    expect(bench.holds(APP_AT, app)).toBe(true);
    expect(bench.board.status.value).toBe(0x021c);
    expect(bench.notes).toEqual([]);
  });

  test('behind a line on which all that is sent comes back', async () => {
    bench = await createBk7258Bench();
    bench.wrap = echoing;
    expect(await bench.flash(await small())).toBeNull();
    expect(bench.holds(APP_AT, app)).toBe(true);
    expect(bench.board.complaints).toEqual([]);
  });

  test('and stays in its bootloader when asked to', async () => {
    expect(await flashSmall([], { after: 'stay' })).toBeNull();
    expect(bench.board.state).toBe('download');
    expect(bench.job().boardState).toBe('download-mode');
  });

  test('is started by a command where its lines are not wired, and after its command where that is not heard', async () => {
    expect(await flashSmall()).toBeNull();
    expect(bench.trace().join()).not.toContain('REBOOT');
    await bench.close();
    expect(await flashSmall([{ at: 'REBOOT', does: 'silence' }], { dialect: { restart: 'command' } })).toBeNull();
    expect(bench.trace()).toContain('> REBOOT a5');
    expect(bench.board.state).not.toBe('download');
    expect(bench.job().boardState).toBe('running');
  });

  test('that nobody can start again is left in its bootloader, and that is told', async () => {
    bench = await createBk7258Bench({ wiring: 'none', faults: [{ at: 'REBOOT', does: 'silence' }] });
    bench.clock.at((bench.clock.nowUs() + 500_000) as MonoUs, () => bench.board.pressReset());
    expect(await bench.flash(await small())).toBeNull();
    expect(bench.notes).toEqual([{ code: 'not-reset', data: {} }]);
    expect(bench.job().boardState).toBe('download-mode');
  });
});

describe('what goes wrong once is mended, and told', () => {
  const once: BootFault['does'][] = ['silence', 'lost-answer', 'late-answer', 'nak', 'bad-check', 'noise'];
  const steps = ['SET_BAUD', 'READ_ID', 'READ_STATUS', 'WRITE_STATUS', 'ERASE', 'WRITE_SECTOR', 'CRC'];
  test.each(steps.flatMap((at) => once.map((does) => [at, does] as const)))('%s: %s', async (at, does) => {
    expect(await flashSmall([{ at, does }])).toBeNull();
    expect(bench.holds(APP_AT, app)).toBe(true);
    expect(bench.board.status.value).toBe(0x021c);
    expect(bench.job()).toMatchObject({ boardState: 'running', files: [{ verified: true }] });
    expect(bench.board.complaints).toEqual([]);
  });

  test.each(['READ_ID', 'READ_STATUS', 'READ_REGISTER'])('%s: an answer of which a bit is wrong is not believed', async (at) => {
    expect(await flashSmall([{ at, does: 'wrong-value' }])).toBeNull();
    expect(bench.job().chip).toMatchObject({ flashId: '0xC86517', description: expect.stringContaining('chip id 0x72360001') });
    expect(bench.board.status.value).toBe(0x021c);
  });

  test('a sector whose answer names another address is erased and written again', async () => {
    expect(await flashSmall([{ at: 'WRITE_SECTOR', nth: 2, does: 'wrong-address' }])).toBeNull();
    expect(bench.notes).toEqual([{ code: 'block-repeated', data: { offset: APP_AT + 0x1000, reason: 'answer to something else' } }]);
    expect(bench.board.complaints).toEqual([]);
    expect(bench.holds(APP_AT, app)).toBe(true);
  });

  test.each(['spoiled-data', 'ignored'] as const)('a sector that arrived otherwise (%s) is found by its CRC', async (does) => {
    expect(await flashSmall([{ at: 'WRITE_SECTOR', nth: 3, does }])).toBeNull();
    expect(bench.notes).toEqual([{ code: 'block-repeated', data: { offset: APP_AT, reason: 'crc' } }]);
    expect(bench.holds(APP_AT, app)).toBe(true);
  });

  test('only the sectors that differ are written again, and more often than the line spoils one', async () => {
    const spoiled = [3, 7, 13].map((nth) => ({ at: 'WRITE_SECTOR', nth, does: 'spoiled-data' as const }));
    expect(await flashSmall(spoiled)).toBeNull();
    expect(bench.holds(APP_AT, app)).toBe(true);
    expect(bench.trace().filter((line) => line.startsWith('> WRITE_SECTOR'))).toHaveLength(6 + 2);
  });

  test('its protection is cleared at its own rate: there are bits beside it that nobody clears again', async () => {
    expect(await flashSmall()).toBeNull();
    const trace = bench.trace();
    const first = (of: string) => trace.findIndex((line) => line.startsWith(`> ${of}`));
    expect(first('WRITE_STATUS')).toBeGreaterThan(first('READ_ID'));
    expect(first('SET_BAUD')).toBeGreaterThan(first('WRITE_STATUS'));
  });

  test('a line that does not carry the rate is used at the next lower one that it carries', async () => {
    expect(await flashSmall([], { baudRate: 2_000_000 }, { maxBaudRate: 460_800 })).toBeNull();
    expect(bench.notes).toEqual([{ code: 'baud-reduced', data: { from: 2_000_000, to: 460_800, reason: 'no answer' } }]);
    expect(bench.holds(APP_AT, app)).toBe(true);
  });

  test('a rate that the port does not have, neither', async () => {
    bench = await createBk7258Bench();
    const asked: number[] = [];
    bench.wrap = (port) => ({
      ...bound(port),
      setBaudRate(rate) {
        asked.push(rate);
        if (rate <= 921_600) return port.setBaudRate(rate);
        return Promise.reject(new TalkError('port/unsupported', { address: port.address, feature: `baudRate ${rate}` }));
      },
    });
    expect(await bench.flash(await small({ baudRate: 2_000_000 }))).toBeNull();
    expect(bench.notes).toEqual([{ code: 'baud-reduced', data: { from: 2_000_000, to: 921_600, reason: 'the port does not have it' } }]);
    // The board is not sent to a rate where nobody hears it.
    expect(bench.trace().filter((line) => line.includes('SET_BAUD'))).toEqual(['> SET_BAUD 921600']);
    expect(asked).toContain(1_500_000);
  });

  test('nor is the slower one, when writes fail', async () => {
    bench = await createBk7258Bench({ faults: [{ at: 'WRITE_SECTOR', nth: 2, times: 3, does: 'nak' }] });
    bench.wrap = (port) => ({
      ...bound(port),
      setBaudRate: (rate) =>
        rate === 230_400
          ? Promise.reject(new TalkError('port/unsupported', { address: port.address, feature: `baudRate ${rate}` }))
          : port.setBaudRate(rate),
    });
    expect(await bench.flash(await small())).toBeNull();
    expect(bench.notes.at(-1)?.data).toMatchObject({ from: 460_800, to: 115_200 });
    expect(bench.holds(APP_AT, app)).toBe(true);
  });

  test('an erase that the board did elsewhere, by its own word, is repeated and noted', async () => {
    expect(await flashSmall([{ at: 'ERASE', nth: 2, does: 'wrong-address' }])).toBeNull();
    expect(bench.notes).toEqual([{ code: 'block-repeated', data: { offset: APP_AT + 0x1000, reason: 'answer to something else' } }]);
  });

  test('its boot log is heard at its own rate, not at that of the job', async () => {
    bench = await createBk7258Bench();
    bench.board.flash.program(0, madeAir8101.rom);
    let heard = '';
    bench.wrap = (port) => ({
      ...bound(port),
      onData: (listener) =>
        port.onData((data, atUs) => {
          heard += Buffer.from(data).toString('latin1');
          listener(data, atUs);
        }),
    });
    bench.onJob = ({ stage }) => {
      if (stage === 'verify') heard = '';
    };
    expect(await bench.flash(await small())).toBeNull();
    expect(heard).toContain('luat:D(126):main:LuatOS@Air8101_V2013');
  });

  test('writes that fail again and again are tried on a slower line', async () => {
    expect(await flashSmall([{ at: 'WRITE_SECTOR', nth: 2, times: 3, does: 'nak' }])).toBeNull();
    expect(bench.notes.at(-1)).toEqual({
      code: 'baud-reduced',
      data: { from: 460_800, to: 230_400, reason: 'refused: the flash is busy' },
    });
    expect(bench.board.complaints).toEqual([]);
    expect(bench.holds(APP_AT, app)).toBe(true);
  });
});

describe('what does not go is said, with the state that the board is in', () => {
  test('nobody there', async () => {
    const error = await flashSmall([{ at: 'LINK_CHECK', times: 100_000, does: 'silence' }]);
    expect(error?.value).toMatchObject({
      code: 'flash/sync-timeout',
      data: { attempts: 105, seen: 'nothing', how: 'RESET' },
      retryable: true,
    });
    expect(bench.notes).toEqual([{ code: 'press-boot', data: { how: 'RESET' } }]);
    expect(bench.job().boardState).toBe('unknown');
  });

  test('a write protection that does not clear: nothing is written, and the application is back', async () => {
    bench = await createBk7258Bench({ faults: [{ at: 'WRITE_STATUS', times: 100, does: 'ignored' }] });
    bench.board.flash.program(0, madeAir8101.rom);
    const error = await bench.flash(await small());
    expect(error?.value).toMatchObject({ code: 'flash/protocol', data: { command: 'WRITE_STATUS', status: '0x021c' } });
    expect(bench.trace().join()).not.toContain('ERASE');
    expect(bench.job().boardState).toBe('running');
    expect(bench.board.state).toBe('running');
  });

  test('nor is its application kept from starting by a flash that refuses', async () => {
    bench = await createBk7258Bench({ faults: [{ at: 'WRITE_STATUS', times: 100, does: 'nak' }] });
    bench.board.flash.program(0, madeAir8101.rom);
    const error = await bench.flash(await small());
    expect(error?.value).toMatchObject({ code: 'flash/protocol', data: { command: 'WRITE_STATUS', status: '0x01' } });
    expect(bench.job().boardState).toBe('running');
    expect(bench.notes.at(-1)?.code).toBe('not-protected');
  });

  test('a flash that says something else each time: nothing is written', async () => {
    const faults = [1, 3, 5, 7, 9].map((nth) => ({ at: 'READ_ID', nth, does: 'wrong-value' as const }));
    const error = await flashSmall(faults);
    expect(error?.value).toMatchObject({
      code: 'flash/protocol',
      data: { command: 'READ_ID', reason: 'it says something else each time' },
    });
    expect(bench.trace().join()).not.toContain('ERASE');
  });

  test('the sectors of its calibration and MAC, unless forced', async () => {
    const last = await prepared([{ name: 'dump.bin', data: app, offset: 0x7fa000 }], { expectChip: 'bk7258' });
    bench = await createBk7258Bench();
    expect((await bench.flash(last))?.value).toMatchObject({ code: 'flash/protected', data: { offset: 0x7fa000, what: 'calibration' } });
    expect(bench.trace().join()).not.toContain('ERASE');
    const before = await prepared([{ name: 'app.bin', data: app, offset: 0x7f8000 }], { expectChip: 'bk7258' });
    expect(await bench.flash(before)).toBeNull();
    expect(
      await bench.flash(await prepared([{ name: 'dump.bin', data: app, offset: 0x7fa000 }], { expectChip: 'bk7258', force: true })),
    ).toBeNull();
  });

  test('a protection that cannot be put back is noted', async () => {
    expect(await flashSmall([{ at: 'WRITE_STATUS', nth: 3, times: 100, does: 'ignored' }])).toBeNull();
    expect(bench.notes).toEqual([{ code: 'not-protected', data: {} }]);
    expect(bench.board.status.isProtected).toBe(false);
  });

  test.each([
    ['identify', 'download-mode'],
    ['baud', 'download-mode'],
    ['erase', 'partially-written'],
    ['write', 'partially-written'],
    ['verify', 'partially-written'],
    ['reset', 'download-mode'],
  ] as const)('the cable is pulled out at %s', async (at, boardState) => {
    bench = await createBk7258Bench();
    let pullOut = () => {};
    bench.wrap = (port) => {
      const pullable = pulledOut(port);
      pullOut = pullable.pullOut;
      return pullable.port;
    };
    bench.onJob = ({ stage, boardState: now }) => {
      if (stage === at && (at !== 'erase' || now === 'partially-written')) pullOut();
    };
    expect((await bench.flash(await small()))?.value.code).toBe('port/lost');
    expect(bench.job().boardState).toBe(boardState);
  });

  test('a power cut in the middle', async () => {
    const error = await flashSmall([{ at: 'WRITE_SECTOR', nth: 3, does: 'vanish' }]);
    expect(error?.value.code).toBe('flash/sync-timeout');
    expect(bench.job().boardState).toBe('partially-written');
    expect(bench.board.state).toBe('off');
  });

  test('refused at any rate', async () => {
    const error = await flashSmall([{ at: 'WRITE_SECTOR', times: 1000, does: 'nak' }]);
    expect(error?.value).toMatchObject({
      code: 'flash/protocol',
      data: { command: 'WRITE_SECTOR', status: '0x01', reason: 'refused: the flash is busy' },
    });
    expect(bench.job().boardState).toBe('partially-written');
    expect(bench.board.status.value).toBe(0x021c);
  });

  test('a flash that keeps something else', async () => {
    const error = await flashSmall([{ at: 'WRITE_SECTOR', times: 1000, does: 'spoiled-data' }]);
    expect(error?.value).toMatchObject({ code: 'flash/verify-mismatch', data: { offset: APP_AT, file: 'app.bin' } });
    expect(bench.job().boardState).toBe('partially-written');
  });

  test('a file beyond the flash, which its identification tells: nothing is erased', async () => {
    const error = await flashSmall([], {}, { flashId: 0x1065c8 });
    expect(error?.value).toMatchObject({ code: 'flash/too-big', data: { offset: APP_AT, flashBytes: 0x10000, file: 'app.bin' } });
    expect(bench.trace().join()).not.toContain('ERASE');
    expect(bench.board.state).not.toBe('download');
  });

  test('a flash that says no size, unless forced', async () => {
    expect((await flashSmall([], {}, { flashId: 0xff65c8 }))?.value).toMatchObject({
      code: 'flash/protocol',
      data: { command: 'READ_ID' },
    });
    expect(await bench.flash(await small({ force: true }))).toBeNull();
    expect(bench.holds(APP_AT, app)).toBe(true);
  });

  test.each([
    [0x72380001, 'bk7238'],
    [0x72560001, 'bk7256'],
    [0x7231c, 'bk7231n'],
    // A BK7231T's bootloader is in its flash: it would be gone.
    [0x7231a, '0x7231a'],
    [0x1234, '0x1234'],
  ])('another chip of Beken (0x%x)', async (chipId, actual) => {
    const error = await flashSmall([], {}, { chipId });
    expect(error?.value).toMatchObject({ code: 'flash/wrong-chip', data: { expected: 'bk7258', actual } });
    expect(bench.trace().join()).not.toContain('ERASE');
  });

  test('a chip that nobody knows is written by who says so', async () => {
    expect(await flashSmall([], { force: true }, { chipId: 0x7231a })).toBeNull();
    expect(bench.job().chip).toMatchObject({ chip: '0x7231a', description: 'Beken (flash 0xC86517, chip id 0x7231a)' });
  });

  test('one whose number cannot be read is taken for what the person says it is', async () => {
    expect(await flashSmall([{ at: 'READ_REGISTER', times: 1000, does: 'silence' }])).toBeNull();
    expect(bench.job().chip).toMatchObject({ chip: 'bk7258' });
  });

  test.each([
    ['READ_ID', 1, false],
    ['READ_STATUS', 1, false],
    // Its answer is still read: its protection bits are cleared by then.
    ['READ_STATUS', 9, true],
  ] as const)(
    'a power cut at %s (%d): nobody knows what it does, and what protection it lacks is noted',
    async (at, nth, isUnprotected) => {
      const error = await flashSmall([{ at, nth, does: 'vanish' }]);
      expect(error?.value.code).toBe('flash/protocol');
      expect(bench.job().boardState).toBe('unknown');
      expect(bench.board.status.isProtected).toBe(!isUnprotected);
      expect(bench.notes.some(({ code }) => code === 'not-protected')).toBe(isUnprotected);
      expect(bench.holds(APP_AT, app)).toBe(false);
    },
  );

  test('a power cut while it is written leaves its protection off, and that is noted', async () => {
    await flashSmall([{ at: 'WRITE_SECTOR', nth: 3, does: 'vanish' }]);
    expect(bench.notes.at(-1)?.code).toBe('not-protected');
  });

  test('cancelled while it is written: protected again, and named partially written; the same job finishes it', async () => {
    bench = await createBk7258Bench();
    const flash = await prepared([{ name: 'air8101.soc', data: soc }], {});
    bench.onJob = ({ stage, writtenBytes }) => {
      if (stage === 'write' && writtenBytes > 0) bench.abort.abort(new DOMException('enough', 'AbortError'));
    };
    await expect(bench.flash(flash)).rejects.toThrow('enough');
    expect(bench.job().boardState).toBe('partially-written');
    expect(bench.board.status.value).toBe(0x021c);
    expect(bench.holds(0, madeAir8101.rom)).toBe(false);

    bench.onJob = () => {};
    bench.abort = new AbortController();
    expect(await bench.flash(flash)).toBeNull();
    expect(bench.holds(0, madeAir8101.rom)).toBe(true);
    expect(bench.board.complaints).toEqual([]);
  });

  test.each([
    ['SET_BAUD', 'running'],
    ['READ_ID', 'running'],
    ['WRITE_STATUS', 'running'],
    ['ERASE', 'partially-written'],
    ['CRC', 'partially-written'],
  ] as const)('cancelled as soon as %s was sent: protected again, and its state is named', async (at, boardState) => {
    bench = await createBk7258Bench();
    bench.board.flash.program(0, madeAir8101.rom);
    const code = commands[at].code;
    bench.wrap = (port) => ({
      ...bound(port),
      async write(data) {
        await port.write(data);
        if ((data[3] === 0xff ? data[7] : data[4]) === code && data[3] === (commands[at].isFlash ? 0xff : data[3]))
          bench.abort.abort(new DOMException('enough', 'AbortError'));
      },
    });
    await expect(bench.flash(await small())).rejects.toThrow('enough');
    expect(bench.job().boardState).toBe(boardState);
    expect(bench.board.status.value).toBe(0x021c);
    await bench.clock.advance(1_000_000);
    expect(bench.board.state).toBe(boardState === 'running' ? 'running' : 'download');
  });

  test('cancelled before anything was written: the application is back', async () => {
    bench = await createBk7258Bench();
    bench.board.flash.program(0, madeAir8101.rom);
    bench.onJob = ({ stage }) => {
      if (stage === 'baud') bench.abort.abort(new DOMException('enough', 'AbortError'));
    };
    await expect(bench.flash(await small())).rejects.toThrow('enough');
    expect(bench.job().boardState).toBe('running');
    await bench.clock.advance(1_000_000);
    expect(bench.board.state).toBe('running');
  });
});

describe('tasks', () => {
  test('info: what it is; it runs again afterwards', async () => {
    bench = await createBk7258Bench();
    bench.board.flash.program(0, madeAir8101.rom);
    await bench.run((run) => runBk7258Task({ kind: 'info', family: 'bk7258', options: {} }, run));
    expect(bench.job()).toMatchObject({
      boardState: 'running',
      chip: { chip: 'bk7258', description: 'BK7258 or BK7236 (flash 0xC86517, chip id 0x72360001)', flashBytes: 0x800000 },
    });
    expect(bench.board.state).toBe('running');
  });

  test('info that fails, too', async () => {
    bench = await createBk7258Bench({ faults: [{ at: 'READ_ID', times: 100, does: 'nak' }] });
    bench.board.flash.program(0, madeAir8101.rom);
    const info = bench.run((run) => runBk7258Task({ kind: 'info', family: 'bk7258', options: {} }, run));
    await expect(info).rejects.toMatchObject({ value: { code: 'flash/protocol', data: { command: 'READ_ID', status: '0x01' } } });
    expect(bench.job().boardState).toBe('running');
    expect(bench.board.state).toBe('running');
  });
});
