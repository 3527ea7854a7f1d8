import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { CallSound } from './line.ts';

const SAMPLE_RATE = 16_000;
const TICK_US = 20_000;
const TICK_SAMPLES = (SAMPLE_RATE * TICK_US) / 1_000_000;

/** Says nothing, hears everything. */
export function silence(clock: Clock): CallSound {
  return fromSamples(clock, () => new Int16Array(TICK_SAMPLES));
}

/** What the board says comes back to it. */
export function echo(): CallSound {
  let onCaptured: ((pcm: Int16Array) => void) | null = null;
  return {
    listen(listener) {
      onCaptured = listener;
    },
    play: (pcm) => onCaptured?.(pcm),
    close() {
      onCaptured = null;
    },
  };
}

/** 16 kHz mono samples, once or again and again; silence after them. */
export function recorded(clock: Clock, pcm: Int16Array, isRepeated: boolean): CallSound {
  let at = 0;
  return fromSamples(clock, () => {
    const frame = new Int16Array(TICK_SAMPLES);
    const part = pcm.subarray(at, at + TICK_SAMPLES);
    frame.set(part);
    at += part.length;
    if (isRepeated && at >= pcm.length) at = 0;
    return frame;
  });
}

function fromSamples(clock: Clock, next: () => Int16Array): CallSound {
  let cancel: (() => void) | null = null;
  const stop = () => {
    cancel?.();
    cancel = null;
  };
  return {
    listen(onCaptured) {
      stop();
      if (onCaptured === null) return;
      const tick = (atUs: MonoUs) => {
        cancel = clock.at(atUs, () => {
          tick((atUs + TICK_US) as MonoUs);
          onCaptured(next());
        });
      };
      tick((clock.nowUs() + TICK_US) as MonoUs);
    },
    play: () => {},
    close: stop,
  };
}
