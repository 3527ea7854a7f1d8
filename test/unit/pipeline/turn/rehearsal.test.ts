import { beforeEach, expect, test, vi } from 'vitest';
import { createStreamEncoder } from '../../../../pipeline/turn/codec.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

// It is done once a process.
let rehearse: typeof import('../../../../pipeline/turn/rehearsal.ts').rehearse;
beforeEach(async () => {
  vi.resetModules();
  ({ rehearse } = await import('../../../../pipeline/turn/rehearsal.ts'));
});

function createDeps() {
  const clock = new VirtualClock(1_000_000);
  const counts = { frames: 0, open: 0 };
  const encoders = {
    open() {
      const encoder = createStreamEncoder({ codec: 'opus', sampleRate: 16_000, frameMs: 60 }, 24_000);
      counts.open += 1;
      return {
        encode(frames: readonly Int16Array[]) {
          counts.frames += frames.length;
          return encoder.encode(frames);
        },
        restart: () => encoder.restart(),
        close() {
          counts.open -= 1;
          encoder.close();
        },
      };
    },
  };
  return { clock, counts, encoders };
}

test('a rehearsal talks in both languages, leaves nothing behind, and is not done twice', async () => {
  const { clock, counts, encoders } = createDeps();
  const deps = { clock, encoders, signal: new AbortController().signal };
  const rehearsal = rehearse(deps);
  await clock.advance(4_000_000);
  await rehearsal;
  // Six replies of two sentences of two frames each.
  expect(counts).toEqual({ frames: 24, open: 0 });
  expect(clock.pendingTimers).toBe(0);
  await rehearse(deps);
  expect(counts.frames).toBe(24);
});

test('a rehearsal that is aborted in the middle of a reply ends there', async () => {
  const { clock, counts, encoders } = createDeps();
  const quitting = new AbortController();
  const rehearsal = rehearse({ clock, encoders, signal: quitting.signal });
  await clock.advance(100_000);
  expect(counts.open).toBe(1);
  quitting.abort();
  await rehearsal;
  expect(counts.open).toBe(0);
  expect(clock.pendingTimers).toBe(0);
});
