import { beginWork } from './idle.ts';

/** Numbers that run are read as well twice a second as sixty times, and the other frames stay free for what moves. */
export const tickMs = 500;

const waiting = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | null = null;
let lastMs = Number.NEGATIVE_INFINITY;
let done: (() => void) | null = null;

/**
 * Runs a callback at the next tick, once however often it is given: at once after a quiet moment, otherwise together with all others
 * that wait. What changes with every frame is shown twice a second, in one render for the whole page.
 */
export function atNextTick(callback: () => void): void {
  waiting.add(callback);
  if (timer !== null) return;
  done = beginWork();
  timer = setTimeout(runTick, Math.min(tickMs, Math.max(0, lastMs + tickMs - performance.now())));
}

/** The callback does not run any more. */
export function forgetTick(callback: () => void): void {
  waiting.delete(callback);
}

function runTick(): void {
  timer = null;
  lastMs = performance.now();
  const due = [...waiting];
  waiting.clear();
  for (const callback of due) callback();
  done?.();
  done = null;
}
