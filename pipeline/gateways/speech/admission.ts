import { timingSafeEqual } from 'node:crypto';
import type { CloudAccounts } from '../accounts.ts';

/** What the bench itself drives its services with: known to nobody else, gone with the process. */
export interface OwnCredential {
  token: string;
  appId: string;
}

/** Who may use the speech services, and how much at once. */
export class Admission {
  readonly #accounts: CloudAccounts;
  readonly #own: OwnCredential;
  readonly #limit: () => number;
  readonly #inUse = new Map<string, number>();

  constructor(options: { accounts: CloudAccounts; own: OwnCredential; limit: () => number }) {
    this.#accounts = options.accounts;
    this.#own = options.own;
    this.#limit = options.limit;
  }

  isToken(token: string): boolean {
    return isSame(token, this.#own.token) || this.#accounts.isSpeechToken(token);
  }

  isAppId(appId: string): boolean {
    return isSame(appId, this.#own.appId) || this.#accounts.isAppIdAllowed(appId);
  }

  /** One more of that token or app id; null when it has as many as it may. The result gives it back, once. */
  enter(who: string): (() => void) | null {
    const count = this.#inUse.get(who) ?? 0;
    if (count >= this.#limit()) return null;
    this.#inUse.set(who, count + 1);
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      const left = (this.#inUse.get(who) ?? 1) - 1;
      if (left === 0) this.#inUse.delete(who);
      else this.#inUse.set(who, left);
    };
  }
}

function isSame(given: string, known: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(known)];
  return a.length === b.length && timingSafeEqual(a, b);
}
