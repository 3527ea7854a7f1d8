import type { PipelineEvent } from '../../../../preload/contract/events.ts';

export interface Span {
  fromUs: number;
  toUs: number;
}

/** How late the bench itself was in some stretch of time: no board can be blamed for so much. */
export interface Lateness {
  /** In which it was, in order, apart from each other. */
  spans: readonly Span[];
  longestMs: number;
  sumMs: number;
  /** Of that stretch. */
  percent: number;
  /** That stretch. */
  wholeMs: number;
}

/** Structural, so that what is not one may still be another drop. */
type OwnDrop = Extract<PipelineEvent, { kind: 'dropped' }> & { what: `uplink packets waiting${string}` };

/** What the bench's own ear may be behind before it leaves sound out (pipeline/turn/hearing/ear.ts). */
const EAR_BEHIND_US = 10_000_000;
/** A frame is due so much before the board has played what it has (downlink.leadMs as it is preset): the bench is late from then on, the gap is what is left of it. */
const LEAD_US = 120_000;
/** Whoever asks about a stretch looks at so much before it, for what a queue held when it began. */
export const LOOK_BACK_US = 30_000_000;

/**
 * Where events, in order, tell that the bench was late although its loop was not: an ear that could not follow, a reply that ran dry because
 * nothing more of it was there. One that ran dry with more of it waiting was held up by the board's socket; or by the loop, which is told by that.
 */
export function lateSpans(events: readonly PipelineEvent[]): Span[] {
  const depths = events.filter((event) => event.kind === 'downlink.queue');
  return events.flatMap((event) => {
    if (isOwnDrop(event)) return { fromUs: event.atUs - EAR_BEHIND_US, toUs: event.atUs };
    if (event.kind !== 'downlink.underrun') return [];
    const dryUs = event.atUs - event.gapUs;
    const depth = depths.findLast(({ atUs, conversationId }) => atUs <= dryUs && conversationId === event.conversationId);
    return depth === undefined || depth.queuedUs === 0 ? { fromUs: dryUs - LEAD_US, toUs: event.atUs } : [];
  });
}

/** What the bench's own listening left out, whatever the board did. */
export function isOwnDrop(event: PipelineEvent): event is OwnDrop {
  return event.kind === 'dropped' && event.what.startsWith('uplink packets waiting');
}

export function latenessIn(spans: readonly Span[], fromUs: number, toUs: number): Lateness {
  const cut = spans.map((span) => ({ fromUs: Math.max(span.fromUs, fromUs), toUs: Math.min(span.toUs, toUs) }));
  const merged: Span[] = [];
  for (const span of cut.filter((each) => each.toUs > each.fromUs).sort((one, other) => one.fromUs - other.fromUs)) {
    const last = merged.at(-1);
    if (last !== undefined && span.fromUs <= last.toUs) last.toUs = Math.max(last.toUs, span.toUs);
    else merged.push({ ...span });
  }
  const lengths = merged.map((span) => span.toUs - span.fromUs);
  const sumUs = lengths.reduce((sum, us) => sum + us, 0);
  return {
    spans: merged,
    longestMs: lengths.reduce((most, us) => Math.max(most, us), 0) / 1000,
    sumMs: sumUs / 1000,
    percent: toUs > fromUs ? (sumUs / (toUs - fromUs)) * 100 : 0,
    wholeMs: Math.max(0, toUs - fromUs) / 1000,
  };
}

/** So late that a turn may have come to nothing by it: a recogniser that missed words, a reply that never began. */
export const [GRAVE_MS, GRAVE_PERCENT] = [400, 20];

export function isGrave({ longestMs, percent }: Lateness): boolean {
  return longestMs >= GRAVE_MS || percent >= GRAVE_PERCENT;
}
