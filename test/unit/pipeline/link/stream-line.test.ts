import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../pipeline/link/random.ts';
import { StreamLine } from '../../../../pipeline/link/stream-line.ts';
import type { LinkImpairment } from '../../../../preload/contract/checks.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

const none: LinkImpairment = { delayMs: 0, jitterMs: 0, lossPercent: 0, rateKbitS: null, isStalled: false };

function line(impairment: Partial<LinkImpairment>, seed = 'seed') {
  const clock = new VirtualClock();
  const arrived: { atUs: number; bytes: Uint8Array | null }[] = [];
  const made = new StreamLine(
    { ...none, ...impairment },
    {
      clock,
      random: seededRandom(seed),
      deliver(bytes, taken) {
        arrived.push({ atUs: clock.nowUs(), bytes });
        taken();
      },
    },
  );
  return { clock, line: made, arrived, text: () => Buffer.concat(arrived.flatMap(({ bytes }) => bytes ?? [])) };
}

const impairments: fc.Arbitrary<LinkImpairment> = fc.record({
  delayMs: fc.integer({ min: 0, max: 2000 }),
  jitterMs: fc.integer({ min: 0, max: 2000 }),
  lossPercent: fc.integer({ min: 0, max: 60 }),
  rateKbitS: fc.option(fc.integer({ min: 1, max: 10_000 })),
  isStalled: fc.boolean(),
});
const sent = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 500 }), length: fc.integer({ min: 1, max: 5000 }) }), {
  maxLength: 15,
});

describe('a stream over a bad link', () => {
  it('loses nothing and turns nothing round, whatever the link does meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(sent, fc.array(impairments, { minLength: 1, maxLength: 4 }), fc.string(), async (pieces, settings, seed) => {
        const { clock, line: it, arrived, text } = line(settings[0] ?? none, seed);
        const whole: Buffer[] = [];
        for (const [index, { afterMs, length }] of pieces.entries()) {
          await clock.advance(afterMs * 1000);
          const change = settings[index % settings.length];
          if (index % 3 === 2 && change !== undefined) it.set(change);
          const piece = Buffer.alloc(length, index + 1);
          whole.push(piece);
          it.send(piece);
        }
        it.end();
        it.set({ ...none, lossPercent: 50 });
        await clock.runUntilIdle(3_600_000_000_000);
        expect(text().equals(Buffer.concat(whole))).toBe(true);
        expect(arrived.at(-1)?.bytes).toBeNull();
        expect(it.isEmpty && it.heldBytes === 0).toBe(true);
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('carries no more than its rate in any stretch of time', async () => {
    await fc.assert(
      fc.asyncProperty(sent, fc.integer({ min: 8, max: 2000 }), async (pieces, rateKbitS) => {
        const { clock, line: it, arrived } = line({ rateKbitS });
        for (const { afterMs, length } of pieces) {
          await clock.advance(afterMs * 1000);
          it.send(Buffer.alloc(length));
        }
        await clock.runUntilIdle(3_600_000_000);
        for (let from = 0; from < arrived.length; from++) {
          let bits = 0;
          for (const { atUs, bytes } of arrived.slice(from)) {
            bits += (bytes?.length ?? 0) * 8;
            const tookMs = (atUs - (arrived[from]?.atUs ?? 0)) / 1000;
            expect(bits).toBeLessThanOrEqual(rateKbitS * (tookMs + 20) + 1460 * 8 + 8);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('delays what comes at different times by the same', async () => {
    const { clock, line: it, arrived } = line({ delayMs: 300 });
    it.send(Buffer.from('a'));
    await clock.advance(100_000);
    it.send(Buffer.from('b'));
    await clock.runUntilIdle();
    expect(arrived.map(({ atUs }) => atUs)).toEqual([300_000, 400_000]);
  });

  it('lets a lost segment hold up all behind it, for longer each time it is lost again', async () => {
    const clock = new VirtualClock();
    const arrived: number[] = [];
    // Per segment the jitter, and for each attempt whether it is lost: the first segment twice, the second never.
    const draws = [0.5, 0, 0, 0.99, 0.5, 0.99];
    const it = new StreamLine(
      { ...none, delayMs: 50, lossPercent: 10 },
      { clock, random: () => draws.shift() ?? 0.99, deliver: (_bytes, taken) => [arrived.push(clock.nowUs()), taken()] },
    );
    it.send(Buffer.from('first'));
    await clock.advance(10_000);
    it.send(Buffer.from('second'));
    await clock.runUntilIdle();
    expect(arrived).toEqual([650_000, 650_000]);
  });

  it('holds everything in a dead spot, and goes on with the sender’s next attempt after it', async () => {
    const { clock, line: it, arrived } = line({ isStalled: true });
    it.send(Buffer.from('a'));
    await clock.advance(2_000_000);
    expect(arrived).toEqual([]);
    it.set(none);
    await clock.runUntilIdle();
    // Attempts of TCP after 0.2, 0.6, 1.4 and 3 s.
    expect(arrived.map(({ atUs }) => atUs)).toEqual([3_000_000]);
  });

  it('makes who sends wait once it holds as much as it may', async () => {
    const { clock, line: it } = line({ delayMs: 1000 });
    let rooms = 0;
    it.send(Buffer.alloc(10));
    it.whenRoom(() => rooms++);
    it.send(Buffer.alloc(100_000));
    it.whenRoom(() => rooms++);
    expect([rooms, it.isFull]).toEqual([1, true]);
    await clock.runUntilIdle();
    expect([rooms, it.isFull]).toEqual([2, false]);
  });

  it('does the same again for the same seed', async () => {
    const once = async () => {
      const { clock, line: it, arrived } = line({ delayMs: 40, jitterMs: 30, lossPercent: 20 }, 'board-7');
      for (let index = 0; index < 50; index++) {
        it.send(Buffer.alloc(200));
        await clock.advance(60_000);
      }
      await clock.runUntilIdle();
      return arrived.map(({ atUs }) => atUs);
    };
    expect(await once()).toEqual(await once());
  });
});
