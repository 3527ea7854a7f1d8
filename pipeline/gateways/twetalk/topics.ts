import type { DeviceName } from '../devices.ts';

/**
 * MQTT topics of one device (reference/twetalk.md §3). They all end in `/<product>/<device>`, and the direction stands in
 * the name, except that OTA and time say it in their own words.
 */
export type DownTopic = 'property' | 'action' | 'event' | 'thing-service' | 'twecall' | 'ota' | 'time';
export type UpTopic = DownTopic;

const prefixes: Record<DownTopic, { up: string; down: string }> = {
  property: { up: '$thing/up/property', down: '$thing/down/property' },
  action: { up: '$thing/up/action', down: '$thing/down/action' },
  event: { up: '$thing/up/event', down: '$thing/down/event' },
  'thing-service': { up: '$thing/up/service', down: '$thing/down/service' },
  twecall: { up: '$twecall/up/service', down: '$twecall/down/service' },
  ota: { up: '$ota/report', down: '$ota/update' },
  time: { up: '$sys/operation', down: '$sys/operation/result' },
};

const kinds = Object.keys(prefixes) as DownTopic[];

export function upTopic(kind: UpTopic, device: DeviceName): string {
  return `${prefixes[kind].up}/${device.productId}/${device.deviceName}`;
}

export function downTopic(kind: DownTopic, device: DeviceName): string {
  return `${prefixes[kind].down}/${device.productId}/${device.deviceName}`;
}

/** `kind` is null for a topic that is a device's by its ending but that no part of the protocol we know uses. */
export interface ParsedTopic extends DeviceName {
  kind: DownTopic | null;
  direction: 'up' | 'down' | null;
}

/** Null when the topic does not end in a product and a device name, or holds a wildcard. */
export function parseTopic(topic: string): ParsedTopic | null {
  if (/[#+]/.test(topic)) return null;
  const levels = topic.split('/');
  const deviceName = levels.pop();
  const productId = levels.pop();
  if (!deviceName || !productId || levels.length === 0) return null;
  const prefix = levels.join('/');
  const kind = kinds.find((candidate) => prefixes[candidate].up === prefix || prefixes[candidate].down === prefix);
  if (kind === undefined) return { kind: null, direction: null, productId, deviceName };
  return { kind, direction: prefixes[kind].up === prefix ? 'up' : 'down', productId, deviceName };
}
