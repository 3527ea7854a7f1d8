import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { BoardDevice } from '../../bench.ts';

type Wire = Extract<PipelineEvent, { kind: 'wire.message' }>;

/** Whether it keeps an MQTT connection beside its voice connection, as TWeTalk's boards do. */
export function hasMqtt(device: BoardDevice): boolean {
  return device.record()?.connection != null || device.events(0).some((event) => event.kind === 'wire.message' && event.channel === 'mqtt');
}

/** Its question for the address of its voice connection: where it begins to open one. */
export function isAddressQuery(event: PipelineEvent): event is Wire {
  return event.kind === 'wire.message' && event.direction === 'up' && event.name.startsWith('$twecall/up/');
}

/** Milliseconds from its asking where to connect (else from `sinceUs`) to its voice connection's opening; null when none opened. */
export function openingMs(device: BoardDevice, sinceUs: number): number | null {
  const events = device.events(sinceUs);
  const opened = events.findLast(({ kind }) => kind === 'conversation.opened');
  if (opened === undefined) return null;
  const asked = events.findLast((event) => isAddressQuery(event) && event.atUs <= opened.atUs);
  return (opened.atUs - (asked?.atUs ?? sinceUs)) / 1000;
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
