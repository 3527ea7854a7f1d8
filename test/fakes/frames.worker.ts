import { serveFrames } from '../../pipeline/threads/frame-threads.ts';

/** What the thread knows of a stream: how many frames since its beginning, and how many shared this frame's batch. */
export interface FakeFrameResult {
  first: number;
  count: number;
  batch: number;
}

export const DIE = -1;
export const HANG = -2;
export const THROW = -3;

/** Counts frames; a first sample of DIE, HANG or THROW does what it says. */
serveFrames<{ count: number }, FakeFrameResult>({
  open: () => ({ count: 0 }),
  process: (batch) =>
    batch.map(({ state, frame }) => {
      const first = frame[0] ?? 0;
      if (first === DIE) process.exit(3);
      if (first === HANG) for (;;);
      if (first === THROW) throw new Error('a bad frame');
      state.count += 1;
      return { first, count: state.count, batch: batch.length };
    }),
  reset: (state) => {
    state.count = 0;
  },
  close: () => undefined,
});
