import { expect, test } from 'vitest';
import type { BorrowedPort } from '../../../../../main/core/devices/channel.ts';
import type { BytePort } from '../../../../../main/core/devices/port.ts';
import { lendPorts } from '../../../../../main/core/flash/lending.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import type { PortInfo } from '../../../../../preload/contract/ports.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const info = (address: string, vendorId: string): PortInfo => ({ address, kind: 'serial', label: address, vendorId, productId: '0001' });

/** Ports that are lent once at a time, and what was lent and given back, in order. */
function bench(listed: PortInfo[], list: () => Promise<PortInfo[]> = async () => listed) {
  const held = new Set<string>();
  const told: string[] = [];
  const borrow = async (address: string): Promise<BorrowedPort> => {
    if (held.has(address)) throw new TalkError('flash/busy', { address });
    held.add(address);
    told.push(`lent ${address}`);
    return {
      port: { address } as BytePort,
      keepPrivate: (isPrivate) => void told.push(`private ${isPrivate} ${address}`),
      giveBack: async () => {
        held.delete(address);
        told.push(`back ${address}`);
      },
    };
  };
  const clock = new VirtualClock(0);
  const abort = new AbortController();
  const lend = (address: string) =>
    lendPorts({
      ports: { borrow, list },
      clock,
      signal: abort.signal,
      address,
      onFault: (error) => expect(error).toBeUndefined(),
    });
  return { told, lend, clock, abort };
}

test('a board that comes back as another device under the very path it had is lent anew', async () => {
  const listed = [info('/dev/ttyACM0', '19d1')];
  const { told, lend } = bench(listed);
  const lent = await lend('/dev/ttyACM0');
  listed[0] = info('/dev/ttyACM0', '17d1');
  expect((await lent.awaitPort(({ vendorId }) => vendorId === '17d1', 1000)).address).toBe('/dev/ttyACM0');
  await lent[Symbol.asyncDispose]();
  expect(told.filter((line) => !line.startsWith('private'))).toEqual([
    'lent /dev/ttyACM0',
    'back /dev/ttyACM0',
    'lent /dev/ttyACM0',
    'back /dev/ttyACM0',
  ]);
});

test('what is on the wire stays private on the ports that come later', async () => {
  const { told, lend } = bench([info('/dev/ttyACM0', '19d1'), info('/dev/ttyACM5', '17d1')]);
  const lent = await lend('/dev/ttyACM0');
  lent.keepPrivate(true);
  await lent.awaitPort(({ vendorId }) => vendorId === '17d1', 0);
  await lent[Symbol.asyncDispose]();
  expect(told).toContain('private true /dev/ttyACM5');
  expect(told.slice(-2)).toEqual(['back /dev/ttyACM5', 'back /dev/ttyACM0']);
});

test('a port that does not come is a timeout, after one look at least', async () => {
  const { lend, clock } = bench([]);
  const lent = await lend('/dev/ttyACM0');
  await expect(lent.awaitPort(() => true, 0)).rejects.toMatchObject({ code: 'timeout', value: { data: { timeoutMs: 0 } } });
  const waiting = lent.awaitPort(() => true, 1000);
  waiting.catch(() => {});
  await clock.advance(2_000_000);
  await expect(waiting).rejects.toMatchObject({ code: 'timeout' });
});

test('a system that hangs over its list of ports is a timeout, and can be cancelled', async () => {
  const { lend, clock, abort } = bench([], () => new Promise(() => {}));
  const lent = await lend('COM3');
  const waiting = lent.awaitPort(() => true, 1000);
  waiting.catch(() => {});
  await clock.advance(10_000_000);
  await expect(waiting).rejects.toMatchObject({ code: 'timeout' });
  const again = lent.awaitPort(() => true, 1000);
  again.catch(() => {});
  abort.abort(new Error('enough'));
  await expect(again).rejects.toThrow('enough');
});

test('who looks for a port sees all that there are at that moment', async () => {
  const listed = [info('/dev/ttyACM0', '19d1'), info('/dev/ttyACM5', '17d1')];
  const { lend } = bench(listed);
  const lent = await lend('/dev/ttyACM0');
  const seen: number[] = [];
  await lent.awaitPort(({ vendorId }, all) => seen.push(all.length) > 0 && vendorId === '17d1', 0);
  expect(seen).toEqual([2, 2]);
});
