import type { PortInfo, PortState } from '../../../preload/contract/ports.ts';
import { kindOf } from '../../lib/port-kind.ts';

/** A line of the port list. */
export interface PortRow {
  info: PortInfo;
  /** Of the port, when it was ever opened: under this path or, before its board moved, under another. */
  state: PortState | undefined;
}

const identityOf = ({ identity }: PortState): { identity?: string } => (identity === undefined ? {} : { identity });
const isOver = (state: PortState): boolean => state.state === 'closed' || state.state === 'failed';

/**
 * Every port once, open ones first. A board that came back under another path is where it is now: the list knows the new path, the
 * state both, and its identity tells when even that is not known yet.
 */
export function portRows(listed: readonly PortInfo[], states: readonly PortState[]): PortRow[] {
  const byInfo = new Map<PortInfo, PortState>();
  const unlisted: PortState[] = [];
  // The states that hold a port come last: where two mean the same line, theirs is shown.
  for (const state of [...states].sort((a, b) => Number(isOver(b)) - Number(isOver(a)))) {
    const path = state.devicePath ?? state.address;
    const info =
      listed.find((each) => each.address === path && (each.identity ?? state.identity) === (state.identity ?? each.identity)) ??
      listed.find((each) => each.identity !== undefined && each.identity === state.identity && !isOver(state));
    if (info !== undefined) byInfo.set(info, state);
    else if (state.state !== 'closed') unlisted.push(state);
  }
  const rows = [
    ...listed.map((info): PortRow => ({ info, state: byInfo.get(info) })),
    ...states
      .filter((state) => unlisted.includes(state))
      .map(
        (state): PortRow => ({
          info: { address: state.address, label: state.address, kind: kindOf(state.address), ...identityOf(state) },
          state,
        }),
      ),
  ];
  const rank = ({ state }: PortRow): number => Number(state === undefined || isOver(state));
  return rows.sort((a, b) => rank(a) - rank(b));
}
