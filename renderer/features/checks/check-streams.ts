import type { CheckListDocument, CheckRun, ImpairedLink } from '../../../preload/contract/checks.ts';
import { useReply } from '../../lib/actions.ts';
import { type Fold, useSharedStream } from '../../lib/shared-stream.ts';

const listsFold: Fold<'checks.lists', CheckListDocument[]> = {
  start: (snapshot) => snapshot,
  apply: (state, items) => items.at(-1) ?? state,
};

const runsFold: Fold<'checks.runs', CheckRun[]> = {
  start: (snapshot) => snapshot.toSorted(newestFirst),
  apply(state, items) {
    const byId = new Map(state.map((run) => [run.id, run]));
    for (const run of items) byId.set(run.id, run);
    return [...byId.values()].sort(newestFirst);
  },
};

const linksFold: Fold<'link.state', ImpairedLink[]> = {
  start: (snapshot) => snapshot,
  apply: (state, items) => items.at(-1) ?? state,
};

function newestFirst(one: CheckRun, other: CheckRun): number {
  return other.startedWallMs - one.startedWallMs;
}

/** Null until they are known, like all of these. */
export function useCheckLists(): CheckListDocument[] | null {
  return useSharedStream('checks.lists', {}, listsFold);
}

/** Newest first: those under way, and those that ended since the core started. */
export function useCheckRuns(): CheckRun[] | null {
  return useSharedStream('checks.runs', {}, runsFold);
}

export function useImpairedLinks(): ImpairedLink[] | null {
  return useSharedStream('link.state', {}, linksFold);
}

/** Any run: as it goes where it is under way, as it is kept where it is older than the core. */
export function useCheckRun(runId: string): { run: CheckRun | null; error: unknown } {
  const runs = useCheckRuns();
  const live = runs?.find(({ id }) => id === runId) ?? null;
  const kept = useReply('checks.run', { runId }, { isEnabled: runs !== null && live === null });
  return { run: live ?? kept.data ?? null, error: live === null ? kept.error : null };
}

/** Another text whenever a run ended or is gone: what is counted over runs is counted again. */
export function useEndedRuns(): string {
  const runs = useCheckRuns() ?? [];
  return runs.flatMap(({ id, state, durationMs }) => (state === 'running' ? [] : [`${id} ${durationMs}`])).join();
}
