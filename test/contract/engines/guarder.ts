import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../pipeline/clock.ts';
import { type ErrorCode, isTalkError, TalkError } from '../../../preload/contract/errors.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';

/**
 * The guarder suite: the same cases for every engine of a stage, against a strict loopback fake of its real service (embedded
 * engines have none and leave those cases out, saying why). `guardLlm`, `guardStt` and `guardTts` make the tests; the table
 * engine × case of docs/engines.md is made of their results by scripts/guarder-table.ts, which is why names are built here.
 */
export const guardCases = {
  flush: 'everything that was answered arrives, the last piece too',
  interleaved: 'two at once, each gets its own',
  'one of two cancelled': 'leaves the other whole, on the same connection too',
  'cancel at every await': 'ends at once, wherever it waits, and the service is left',
  'odd chunks': 'the same result when the service’s bytes come in ones and threes',
  'in-band error': 'an error inside a successful response is an error',
  'rate-limited': 'is said as such, and not asked again',
  slow: 'slow is not broken',
  silent: 'a service that never answers is given up in time',
  hang: 'a service that stops in the middle is given up in time',
  cut: 'an answer whose connection ended is no whole answer',
  'wrong key': 'is said as such, without the key',
  absent: 'nothing listens there: said as such',
  'left idle': 'a connection that the service closed between two requests is no failure',
  warmed: 'the connection opened ahead is used; what failed ahead is told by the request only',
} as const;

export type GuardCase = keyof typeof guardCases;

/** What the fake service does with every request from now on. 'odd-chunks' answers as 'normal' does, in pieces of one and three bytes. */
export type Behaviour =
  | 'normal' // answers at once
  | 'slow' // the same, with pauses between its pieces that are within anybody's patience
  | 'odd-chunks'
  | 'in-band-error' // status 200 or an open socket, and an error in what comes
  | 'rate-limited' // 429, or the service's own word for it
  | 'silent' // takes the request, says nothing
  | 'hang' // begins to answer, then says nothing more
  | 'cut' // begins to answer, then ends the connection without the service's word for the end
  | 'wrong-key'; // refuses the key, quoting it as bad services do

/** One engine with its own fake service. Each test gets a new one. */
export interface GuardRig<Engine> {
  engine: Engine;
  /** Embedded engines, which have no service, leave out this and what follows. */
  behave?(behaviour: Behaviour): void;
  /** Requests (streams, sentences) the service has seen so far: what is retried shows here. */
  requests?(): number;
  /** Resolves when the service has seen the n-th request. */
  seen?(count: number): Promise<void>;
  /** Resolves when the service has no request and no busy connection left: who cancels must let go of it. */
  idle?(): Promise<void>;
  /** Connections made to the service so far; resolves when it has seen so many. */
  handshakes?(): number;
  connected?(count: number): Promise<void>;
  /** The service ends the connections that no request is on. */
  dropIdle?(): Promise<void>;
  /** Stops listening, so that a connection is refused. */
  vanish?(): Promise<void>;
  /** Never to be found in an error. */
  secrets?: readonly string[];
  close(): Promise<void>;
}

export interface GuardHarness<Engine> {
  /** As the table names it: the kind, 'openai'. */
  engine: string;
  /** All times of the engine are on `clock`: the frame lets virtual time pass to see that the engine gives up. */
  start(clock: Clock): Promise<GuardRig<Engine>>;
  /** Cases that do not exist for it, and why, in a few words: 'no service'. */
  without?: Partial<Record<GuardCase, string>>;
  /** Where this service can only be told so much: codes accepted besides the case's own. */
  alsoCodes?: Partial<Record<GuardCase, readonly ErrorCode[]>>;
}

/** For engines that run here: they have no service that could misbehave. */
export const noService: Partial<Record<GuardCase, string>> = {
  'odd chunks': 'no service',
  'in-band error': 'no service',
  'rate-limited': 'no service',
  slow: 'no service',
  silent: 'no service',
  hang: 'no service',
  cut: 'no service',
  'wrong key': 'no service',
  absent: 'no service',
  'left idle': 'no service',
  warmed: 'no service',
};

