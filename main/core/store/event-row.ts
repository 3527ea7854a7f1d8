import type { PipelineEvent } from '../../../preload/contract/events.ts';

/** An event as two columns: JSON, and the only bytes an event can carry. */
export interface EventRow {
  body: string;
  bytes: Uint8Array | null;
}

export function toEventRow(event: PipelineEvent): EventRow {
  if (event.kind !== 'wire.message' || event.bytes === undefined) return { body: JSON.stringify(event), bytes: null };
  const { bytes, ...rest } = event;
  return { body: JSON.stringify(rest), bytes };
}

export function toEvent(row: EventRow): PipelineEvent {
  const event = JSON.parse(row.body) as PipelineEvent;
  if (row.bytes !== null && event.kind === 'wire.message') event.bytes = new Uint8Array(row.bytes);
  return event;
}
