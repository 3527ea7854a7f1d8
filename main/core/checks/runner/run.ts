import { randomUUID } from 'node:crypto';
import { encodeWav } from '../../../../pipeline/audio/wav.ts';
import type { CheckResult, CheckRun } from '../../../../preload/contract/checks.ts';
import { isTalkError, TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import type { Bench } from '../bench.ts';
import type { Measured } from '../check.ts';
import { measureSteadily } from '../lateness/steadily.ts';
import type { CheckList, ListItem } from '../lists/read.ts';
import type { CheckHooks, RunBench } from '../run-bench.ts';
import { Announcer } from './announcer.ts';
import { detached, presentable } from './evidence.ts';
import { judge } from './judge.ts';
import { Needs } from './needs.ts';
import type { RunnerPorts, RunOptions } from './ports.ts';
import { type Answer, OpenQuestion } from './questions.ts';
import { countsOf, failedChecks, verdict } from './verdict.ts';

type Facts = Map<string, string | number | boolean>;
/** Who the board is, as far as a run knows. */
interface Known extends Pick<CheckRun, 'productId' | 'deviceName' | 'firmwareVersion' | 'boardKind'> {
  facts: Facts;
}

const ANNOUNCE_MS = 100;
/** A check that was told to end has this long to do so; then the run goes on without it. */
const GRACE_MS = 3000;
/** Of what a board says of itself. */
const LONGEST_TEXT = 500;
/** Of a sound that is kept: two minutes tell what ten would. */
const LONGEST_SOUND_S = 120;

/** The checks of one list on one board, in order. Knows nothing of stores and ports: `RunBench` is the board, `RunnerPorts` the world. */
export class BoardRun {
  /** As it stands; changed in place. */
  readonly run: CheckRun;
  readonly #list: CheckList;
  readonly #options: RunOptions;
  readonly #ports: RunnerPorts;
  readonly #announcer: Announcer;
  readonly #question = new OpenQuestion();
  /** By item, those that stand, the newest last. */
  readonly #measured = new Map<string, { check: string; values: Record<string, string | number | boolean | null> }>();
  /** Of checks that have come to an end; each has its own while it is under way. */
  readonly facts: Facts = new Map();
  /** What was done on a board that turns out to be another is the run's no more: when, and what was known before. */
  readonly #done = new Map<string, { startedUs: number; endedUs: number; before: Known }>();
  /** Found to be at fault, and to be done again: it stays so when it cannot be. */
  readonly #earlier = new Map<string, CheckResult>();
  /** Items that are still to be done, in order. */
  #ahead: ListItem[] = [];
  /** Those that somebody wants again, whatever the list or the run says of them. */
  readonly #again = new Set<string>();
  #abort = new AbortController();
  #isUnderWay = false;

  constructor(run: CheckRun, list: CheckList, options: RunOptions, ports: RunnerPorts) {
    this.run = run;
    this.#list = list;
    this.#options = options;
    this.#ports = ports;
    this.#announcer = new Announcer(ports.clock, ANNOUNCE_MS, () => {
      this.#bringUpToDate();
      ports.onChange();
    });
    for (const [name, fact] of Object.entries(run.facts)) this.facts.set(name, fact);
    for (const { id, check, state, values } of run.results) if (state === 'passed' || state === 'failed') this.#remember(id, check, values);
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Does these items (all of the list's, unless said). Resolves when the run has ended, with whatever state; `bench` is the caller's to close. */
  async work(bench: RunBench, items: readonly ListItem[] = this.#list.items): Promise<void> {
    const { clock } = this.#ports;
    const startedUs = clock.nowUs();
    const beforeMs = this.run.durationMs;
    const needs = new Needs();
    this.#isUnderWay = true;
    this.#ahead = [...items];
    this.run.state = 'running';
    this.#announcer.changed();
    try {
      do {
        for (let item = this.#ahead.shift(); item !== undefined; item = this.#ahead.shift()) {
          await this.#do(item, bench, needs);
          this.run.durationMs = beforeMs + (clock.nowUs() - startedUs) / 1000;
          this.#bringUpToDate();
          this.#ports.onResult();
        }
        await this.#settle(bench);
        // Somebody may have wanted one again meanwhile.
      } while (this.#ahead.length > 0);
    } finally {
      this.#isUnderWay = false;
      const { results } = this.run;
      const isOptional = (id: string) => this.#list.items.find((item) => item.id === id)?.isOptional === true;
      this.run.state = this.#abort.signal.aborted ? 'cancelled' : verdict(results, isOptional);
      this.#abort = new AbortController();
      this.run.durationMs = beforeMs + (clock.nowUs() - startedUs) / 1000;
      this.#bringUpToDate();
      this.#announcer.changed();
    }
  }

  /** What runs and what is ahead ends as 'skipped', reason 'cancelled'; the run as 'cancelled'. Before `work`: all of it. */
  cancel(): void {
    this.#abort.abort(new TalkError('cancelled'));
  }

  /** Throws as `OpenQuestion.answer` does. */
  answer(resultId: string, answer: Answer, note: string): void {
    this.#question.answer(resultId, answer);
    const result = this.#result(resultId);
    if (note !== '') result.note = result.note === '' ? note : `${result.note}\n${note}`;
    this.#announcer.changed();
  }

  /** The same item once more, after those that are ahead. */
  repeat(resultId: string): ListItem {
    const item = this.#list.items.find(({ id }) => id === resultId);
    if (item === undefined) throw new TalkError('not-found', { what: 'result', id: resultId });
    this.#again.add(resultId);
    if (!this.#isUnderWay) return item;
    const result = this.#result(resultId);
    // What is yet to be done, or is being done, comes by itself.
    if (result.state === 'waiting' || result.state === 'running' || result.state === 'asking') return item;
    if (result.state === 'failed') {
      this.#earlier.set(resultId, structuredClone(result));
      Object.assign(result, { ...waitingResult(result), note: result.note });
    } else this.#clear(result);
    this.#ahead.push(item);
    this.#announcer.changed();
    return item;
  }

  /**
   * Another board is on the port, and since then (µs of the clock) may have been: what was found meanwhile may be that one's. Those checks end
   * with this error, and what they made known of the board is forgotten. Of what was only in doubt (`isDoubt`) a fault that was found stays one.
   */
  disown(error: TalkError, sinceUs: number, isDoubt = false): void {
    const doubtful = [...this.#done].filter(([id, { endedUs }]) => endedUs >= sinceUs && !(isDoubt && this.#result(id).state === 'failed'));
    const [first] = doubtful.toSorted(([, one], [, other]) => one.startedUs - other.startedUs);
    if (first === undefined) return;
    const { facts, ...names } = first[1].before;
    this.#know(facts);
    Object.assign(this.run, names);
    for (const [id] of doubtful) {
      this.#done.delete(id);
      this.#measured.delete(id);
      const result = this.#result(id);
      const { state } = result;
      Object.assign(result, this.#takeEarlier(id));
      const { durationMs, startedUs } = result;
      this.#clear(result);
      // One that is to be done again is so.
      if (state !== 'waiting') Object.assign(result, { state: 'error', error: error.value, progress: 1, durationMs, startedUs });
    }
    this.#announcer.changed();
  }

  /** The session that it was recorded into is over: what was found there is told without its places. */
  leaveSession(): void {
    for (const result of this.run.results) {
      result.evidence = detached(result.evidence);
      result.startedUs = null;
    }
  }

  async #do(item: ListItem, runBench: RunBench, needs: Needs): Promise<void> {
    const result = this.#result(item.id);
    const held = this.#heldBack(item);
    if (held !== null) {
      const found = this.#takeEarlier(item.id) ?? (result.state === 'failed' ? result : null);
      Object.assign(result, found ?? { state: 'skipped', reason: held });
      this.#announcer.changed();
      return;
    }
    const { clock } = this.#ports;
    let startedUs = clock.nowUs();
    const earlier = this.#takeEarlier(item.id) ?? (result.state === 'failed' ? structuredClone(result) : null);
    Object.assign(result, { state: 'running', startedUs: null, error: null });
    this.#announcer.changed();

    const timeout = new AbortController();
    let cancelTimeout = () => {};
    const isOnPort = item.check.isAnsweredByPerson !== true;
    let isOver = false;
    const kept = new Set<string>();
    let begun: ReturnType<RunBench['begin']> | null = null;
    this.#done.delete(item.id);
    this.#measured.delete(item.id);
    try {
      // Its time begins with the board there: to ask a chip who it is may take longer than a check has.
      if (isOnPort) await this.#orAborted(runBench.there(this.#abort.signal), this.#abort.signal);
      startedUs = clock.nowUs();
      // Now: who the board is may have become known, or been forgotten, while it was asked.
      const before = this.#known();
      const facts: Facts = new Map(this.facts);
      this.#begin(result, earlier, startedUs);
      cancelTimeout = clock.at((clock.nowUs() + item.timeoutMs * 1000) as typeof startedUs, () =>
        timeout.abort(new TalkError('timeout', { operation: item.check.name, timeoutMs: item.timeoutMs })),
      );
      const signal = AbortSignal.any([this.#abort.signal, timeout.signal, ...(isOnPort ? [runBench.gone] : [])]);
      begun = runBench.begin(this.#hooks(result, { signal, facts, kept, isOver: () => isOver }));
      const { bench } = begun;
      const work = () => this.#measure(item, bench, needs);
      const measured = await this.#orAborted(isOnPort ? onPort(runBench, signal, work) : work(), signal);
      const redact = await this.#ports.redact();
      signal.throwIfAborted();
      const { evidence, ...judged } = judge(item.check, item.limits, measured);
      // Cut last: half a secret would not be recognised.
      const values = judged.values.map((each) =>
        typeof each.value === 'string' ? { ...each, value: redact(each.value).slice(0, LONGEST_TEXT) } : each,
      );
      Object.assign(result, judged, { values, evidence: presentable(evidence, redact) });
      if (this.#ports.session()?.id !== this.run.sessionId) result.evidence = detached(result.evidence);
      this.#know(new Map([...facts].map(([name, fact]) => [name, typeof fact === 'string' ? redact(fact) : fact])));
      if ('values' in measured) this.#remember(item.id, item.check.name, values);
      this.#done.set(item.id, { startedUs, endedUs: clock.nowUs(), before });
    } catch (error) {
      // A fault that was found is not gone because nobody could look again.
      const isAsBefore = begun === null && earlier !== null;
      if (isAsBefore) Object.assign(result, earlier);
      else if (begun === null) this.#clear(result);
      if (!this.#abort.signal.aborted) Object.assign(result, { ...(!isAsBefore && { state: 'error' }), error: this.#valueOf(error) });
      else if (!isAsBefore) Object.assign(result, { state: 'skipped', reason: 'cancelled' });
    } finally {
      isOver = true;
      cancelTimeout();
      // Those of an attempt that does not count, or of a check that came to nothing: nothing leads to them any more.
      for (const id of kept) if (!result.evidence.some((each) => each.kind === 'sound' && each.id === id)) this.#ports.dropSound(id);
      if (begun !== null) {
        if (result.state !== 'error') this.#recognise(begun.bench);
        await begun.end();
      }
      Object.assign(result, { question: null, progress: 1 });
      if (begun !== null) result.durationMs = (clock.nowUs() - startedUs) / 1000;
      this.#announcer.changed();
    }
  }

  /** Swapped in the last check it would go unnoticed: it has to tell who it is, and what it does not answer for is not the run's. */
  async #settle(bench: RunBench): Promise<void> {
    const sinceUs = bench.doubtedSinceUs;
    if (sinceUs === null || ![...this.#done.values()].some(({ endedUs }) => endedUs >= sinceUs)) return;
    // Of a run that is cancelled nobody asks any more, and whoever takes it up again could not tell.
    await this.#orAborted(bench.settled(this.#abort.signal), this.#abort.signal).catch((error: unknown) =>
      this.disown(TalkError.from(this.#valueOf(error)), sinceUs, !isTalkError(error, 'check/other-board')),
    );
  }

  /** Its board is there. */
  #begin(result: CheckResult, earlier: CheckResult | null, startedUs: number): void {
    if (earlier !== null) Object.assign(result, earlier);
    this.#clear(result);
    const session = this.#ports.session();
    // A session that somebody stopped, or another one, has no place for it.
    const isRecorded = session !== null && session.id === this.run.sessionId;
    Object.assign(result, { state: 'running', startedUs: isRecorded ? startedUs - session.startedUs : null });
    this.#announcer.changed();
  }

  /** Why an item is not begun at all. */
  #heldBack({ id, after }: ListItem): CheckResult['reason'] {
    const { only } = this.#options;
    if (this.#abort.signal.aborted) return 'cancelled';
    if (this.#again.delete(id)) return null;
    if (only !== null && !only.includes(id)) return 'not-wanted';
    const isUnmet = ({ state }: CheckResult) => state === 'failed' || state === 'error';
    if (this.#list.stopAtFirstFailure && this.run.results.some((result) => result.id !== id && isUnmet(result))) return 'needs-earlier';
    // One that nobody wanted holds nothing back.
    if (after !== null && (only === null || only.includes(after)) && !letsOthersOn(this.#result(after))) return 'needs-earlier';
    return null;
  }

  async #measure(item: ListItem, bench: Bench, needs: Needs): Promise<Measured> {
    const unmet = await needs.unmet(item.check.needs, bench);
    // Two ports may lead to one board, and which device is behind a port its log may tell only now.
    const device = bench.device();
    const runId = device === null ? null : this.#ports.checkedElsewhere(device.name);
    if (runId !== null) throw new TalkError('check/busy', { runId, ...device?.name });
    if (device !== null && this.#ports.isImpaired(device.name)) throw new TalkError('check/link-impaired', { ...device.name });
    return unmet ?? (await measureSteadily(bench, item));
  }

  /** The work's outcome; once aborted what it was aborted for, when the work has ended or had its time to. */
  async #orAborted<Outcome>(work: Promise<Outcome>, signal: AbortSignal): Promise<Outcome> {
    const { promise, reject } = Promise.withResolvers<never>();
    let forget = () => {};
    const onAbort = () => {
      const { clock } = this.#ports;
      const giveUp = () => reject(signal.reason as Error);
      const cancelGrace = clock.at((clock.nowUs() + GRACE_MS * 1000) as ReturnType<Clock['nowUs']>, giveUp);
      forget = cancelGrace;
      work.then(giveUp, giveUp);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.catch(() => {});
    try {
      const outcome = await Promise.race([work, promise]);
      signal.throwIfAborted();
      return outcome;
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      forget();
    }
  }

  #hooks(
    result: CheckResult,
    { signal, facts, kept, isOver }: { signal: AbortSignal; facts: Facts; kept: Set<string>; isOver: () => boolean },
  ): CheckHooks {
    const { isUnattended } = this.#options;
    const { baselines, namesakes } = this.#ports;
    return {
      ...{ signal, facts, baselines, namesakes },
      ask: async (question, until = signal) => {
        if (isUnattended) return 'nobody';
        const ending = AbortSignal.any([signal, until]);
        ending.throwIfAborted();
        Object.assign(result, { state: 'asking', question });
        this.#announcer.changed();
        try {
          return await this.#question.ask(result.id, question, ending);
        } finally {
          if (!isOver()) Object.assign(result, { state: 'running', question: null });
          this.#announcer.changed();
        }
      },
      keepSound: (label, pcm, sampleRate = 16_000) => {
        const sound = soundEvidence(label, pcm, sampleRate);
        // Of a check that does not hear that it is over nothing is kept.
        if (isOver()) return sound.evidence;
        kept.add(sound.evidence.id);
        this.#ports.keepSound(sound.evidence.id, sound.wav());
        return sound.evidence;
      },
      progress: (fraction) => {
        const progress = Math.round(Math.min(1, Math.max(0, fraction)) * 100) / 100;
        if (isOver() || progress === result.progress) return;
        result.progress = progress;
        this.#announcer.changed();
      },
      measured: (check) => [...this.#measured.values()].findLast((one) => one.check === check)?.values,
    };
  }

  #valueOf(error: unknown) {
    return isTalkError(error) ? error.value : new TalkError('internal', { id: this.#ports.onBug(error) }).value;
  }

  #remember(id: string, check: string, values: CheckResult['values']): void {
    this.#measured.delete(id);
    this.#measured.set(id, { check, values: Object.fromEntries(values.map(({ name, value }) => [name, value])) });
  }

  #takeEarlier(id: string): CheckResult | null {
    const earlier = this.#earlier.get(id) ?? null;
    this.#earlier.delete(id);
    return earlier;
  }

  #known(): Known {
    const { productId, deviceName, firmwareVersion, boardKind } = this.run;
    return { productId, deviceName, firmwareVersion, boardKind, facts: new Map(this.facts) };
  }

  #know(facts: Facts): void {
    this.facts.clear();
    for (const [name, fact] of facts) this.facts.set(name, fact);
  }

  #result(id: string): CheckResult {
    const result = this.run.results.find((one) => one.id === id);
    if (result === undefined) throw new TalkError('not-found', { what: 'result', id });
    return result;
  }

  /** As before it was done, but for what a person noted. */
  #clear(result: CheckResult): void {
    const { id, check, group, title, note } = result;
    for (const each of result.evidence) if (each.kind === 'sound') this.#ports.dropSound(each.id);
    Object.assign(result, { ...waitingResult({ id, check, group, title }), note });
  }

  /** Who the board is, as soon as it is known. */
  #recognise(bench: Bench): void {
    const { run } = this;
    const device = bench.device();
    if (device !== null) {
      run.productId = device.name.productId;
      run.deviceName = device.name.deviceName;
      run.firmwareVersion = device.record()?.firmwareVersion ?? run.firmwareVersion;
    }
    run.boardKind ||= bench.boardKind;
  }

  #bringUpToDate(): void {
    const { facts, run } = this;
    const fact = (name: string) => (typeof facts.get(name) === 'string' ? String(facts.get(name)) : '');
    run.facts = Object.fromEntries(facts);
    run.serialNumber = this.#options.serialNumber || fact('mac') || fact('imei');
    run.firmwareVersion = fact('appVersion') || run.firmwareVersion;
    this.run.counts = countsOf(this.run.results);
    this.run.failed = failedChecks(this.run.results);
  }
}

/** Of a board that was unplugged meanwhile nothing is known: it did not start again, and it did not answer either. */
async function onPort<Outcome>(bench: RunBench, signal: AbortSignal, work: () => Promise<Outcome>): Promise<Outcome> {
  const outcome = await work();
  await bench.still(signal);
  return outcome;
}

function soundEvidence(label: string, pcm: Int16Array, sampleRate: number) {
  const part = pcm.subarray(0, LONGEST_SOUND_S * sampleRate);
  const durationMs = (part.length * 1000) / sampleRate;
  const evidence = { kind: 'sound' as const, id: randomUUID(), label: label.slice(0, 60), durationMs };
  return { evidence, wav: () => encodeWav({ sampleRate, channels: [part] }) };
}

/** A board that merely says too little of it in its log is there, and has shown no fault. */
function letsOthersOn({ state, reason }: CheckResult): boolean {
  return state === 'passed' || (state === 'skipped' && reason === 'not-in-log');
}

export function waitingResult(of: Pick<CheckResult, 'id' | 'check' | 'group' | 'title'>): CheckResult {
  return {
    ...of,
    ...{ state: 'waiting', progress: 0, question: null, values: [], evidence: [], reason: null, next: null, note: '', error: null },
    ...{ startedUs: null, durationMs: null },
  };
}
