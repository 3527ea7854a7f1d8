import type { Lab } from './lab.ts';

let pending = 0;
const waiting = new Set<() => void>();

/** Marks something as under way until the returned function is called (more than once does no harm). */
export function beginWork(): () => void {
  pending++;
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    pending--;
    if (pending === 0) for (const wake of [...waiting]) wake();
  };
}

/** One callback in the next frame, counted as pending work until it has run. */
export function inNextFrame(callback: () => void): () => void {
  const done = beginWork();
  const frame = requestAnimationFrame(() => {
    callback();
    done();
  });
  return () => {
    cancelAnimationFrame(frame);
    done();
  };
}

/**
 * Resolves when nothing is pending and two frames went by without anything new: React renders in the first and its
 * effects may ask for more in the second.
 */
export async function talkbenchIdle(): Promise<void> {
  for (let quietFrames = 0; quietFrames < 2; ) {
    if (pending > 0) {
      quietFrames = 0;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          waiting.delete(wake);
          resolve();
        };
        waiting.add(wake);
      });
    }
    await new Promise((resolve) => requestAnimationFrame(resolve));
    quietFrames = pending === 0 ? quietFrames + 1 : 0;
  }
}

/**
 * A lab whose calls, and the time from a subscription to its first snapshot, count as pending work. `demo.run` does not:
 * it lasts as long as the demonstration, which shows its own progress.
 */
export function countingLab(lab: Lab): Lab {
  return {
    async call(name, body, options) {
      const done = name === 'demo.run' ? () => {} : beginWork();
      try {
        return await lab.call(name, body, options);
      } finally {
        done();
      }
    },
    subscribe(name, body, observer, options) {
      const done = beginWork();
      const unsubscribe = lab.subscribe(
        name,
        body,
        {
          ...observer,
          onSnapshot(snapshot, seq) {
            done();
            return observer.onSnapshot(snapshot, seq);
          },
          onEnd(error) {
            done();
            observer.onEnd?.(error);
          },
        },
        options,
      );
      return () => {
        unsubscribe();
        done();
      };
    },
  };
}
