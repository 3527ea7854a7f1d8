import { describe, expect, test } from 'vitest';
import {
  downloadPortOf,
  isCommandPortOf,
  isDownloadPort,
  isFoundByPlace,
  isRunPort,
} from '../../../../../../main/core/flash/cat1/ports.ts';
import type { FlashRun } from '../../../../../../main/core/flash/tool.ts';
import { TalkError } from '../../../../../../preload/contract/errors.ts';
import type { PortInfo } from '../../../../../../preload/contract/ports.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';

function info(address: string, vendorId: string, more: Partial<PortInfo> = {}): PortInfo {
  return { address, kind: 'serial', label: address, vendorId, productId: '0001', ...more };
}

/** A job whose ports are these, look after look (the last of them for ever), and where opening may fail. */
function runWith(ports: PortInfo[] | PortInfo[][], opening: (address: string) => void = () => {}): { run: FlashRun; clock: VirtualClock } {
  const looks: PortInfo[][] = ports.every((each) => Array.isArray(each)) ? ports : [ports];
  const clock = new VirtualClock(0);
  const run = {
    clock,
    signal: new AbortController().signal,
    awaitPort: async (isIt: Parameters<FlashRun['awaitPort']>[0], timeoutMs: number) => {
      let found: PortInfo | undefined;
      for (let look = 0; look < looks.length && found === undefined; look++) found = looks[look]?.find((each, _, all) => isIt(each, all));
      if (found === undefined) throw new TalkError('timeout', { operation: 'a port to appear', timeoutMs });
      opening(found.address);
      return { address: found.address };
    },
  } as unknown as FlashRun;
  return { run, clock };
}

describe('ports of modules, by their USB ids', () => {
  test('in download mode, running, SIMCom’s', () => {
    expect(isDownloadPort(info('a', '17d1'))).toBe(true);
    expect(isDownloadPort(info('a', '05c6', { productId: '9330' }))).toBe(true);
    expect(isDownloadPort(info('a', '05c6', { productId: '9008' }))).toBe(false);
    expect(isRunPort(info('a', '19d1'))).toBe(true);
    expect(isRunPort(info('a', '303a'))).toBe(false);
  });

  test('the one for commands, by its interface: never by its number, never another module’s', () => {
    const epat = info('/dev/ttyACM1', '19d1', { interface: 4, location: '1-1' });
    expect(isCommandPortOf(epat, info('/dev/ttyACM9', '19d1', { interface: 2, location: '1-1' }))).toBe(true);
    expect(isCommandPortOf(epat, info('/dev/cu.usbmodem3', '19d1', { interface: 3, location: '1-1' }))).toBe(true);
    expect(isCommandPortOf(epat, info('/dev/ttyACM0', '19d1', { interface: 2, location: '1-2' }))).toBe(false);
    expect(isCommandPortOf(epat, info('/dev/ttyACM2', '19d1', { interface: 6, location: '1-1' }))).toBe(false);
  });
});

