import type { WireFilter } from '../../../preload/contract/cloud/wire-log.ts';
import { setParameters, useParameters } from '../../lib/location.ts';

export const gateways = ['twetalk', 'trtc', 'cloud', 'speech', 'tuya', 'tuya-monitor', 'xiaozhi', 'callbacks'] as const;
export const channels = ['mqtt', 'websocket', 'http', 'tcp', 'udp'] as const;

const conditions = ['gateway', 'channel', 'direction', 'device', 'conversation', 'find', 'unknown'] as const;

/** What is looked at stands in the address, so that a link brings it back. */
export function useWireFilter(): {
  filter: WireFilter;
  /** The message that is opened. */
  selectedId: number | null;
  change(changes: Record<string, string | null>): void;
  clear(): void;
} {
  const parameters = useParameters();
  const listOf = (name: string): string[] => (parameters.get(name) ?? '').split(',').filter((each) => each !== '');
  const channelList = listOf('channel').filter((each): each is (typeof channels)[number] => channels.some((known) => known === each));
  const direction = parameters.get('direction');
  const filter: WireFilter = {
    ...(listOf('gateway').length > 0 && { gateways: listOf('gateway') }),
    ...(channelList.length > 0 && { channels: channelList }),
    ...((direction === 'up' || direction === 'down') && { direction }),
    ...(parameters.get('device') !== null && { deviceId: parameters.get('device') as string }),
    ...(parameters.get('conversation') !== null && { conversationId: parameters.get('conversation') as string }),
    ...(parameters.get('find') !== null && { contains: parameters.get('find') as string }),
    ...(parameters.get('unknown') === '1' && { isUnknown: true }),
  };
  const selected = Number(parameters.get('message') ?? Number.NaN);
  return {
    filter,
    selectedId: Number.isSafeInteger(selected) ? selected : null,
    change: setParameters,
    clear: () => setParameters(Object.fromEntries(conditions.map((name) => [name, null]))),
  };
}
