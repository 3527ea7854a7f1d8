import { randomBytes } from 'node:crypto';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { type DeviceName, deviceId } from '../devices.ts';
import type { ChannelName } from './channels.ts';

/** What is told with a token: which channels its sessions have, as the vendor's clouds say it. */
export interface BizConfig {
  readonly bizCode: number;
  readonly sendData: readonly ChannelName[];
  readonly revData: readonly ChannelName[];
}

export interface AgentGrant {
  readonly device: DeviceName;
  /** As the client named it; every agent here is the one of the bench. */
  readonly agentCode: string;
  readonly needTts: boolean;
  readonly onlyAsr: boolean;
  readonly bizConfig: BizConfig;
  readonly expiresUs: MonoUs;
}

export const usualBizConfig: BizConfig = { bizCode: 65537, sendData: ['audio', 'text', 'image', 'audio'], revData: ['audio', 'text'] };

const KEPT_PER_DEVICE = 32;

/** Agent tokens: 32 hex digits (TuyaOpen keeps fewer than 64), each for one device and for as long as the settings say. */
export class AgentTokens {
  readonly #clock: Clock;
  readonly #issued = new Map<string, AgentGrant>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(grant: Omit<AgentGrant, 'expiresUs'>, lifetimeS: number): { token: string; expiresUs: MonoUs } {
    const nowUs = this.#clock.nowUs();
    for (const [token, { expiresUs }] of this.#issued) if (expiresUs <= nowUs) this.#issued.delete(token);
    const own = [...this.#issued].filter(([, { device }]) => deviceId(device) === deviceId(grant.device));
    for (const [token] of own.slice(0, Math.max(0, own.length - KEPT_PER_DEVICE + 1))) this.#issued.delete(token);
    const token = randomBytes(16).toString('hex');
    const expiresUs = (nowUs + lifetimeS * 1_000_000) as MonoUs;
    this.#issued.set(token, { ...grant, expiresUs });
    return { token, expiresUs };
  }

  /** What it was given for, or why it is good for nobody. */
  check(token: string): AgentGrant | 'unknown' | 'expired' {
    const grant = this.#issued.get(token);
    if (grant === undefined) return 'unknown';
    return grant.expiresUs <= this.#clock.nowUs() ? 'expired' : grant;
  }
}
