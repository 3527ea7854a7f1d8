import { storedState } from '../../monitor/stored.ts';
import type { LaneGroup, LanePreferences } from './lane-places.ts';
import type { LaneKey } from './model.ts';

/** Which lanes this user has on top, hides, and which groups are closed: of every session. */
export const useLanePreferences = storedState<LanePreferences>('talkbench.timeline', { pinned: [], hidden: [], collapsed: [] });

function toggled<Value>(list: readonly Value[], value: Value): Value[] {
  return list.includes(value) ? list.filter((each) => each !== value) : [...list, value];
}

export function togglePinned(lane: LaneKey): void {
  useLanePreferences.setState(({ pinned, hidden }) => ({ pinned: toggled(pinned, lane), hidden: hidden.filter((each) => each !== lane) }));
}

export function toggleHidden(lane: LaneKey): void {
  useLanePreferences.setState(({ hidden }) => ({ hidden: toggled(hidden, lane) }));
}

export function toggleGroup(group: LaneGroup): void {
  useLanePreferences.setState(({ collapsed }) => ({ collapsed: toggled(collapsed, group) }));
}

export function showAllLanes(): void {
  useLanePreferences.setState({ hidden: [], collapsed: [] });
}
