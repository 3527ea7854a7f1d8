import { sleepUntil } from '../../../pipeline/clock.ts';
import type { AtBringUp, AtBringUpStep, AtExchange } from '../../../preload/contract/at.ts';
import { isTalkError, TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { type BringUpStep, bringUpSteps, finalText, type StepResult, type StepTools } from './bring-up-steps.ts';
import { prefixOf } from './command.ts';
import type { AtEngine } from './engine.ts';
import { type PingLine, pingLine, pingNames } from './ping.ts';

const POLL_US = 1_000_000;
/** An AT that does nothing is answered in milliseconds. */
const PROBE_TIMEOUT_MS = 1500;
/** Four pings of twenty seconds each would be the vendor's own limit; a route that slow is no route. */
const PING_US = 30_000_000;
/** After the last reply a summary may follow. */
const PING_QUIET_US = 3_000_000;

export interface BringUpOptions {
  address: string;
  engine: AtEngine;
  clock: Clock;
  pingHost: string | null;
  waitMs: number;
  signal: AbortSignal;
  onChange(report: AtBringUp): void;
}

/** Runs the chain once. Never rejects for what the modem does: that is the report. Cancelled, it says how far it came. */
export async function runBringUp(options: BringUpOptions): Promise<AtBringUp> {
  const { clock, engine, signal } = options;
  const startedAtUs = clock.nowUs();
  const steps: AtBringUpStep[] = bringUpSteps.map(({ id, limits }, at) => ({
    number: at + 1,
    id,
    commands: [],
    state: 'waiting',
    values: [],
    limits: [...limits],
    evidence: [],
  }));

  function report(state: AtBringUp['state']): AtBringUp {
    const count = (wanted: AtBringUpStep['state']): number => steps.filter((step) => step.state === wanted).length;
    return {
      address: options.address,
      state,
      family: engine.family,
      model: engine.state.model,
      startedAtUs,
      elapsedMs: Math.round((clock.nowUs() - startedAtUs) / 1000),
      steps: structuredClone(steps),
      firstFailed: steps.find((step) => step.state === 'failed')?.number ?? null,
      passed: count('passed'),
      warnings: count('warning'),
      failed: count('failed'),
      skipped: count('skipped'),
    };
  }

  for (const [at, definition] of bringUpSteps.entries()) {
    const step = steps[at];
    if (step === undefined || signal.aborted) break;
    const lacking = definition.needs
      .map((id) => steps.find((each) => each.id === id))
      .find((each) => each?.state === 'failed' || each?.state === 'skipped');
    if (lacking !== undefined) {
      Object.assign(step, { state: 'skipped', needs: lacking.needs ?? lacking.number });
      continue;
    }
    step.state = 'running';
    options.onChange(report('running'));
    const startedUs = clock.nowUs();
    const result = await runStep(definition, step, options);
    if (signal.aborted && result === null) {
      step.state = 'waiting';
      break;
    }
    if (result !== null) {
      step.state = result.state;
      step.values = result.values ?? [];
      if (result.next !== undefined) step.next = result.next;
      if (result.error !== undefined) step.error = result.error.value;
    }
    step.elapsedMs = Math.round((clock.nowUs() - startedUs) / 1000);
  }
  const isCut = signal.aborted && steps.some((step) => step.state === 'waiting');
  const ended = report(isCut ? 'cancelled' : steps.some((step) => step.state === 'failed') ? 'failed' : 'passed');
  options.onChange(ended);
  return ended;
}

/** Null when it was cancelled in the middle. */
async function runStep(definition: BringUpStep, step: AtBringUpStep, options: BringUpOptions): Promise<StepResult | null> {
  const { clock, engine, signal, pingHost } = options;

  async function ask(command: string): Promise<AtExchange | TalkError> {
    step.commands.push(command);
    return attempt(command, () => {});
  }

  async function attempt(command: string, forget: () => void): Promise<AtExchange | TalkError> {
    const isProbe = definition.id === 'answers';
    try {
      const exchange = await engine.send(command, { source: 'bring-up', signal, ...(isProbe ? { timeoutMs: PROBE_TIMEOUT_MS } : {}) });
      forget();
      for (const line of exchange.lines) step.evidence.push(line);
      step.evidence.push(finalText(exchange));
      return exchange;
    } catch (error) {
      if (!isTalkError(error)) throw error;
      if (signal.aborted) throw error;
      return error;
    }
  }

  const tools: StepTools = {
    ask,
    family: () => engine.family,
    pingHost,
    async poll(command, isSettled) {
      step.commands.push(command);
      const deadlineUs = clock.nowUs() + options.waitMs * 1000;
      for (;;) {
        // Only the last answer is evidence: the others said "wait".
        const asked = await attempt(command, () => step.evidence.splice(0));
        if (isTalkError(asked) || isSettled(asked) || clock.nowUs() + POLL_US > deadlineUs) return asked;
        await sleepUntil(clock, (clock.nowUs() + POLL_US) as MonoUs, signal).catch(() => {
          throw new TalkError('cancelled');
        });
      }
    },
    async ping(command) {
      const replies = collectPing(options, (line) => step.evidence.push(line));
      try {
        const asked = await ask(command);
        if (isTalkError(asked)) return asked;
        if (asked.final?.kind !== 'ok') return null;
        // AirM2M answers with the replies before its OK; Eigencomm says OK and brings them after.
        const inAnswer = asked.lines.flatMap(pingOf);
        return inAnswer.length > 0 ? inAnswer : await replies.ended;
      } finally {
        replies.stop();
      }
    },
  };
  try {
    return await definition.run(tools);
  } catch (error) {
    if (isTalkError(error, 'cancelled')) return null;
    throw error;
  }
}

function pingOf(line: string): PingLine[] {
  const prefix = prefixOf(line);
  const said = prefix === null || !pingNames.has(prefix.name) ? null : pingLine(prefix.name, prefix.rest);
  return said === null ? [] : [said];
}

function collectPing(
  { engine, clock, signal }: BringUpOptions,
  evidence: (line: string) => void,
): { ended: Promise<PingLine[]>; stop(): void } {
  const lines: PingLine[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<PingLine[]>();
  promise.catch(() => {});
  const end = (): void => resolve(lines);
  let cancelQuiet = clock.at((clock.nowUs() + PING_US) as MonoUs, end);
  const stopListening = engine.listen((urc) => {
    const [line] = pingOf(urc.text);
    if (line === undefined) return;
    lines.push(line);
    evidence(urc.text);
    // DONE is followed by its statistics, which are no more than the sum of what came before.
    if (line.kind === 'done') return end();
    cancelQuiet();
    const replies = lines.filter(({ kind }) => kind !== 'done').length;
    cancelQuiet = clock.at((clock.nowUs() + (replies >= 4 ? PING_QUIET_US : PING_US)) as MonoUs, end);
  });
  const onAbort = (): void => reject(new TalkError('cancelled'));
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    ended: promise,
    stop() {
      cancelQuiet();
      stopListening();
      signal.removeEventListener('abort', onAbort);
    },
  };
}
