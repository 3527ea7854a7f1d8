import { useMemo } from 'react';
import { useBoards, useDevices, usePortStates } from '../../../lib/streams.ts';
import { useBenchBoards } from '../../flash/bench-boards.ts';
import { useCheckRuns } from '../check-streams.ts';
import { type Candidate, candidatesOf } from './candidates.ts';

/** Null as long as nobody knows what there is. */
export function useCandidates(): Candidate[] | null {
  const { boards, listed } = useBenchBoards();
  const states = usePortStates();
  const virtual = useBoards();
  const devices = useDevices();
  const runs = useCheckRuns();
  return useMemo(
    () =>
      listed.isPending || virtual === null
        ? null
        : candidatesOf({ boards, states: states ?? [], virtual, devices: devices ?? [], runs: runs ?? [] }),
    [listed.isPending, boards, states, virtual, devices, runs],
  );
}