describe('the download port of this very module', () => {
  const module = info('/dev/ttyACM0', '19d1', { interface: 2, location: '1-3' });

  test('among those of eight modules that come at once: the one in its socket', async () => {
    const others = Array.from({ length: 8 }, (_, at) => info(`/dev/ttyACM${at + 10}`, '17d1', { location: `1-${at}` }));
    const { run } = runWith(others);
    expect((await downloadPortOf(run, module, [module], 1000))?.address).toBe('/dev/ttyACM13');
  });

  test('where sockets are unknown: one that was not there before', async () => {
    const old = info('COM5', '17d1');
    const { run } = runWith([old, info('COM6', '17d1')]);
    expect((await downloadPortOf(run, info('COM3', '19d1'), [old], 1000))?.address).toBe('COM6');
  });

  test('on Windows, which names one socket in two ways: one that was not there before', async () => {
    const running = info('COM3', '19d1', { interface: 2, location: '0000.0014.0000.002.000.000.000.000.000' });
    const old = info('COM5', '17d1', { location: 'Port_#0001.Hub_#0001' });
    const { run } = runWith([old, info('COM6', '17d1', { location: 'Port_#0002.Hub_#0001' })]);
    expect((await downloadPortOf(run, running, [running, old], 1000))?.address).toBe('COM6');
  });

  test('where nothing tells them: one that was there before the module had left is another’s', async () => {
    const running = info('COM3', '19d1');
    const others = info('COM5', '17d1');
    const { run } = runWith([[running, others], [others], [others, info('COM6', '17d1')]]);
    expect((await downloadPortOf(run, running, [running], 1000))?.address).toBe('COM6');
    const neverLeft = runWith([[running, others]]).run;
    expect(await downloadPortOf(neverLeft, running, [running], 1000)).toBeNull();
  });

  test('behind a bridge, which never leaves: one that was not there before', async () => {
    const bridge = info('COM3', '1a86', { productId: '7523' });
    const { run } = runWith([bridge, info('COM6', '17d1')]);
    expect((await downloadPortOf(run, bridge, [bridge], 1000))?.address).toBe('COM6');
  });

  test('by a serial number that it alone has, whichever comes first', async () => {
    const running = info('COM3', '19d1', { serialNumber: 'A1' });
    const before = [running, info('COM4', '19d1', { serialNumber: 'B2' })];
    const { run } = runWith([info('COM5', '17d1', { serialNumber: 'B2' }), info('COM6', '17d1', { serialNumber: 'A1' })].reverse());
    expect((await downloadPortOf(run, running, before, 1000))?.address).toBe('COM6');
  });

  test('a serial number that its maker gave to all of them says nothing', async () => {
    const running = info('COM3', '19d1', { serialNumber: '000000000001' });
    const other = info('COM4', '19d1', { serialNumber: '000000000001' });
    const foreign = info('COM5', '17d1', { serialNumber: '000000000001' });
    const { run } = runWith([
      [running, other, foreign],
      [other, foreign],
      [other, foreign, info('COM6', '17d1', { serialNumber: '000000000001' })],
    ]);
    expect((await downloadPortOf(run, running, [running, other], 1000))?.address).toBe('COM6');
  });

  test('never the one that came in another module’s socket', async () => {
    const running = info('COM3', '19d1', { interface: 2, location: '0000.0014.0000.002.000.000.000.000.000' });
    const other = info('COM4', '1e0e', { location: 'Port_#0001.Hub_#0001' });
    const { run } = runWith([
      info('COM5', '17d1', { location: 'Port_#0001.Hub_#0001' }),
      info('COM6', '17d1', { location: 'Port_#0002.Hub_#0001' }),
    ]);
    expect((await downloadPortOf(run, running, [running, other], 1000))?.address).toBe('COM6');
  });

  test('only where its socket will be told as it is now may several look at once', () => {
    expect(isFoundByPlace(info('/dev/ttyACM0', '19d1', { location: '1-3' }))).toBe(true);
    expect(isFoundByPlace(info('/dev/cu.usbmodem1', '19d1', { location: '14200000' }))).toBe(true);
    expect(isFoundByPlace(info('COM3', '1e0e', { location: 'Port_#0001.Hub_#0001' }))).toBe(true);
    expect(isFoundByPlace(info('COM3', '19d1', { location: '0000.0014.0000.002.000.000.000.000.000' }))).toBe(false);
    expect(isFoundByPlace(info('COM3', '19d1'))).toBe(false);
    expect(isFoundByPlace(null)).toBe(false);
  });

  test('none in time is null', async () => {
    const { run } = runWith([info('COM5', '19d1')]);
    expect(await downloadPortOf(run, null, [], 1000)).toBeNull();
  });

  test('one that is there before its rights are is waited for', async () => {
    let refusals = 3;
    const { run, clock } = runWith([info('/dev/ttyACM0', '17d1', { location: '1-3' })], (address) => {
      if (refusals-- > 0) throw new TalkError('port/permission', { address });
    });
    const found = downloadPortOf(run, module, [module], 10_000);
    await clock.advance(1_000_000);
    expect((await found)?.address).toBe('/dev/ttyACM0');
  });

  test('rights that never come are said', async () => {
    const { run, clock } = runWith([info('/dev/ttyACM0', '17d1', { location: '1-3' })], (address) => {
      throw new TalkError('port/permission', { address });
    });
    const found = downloadPortOf(run, module, [module], 1000);
    found.catch(() => {});
    await clock.advance(3_000_000);
    await expect(found).rejects.toMatchObject({ code: 'port/permission' });
  });
});
