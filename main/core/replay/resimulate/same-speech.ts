import type { PipelineEvent } from '../../../../preload/contract/events.ts';

/** An edge this near to one of the other simulation is the same edge of the same speech. */
const SAME_EDGE_US = 500_000;

type Edge = Extract<PipelineEvent, { kind: 'user.speech-started' | 'user.speech-ended' }>;

const isEdge = (event: PipelineEvent): event is Edge => event.kind === 'user.speech-started' || event.kind === 'user.speech-ended';

/**
 * The events with the edges of speech on the other simulation's clock. When a sample was spoken is estimated from the packets that have come
 * by then, better the longer it is listened: a later decision dates the same sample earlier, by as much as the network was late. That
 * is no difference of the turn.
 */
export function onClockOf(reference: readonly PipelineEvent[], events: readonly PipelineEvent[]): PipelineEvent[] {
  const edges = reference.filter(isEdge);
  return events.map((event) => {
    if (!isEdge(event)) return event;
    let nearest: Edge | undefined;
    for (const edge of edges) {
      if (edge.kind !== event.kind) continue;
      if (nearest === undefined || Math.abs(edge.mediaUs - event.mediaUs) < Math.abs(nearest.mediaUs - event.mediaUs)) nearest = edge;
    }
    if (nearest === undefined || Math.abs(nearest.mediaUs - event.mediaUs) > SAME_EDGE_US) return event;
    return { ...event, atUs: (nearest.atUs + event.mediaUs - nearest.mediaUs) as Edge['atUs'] };
  });
}