/** The code each failing case has to end with. */
const codes = {
  'in-band error': ['engine/failed'],
  'rate-limited': ['engine/rate-limited'],
  silent: ['engine/timeout'],
  hang: ['engine/timeout'],
  cut: ['engine/cut'],
  'wrong key': ['engine/unauthorized'],
  absent: ['engine/unreachable'],
} as const satisfies Partial<Record<GuardCase, readonly ErrorCode[]>>;

export type FailingCase = keyof typeof codes;

export const failingBehaviours = {
  'in-band error': 'in-band-error',
  'rate-limited': 'rate-limited',
  cut: 'cut',
  'wrong key': 'wrong-key',
} as const satisfies Partial<Record<FailingCase, Behaviour>>;

type Bodies<Engine> = Record<GuardCase, (rig: GuardRig<Engine>, clock: Clock) => Promise<void>>;

/** Makes one test a case. Timeouts are generous: whatever hangs hangs for ever, and slow machines are slow. */
export function guard<Engine>(stage: 'llm' | 'stt' | 'tts', harness: GuardHarness<Engine>, bodies: Bodies<Engine>): void {
  describe(`guarder ${stage} ${harness.engine}`, () => {
    for (const name of Object.keys(guardCases) as GuardCase[]) {
      const missing = harness.without?.[name];
      if (missing !== undefined) {
        test.skip(`${name} · ${missing}`, () => {});
        continue;
      }
      test(name, { timeout: 60_000 }, async () => {
        const clock = name === 'silent' || name === 'hang' ? new VirtualClock() : systemClock;
        const rig = await harness.start(clock);
        try {
          await bodies[name](rig, clock);
        } finally {
          await rig.close();
        }
      });
    }
  });
}

export function behave<Engine>(rig: GuardRig<Engine>, behaviour: Behaviour): void {
  if (rig.behave === undefined) throw new Error('this engine’s harness has no service: name the case in `without`');
  rig.behave(behaviour);
}

/** The case's code, retryable or not, no secret anywhere in it, and one request only: a voice turn is never spoken twice. */
export async function expectFailure<Engine>(
  harness: GuardHarness<Engine>,
  rig: GuardRig<Engine>,
  name: FailingCase,
  outcome: Promise<unknown>,
): Promise<void> {
  const error = await outcome.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error, `${name} has to end with an error`).toBeInstanceOf(TalkError);
  if (!isTalkError(error)) return;
  expect([...codes[name], ...(harness.alsoCodes?.[name] ?? [])]).toContain(error.code);
  for (const secret of rig.secrets ?? []) expect(everythingOf(error)).not.toContain(secret);
  if (name === 'rate-limited') expect(error.value.retryable).toBe(true);
  if (name !== 'absent') expect(rig.requests?.() ?? 1).toBe(1);
}

/** Its text, its data and the same of what caused it: all that a log would have. */
function everythingOf(error: Error): string {
  const own = [
    error.message,
    error.stack ?? '',
    isTalkError(error) ? JSON.stringify(error.value) : '',
    JSON.stringify(Object.entries(error)),
  ];
  return [...own, error.cause instanceof Error ? everythingOf(error.cause) : String(error.cause ?? '')].join('\n');
}

/** Virtual time passes until it has settled: at most ten minutes, which is nobody's limit. */
export async function givenUpInTime<T>(clock: Clock, outcome: Promise<T>): Promise<T> {
  if (!(clock instanceof VirtualClock)) throw new Error('only virtual time can be let pass');
  let isSettled = false;
  const settled = () => {
    isSettled = true;
  };
  outcome.then(settled, settled);
  for (let seconds = 0; seconds < 600 && !isSettled; seconds++) await clock.advance(1_000_000);
  return outcome;
}

/** Fails when it takes so long that nobody would call it "at once". The limit is for a hanging test to say what hangs. */
export async function soon<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still waiting: ${what}`)), 15_000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
