import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Log } from '../log.ts';
import type { BodyOf, ReplyOf } from './requests.ts';
import type { StoreThread } from './thread.ts';

/**
 * A store thread that is there for as long as the store is: one that died (out of memory, a bug in the addon) is replaced when
 * it is next asked. What it was doing when it died rejects with a retryable 'disconnected'; the asker decides.
 */
export class StandingThread<Requests> {
  #thread: StoreThread<Requests>;
  readonly #restart: () => Promise<StoreThread<Requests>>;
  readonly #log: Log;
  #restarting: Promise<StoreThread<Requests>> | null = null;
  #isClosed = false;

  constructor(first: StoreThread<Requests>, restart: () => Promise<StoreThread<Requests>>, log: Log) {
    this.#thread = first;
    this.#restart = restart;
    this.#log = log;
  }

  /** Requests to a living thread are sent at once, and so in order. */
  request<Name extends keyof Requests & string>(name: Name, body: BodyOf<Requests, Name>): Promise<ReplyOf<Requests, Name>> {
    if (!this.#thread.hasEnded || this.#isClosed) return this.#thread.request(name, body);
    return this.#replaced().then((thread) => thread.request(name, body));
  }

  /** `farewell` is asked first of a thread that still lives. */
  async close(farewell?: (thread: StoreThread<Requests>) => Promise<unknown>): Promise<void> {
    this.#isClosed = true;
    await this.#restarting?.catch(() => {});
    if (farewell !== undefined && !this.#thread.hasEnded) await farewell(this.#thread);
    await this.#thread.end();
  }

  #replaced(): Promise<StoreThread<Requests>> {
    this.#restarting ??= this.#start().finally(() => {
      this.#restarting = null;
    });
    return this.#restarting;
  }

  async #start(): Promise<StoreThread<Requests>> {
    try {
      this.#thread = await this.#restart();
      this.#log.warn({}, 'store thread replaced');
      return this.#thread;
    } catch (error) {
      this.#log.error({ err: error }, 'store thread not replaced');
      throw error instanceof TalkError ? error : new TalkError('disconnected', { what: 'store' }, { retryable: true, cause: error });
    }
  }
}
