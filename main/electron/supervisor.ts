import type { CoreState } from '../../preload/contract/desktop-bridge.ts';
import type { Schedule } from '../../preload/contract/reconnecting.ts';
import type { FromCore, ToCore } from './core-messages.ts';

/** A started child, however it was started. `onExit` fires exactly once, with what ended it: 'exit 1', 'SIGKILL'. */
export interface CoreProcess {
  post(message: ToCore): void;
  onMessage(listener: (message: FromCore) => void): void;
  onExit(listener: (reason: string) => void): void;
  kill(): void;
}

export interface SupervisorOptions<Child extends CoreProcess> {
  start(): Child;
  schedule?: Schedule;
  startTimeoutMs?: number;
  heartbeatMs?: number;
  stopTimeoutMs?: number;
  /** Told of every exit, asked for or not. */
  onExit?(reason: string): void;
}

/** Unanswered pings in a row after which the core counts as degraded, and as hung. */
const DEGRADED_AFTER = 2;
const HUNG_AFTER = 10;
const FIRST_RESTART_MS = 500;
const LONGEST_RESTART_MS = 30_000;
/** A core that ran this long had not failed at what the last one failed at: back-off starts over. */
const STABLE_MS = 60_000;
const RESTART_LIMIT = 6;

/**
 * Keeps one core running: start timeout, heartbeat, restart with back-off, an exit that always has a name. Knows nothing of
 * Electron; `start` does.
 */
export class Supervisor<Child extends CoreProcess> {
  readonly #options: Required<Omit<SupervisorOptions<Child>, 'onExit'>> & Pick<SupervisorOptions<Child>, 'onExit'>;
  readonly #listeners = new Set<(state: CoreState) => void>();
  readonly #timers = new Set<() => void>();
  #state: CoreState = { state: 'stopped', restarts: 0, reason: null };
  #child: Child | null = null;
  #unanswered = 0;
  /** Exits since the last stable run. */
  #failures = 0;
  /** Why we ended the child ourselves; its own exit reason would only say that it was killed. */
  #killReason: string | null = null;
  #stopping: PromiseWithResolvers<void> | null = null;

  constructor(options: SupervisorOptions<Child>) {
    this.#options = { schedule: scheduleTimeout, startTimeoutMs: 30_000, heartbeatMs: 2_000, stopTimeoutMs: 5_000, ...options };
  }

  get state(): CoreState {
    return this.#state;
  }

  /** The child that takes connections now: null unless ready or degraded. */
  get core(): Child | null {
    return this.#state.state === 'ready' || this.#state.state === 'degraded' ? this.#child : null;
  }

  /** Called at every change, not with the present state. Returns its unregister. */
  onState(listener: (state: CoreState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Starts the core; does nothing when it is already up or on its way. */
  start(): void {
    if (this.#state.state !== 'stopped' || this.#stopping !== null) return;
    this.#failures = 0;
    this.#setState({ state: 'starting', reason: null });
    this.#spawn();
  }

  /** Asks the core to finish, kills it after `stopTimeoutMs`. Resolves when it is gone. */
  stop(): Promise<void> {
    if (this.#stopping !== null) return this.#stopping.promise;
    this.#clearTimers();
    const child = this.#child;
    if (child === null) {
      this.#setState({ state: 'stopped' });
      return Promise.resolve();
    }
    this.#stopping = Promise.withResolvers();
    child.post({ type: 'stop' });
    this.#after(this.#options.stopTimeoutMs, () => this.#kill('stop-timeout'));
    return this.#stopping.promise;
  }

  #spawn(): void {
    this.#killReason = null;
    this.#unanswered = 0;
    const child = this.#options.start();
    this.#child = child;
    child.onMessage((message) => {
      if (child === this.#child && this.#stopping === null) this.#heard(message);
    });
    child.onExit((reason) => this.#exited(this.#killReason ?? reason));
    this.#after(this.#options.startTimeoutMs, () => this.#kill('start-timeout'));
  }

  #heard(message: FromCore): void {
    if (message.type === 'ready' && this.#state.state === 'starting') {
      this.#clearTimers();
      this.#after(this.#options.heartbeatMs, () => this.#beat());
      this.#after(STABLE_MS, () => {
        this.#failures = 0;
      });
      this.#setState({ state: 'ready' });
    } else if (message.type === 'pong') {
      this.#unanswered = 0;
      if (this.#state.state === 'degraded') this.#setState({ state: 'ready' });
    }
  }

  #beat(): void {
    if (this.#unanswered >= HUNG_AFTER) {
      this.#kill('no-heartbeat');
      return;
    }
    if (this.#unanswered >= DEGRADED_AFTER && this.#state.state === 'ready') this.#setState({ state: 'degraded' });
    this.#unanswered++;
    this.#child?.post({ type: 'ping' });
    this.#after(this.#options.heartbeatMs, () => this.#beat());
  }

  #kill(reason: string): void {
    this.#killReason = reason;
    this.#child?.kill();
  }

  #exited(reason: string): void {
    this.#child = null;
    this.#clearTimers();
    this.#options.onExit?.(reason);
    if (this.#stopping !== null) {
      this.#setState({ state: 'stopped', reason });
      this.#stopping.resolve();
      this.#stopping = null;
    } else if (++this.#failures > RESTART_LIMIT) {
      this.#setState({ state: 'stopped', reason });
    } else {
      this.#setState({ state: 'starting', restarts: this.#state.restarts + 1, reason });
      this.#after(Math.min(LONGEST_RESTART_MS, FIRST_RESTART_MS * 2 ** (this.#failures - 1)), () => this.#spawn());
    }
  }

  #setState(change: Partial<CoreState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener(this.#state);
  }

  #after(delayMs: number, callback: () => void): void {
    const cancel = this.#options.schedule(delayMs, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
  }

  #clearTimers(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }
}

function scheduleTimeout(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}
