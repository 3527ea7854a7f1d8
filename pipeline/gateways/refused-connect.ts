import type { RefusalHint, RefusalReason } from '../../preload/contract/cloud/refusals.ts';
import type { PipelineEvent } from '../../preload/contract/events.ts';
import type { MonoUs } from '../../preload/contract/time.ts';
import { type DeviceName, deviceId } from './devices.ts';

const MOST_SHOWN = 500;

export interface RefusedConnect {
  atUs: MonoUs;
  gateway: 'twetalk' | 'xiaozhi';
  /** An empty name: it gave none. */
  device: DeviceName;
  clientId: string;
  username: string;
  password: string;
  reason: RefusalReason;
  hint?: RefusalHint | undefined;
}

/** The MQTT CONNECT of a board that was not let in, for its wire. The password's digest is left out: it would open the door elsewhere. */
export function refusedConnect(refused: RefusedConnect): Extract<PipelineEvent, { kind: 'wire.message' }> {
  const { atUs, gateway, device, clientId, username, password, reason, hint } = refused;
  const method = password.includes(';') ? password.slice(password.lastIndexOf(';')) : '';
  const shown = { clientId, username, ...(password !== '' && { password: `[redacted]${method}` }) };
  return {
    ...{ atUs, kind: 'wire.message', gateway, channel: 'mqtt', direction: 'up', name: 'CONNECT' },
    ...(device.deviceName !== '' && { deviceId: deviceId(device) }),
    text: JSON.stringify(Object.fromEntries(Object.entries(shown).map(([name, value]) => [name, value.slice(0, MOST_SHOWN)]))),
    note: `refused: ${reason}${hint === undefined ? '' : ` (${hint})`}`,
  };
}
