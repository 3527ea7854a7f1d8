import { create } from 'zustand';
import type { FlashJob } from '../../../preload/contract/flash.ts';

const DISMISSED_KEY = 'talkbench.flash.dismissed';
/** More than a core keeps. */
const mostKept = 400;

/** Jobs whose card was put away. A reload must not bring them back, so they are kept as long as the window is. */
export const useDismissedJobs = create<{ jobIds: readonly string[] }>(() => ({ jobIds: keptIds() }));

export function dismissJobs(jobIds: readonly string[]): void {
  const all = [...useDismissedJobs.getState().jobIds, ...jobIds].slice(-mostKept);
  useDismissedJobs.setState({ jobIds: all });
  window.sessionStorage.setItem(DISMISSED_KEY, JSON.stringify(all));
}

function keptIds(): string[] {
  try {
    const kept: unknown = JSON.parse(globalThis.sessionStorage?.getItem(DISMISSED_KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : [];
  } catch {
    return []; // no storage, or somebody else's words in it: every card is shown
  }
}

/**
 * The newest write of each board, ticked ones first: what runs, and what ended until it is put away or another takes its place. Who
 * reloads in the middle of a flash, or began it elsewhere, must be told how the board was left. A batch has a table of its own for what
 * ended on boards that are not ticked.
 */
export function shownJobs(jobs: readonly FlashJob[], ticked: readonly string[], dismissed: readonly string[]): FlashJob[] {
  const newest = new Map<string, FlashJob>();
  for (const job of jobs) if (job.kind === 'write') newest.set(job.address, job);
  const others = [...newest.values()].filter(({ state, batchId }) => state === 'running' || batchId === null);
  const addresses = new Set([...ticked, ...others.map(({ address }) => address)]);
  const shown = [...addresses].flatMap((address) => newest.get(address) ?? []);
  return failedFirst(shown.filter(({ jobId, state }) => state === 'running' || !dismissed.includes(jobId)));
}

/** Once all of them are over; while they run none changes its place. */
function failedFirst(jobs: FlashJob[]): FlashJob[] {
  if (jobs.some(({ state }) => state === 'running')) return jobs;
  return [...jobs.filter(({ state }) => state !== 'done'), ...jobs.filter(({ state }) => state === 'done')];
}
