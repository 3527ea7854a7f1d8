import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';

/**
 * How a board names and proves itself to the MQTT broker (reference/twetalk.md §3.1): client id `<product><device>`,
 * username `<client id>;<sdk appid>;<connection id>;<expiry>`, password the HMAC of that username under the device secret.
 */
export type HmacMethod = 'hmacsha1' | 'hmacsha256';

/** The appid this generation of the SDK sends. Older ones send another; nothing checks it. */
const SDK_APP_ID = '21010406';
/** "Never expires": what the SDK sends unless told otherwise. */
export const NO_EXPIRY = 2_147_483_647;

const connectionIdAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export interface Username {
  clientId: string;
  sdkAppId: string;
  connectionId: string;
  /** Unix seconds, as sent; `broker.isExpiryChecked` says whether it is enforced. */
  expiry: string;
}

/** Null when it is not of the four-part form. */
export function parseUsername(username: string): Username | null {
  const [clientId, sdkAppId, connectionId, expiry, ...rest] = username.split(';');
  if (!clientId || !sdkAppId || !connectionId || !expiry || rest.length > 0) return null;
  return { clientId, sdkAppId, connectionId, expiry };
}

/** The password for `username`: `<hex hmac>;<method>`. `secret` is the device secret in base64, as the console shows it. */
export function passwordFor(username: string, secret: string, method: HmacMethod = 'hmacsha1'): string {
  const digest = createHmac(method === 'hmacsha1' ? 'sha1' : 'sha256', Buffer.from(secret, 'base64')).update(username);
  return `${digest.digest('hex')};${method}`;
}

/** Client id, username and password of one connection of a board. */
export function buildCredentials(
  device: { productId: string; deviceName: string; secret: string },
  connection: { connectionId?: string; expiry?: number; method?: HmacMethod } = {},
): { clientId: string; username: string; password: string } {
  const clientId = `${device.productId}${device.deviceName}`;
  const username = `${clientId};${SDK_APP_ID};${connection.connectionId ?? randomConnectionId()};${connection.expiry ?? NO_EXPIRY}`;
  return { clientId, username, password: passwordFor(username, device.secret, connection.method) };
}

/** Five characters of `[A-Za-z0-9]`, new for every connection. */
export function randomConnectionId(): string {
  let id = '';
  for (let index = 0; index < 5; index++) id += connectionIdAlphabet[randomInt(connectionIdAlphabet.length)];
  return id;
}

/** Whether `password` is `username`'s under `secret`. Hex in any case, either method; the comparison takes the same time wherever they differ. */
export function isPasswordRight(username: string, password: string, secret: string): boolean {
  const match = /^([0-9a-f]+);(hmacsha1|hmacsha256)$/i.exec(password);
  if (!match) return false;
  const method = match[2]?.toLowerCase() === 'hmacsha256' ? 'hmacsha256' : 'hmacsha1';
  const expected = Buffer.from(passwordFor(username, secret, method));
  const given = Buffer.from(password.toLowerCase());
  return expected.length === given.length && timingSafeEqual(expected, given);
}
