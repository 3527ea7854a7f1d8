import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { GatewayDeps } from '../gateway.ts';
import { usualBizConfig } from './agent-tokens.ts';
import { FRESH_S, type TuyaMemory } from './tuya-memory.ts';
import { isOn, objectOf } from './user-data.ts';

/** Where self-built firmware and apps ask the bench for what the vendors' clouds give over MQTT and ATOP. */
export const TOKEN_PATH = '/tuya/agent-token';
const MOST_BYTES = 16 * 1024;

const request = z.object({
  deviceId: z.string().regex(/^[\w.:@-]{1,48}$/),
  /** Unix seconds. */
  t: z.number().int(),
  nonce: z.string().min(8).max(64),
  /** The agent, as `agentCode`, or the App SDK's `aiSolutionCode`. */
  agentCode: z.string().max(128).optional(),
  aiSolutionCode: z.string().max(128).optional(),
  ownerId: z.string().max(128).optional(),
  /** needTts, onlyAsr, miniProgramId: strings in the App SDK. */
  extParams: z.record(z.string(), z.unknown()).default({}),
  /** Hex of HMAC-SHA256(local key, `deviceId\nt\nnonce`). */
  sign: z.string().regex(/^[0-9a-f]{64}$/i),
});

export function signTokenRequest(localKey: Uint8Array, { deviceId, t, nonce }: { deviceId: string; t: number; nonce: string }): string {
  return createHmac('sha256', localKey).update(`${deviceId}\n${t}\n${nonce}`).digest('hex');
}

export interface TokenRequestDeps extends Pick<GatewayDeps, 'clock' | 'observer' | 'settings' | 'devices'> {
  memory: TuyaMemory;
  /** Of the channel's listeners; null while one is down. */
  ports: () => { port: number | null; tlsPort: number | null };
}

/**
 * The agent-token request in clear form: the same answer as agentic-kit's ATOP `thing.ai.agent.token.get` (`connect_conf`, `session_conf`)
 * without its envelope. Who asks proves the local key, for with a V2.1 client that signs nothing the token is all there is.
 */
export function createTokenRequests(deps: TokenRequestDeps): (incoming: IncomingMessage, response: ServerResponse) => void {
  function answer(body: unknown, localAddress: string): { status: number; body: Record<string, unknown>; note?: string } {
    const fail = (status: number, errorCode: number, errorMsg: string) => ({
      status,
      body: { success: false, errorCode, errorMsg, t: now() },
    });
    const now = () => Math.floor(deps.clock.wallMs() / 1000);
    const parsed = request.safeParse(body);
    if (!parsed.success) return fail(400, 39002, `bad request: ${parsed.error.issues[0]?.path.join('.') ?? ''}`);
    const { deviceId, t, nonce, sign, agentCode, aiSolutionCode, extParams } = parsed.data;
    const { tuya } = deps.settings();
    const device = deps.devices.find(tuya.productId, deviceId);
    // An unknown device is checked against a key like any other, and takes as long.
    const key = Buffer.from(device?.secret ?? 'AAAA', 'base64');
    const expected = Buffer.from(signTokenRequest(key, { deviceId, t, nonce }), 'hex');
    const isRight = timingSafeEqual(expected, Buffer.from(sign, 'hex')) && device !== undefined && device.secret !== null;
    if (!isRight) return fail(401, 39003, 'unknown device or wrong signature');
    // A device without a clock asks again with the `t` of this answer.
    if (Math.abs(now() - t) > FRESH_S) return fail(401, 39003, `t is more than ${FRESH_S} s off`);
    if (deps.memory.nonces.isAgain(`${deviceId}\n${nonce}`)) return fail(401, 39003, 'this nonce has been used');
    const lifetimeS = Math.round(tuya.agentTokenHours * 3600);
    const { token } = deps.memory.tokens.issue(
      {
        device: { productId: device.productId, deviceName: device.deviceName },
        agentCode: agentCode ?? aiSolutionCode ?? '',
        needTts: isOn(extParams.needTts) ?? true,
        onlyAsr: isOn(extParams.onlyAsr) ?? false,
        bizConfig: usualBizConfig,
      },
      lifetimeS,
    );
    const { port, tlsPort } = deps.ports();
    const host = deps.settings().listeners.advertisedHost || localAddress;
    const result = {
      connect_conf: { hosts: [host], domains: [host], tcpport: port, ecc_tls_port: tlsPort, derived_client_id: deviceId },
      session_conf: { agentToken: token, expire: lifetimeS, bizConfig: { ...usualBizConfig, bizTag: 119 } },
    };
    return { status: 200, body: { success: true, t: now(), result } };
  }

  return (incoming, response) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const reply = (status: number, body: Record<string, unknown>) => {
      if (response.writableEnded) return;
      const text = JSON.stringify(body);
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
      record(deps, 'down', text.replace(/("agentToken":")[^"]*/u, '$1[redacted]'), String(status));
    };
    if (incoming.method !== 'POST') return reply(405, { success: false, errorCode: 39002, errorMsg: 'POST a JSON object' });
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MOST_BYTES) chunks.push(chunk);
      else if (!response.writableEnded) {
        reply(413, { success: false, errorCode: 39002, errorMsg: 'too large' });
        incoming.destroy();
      }
    });
    incoming.on('error', () => response.destroy());
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      record(deps, 'up', text.replace(/("sign"\s*:\s*")[^"]*/u, '$1[redacted]').slice(0, 4000), 'POST');
      const { status, body } = answer(objectOf(text), (incoming.socket.localAddress ?? '').replace(/^::ffff:/u, ''));
      reply(status, body);
    });
  };
}

function record({ observer, clock }: TokenRequestDeps, direction: 'up' | 'down', text: string, what: string): void {
  observer.event({
    atUs: clock.nowUs(),
    kind: 'wire.message',
    gateway: 'tuya',
    channel: 'http',
    direction,
    name: `${TOKEN_PATH} ${what}`,
    text,
  });
}
