import type { FindingPlace } from '../../../../preload/contract/quality.ts';
import { beginningOf, type Finding, met, unmet } from './finding.ts';
import { factsMatch, type Matcher } from './matcher.ts';
import type { Times } from './schema.ts';

/** Whatever is told with an instant: events of the pipeline, and of a scenario's board. */
export interface ToldEvent {
  readonly kind: string;
  readonly atUs: number;
}

export interface Happening {
  event: string;
  where: Readonly<Record<string, Matcher>>;
}

interface WantedEvent extends Happening {
  absent?: true | undefined;
  times?: Times | undefined;
  withinMs?: number | undefined;
}

export function happened(event: ToldEvent, { event: kind, where }: Happening): boolean {
  return event.kind === kind && factsMatch(event, where);
}

/** `referenceUs`: from when `withinMs` counts, for an event of that instant; infinite when it never came. */
export function findEvent(wanted: WantedEvent, events: readonly ToldEvent[], referenceUs: (atUs: number) => number): Finding {
  const { absent, times, withinMs } = wanted;
  const found = events.filter((event) => happened(event, wanted));
  const [first] = found;
  const counted = `${found.length} times`;
  const place = first === undefined ? null : placeOfEvent(first);
  if (absent) return found.length === 0 ? met(counted) : unmet('unwanted', `${counted}: ${factsText(found)}`, place);
  if (times !== undefined) {
    if (!isCount(found.length, times)) return unmet('count', counted, place);
    if (found.length === 0) return met(counted);
  }
  if (first === undefined) return unmet('no-such-event', nearest(wanted.event, events));
  if (withinMs === undefined) return met(counted, place);
  const delays = found
    .map((event) => ({ event, delayMs: (event.atUs - referenceUs(event.atUs)) / 1000 }))
    .filter(({ delayMs }) => delayMs >= 0)
    .sort((one, other) => one.delayMs - other.delayMs);
  const [soonest] = delays;
  if (soonest === undefined) return unmet('too-late', 'not after it', place);
  const text = `after ${soonest.delayMs.toFixed(1)} ms`;
  const soonestPlace = placeOfEvent(soonest.event);
  return soonest.delayMs <= withinMs ? met(text, soonestPlace) : unmet('too-late', text, soonestPlace);
}

export function isCount(count: number, times: Times): boolean {
  const { atLeast = 0, atMost = Number.POSITIVE_INFINITY } = typeof times === 'number' ? { atLeast: times, atMost: times } : times;
  return count >= atLeast && count <= atMost;
}

export function placeOfEvent(event: ToldEvent): FindingPlace {
  const { conversationId, turnId, atUs } = event as ToldEvent & { conversationId?: string; turnId?: number };
  return { conversationId: conversationId ?? null, turnId: turnId ?? null, atUs };
}

/** Those of that kind there were: what a person needs to see why none fits. */
function nearest(kind: string, events: readonly ToldEvent[]): string {
  const same = events.filter((event) => event.kind === kind);
  return same.length === 0 ? 'none' : factsText(same);
}

function factsText(events: readonly ToldEvent[]): string {
  const text = events
    .slice(0, 20)
    .map(({ atUs: _at, kind: _kind, ...facts }) => JSON.stringify({ ...facts, conversationId: undefined }))
    .join(' ');
  return beginningOf(text, 500);
}
