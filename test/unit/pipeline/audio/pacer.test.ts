import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StreamEncoder } from '../../../../pipeline/audio/encode-ahead.ts';
import { Pacer } from '../../../../pipeline/audio/pacer.ts';
import { type MonoUs, monoUs } from '../../../../preload/contract/time.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

/** A packet is its frame's first sample. */
const immediate: StreamEncoder = {
  encode: async (frames) => frames.map(([first = -1]) => Uint8Array.of(first)),
  restart: () => {},
  close: () => {},
};

function createPacer(options: { frameMs?: number; leadMs?: number; clock?: VirtualClock; encoder?: StreamEncoder } = {}) {
  const clock = options.clock ?? new VirtualClock(1_000_000);
  const sent: { atUs: number; playUs: number; id: number }[] = [];
  const gaps: number[] = [];
  const errors: unknown[] = [];
  const depths: number[] = [];
  const state = { isClogged: false };
  const frameUs = (options.frameMs ?? 60) * 1000;
  const leadUs = (options.leadMs ?? 120) * 1000;
  const pacer = new Pacer({
    clock,
    frameUs,
    leadUs,
    encoder: options.encoder ?? immediate,
    onUnencodable: (error) => errors.push(error),
    send: (packet, playUs) => sent.push({ atUs: clock.nowUs(), playUs, id: packet[0] ?? -1 }),
    isClogged: () => state.isClogged,
    onUnderrun: (gapUs) => gaps.push(gapUs),
    onDepth: (queuedUs) => depths.push(queuedUs),
  });
  pacer.flush(1);
  const push = (count: number, from = 0) => {
    for (let id = from; id < from + count; id += 1) pacer.push(1, new Int16Array([id]));
  };
  return { clock, pacer, sent, gaps, errors, depths, state, push, frameUs, leadUs };
}

