import mqtt, { type MqttClient } from 'mqtt';
import { buildCredentials } from '../../gateways/twetalk/credentials.ts';
import { downTopic, upTopic } from '../../gateways/twetalk/topics.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const REPLY_TIMEOUT_MS = 10_000;
/** What the SDK reports when no answer came. */
const TIMED_OUT = 408;

export interface BindOptions {
  broker: { host: string; port: number };
  device: { productId: string; deviceName: string; secret: string };
  token: string;
  /** Milliseconds of each phase, as a board that was set up over Bluetooth reports them. */
  pairTime?: Record<string, string | number>;
}

/**
 * What a board does first in its new network: connects to its cloud and shows it the token (reference/twetalk.md §3.7). Resolves
 * with the cloud's code; 0 is success.
 */
export async function bindToCloud({ broker, device, token, pairTime }: BindOptions): Promise<number> {
  const { clientId, username, password } = buildCredentials(device);
  const host = broker.host.includes(':') ? `[${broker.host}]` : broker.host;
  const client = await mqtt
    .connectAsync(
      `mqtt://${host}:${broker.port}`,
      {
        protocolVersion: 4,
        clientId,
        username,
        password,
        clean: true,
        connectTimeout: CONNECT_TIMEOUT_MS,
        reconnectPeriod: 0,
      },
      false,
    )
    .catch(() => null);
  if (client === null) return TIMED_OUT;
  try {
    await client.subscribeAsync(downTopic('thing-service', device), { qos: 0 });
    const clientToken = `app-bind-${Date.now() % 100_000}`;
    const replied = nextMessage(client);
    const params = { token, ...(pairTime === undefined ? {} : { pairTime }) };
    await client.publishAsync(upTopic('thing-service', device), JSON.stringify({ method: 'app_bind_token', clientToken, params }), {
      qos: 1,
    });
    const { code } = JSON.parse(await replied) as { code?: unknown };
    return typeof code === 'number' ? code : TIMED_OUT;
  } catch {
    return TIMED_OUT;
  } finally {
    await client.endAsync(true);
  }
}

function nextMessage(client: MqttClient): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no reply')), REPLY_TIMEOUT_MS);
    client.once('message', (_topic, payload) => {
      clearTimeout(timer);
      resolve(payload.toString('utf8'));
    });
  });
}
