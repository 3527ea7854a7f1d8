import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { BoardDevice } from '../../bench.ts';

type Wire = Extract<PipelineEvent, { kind: 'wire.message' }>;

/** Whether it keeps an MQTT connection beside its voice connection, as TWeTalk's boards do. */
export function hasMqtt(device: BoardDevice): boolean {
  return device.record()?.connection != null || device.events(0).some((event) => event.kind === 'wire.message' && event.channel === 'mqtt');
}

/** Its question for the address of its voice connection: where it begins to open one. */
export function isAddressQuery(event: PipelineEvent): event is Wire {
  if (event.kind !== 'wire.message' || event.direction !== 'up' || !event.name.startsWith('$twecall')) return false;
  return event.text === undefined || event.text.includes('query_websocket_url');
}

/**
 * Milliseconds from its first asking where to connect (else from `sinceUs`) to its voice connection's opening, and how often it asked (null: it never
 * did); null when none opened.
 */
export function openingOf(device: BoardDevice, sinceUs: number): { ms: number; tries: number | null } | null {
  const events = device.events(sinceUs);
  const opened = events.findLast(({ kind }) => kind === 'conversation.opened');
  if (opened === undefined) return null;
  const asked = events.filter((event) => isAddressQuery(event) && event.atUs <= opened.atUs);
  return { ms: (opened.atUs - (asked[0]?.atUs ?? sinceUs)) / 1000, tries: asked.length === 0 ? null : asked.length };
}

/** When connections came and went, for people. */
export function connectionLines(events: readonly PipelineEvent[], fromUs: number): string[] {
  return events
    .filter(
      ({ kind }) =>
        kind === 'conversation.opened' || kind === 'conversation.closed' || kind === 'device.online' || kind === 'device.offline',
    )
    .map((event) => `${((event.atUs - fromUs) / 1e6).toFixed(3)} s  ${event.kind}${'reason' in event ? `  ${event.reason}` : ''}`)
    .slice(0, 50);
}