test('property: no frame is handed over earlier than the lead before it plays, whatever comes when', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('push' as const), count: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 700 }) }),
    fc.record({ kind: fc.constant('pause' as const) }),
    fc.record({ kind: fc.constant('resume' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      fc.constantFrom(20, 40, 60),
      fc.integer({ min: 0, max: 300 }),
      async (steps, frameMs, leadMs) => {
        const { clock, pacer, sent, push, frameUs, leadUs } = createPacer({ frameMs, leadMs });
        let isPaused = false;
        for (const { kind, ...rest } of steps) {
          if (kind === 'push') push('count' in rest ? rest.count : 0);
          else if (kind === 'pause') {
            pacer.pause();
            isPaused = true;
          } else if (kind === 'resume') {
            pacer.resume();
            isPaused = false;
          } else {
            const before = sent.length;
            await clock.advance(('ms' in rest ? rest.ms : 0) * 1000);
            if (isPaused) expect(sent.length).toBe(before);
          }
        }
        for (const [index, { atUs, playUs }] of sent.entries()) {
          expect(playUs - atUs).toBeLessThanOrEqual(leadUs);
          const previous = sent[index - 1];
          if (!previous) continue;
          expect(playUs - previous.playUs).toBeGreaterThanOrEqual(frameUs);
          expect(atUs - previous.atUs).toBeGreaterThanOrEqual(frameUs / 2 - 1);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('the lead is built up at twice real time, then kept on absolute deadlines', async () => {
  const { clock, sent, push } = createPacer();
  push(20);
  await clock.advance(2_000_000);
  const at = sent.map(({ atUs }) => (atUs - 1_000_000) / 1000);
  expect(at.slice(0, 7)).toEqual([0, 30, 60, 90, 120, 180, 240]);
  expect(at.at(-1)).toBe(19 * 60 - 120);
});

test('an underrun is told once and moves the line instead of being caught up with', async () => {
  const { clock, sent, gaps, push } = createPacer();
  push(3);
  await clock.advance(1_000_000);
  push(6, 3);
  await clock.advance(1_000_000);
  expect(gaps).toEqual([820_000]);
  expect(sent.slice(3).map(({ playUs }) => (playUs - 2_000_000) / 1000)).toEqual([0, 60, 120, 180, 240, 300]);
});

test('pause holds, resume goes on with the next frame, and that is no underrun', async () => {
  const { clock, pacer, sent, gaps, push } = createPacer();
  push(20);
  await clock.advance(300_000);
  const before = sent.length;
  pacer.pause();
  await clock.advance(5_000_000);
  expect(sent.length).toBe(before);
  pacer.resume();
  await clock.advance(2_000_000);
  expect(sent.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, id) => id));
  expect(gaps).toEqual([]);
});

test('flush drops what waits and refuses the old epoch from then on', async () => {
  const { clock, pacer, sent, push } = createPacer();
  push(20);
  await clock.advance(100_000);
  const before = sent.length;
  pacer.flush(2);
  push(5);
  await clock.advance(2_000_000);
  expect(sent.length).toBe(before);
  pacer.push(2, new Int16Array([99]));
  await clock.advance(1);
  expect(sent.at(-1)?.id).toBe(99);
});

test('a clogged socket is not fed, and nothing is lost', async () => {
  const { clock, state, sent, push } = createPacer();
  state.isClogged = true;
  push(5);
  await clock.advance(500_000);
  expect(sent).toEqual([]);
  state.isClogged = false;
  await clock.advance(1_000_000);
  expect(sent).toHaveLength(5);
});

test('marks come in order with the audio', async () => {
  const { clock, pacer, sent, push } = createPacer();
  const marks: [number, number][] = [];
  pacer.mark(1, (playUs) => marks.push([sent.length, playUs]));
  push(4);
  pacer.mark(1, (playUs) => marks.push([sent.length, playUs]));
  await clock.advance(1_000_000);
  expect(marks).toEqual([
    [0, 1_000_000],
    [4, 1_240_000],
  ]);
});

test('what has played follows the play-out line, not what was handed over', async () => {
  const { clock, pacer, push } = createPacer();
  push(10);
  await clock.advance(300_000);
  expect(pacer.playedUs(clock.nowUs(), 100_000)).toBe(200_000);
  await clock.advance(5_000_000);
  expect(pacer.playedUs(clock.nowUs(), 100_000)).toBe(600_000);
});

test('ten seconds may wait; a producer is let go on when there is room or the queue is flushed', async () => {
  const { clock, pacer, push } = createPacer();
  push(168);
  let isReady = false;
  void pacer.ready().then(() => {
    isReady = true;
  });
  await clock.settle();
  expect(isReady).toBe(false);
  await clock.advance(100_000);
  expect(isReady).toBe(true);
});

test('the queue depth is told on the way and once when it is empty', async () => {
  const { clock, depths, push } = createPacer();
  push(20);
  await clock.advance(3_000_000);
  expect(depths.length).toBeGreaterThan(4);
  expect(depths.at(-1)).toBe(0);
});

/** As a real clock does: a little later at every look. */
class TickingClock extends VirtualClock {
  looks = 0;
  timers = 0;
  override nowUs(): MonoUs {
    this.looks += 1;
    return monoUs.parse(super.nowUs() + (this.looks % 100));
  }
  override at(atUs: MonoUs, callback: () => void): () => void {
    this.timers += 1;
    return super.at(atUs, callback);
  }
}

test('on a clock that moves while the pacer looks at it, nothing due is put off again and again', async () => {
  const clock = new TickingClock(1_000_000);
  const { pacer, sent, push } = createPacer({ clock });
  let ended = 0;
  push(10);
  pacer.mark(1, () => {
    ended = sent.length;
  });
  await clock.advance(1_000_000);
  expect(ended).toBe(10);
  expect(clock.timers).toBeLessThanOrEqual(12);
});

/** As a busy event loop is: looks at its timers every 50 ms. */
class LateClock extends VirtualClock {
  override at(atUs: MonoUs, callback: () => void): () => void {
    return super.at((Math.ceil(atUs / 50_000) * 50_000 + 1) as MonoUs, callback);
  }
}

test('timers that are late by more than a frame do not starve the board of audio that is there', async () => {
  const clock = new LateClock(1_000_000);
  const { sent, gaps, push } = createPacer({ frameMs: 20, clock });
  push(100);
  await clock.advance(2_200_000);
  expect(sent).toHaveLength(100);
  // One gap at most, while the lead is not there yet.
  expect(gaps.length).toBeLessThanOrEqual(1);
  const perInstant = Map.groupBy(sent, ({ atUs }) => atUs);
  expect(Math.max(...[...perInstant.values()].map((frames) => frames.length))).toBeLessThanOrEqual(4);
});

test('what was handed over last can be had again from a moment on, in order and once; not from long ago or another epoch', async () => {
  const { clock, pacer, sent, push } = createPacer();
  push(40);
  await clock.advance(1_000_000);
  pacer.pause();
  const { length } = sent;
  expect(pacer.sentUs).toBe(length * 60_000);
  expect(pacer.rewind(pacer.sentUs - 130_000)).toBe(true);
  expect(pacer.sentUs).toBe((length - 3) * 60_000);
  pacer.resume();
  await clock.advance(5_000_000);
  const ids = sent.map(({ id }) => id);
  expect(ids.slice(length - 3, length + 4)).toEqual([-3, -2, -1, -3, -2, -1, 0].map((offset) => length + offset));
  expect(ids.at(-1)).toBe(39);
  expect(pacer.rewind(pacer.sentUs - 1_600_000)).toBe(false);
  pacer.flush(2);
  expect(pacer.rewind(0)).toBe(false);
});
