import { createHmac } from 'node:crypto';
import type { RefusalHint, RefusalReason } from '../../../preload/contract/cloud/refusals.ts';
import type { DeviceConnection } from '../../../preload/contract/pipeline.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { type DeviceName, type DeviceRegistry, deviceId, isDeviceName, type KnownDevice } from '../devices.ts';
import { isPasswordRight, NO_EXPIRY, parseUsername, type Username } from './credentials.ts';
import { Allowance } from './rate.ts';

/** MQTT 3.1.1 CONNACK return codes. */
const SERVER_UNAVAILABLE = 3;
const BAD_USERNAME_OR_PASSWORD = 4;
const NOT_AUTHORIZED = 5;

const MINUTE_US = 60_000_000;
/** Boards behind one router share its address. */
const ADDRESS_SHARE = 10;

/** Of names that are no device's: they may be as long as a packet. */
const MOST_SHOWN_CHARACTERS = 64;

/** What the connection below MQTT has proved already. */
export type TlsProof = { kind: 'psk'; identity: string } | { kind: 'certificate'; commonName: string; fingerprint: string };

export interface Admitted {
  device: KnownDevice;
  /**
   * Whether this is the board itself. A tool that has the device's credentials but another client id (`mosquitto_sub` beside
   * a live board) may see and send what the device may, without pushing the board off the broker or counting as it.
   */
  isBoard: boolean;
  proof: DeviceConnection['proof'];
  sdkAppId: string;
}

export interface Refused {
  device: DeviceName;
  reason: RefusalReason;
  returnCode: number;
  /** What would have been right. Never a secret. */
  expected?: string;
  /** The same, where the reason alone does not say it. */
  hint?: RefusalHint;
}

export interface AdmissionRequest {
  clientId: string;
  username: string;
  password: string;
  proof: TlsProof | null;
  /** Where from; empty where it is not known. */
  address: string;
}

const forms = {
  username: 'username "<product id><device name>;<SDK app id>;<5 characters>;<expiry in Unix seconds>"',
  password: 'password "<hex HMAC-SHA1 or HMAC-SHA256 of the username under the base64-decoded device secret>;<hmacsha1 or hmacsha256>"',
  psk: 'TLS with pre-shared key: identity "<product id><device name>", key the base64-decoded device secret',
  certificate: 'TLS with the client certificate this bench issued last for the device, its common name "<product id><device name>"',
} as const;

const hinted: Readonly<Record<RefusalHint, string>> = {
  'username-form': `${forms.username}; ${forms.password}`,
  'password-method': `${forms.password}; the method after the semicolon is missing or unknown`,
  'password-length': `${forms.password}; hmacsha1 has 40 hex digits, hmacsha256 64`,
  'password-undecoded': `${forms.password}; the secret was used as text, without decoding it from base64`,
  'key-form': `${forms.password}, or ${forms.psk}`,
  'psk-form': forms.psk,
  'certificate-form': forms.certificate,
};

/**
 * Who gets in by MQTT (reference/twetalk.md §3.1): by the HMAC of the username, by a TLS pre-shared key, or by a client certificate, as
 * the device's product says. The same for the bench's own broker and for one of the lab's that asks.
 */
