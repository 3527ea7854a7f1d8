import { beginWork } from './idle.ts';

/** Numbers that run are read as well twice a second as sixty times, and the other frames stay free for what moves. */
export const tickMs = 500;

/** `isRunning`: it had to wait, so there are more to come, and nobody waits for this one. */
export type Tick = (isRunning: boolean) => void;

const waiting = new Set<Tick>();
let timer: ReturnType<typeof setTimeout> | null = null;
let lastMs = Number.NEGATIVE_INFINITY;
let isLate = false;
let done: (() => void) | null = null;

/**
 * Runs a callback at the next tick, once however often it is given: at once after a quiet moment, otherwise together with all others
 * that wait. What changes with every frame is shown twice a second, in one render for the whole page.
 */
export function atNextTick(callback: Tick): void {
  waiting.add(callback);
  if (timer !== null) return;
  done = beginWork();
  const waitMs = Math.min(tickMs, Math.max(0, lastMs + tickMs - performance.now()));
  isLate = waitMs > 0;
  timer = setTimeout(runTick, waitMs);
}

/** The callback does not run any more. */
export function forgetTick(callback: Tick): void {
  waiting.delete(callback);
}

function runTick(): void {
  timer = null;
  lastMs = performance.now();
  const due = [...waiting];
  waiting.clear();
  for (const callback of due) callback(isLate);
  done?.();
  done = null;
}
