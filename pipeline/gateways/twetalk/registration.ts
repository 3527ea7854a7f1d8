import { createCipheriv, createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RefusalReason } from '../../../preload/contract/cloud/refusals.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { Observer } from '../../observer.ts';
import { type DeviceRegistry, isDeviceName } from '../devices.ts';
import { parseObject } from './board-text.ts';
import { Allowance } from './rate.ts';

export const registrationPath = '/device/register';

const MAX_BODY_BYTES = 4096;
const BODY_TIMEOUT_US = 10_000_000;
/** A flood of refused requests is told of by its first ones. */
const REFUSALS_TOLD_PER_SECOND = 20;

export interface RegistrationDeps {
  clock: Clock;
  observer: Observer;
  settings: () => Settings;
  devices: DeviceRegistry;
  log: { error(details: object, message: string): void };
}

export interface RegistrationRequest {
  host: string;
  algorithm: string;
  timestamp: string;
  nonce: string;
  body: Uint8Array;
}

/** What a device signs to be registered (reference/twetalk.md §3.7), in base64. */
export function registrationSignature(request: RegistrationRequest, productSecret: string): string {
  const isSha256 = request.algorithm.toLowerCase() === 'hmacsha256';
  const digest = createHash(isSha256 ? 'sha256' : 'sha1')
    .update(request.body)
    .digest('hex');
  const text = ['POST', request.host, registrationPath, '', request.algorithm, request.timestamp, request.nonce, digest].join('\n');
  return createHmac(isSha256 ? 'sha256' : 'sha1', productSecret)
    .update(text)
    .digest('base64');
}

/** AES-128-CBC under the first 16 bytes of the product's secret, IV sixteen ASCII zeros. */
export function encryptRegistration(payload: string, productSecret: string, padding: 'zero' | 'pkcs7'): string {
  const cipher = createCipheriv('aes-128-cbc', Buffer.from(productSecret).subarray(0, 16), '0'.repeat(16));
  const text = Buffer.from(payload);
  if (padding === 'pkcs7') return Buffer.concat([cipher.update(text), cipher.final()]).toString('base64');
  cipher.setAutoPadding(false);
  const padded = Buffer.concat([text, Buffer.alloc((16 - (text.length % 16)) % 16)]);
  return Buffer.concat([cipher.update(padded), cipher.final()]).toString('base64');
}

type Outcome = { payload: string } | { error: string; message: string };

/** `POST /device/register`: a device that knows its product's secret gets its own. The names of the errors are guesses in Tencent Cloud's form. */
export function createRegistration(deps: RegistrationDeps): (request: IncomingMessage, response: ServerResponse) => void {
  const { clock, observer } = deps;
  const told = new Allowance(clock, 1_000_000);

  async function register(request: IncomingMessage, body: Buffer): Promise<Outcome> {
    const { dynamicRegistration, registrationPadding } = deps.settings().twetalk;
    if (dynamicRegistration === 'off') return { error: 'UnsupportedOperation', message: 'dynamic registration is off' };
    const fields = parseObject(body.toString('utf8'));
    const productId = textOf(fields?.ProductId);
    const deviceName = textOf(fields?.DeviceName);
    if (!isDeviceName({ productId, deviceName })) return { error: 'InvalidParameterValue', message: 'ProductId or DeviceName' };
    const product = deps.devices.productSecret(productId);
    const header = (name: string) => textOf(request.headers[name]);
    const signed = {
      host: header('host'),
      algorithm: header('x-tc-algorithm'),
      timestamp: header('x-tc-timestamp'),
      nonce: header('x-tc-nonce'),
      body,
    };
    if (product === undefined || Buffer.byteLength(product.secret) < 16)
      return refuse(productId, deviceName, 'ResourceNotFound.Product', 'unknown-product');
    const productSecret = product.secret;
    // The stock SDK signs the host of its own configuration, whatever name or port it really reached us by.
    const hosts = new Set([signed.host, signed.host.replace(/:\d+$/, ''), 'ap-guangzhou.gateway.tencentdevices.com']);
    const given = header('x-tc-signature');
    const isRight = [...hosts].map((host) => isSame(registrationSignature({ ...signed, host }, productSecret), given)).includes(true);
    if (!isRight) return refuse(productId, deviceName, 'AuthFailure.SignatureFailure', 'bad-product-signature');
    const isRegistered = deps.devices.find(productId, deviceName) !== undefined;
    if (!isRegistered && !(product.isOpen || dynamicRegistration === 'create'))
      return refuse(productId, deviceName, 'ResourceNotFound.Device', 'not-entered');
    const { secret } = deps.devices.register(productId, deviceName);
    return { payload: encryptRegistration(JSON.stringify({ encryptionType: 2, psk: secret }), productSecret, registrationPadding) };
  }

  function refuse(productId: string, deviceName: string, error: string, reason: RefusalReason): Outcome {
    if (told.take('refused', REFUSALS_TOLD_PER_SECOND))
      observer.event({ atUs: clock.nowUs(), kind: 'device.refused', productId, deviceName, reason });
    return { error, message: error };
  }

  return (request, response) => {
    if (request.method !== 'POST') {
      response.writeHead(405, { 'content-length': 0, connection: 'close' }).end();
      return;
    }
    readBody(request, clock)
      .then(async (body) => {
        const outcome: Outcome = body === null ? { error: 'InvalidParameter', message: 'the body' } : await register(request, body);
        const RequestId = randomUUID();
        const answer =
          'payload' in outcome
            ? { Response: { Payload: outcome.payload, RequestId } }
            : { Response: { Error: { Code: outcome.error, Message: outcome.message }, RequestId } };
        const isTold = 'payload' in outcome || told.take('message', REFUSALS_TOLD_PER_SECOND);
        const event: PipelineEvent = {
          atUs: clock.nowUs(),
          kind: 'wire.message',
          gateway: 'twetalk',
          channel: 'http',
          direction: 'up',
          name: registrationPath,
          text: body?.toString('utf8') ?? '',
          note: 'payload' in outcome ? 'registered' : `refused: ${outcome.error}`,
        };
        if (isTold) observer.event(event);
        const text = JSON.stringify(answer);
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
      })
      .catch((error: unknown) => {
        deps.log.error({ err: error }, 'a device could not be registered');
        response.destroy();
      });
  };
}

/** Null when it is too long or does not come. */
function readBody(request: IncomingMessage, clock: Clock): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (body: Buffer | null) => {
      cancel();
      request.removeAllListeners('data');
      request.resume();
      resolve(body);
    };
    const cancel = clock.at((clock.nowUs() + BODY_TIMEOUT_US) as ReturnType<Clock['nowUs']>, () => end(null));
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) end(null);
      else chunks.push(chunk);
    });
    request.on('end', () => end(Buffer.concat(chunks)));
    request.on('error', () => end(null));
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
