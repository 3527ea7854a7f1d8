import type { StreamDelta } from '../../../preload/contract/index.ts';
import type { SuiteDocument, SuiteRun, SuiteRunSummary } from '../../../preload/contract/quality.ts';
import { type Fold, useSharedStream } from '../../lib/shared-stream.ts';

const documentsFold: Fold<'suites.documents', SuiteDocument[]> = {
  start: (snapshot) => snapshot.toSorted(byName),
  apply(state, items: StreamDelta<'suites.documents'>[]) {
    const byId = new Map(state.map((document) => [document.id, document]));
    for (const { document, removedId } of items) {
      if (document !== null) byId.set(document.id, document);
      if (removedId !== undefined) byId.delete(removedId);
    }
    return [...byId.values()].sort(byName);
  },
};

function byName(one: SuiteDocument, other: SuiteDocument): number {
  return one.name.localeCompare(other.name);
}

const runsFold: Fold<'suites.runs', SuiteRunSummary[]> = {
  start: (snapshot) => snapshot,
  apply(state, items: StreamDelta<'suites.runs'>[]) {
    const byId = new Map(state.map((run) => [run.id, run]));
    for (const { run, removedId } of items) {
      if (run !== null) byId.set(run.id, run);
      if (removedId !== undefined) byId.delete(removedId);
    }
    return [...byId.values()].sort((one, other) => other.startedWallMs - one.startedWallMs);
  },
};

const runFold: Fold<'suites.run', { run: SuiteRun | null }> = {
  start: (run) => ({ run }),
  apply: (state, items) => ({ run: items.at(-1) ?? state.run }),
};

/** By name; null until they are known. */
export function useSuites(): SuiteDocument[] | null {
  return useSharedStream('suites.documents', {}, documentsFold);
}

/** Newest first. */
export function useSuiteRuns(): SuiteRunSummary[] | null {
  return useSharedStream('suites.runs', {}, runsFold);
}

export function useSuiteRun(runId: string): SuiteRun | null {
  return useSharedStream('suites.run', { runId }, runFold)?.run ?? null;
}
