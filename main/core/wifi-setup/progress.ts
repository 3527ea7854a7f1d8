import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { WifiSetupRun, WifiSetupStepName } from '../../../preload/contract/wifi-setup.ts';

/** More than any setup says; a board that floods is cut. */
const KEPT_LINES = 400;

export const stepsOf: Record<WifiSetupRun['method'], readonly WifiSetupStepName[]> = {
  softap: ['join-board', 'reach', 'send', 'reply', 'leave', 'online', 'bound'],
  ble: ['find', 'link', 'identify', 'mode', 'send', 'wifi', 'token', 'online', 'bound'],
};

export interface ProgressOptions {
  run: Pick<WifiSetupRun, 'runId' | 'method' | 'ssid' | 'target'>;
  clock: Clock;
  /** Takes the secrets out of a text. */
  hide: (text: string) => string;
  publish: (run: WifiSetupRun) => void;
}

/** Where a run is: steps that tick off with their times, and the exchange in words. Everything it tells has passed `hide`. */
export class RunProgress {
  readonly #clock: Clock;
  readonly #hide: (text: string) => string;
  readonly #publish: (run: WifiSetupRun) => void;
  readonly #begun = new Map<WifiSetupStepName, MonoUs>();
  #run: WifiSetupRun;

  constructor({ run, clock, hide, publish }: ProgressOptions) {
    this.#clock = clock;
    this.#hide = hide;
    this.#publish = publish;
    this.#run = {
      ...run,
      startedUs: clock.nowUs(),
      startedWallMs: clock.wallMs(),
      state: 'running',
      steps: stepsOf[run.method].map((name) => ({ name, state: 'ahead', elapsedMs: null })),
      device: null,
      reached: 'nothing',
      trace: [],
      error: null,
    };
    publish(this.#run);
  }

  get run(): WifiSetupRun {
    return this.#run;
  }

  begin(name: WifiSetupStepName): void {
    this.#begun.set(name, this.#clock.nowUs());
    this.#step(name, 'running');
  }

  done(name: WifiSetupStepName): void {
    this.#step(name, 'done');
  }

  /** This bench cannot tell. */
  unseen(name: WifiSetupStepName): void {
    this.#step(name, 'unseen');
  }

  device(device: NonNullable<WifiSetupRun['device']>): void {
    this.#change({ device });
  }

  reach(reached: WifiSetupRun['reached']): void {
    this.#change({ reached });
  }

  sent(text: string): void {
    this.#line('sent', text);
  }

  received(text: string): void {
    this.#line('received', text);
  }

  note(text: string): void {
    this.#line('note', text);
  }

  finish(state: Exclude<WifiSetupRun['state'], 'running'>, error: TalkErrorValue | null): void {
    const steps = this.#run.steps.map((step) =>
      step.state !== 'running'
        ? step
        : { ...step, state: state === 'failed' ? ('failed' as const) : ('unseen' as const), elapsedMs: this.#elapsedMs(step.name) },
    );
    this.#change({ state, steps, error: error === null ? null : { ...error, data: this.#withoutSecrets(error.data) } });
  }

  #step(name: WifiSetupStepName, state: WifiSetupRun['steps'][number]['state']): void {
    const elapsedMs = state === 'running' || state === 'ahead' ? null : this.#elapsedMs(name);
    this.#change({ steps: this.#run.steps.map((step) => (step.name === name ? { name, state, elapsedMs } : step)) });
  }

  #elapsedMs(name: WifiSetupStepName): number | null {
    const begunUs = this.#begun.get(name);
    return begunUs === undefined ? null : (this.#clock.nowUs() - begunUs) / 1000;
  }

  #line(direction: WifiSetupRun['trace'][number]['direction'], text: string): void {
    if (this.#run.trace.length >= KEPT_LINES) return;
    const isLast = this.#run.trace.length === KEPT_LINES - 1;
    const shown = isLast ? 'the rest is not kept' : this.#hide(text).slice(0, 2000);
    this.#change({ trace: [...this.#run.trace, { atUs: this.#clock.nowUs(), direction: isLast ? 'note' : direction, text: shown }] });
  }

  #withoutSecrets(data: Record<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, typeof value === 'string' ? this.#hide(value) : value]));
  }

  #change(difference: Partial<WifiSetupRun>): void {
    this.#run = { ...this.#run, ...difference };
    this.#publish(this.#run);
  }
}