export function createAdmission(deps: { clock: Clock; settings: () => Settings; devices: DeviceRegistry }) {
  const { clock, settings, devices } = deps;
  const attempts = new Allowance(clock, MINUTE_US);

  function admit(request: AdmissionRequest): Admitted | Refused {
    const username = parseUsername(request.username);
    // TLS has named it: SDKs send the same username, other clients of the same key often send none.
    const named = proved(request.proof) ?? username?.clientId ?? request.clientId;
    const known = devices.findByClientId(named);
    const device = known ?? splitClientId(named);
    if (isTooOften(device, request.address)) return refusal(device, 'too-many-connections', SERVER_UNAVAILABLE);
    if (username !== null && username.clientId !== named)
      return refusal(device, 'username-of-another', BAD_USERNAME_OR_PASSWORD, forms.username);
    if (request.proof === null && username === null) {
      const hint = devices.authenticationOf(device.productId) === 'key' ? 'username-form' : formOf(device);
      return refusal(device, 'malformed-username', BAD_USERNAME_OR_PASSWORD, { hint });
    }
    if (username !== null && isExpired(username)) {
      return refusal(
        device,
        'expired',
        BAD_USERNAME_OR_PASSWORD,
        `an expiry after ${Math.floor(clock.wallMs() / 1000)} (the bench's clock) in the username`,
      );
    }
    const judged = judge(request, username, known, device);
    if ('reason' in judged) return judged;
    const isBoard = request.clientId === named;
    // Credentials of one device under the client id of another would push that one off.
    if (!isBoard && devices.findByClientId(request.clientId))
      return refusal(device, 'client-id-of-another', NOT_AUTHORIZED, `client id "${named}"`);
    const admitted = known ?? devices.adopt(device.productId, device.deviceName);
    return { device: admitted, isBoard, proof: judged.proof, sdkAppId: username?.sdkAppId.slice(0, MOST_SHOWN_CHARACTERS) ?? '' };
  }

  function judge(
    { proof, username: text, password }: AdmissionRequest,
    username: Username | null,
    known: KnownDevice | undefined,
    device: DeviceName,
  ): { proof: Admitted['proof'] } | Refused {
    const authentication = devices.authenticationOf(device.productId);
    if (proof?.kind === 'certificate') {
      const isRight = known !== undefined && known.certificateFingerprint === proof.fingerprint;
      return isRight ? { proof: 'certificate' } : refusal(device, 'wrong-certificate', NOT_AUTHORIZED, forms.certificate);
    }
    // The handshake needs the secret: that it came about is the proof.
    if (proof?.kind === 'psk') {
      const isRight = known?.secret && authentication !== 'certificate';
      return isRight ? { proof: 'psk' } : refusal(device, 'wrong-method', NOT_AUTHORIZED, { hint: formOf(device) });
    }
    if (known?.secret && authentication === 'key') {
      if (password === '') return refusal(device, 'password-missing', BAD_USERNAME_OR_PASSWORD, forms.password);
      if (isPasswordRight(text, password, known.secret)) return { proof: 'password' };
      return refusal(device, 'bad-password', BAD_USERNAME_OR_PASSWORD, mistakeIn(text, password, known.secret));
    }
    if (known?.secret || authentication !== 'key') return refusal(device, 'wrong-method', NOT_AUTHORIZED, { hint: formOf(device) });
    const isNameless = username === null || !(known !== undefined || isDeviceName(device));
    if (isNameless || settings().devices.unknownDevices === 'refuse') {
      return refusal(
        device,
        'unknown-device',
        NOT_AUTHORIZED,
        'a device that is registered on this bench, or the bench set to accept unknown ones',
      );
    }
    if (known === undefined && !devices.hasRoomToAdopt()) return refusal(device, 'too-many-unknown', NOT_AUTHORIZED);
    return { proof: 'none' };
  }

  function formOf({ productId }: DeviceName): RefusalHint {
    return `${devices.authenticationOf(productId)}-form`;
  }

  /** A flood of one device, or of one address under names that change, costs only itself. */
  function isTooOften(device: DeviceName, address: string): boolean {
    const limit = settings().broker.connectionsPerMinute;
    const isDeviceWithin = attempts.take(`device ${deviceId(device).slice(0, MOST_SHOWN_CHARACTERS)} ${address}`, limit);
    return !(address === '' || attempts.take(`address ${address}`, limit * ADDRESS_SHARE)) || !isDeviceWithin;
  }

  function isExpired({ expiry }: Username): boolean {
    if (!settings().broker.isExpiryChecked || expiry === String(NO_EXPIRY)) return false;
    return !/^\d{1,15}$/.test(expiry) || Number(expiry) * 1000 < clock.wallMs();
  }

  return { admit };
}

/** `right`: a sentence, or the hint that has one. */
function refusal(device: DeviceName, reason: RefusalReason, returnCode: number, right?: string | { hint: RefusalHint }): Refused {
  const productId = device.productId.slice(0, MOST_SHOWN_CHARACTERS);
  const deviceName = device.deviceName.slice(0, MOST_SHOWN_CHARACTERS);
  const refused = { device: { productId, deviceName }, reason, returnCode };
  if (right === undefined) return refused;
  return typeof right === 'string' ? { ...refused, expected: right } : { ...refused, expected: hinted[right.hint], hint: right.hint };
}

/** For 'device.refused'. */
export function toldOf({ device, reason, expected, hint }: Refused) {
  return { ...device, reason, ...(expected !== undefined && { expected }), ...(hint !== undefined && { hint }) };
}

function proved(proof: TlsProof | null): string | undefined {
  return proof?.kind === 'psk' ? proof.identity : proof?.commonName;
}

/** The mistake that shows in the password, as far as it can be told; the form in any case. */
function mistakeIn(username: string, password: string, secret: string): string | { hint: RefusalHint } {
  const [digest = '', method = ''] = password.toLowerCase().split(';');
  const algorithm = { hmacsha1: 'sha1', hmacsha256: 'sha256' }[method];
  if (algorithm === undefined) return { hint: 'password-method' };
  const hexDigits = algorithm === 'sha1' ? 40 : 64;
  if (!new RegExp(`^[0-9a-f]{${hexDigits}}$`).test(digest)) return { hint: 'password-length' };
  if (createHmac(algorithm, secret).update(username).digest('hex') === digest) return { hint: 'password-undecoded' };
  return `${forms.password}; most often the board holds another secret than the bench`;
}

/** Product ids are ten characters on the real cloud; shorter ones can only be told apart by the registry. */
export function splitClientId(clientId: string): DeviceName {
  return { productId: clientId.slice(0, 10), deviceName: clientId.slice(10) };
}
