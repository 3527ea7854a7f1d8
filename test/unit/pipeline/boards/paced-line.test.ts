import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacedLine } from '../../../../pipeline/boards/paced-line.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

const BAUD_RATE = 921_600;
/** Ten bits a byte. */
const byteUs = 1e7 / BAUD_RATE;

function build() {
  const clock = new VirtualClock();
  const arrivals: { atUs: number; data: Uint8Array }[] = [];
  const line = new PacedLine(clock, (data) => arrivals.push({ atUs: clock.nowUs(), data }));
  const arrived = () => Buffer.concat(arrivals.map(({ data }) => data));
  return { clock, line, arrivals, arrived };
}

describe('a paced line', () => {
  it('takes ten bits a byte, and adds no drift over a megabyte', async () => {
    const { clock, line, arrivals, arrived } = build();
    const sizeBytes = 100_000;
    for (let round = 0; round < 10; round++) {
      line.send(new Uint8Array(sizeBytes).fill(round), BAUD_RATE);
      while (line.queuedBytes > 0) await clock.advance(997);
    }
    expect(arrived().length).toBe(10 * sizeBytes);
    // A sender that leaves no gap: what is lost is only the 997 µs steps in which this one looked, one a round.
    const lastUs = arrivals.at(-1)?.atUs ?? 0;
    expect(lastUs).toBeGreaterThanOrEqual(10 * sizeBytes * byteUs);
    expect(lastUs).toBeLessThan(10 * sizeBytes * byteUs + 10 * 2000);
  });

  it('delivers no byte before its time, each in its order, whatever is sent and however late the timers are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ size: fc.integer({ min: 0, max: 5000 }), pauseUs: fc.integer({ min: 0, max: 50_000 }) }), { maxLength: 12 }),
        async (sends) => {
          const { clock, line, arrivals, arrived } = build();
          const all: number[] = [];
          const dueUs: number[] = [];
          let freeUs = 0;
          for (const { size, pauseUs } of sends) {
            const data = Uint8Array.from({ length: size }, (_, index) => (all.length + index) % 251);
            freeUs = Math.max(freeUs, clock.nowUs());
            for (const byte of data) {
              freeUs += byteUs;
              all.push(byte);
              dueUs.push(freeUs);
            }
            line.send(data, BAUD_RATE);
            await clock.advance(pauseUs);
          }
          await clock.runUntilIdle();
          expect([...arrived()]).toEqual(all);
          let at = 0;
          for (const { atUs, data } of arrivals) {
            at += data.length;
            expect(atUs + 1).toBeGreaterThanOrEqual(dueUs[at - 1] ?? 0);
          }
          expect(clock.pendingTimers).toBe(0);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('delivers about every millisecond while it is busy, and sets no timer when it is not', async () => {
    const { clock, line, arrivals } = build();
    line.send(new Uint8Array(9216), BAUD_RATE); // a tenth of a second
    await clock.runUntilIdle();
    expect(arrivals.length).toBeGreaterThanOrEqual(100);
    expect(arrivals.length).toBeLessThanOrEqual(102);
    expect(clock.pendingTimers).toBe(0);
  });

  it('asks a sender to wait, and loses what one that does not wait sends beyond a megabyte', async () => {
    const { clock, line } = build();
    expect(line.room()).toBeNull();
    line.send(new Uint8Array(8192), BAUD_RATE);
    let hasRoom = false;
    void line.room()?.then(() => (hasRoom = true));
    await clock.advance(3900 * byteUs);
    expect(hasRoom).toBe(false);
    await clock.advance(200 * byteUs + 2000);
    expect(hasRoom).toBe(true);
    line.send(new Uint8Array(1024 * 1024), BAUD_RATE);
    expect([line.queuedBytes <= 4096, line.droppedBytes]).toEqual([true, 1024 * 1024]);
  });

  it('forgets what is on the way when it is cleared, and lets its senders go on', async () => {
    const { clock, line, arrived } = build();
    line.send(new Uint8Array(9216), BAUD_RATE);
    const room = line.room();
    await clock.advance(2000);
    line.clear();
    await room;
    await clock.runUntilIdle();
    expect(arrived().length).toBeLessThan(1000);
    expect([line.queuedBytes, clock.pendingTimers]).toEqual([0, 0]);
  });
});
