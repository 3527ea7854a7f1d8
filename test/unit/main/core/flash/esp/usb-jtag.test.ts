import { describe, expect, it } from 'vitest';
import { awaitReturn } from '../../../../../../main/core/flash/esp/usb-jtag.ts';
import type { FlashRun } from '../../../../../../main/core/flash/tool.ts';
import { TalkError } from '../../../../../../preload/contract/errors.ts';
import type { PortInfo } from '../../../../../../preload/contract/ports.ts';
import { inTime } from '../../../../../fakes/flash-bench.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';

function info(address: string, ids: string, more: Partial<PortInfo> = {}): PortInfo {
  const [vendorId = '', productId = ''] = ids.split(':');
  return { address, kind: 'serial', label: address, vendorId, productId, ...more };
}

/** Which of these ports a board is taken to have come back as. */
async function returnedAs(before: PortInfo | null, ports: PortInfo[], address = '/dev/ttyACM0'): Promise<string | null> {
  const clock = new VirtualClock();
  const run = {
    clock,
    signal: new AbortController().signal,
    port: { address },
    async awaitPort(isIt: Parameters<FlashRun['awaitPort']>[0], timeoutMs: number) {
      const found = ports.find((each) => isIt(each, ports));
      if (found === undefined) throw new TalkError('timeout', { operation: 'a port to appear', timeoutMs });
      return { address: found.address };
    },
  } as unknown as FlashRun;
  const returned = await inTime(clock, awaitReturn(run, before));
  if (returned !== null) expect(returned.info?.address).toBe(returned.port.address);
  return returned?.port.address ?? null;
}

describe('a board that went with its reset', () => {
  const jtag = info('/dev/ttyACM0', '303a:1001', { identity: 'usb:303a:1001:A', location: '1-1' });

  it('is the one with its identity, wherever it is; never another that has its path meanwhile', async () => {
    const another = { ...jtag, identity: 'usb:303a:1001:B', location: '1-2' };
    expect(await returnedAs(jtag, [another])).toBeNull();
    expect(await returnedAs(jtag, [another, { ...jtag, address: '/dev/ttyACM7', location: '1-5' }])).toBe('/dev/ttyACM7');
  });

  it('is its loader in the same socket, where its application has USB ids of its own', async () => {
    const tinyUsb = info('/dev/ttyACM0', '303a:4001', { identity: 'usb:303a:4001:X', location: '1-3' });
    for (const ids of ['303a:1001', '303a:0002', '303a:0009', '303a:0012'])
      expect(await returnedAs(tinyUsb, [info('/dev/ttyACM1', ids, { identity: `usb:${ids}:0`, location: '1-3' })])).toBe('/dev/ttyACM1');
    const others = [
      info('/dev/ttyACM1', '303a:1001', { identity: 'usb:303a:1001:A', location: '1-4' }),
      info('/dev/ttyACM2', '303a:1001', { identity: 'usb:303a:1001:C' }),
      info('/dev/ttyUSB0', '10c4:ea60', { identity: 'usb:10c4:ea60:0001', location: '1-3' }),
    ];
    expect(await returnedAs(tinyUsb, others)).toBeNull();
    expect(await returnedAs({ ...tinyUsb, location: undefined }, others)).toBeNull();
  });

  it('of which nothing was known is what its path is', async () => {
    expect(await returnedAs(null, [jtag])).toBe('/dev/ttyACM0');
    expect(await returnedAs(null, [jtag], 'COM3')).toBeNull();
  });
});
