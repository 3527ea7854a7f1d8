import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StreamEncoder } from '../../../../pipeline/audio/encode-ahead.ts';
import { Pacer } from '../../../../pipeline/audio/pacer.ts';
import type { MonoUs } from '../../../../preload/contract/time.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

const FRAME_US = 60_000;
const LEAD_US = 120_000;

/**
 * An encoder on the virtual clock that takes as long as it is told, in order. A packet says which frame it is of, and how many its encoder
 * had encoded since it began: a far end that gets 3 after 1 was not sent 2.
 */
function createSlowEncoder(clock: VirtualClock, takesUs: () => number) {
  const orders: number[] = [];
  let restarts = 0;
  let count = 0;
  let freeUs = 0;
  let failing = 0;
  const encoder: StreamEncoder = {
    encode(frames) {
      orders.push(frames.length);
      const packets = frames.map(([id = 0]) => Uint8Array.of(id, ++count));
      freeUs = Math.max(freeUs, clock.nowUs()) + takesUs();
      if (failing > 0) {
        failing -= 1;
        return Promise.reject(new Error('broken'));
      }
      return new Promise((resolve) => clock.at(Math.ceil(freeUs) as MonoUs, () => resolve(packets)));
    },
    restart() {
      restarts += 1;
      count = 0;
    },
    close() {},
  };
  return { encoder, orders, fail: (times: number) => (failing = times), restarts: () => restarts };
}

function createRig(takesUs: () => number) {
  const clock = new VirtualClock(1_000_000);
  const slow = createSlowEncoder(clock, takesUs);
  const sent: { id: number; count: number; atUs: number; playUs: number; epoch: number }[] = [];
  const errors: unknown[] = [];
  const gaps: number[] = [];
  let epoch = 0;
  const pacer = new Pacer({
    clock,
    frameUs: FRAME_US,
    leadUs: LEAD_US,
    encoder: slow.encoder,
    onUnencodable: (error) => errors.push(error),
    send: ([id = 0, count = 0], playUs) => sent.push({ id, count, atUs: clock.nowUs(), playUs, epoch }),
    isClogged: () => false,
    onUnderrun: (gapUs) => gaps.push(gapUs),
    onDepth: () => {},
  });
  const flush = () => pacer.flush(++epoch);
  flush();
  let last = 0;
  /** Ids say which epoch a frame is of. */
  const push = (frames: number) => {
    for (let index = 0; index < frames; index += 1) pacer.push(epoch, Int16Array.of((epoch % 16) * 16 + (last++ % 16)));
  };
  return { clock, pacer, sent, errors, gaps, push, flush, ...slow };
}

test('the first frame goes alone, the rest together; never more than half a second ahead of what is handed over', async () => {
  const { clock, push, orders, sent } = createRig(() => 2000);
  push(40);
  await clock.advance(1000);
  expect(orders).toEqual([1, 4]);
  await clock.advance(1_000_000);
  expect(orders.slice(2).every((count) => count === 4)).toBe(true);
  expect(orders.reduce((sum, count) => sum + count, 0) - sent.length).toBeLessThanOrEqual(8);
});

test('an encoder that takes 200 ms costs the first frame that, and no other', async () => {
  const { clock, push, sent, gaps } = createRig(() => 200_000);
  push(30);
  await clock.advance(4_000_000);
  expect(sent).toHaveLength(30);
  expect(sent[0]?.atUs).toBe(1_200_000);
  expect(sent[0]?.playUs).toBe(1_200_000);
  expect(gaps).toEqual([200_000 - 60_000]);
});

test('a mark before a frame waits with it: it tells when that plays', async () => {
  const { clock, pacer, push, sent } = createRig(() => 5000);
  const told: { playUs: number; sent: number }[] = [];
  pacer.mark(1, (playUs) => told.push({ playUs, sent: sent.length }));
  push(3);
  await clock.advance(4000);
  expect(told).toEqual([]);
  await clock.advance(2000);
  expect(told).toEqual([{ playUs: 1_005_000, sent: 0 }]);
  expect(sent[0]?.playUs).toBe(1_005_000);
});

test('a flush with packets made and not sent begins the encoder afresh; one without does not', async () => {
  const { clock, push, flush, sent, restarts } = createRig(() => 1000);
  push(5);
  await clock.advance(1_000_000);
  flush();
  expect(restarts()).toBe(0);
  push(20);
  await clock.advance(150_000);
  flush();
  expect(restarts()).toBe(1);
  push(2);
  await clock.advance(1_000_000);
  expect(sent.slice(-2).map(({ count }) => count)).toEqual([1, 2]);
});

test('frames that cannot be encoded are told once, their time passes, and what follows is sent', async () => {
  const { clock, push, errors, sent, fail } = createRig(() => 1000);
  fail(2);
  push(10);
  await clock.advance(2_000_000);
  expect(errors).toHaveLength(2);
  expect(sent.map(({ playUs }) => (playUs - 1_000_000) / FRAME_US)).toEqual([5, 6, 7, 8, 9]);
});

test('property: whatever comes when, nothing of an old epoch is sent, nothing too early, and no packet misses the one it builds on', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('push' as const), count: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 500 }) }),
    fc.record({ kind: fc.constant('rewind' as const), ms: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ kind: fc.constantFrom('pause' as const, 'resume' as const, 'flush' as const) }),
  );
  const delays = fc.array(fc.integer({ min: 0, max: 150_000 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), delays, async (steps, takes) => {
      let order = 0;
      const rig = createRig(() => takes[order++ % takes.length] ?? 0);
      for (const one of steps) {
        if (one.kind === 'push') rig.push(one.count);
        else if (one.kind === 'wait') await rig.clock.advance(one.ms * 1000);
        else if (one.kind === 'rewind') {
          rig.pacer.pause();
          rig.pacer.rewind(Math.max(0, rig.pacer.sentUs - one.ms * 1000));
          rig.pacer.resume();
        } else if (one.kind === 'flush') rig.flush();
        else rig.pacer[one.kind]();
      }
      rig.pacer.resume();
      await rig.clock.advance(30_000_000);
      expect(rig.pacer.queuedUs).toBe(0);
      for (const [index, { id, count, atUs, playUs, epoch }] of rig.sent.entries()) {
        expect(id >> 4).toBe(epoch & 15);
        expect(playUs - atUs).toBeLessThanOrEqual(LEAD_US);
        const previous = rig.sent[index - 1];
        expect(count === 1 || count === (previous?.count ?? 0) + 1).toBe(true);
        if (previous?.epoch === epoch) expect(atUs - previous.atUs).toBeGreaterThanOrEqual(FRAME_US / 2 - 1);
      }
    }),
    { numRuns: 80 },
  );
});
