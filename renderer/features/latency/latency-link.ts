import {
  type LatencyFacet,
  type LatencyMetric,
  latencyFacets,
  latencyMetrics,
  type TurnFilter,
  type TurnOrder,
} from '../../../preload/contract/latency.ts';
import { setParameters, useParameters } from '../../lib/location.ts';

export const tabs = ['turns', 'spread', 'compare', 'budget', 'sound', 'wav'] as const;
export type Tab = (typeof tabs)[number];

/** A turn among those of many sessions. */
export interface TurnPlace {
  sessionId: string;
  conversationId: string;
  turnId: number;
}

/** What the address says; a link brings all of it back. */
export interface LatencyView {
  tab: Tab;
  ids: readonly string[];
  where: TurnFilter;
  by: LatencyFacet | null;
  metric: LatencyMetric;
  order: TurnOrder;
  selected: TurnPlace | null;
  /** As `--assert` takes them. */
  conditions: string;
}

function listOf(text: string | null): string[] {
  return (text ?? '').split(',').flatMap((part) => (part === '' ? [] : decodeURIComponent(part)));
}

/** Names may hold commas. */
export function listText(names: readonly string[]): string | null {
  return names.length === 0 ? null : names.map(encodeURIComponent).join(',');
}

export function viewOf(parameters: URLSearchParams): LatencyView {
  const where = latencyFacets.flatMap((facet) => {
    const values = listOf(parameters.get(`w.${facet}`));
    return values.length === 0 ? [] : [[facet, values] as const];
  });
  const [, sign, by] = /^(-?)(\w+)$/.exec(parameters.get('order') ?? '') ?? [];
  const orderBy = (['order', ...latencyMetrics] as const).find((each) => each === by);
  return {
    tab: tabs.find((each) => each === parameters.get('tab')) ?? 'turns',
    ids: listOf(parameters.get('ids')),
    where: Object.fromEntries(where),
    by: latencyFacets.find((each) => each === parameters.get('by')) ?? null,
    metric: latencyMetrics.find((each) => each === parameters.get('metric')) ?? 'v2v_device',
    // The worst first, unless told.
    order: orderBy === undefined ? { by: 'v2v_device', isDescending: true } : { by: orderBy, isDescending: sign === '-' },
    selected: placeOf(parameters.get('turn')),
    conditions: parameters.get('assert') ?? '',
  };
}

export function orderText({ by, isDescending }: TurnOrder): string | null {
  return by === 'v2v_device' && isDescending ? null : `${isDescending ? '-' : ''}${by}`;
}

export function placeText({ sessionId, conversationId, turnId }: TurnPlace): string {
  return [sessionId, String(turnId), conversationId].map(encodeURIComponent).join('/');
}

function placeOf(text: string | null): TurnPlace | null {
  const [sessionId, turn, conversationId] = (text ?? '').split('/').map(decodeURIComponent);
  if (sessionId === undefined || conversationId === undefined || !/^\d+$/.test(turn ?? '')) return null;
  return { sessionId, conversationId, turnId: Number(turn) };
}

/** The session's screen at this turn. */
export function sessionLink({ sessionId, conversationId, turnId }: TurnPlace): string {
  const selected = encodeURIComponent(`turn:${turnId}:${conversationId}`);
  return `/sessions/${encodeURIComponent(sessionId)}?sel=${selected}`;
}

export function useLatencyView(): { view: LatencyView; change(changes: Record<string, string | null>): void } {
  return { view: viewOf(useParameters()), change: setParameters };
}

/** Quoted for a POSIX shell where it has to be. */
function word(text: string): string {
  return /^[\w./:=,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The same as the screen shows, for a terminal or a script. */
export function latencyCommand(options: {
  ids: readonly string[];
  where: TurnFilter;
  by: LatencyFacet | null;
  conditions: string;
  compare?: readonly [readonly string[], readonly string[]];
}): string {
  const { ids, where, by, conditions, compare } = options;
  const filters = Object.entries(where).flatMap(([facet, values]) => ['--where', `${facet}=${values.join(',')}`]);
  return [
    ...['talkbench', 'latency'],
    ...(compare === undefined ? ids : ['--compare', ...compare.map((group) => group.join(','))]),
    ...filters,
    ...(by === null || compare !== undefined ? [] : ['--by', by]),
    ...(conditions.trim() === '' ? [] : ['--assert', conditions.trim()]),
  ]
    .map(word)
    .join(' ');
}
