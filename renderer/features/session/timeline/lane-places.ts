import type { LaneKey } from './model.ts';

export const laneGroups = [
  { name: 'sound', lanes: ['uplink', 'uplink-denoised', 'downlink'] },
  { name: 'talk', lanes: ['turn', 'state', 'speech', 'transcript', 'heard'] },
  { name: 'engines', lanes: ['llm', 'tokens', 'tool', 'tts', 'queue'] },
  { name: 'wire', lanes: ['conversation', 'mqtt', 'websocket', 'udp', 'tcp', 'http', 'device'] },
  { name: 'bench', lanes: ['error', 'log', 'flash'] },
] as const;
export type LaneGroup = (typeof laneGroups)[number]['name'];
export type LaneName = (typeof laneGroups)[number]['lanes'][number];

export const axisHeight = 22;
export const groupHeight = 16;
const heights: Partial<Record<LaneName, number>> = {
  uplink: 36,
  'uplink-denoised': 30,
  downlink: 36,
  queue: 24,
  heard: 19,
  transcript: 19,
  state: 19,
};

export interface LanePreferences {
  pinned: readonly LaneKey[];
  hidden: readonly LaneKey[];
  collapsed: readonly LaneGroup[];
}

/** A row of the timeline, from its top; `isPinned` rows do not scroll. */
export type Row = { top: number; height: number; isPinned: boolean } & (
  | { kind: 'lane'; key: LaneKey; name: LaneName }
  | { kind: 'group'; group: LaneGroup; isCollapsed: boolean; laneCount: number }
);

/** What a lane is called without what it is of: `log /dev/ttyUSB0` is a log. */
export function nameOf(key: LaneKey): LaneName {
  return (key.startsWith('log ') ? 'log' : key) as LaneName;
}

export function orderOf(key: LaneKey): number {
  return laneGroups.flatMap(({ lanes }) => lanes as readonly string[]).indexOf(nameOf(key));
}

/**
 * Pinned lanes first, then each group under its head, as far as there is anything in it. `height` is that of all rows, `pinnedHeight`
 * down to where they begin to scroll.
 */
export function placeRows(
  present: readonly LaneKey[],
  preferences: LanePreferences,
): { rows: Row[]; height: number; pinnedHeight: number } {
  const shown = present.filter((key) => !preferences.hidden.includes(key)).sort((a, b) => orderOf(a) - orderOf(b) || (a < b ? -1 : 1));
  const rows: Row[] = [];
  let top = axisHeight;
  const putLane = (key: LaneKey, isPinned: boolean): void => {
    const name = nameOf(key);
    const height = heights[name] ?? 17;
    rows.push({ kind: 'lane', key, name, top, height, isPinned });
    top += height + 1;
  };
  for (const key of shown) if (preferences.pinned.includes(key)) putLane(key, true);
  const pinnedHeight = top;
  for (const { name: group, lanes } of laneGroups) {
    const own = shown.filter((key) => (lanes as readonly string[]).includes(nameOf(key)) && !preferences.pinned.includes(key));
    if (own.length === 0) continue;
    const isCollapsed = preferences.collapsed.includes(group);
    rows.push({ kind: 'group', group, isCollapsed, laneCount: own.length, top, height: groupHeight, isPinned: false });
    top += groupHeight + 1;
    if (!isCollapsed) for (const key of own) putLane(key, false);
  }
  return { rows, height: top, pinnedHeight };
}
