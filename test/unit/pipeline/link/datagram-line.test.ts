import { expect, it } from 'vitest';
import { DatagramLine } from '../../../../pipeline/link/datagram-line.ts';
import { seededRandom } from '../../../../pipeline/link/random.ts';
import type { LinkImpairment } from '../../../../preload/contract/checks.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

const none = { delayMs: 0, jitterMs: 0, lossPercent: 0, rateKbitS: null, isStalled: false };

async function arrivals(impairment: Partial<LinkImpairment>, count: number, everyUs = 60_000) {
  const clock = new VirtualClock();
  const line = new DatagramLine({ clock, random: seededRandom('x') });
  const arrived: number[] = [];
  for (let index = 0; index < count; index++) {
    line.send(180, { ...none, ...impairment }, () => arrived.push(index));
    await clock.advance(everyUs);
  }
  await clock.runUntilIdle();
  expect(line.heldBytes).toBe(0);
  return arrived;
}

it('really loses datagrams, about as many as it is told', async () => {
  const arrived = await arrivals({ lossPercent: 10 }, 1000);
  expect(arrived.length).toBeGreaterThan(870);
  expect(arrived.length).toBeLessThan(930);
});

it('lets a late one be overtaken', async () => {
  const arrived = await arrivals({ delayMs: 200, jitterMs: 150 }, 100);
  expect(arrived).toHaveLength(100);
  expect(arrived).not.toEqual(arrived.toSorted((first, second) => first - second));
});

it('throws away what a slow link cannot carry in time', async () => {
  // 24 kbit/s offered to 12.
  const arrived = await arrivals({ rateKbitS: 12 }, 200);
  expect(arrived.length).toBeGreaterThan(90);
  expect(arrived.length).toBeLessThan(125);
});

it('carries nothing in a dead spot', async () => {
  expect(await arrivals({ isStalled: true }, 5)).toEqual([]);
});
