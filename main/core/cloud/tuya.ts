import { randomBytes } from 'node:crypto';
import type { Gateway, GatewayDeps } from '../../../pipeline/gateways/gateway.ts';
import { startTuyaGateway, type TuyaGateway } from '../../../pipeline/gateways/tuya/gateway.ts';
import { TuyaMemory } from '../../../pipeline/gateways/tuya/tuya-memory.ts';
import type { TuyaState } from '../../../preload/contract/cloud/tuya.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import { Topic } from '../endpoint/topic.ts';
import type { CloudService, CloudServiceDeps } from './service.ts';
import { Monitors } from './tuya/monitors.ts';
import { randomDeviceId, talk } from './tuya/talk.ts';

type Calls =
  | 'tuya.register'
  | 'tuya.connections'
  | 'tuya.expireToken'
  | 'tuya.talk'
  | 'tuya.startMonitor'
  | 'tuya.stopMonitor'
  | 'tuya.monitors';

const KEY_CHARACTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789';
const LOCAL_KEY_LENGTH = 16;

/** The core's part of Tuya's AI stream. */
export async function createTuyaService(deps: CloudServiceDeps): Promise<CloudService<Calls, 'tuya.state'>> {
  const { clock, observer, devices } = deps;
  const memory = new TuyaMemory(clock);
  let gateway: TuyaGateway | null = null;

  const topic = new Topic<TuyaState, TuyaState>({ snapshot: state });
  const monitors = new Monitors({ clock, observer, onChange: () => topic.publish(state()) });
  const productId = () => deps.settings.get().tuya.productId;

  function state(): TuyaState {
    return { connections: gateway?.connections() ?? [], monitors: monitors.list() };
  }

  function addressOf(isTls: boolean): { host: string; port: number; ca?: string } {
    const listener = gateway?.listeners.find(({ name, state }) => name === (isTls ? 'tuya-tls' : 'tuya') && state === 'listening');
    if (listener === undefined) throw new TalkError('talk/refused', { stage: 'tuya', reason: isTls ? 'no TLS listener' : 'no listener' });
    return { host: reachable(listener.host), port: listener.port };
  }

  return {
    calls: {
      async 'tuya.register'({ deviceId, localKey }) {
        const key = localKey ?? randomLocalKey();
        // The registry keeps secrets in base64; a local key is text.
        const { device } = await devices.put(productId(), deviceId, Buffer.from(key).toString('base64'));
        return { productId: device.productId, deviceName: device.deviceName, ...(localKey === undefined && { generatedLocalKey: key }) };
      },
      'tuya.connections': async () => ({ connections: gateway?.connections() ?? [] }),
      async 'tuya.expireToken'({ connectionId, sessionId }) {
        if (gateway?.connection(connectionId)?.expireToken(sessionId) !== true)
          throw new TalkError('not-found', { what: 'session', id: sessionId });
        return {};
      },
      async 'tuya.talk'(request, { signal }) {
        const deviceId = request.deviceId ?? randomDeviceId();
        const known = devices.find(productId(), deviceId);
        if (known === undefined && request.deviceId !== undefined)
          throw new TalkError('device/unknown', { productId: productId(), deviceName: deviceId });
        // The bench's own device leaves no trace in the registry.
        const localKey = known === undefined ? randomLocalKey() : null;
        const secret = localKey === null ? (known?.secret ?? '') : Buffer.from(localKey).toString('base64');
        if (localKey !== null) await devices.put(productId(), deviceId, secret);
        try {
          const device = { deviceId, localKey: Buffer.from(secret, 'base64') };
          return await talk(request, { clock, synthesize: deps.engines.speak, address: addressOf(request.isTls), device }, signal);
        } finally {
          if (localKey !== null) await devices.remove(productId(), deviceId).catch(() => {});
        }
      },
      'tuya.startMonitor': async ({ address }) => ({ id: await monitors.start(address) }),
      'tuya.stopMonitor': async ({ id }) => monitors.stop(id),
      'tuya.monitors': async () => ({ monitors: monitors.list() }),
    },
    streams: { 'tuya.state': () => ({ topic, isState: true }) },
    async start(given: GatewayDeps): Promise<Gateway> {
      gateway = await startTuyaGateway({ ...given, memory });
      gateway.onChange(() => topic.publish(state()));
      topic.publish(state());
      return gateway;
    },
    observe: (event) => gateway?.observe(event),
    close: () => monitors.close(),
  };
}

/** As the vendor's: 16 characters that stand in a header file without escapes. */
function randomLocalKey(): string {
  return Array.from(randomBytes(LOCAL_KEY_LENGTH), (byte) => KEY_CHARACTERS[byte % KEY_CHARACTERS.length]).join('');
}

/** An address that this machine itself can connect to. */
function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' || host === '' ? '127.0.0.1' : host;
}
