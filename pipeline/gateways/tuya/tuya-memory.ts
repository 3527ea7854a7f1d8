import type { Clock } from '../../../preload/contract/time.ts';
import { AgentTokens } from './agent-tokens.ts';
import { SeenOnce } from './seen-once.ts';

/** A signed token request is good for so long around its time. */
export const FRESH_S = 300;
const DAY_S = 86_400;
const MOST = 10_000;

/** What outlives the gateway: listeners that are opened anew take the tokens that were given, and nothing twice. */
export class TuyaMemory {
  readonly tokens: AgentTokens;
  /** Of token requests, each with its device. */
  readonly nonces: SeenOnce;
  /** Randoms of signed hellos: a connection that was recorded and is played again has those of the first one. */
  readonly hellos: SeenOnce;

  constructor(clock: Clock) {
    this.tokens = new AgentTokens(clock);
    this.nonces = new SeenOnce(clock, { forS: 2 * FRESH_S, most: MOST });
    this.hellos = new SeenOnce(clock, { forS: DAY_S, most: MOST });
  }
}
