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
  /** The board is switched off: its connection ends at once. */
  signal?: AbortSignal | undefined;
}

/**
 * What a board does first in its new network: connects to its cloud and shows it the token (reference/twetalk.md §3.7). Resolves
 * with the cloud's code, 0 is success; a cloud that cannot be reached, or goes away meanwhile, is a code too.
 */
export async function bindToCloud({ broker, device, token, pairTime, signal }: BindOptions): Promise<number> {
  if (signal?.aborted === true) return TIMED_OUT;
  const { clientId, username, password } = buildCredentials(device);
  const host = broker.host.includes(':') ? `[${broker.host}]` : broker.host;
  const code = Promise.withResolvers<number>();
  const giveUp = (): void => code.resolve(TIMED_OUT);
  const timer = setTimeout(giveUp, CONNECT_TIMEOUT_MS + REPLY_TIMEOUT_MS);
  signal?.addEventListener('abort', giveUp, { once: true });
  const client = mqtt.connect(`mqtt://${host}:${broker.port}`, {
    protocolVersion: 4,
    clientId,
    username,
    password,
    clean: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
  });
  client.once('connect', () => {
    const params = { token, ...(pairTime === undefined ? {} : { pairTime }) };
    showToken(client, device, params).catch(giveUp);
  });
  client.on('message', (_topic, payload) => code.resolve(codeOf(payload)));
  // An error nobody listens for would be thrown at the whole process.
  client.on('error', giveUp);
  client.on('close', giveUp);
  try {
    return await code.promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
    client.end(true);
  }
}

async function showToken(client: MqttClient, device: BindOptions['device'], params: Record<string, unknown>): Promise<void> {
  await client.subscribeAsync(downTopic('thing-service', device), { qos: 0 });
  const clientToken = `app-bind-${Date.now() % 100_000}`;
  await client.publishAsync(upTopic('thing-service', device), JSON.stringify({ method: 'app_bind_token', clientToken, params }), {
    qos: 1,
  });
}

function codeOf(reply: Uint8Array): number {
  try {
    const { code } = JSON.parse(new TextDecoder().decode(reply)) as { code?: unknown };
    return typeof code === 'number' ? code : TIMED_OUT;
  } catch {
    return TIMED_OUT;
  }
}
