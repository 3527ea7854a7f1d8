import mqtt, { type MqttClient } from 'mqtt';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { buildCredentials } from '../../gateways/twetalk/credentials.ts';

/** As the SDK does, 1 to 2 s after it lost its connection. */
const RECONNECT_MS = 1500;

/**
 * Another board that was given the same device is switched on: from then on each that connects ends the other's connection, as brokers do with
 * two clients of one name. Returns what switches it off.
 */
export function startTwin(deps: {
  clock: Clock;
  broker: { host: string; port: number };
  device: { productId: string; deviceName: string; secret: string };
  afterMs: number;
}): () => void {
  const { clock, broker, device, afterMs } = deps;
  let client: MqttClient | null = null;
  const cancel = clock.at((clock.nowUs() + afterMs * 1000) as MonoUs, () => {
    const { clientId, username, password } = buildCredentials(device);
    const address = broker.host.includes(':') ? `[${broker.host}]` : broker.host;
    const session = { protocolVersion: 4 as const, clientId, username, password, reconnectPeriod: RECONNECT_MS };
    client = mqtt.connect(`mqtt://${address}:${broker.port}`, session);
    client.on('error', () => {}); // nobody listens: it comes again
  });
  return () => {
    cancel();
    client?.end(true);
  };
}
