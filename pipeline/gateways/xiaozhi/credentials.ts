import { createHmac, timingSafeEqual } from 'node:crypto';
import { underscored } from './names.ts';

const GROUP = 'GID_talkbench';

/**
 * What the OTA answer gives a board to prove itself with. All of it follows from one key of the bench and the board's name, so nothing
 * is kept and a board that stays on is still known after a restart. The form of the MQTT part is that of xiaozhi-mqtt-gateway; boards
 * take all of it as it is (reference/voice.md §4.6).
 */
export class Credentials {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** For the WebSocket. */
  token(deviceName: string): string {
    return this.#sign(`websocket|${deviceName}`).toString('base64url');
  }

  /** `authorization` as it came, with or without "Bearer ". Takes the same time wherever it differs. */
  isToken(deviceName: string, authorization: string): boolean {
    return isSame(authorization.replace(/^Bearer\s+/iu, ''), this.token(deviceName));
  }

  mqtt(deviceName: string, uuid: string): { client_id: string; username: string; password: string } {
    const clientId = `${GROUP}@@@${underscored(deviceName)}@@@${uuid}`;
    const username = Buffer.from(JSON.stringify({ device: deviceName })).toString('base64');
    return { client_id: clientId, username, password: this.#password(clientId, username) };
  }

  isPassword(clientId: string, username: string, password: string): boolean {
    return isSame(password, this.#password(clientId, username));
  }

  #password(clientId: string, username: string): string {
    return this.#sign(`${clientId}|${username}`).toString('base64');
  }

  #sign(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}

/** The parts of `GID@@@aa_bb_cc_dd_ee_ff@@@uuid`; older gateways leave the last one out. Null for anything else. */
export function readClientId(clientId: string): { name: string; uuid: string } | null {
  const [group, name, uuid = '', ...rest] = clientId.split('@@@');
  return !group || !name || rest.length > 0 ? null : { name, uuid };
}

export function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
