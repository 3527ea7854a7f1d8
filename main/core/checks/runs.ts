import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { DeviceName } from '../../../pipeline/gateways/devices.ts';
import { type CheckRun, type CheckRunSummary, checkRunSummary, checkVoice } from '../../../preload/contract/checks.ts';
import type { CallBody } from '../../../preload/contract/index.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { Log } from '../log.ts';
import type { Recorder } from '../sessions/recorder.ts';
import { createRedact } from '../store/redact.ts';
import type { Store } from '../store/store.ts';
import { maskedVarying } from './baseline/template.ts';
import type { Check } from './check.ts';
import { type CheckList, type ListItem, readList } from './lists/read.ts';
import { requireSerialNumber } from './lists/serial-number.ts';
import type { BoardIdentity, Identify, OpenBench, RunBench } from './run-bench.ts';
import type { Baselines } from './runner/baselines.ts';
import { BoardRun, waitingResult } from './runner/run.ts';
import { countsOf, failedChecks, failedItems } from './runner/verdict.ts';

export interface RunsDeps {
  store: Store;
  recorder: Recorder;
  clock: Clock;
  log: Log;
  known: readonly Check[];
  openBench: OpenBench;
  /** Ports and devices as they are named, unless given. */
  identify?: Identify;
  /** Somebody makes that device's network worse on purpose; nobody does unless it is given. */
  isImpaired?(device: DeviceName): boolean;
  baselines: Baselines;
  secrets(): Promise<readonly string[]>;
  /** Whether a port is open or a board talks, whoever wanted that: what is recorded then is not ours alone. */
  isBenchInUse(): boolean;
  /** A run's state, a copy. */
  onChange(run: CheckRun): void;
}

/** How a run was asked for; kept with it, so that one of its checks can be done again on another day. */
const storedRequest = z.object({
  listText: z.string(),
  port: z.string().nullable(),
  device: z.object({ productId: z.string(), deviceName: z.string() }).nullable(),
  boardKind: z.string(),
  serialNumber: z.string(),
  language: z.enum(['zh', 'en']),
  voice: checkVoice,
  isUnattended: z.boolean(),
  only: z.array(z.string()).nullable(),
});
type StoredRequest = z.output<typeof storedRequest>;

interface Live {
  board: BoardRun;
  list: CheckList;
  request: StoredRequest;
  baselines: ReturnType<Baselines['of']>;
  /** Which board it is about, as far as that was known when it was begun. */
  identity: BoardIdentity;
  /** Null while nothing of it is under way. */
  ended: Promise<void> | null;
}

/** Runs that have ended are shown for as long as the core lives, the newest of them; the others are in the history. */
const MOST_SHOWN = 50;

/** Runs on several boards at once, kept in the library as they go. */
export class Runs {
  readonly #deps: RunsDeps;
  readonly #live = new Map<string, Live>();
  /** Sessions that a run began, which end with the last of them. */
  readonly #ownSessions = new Set<string>();
  /** Of each run the newest write: they go one after the other. */
  readonly #writing = new Map<string, Promise<unknown>>();
  /** Asked for, and not under way yet: a port may be opening. */
  readonly #beginning = new Set<Promise<unknown>>();
  /** Runs that have ended and are being taken up again or removed. */
  readonly #claimed = new Set<string>();
  /** Until all of a run is kept and its session is closed; a board is free before that. */
  readonly #keeping = new Set<Promise<void>>();
  #isClosing = false;

  constructor(deps: RunsDeps) {
    this.#deps = deps;
  }

  /** At the start: runs that a killed process has left are closed as cancelled; what was under way or ahead was not done. */
  async recover(): Promise<void> {
    for (const { run, request } of await this.#deps.store.read('check.running', {})) {
      const results = run.results.map((result) =>
        result.state === 'waiting' || result.state === 'running' || result.state === 'asking'
          ? { ...result, state: 'skipped' as const, reason: 'cancelled', question: null }
          : result,
      );
      const closed: CheckRun = { ...run, state: 'cancelled', results, counts: countsOf(results), failed: failedChecks(results) };
      await this.#deps.store.write('check.save', { summary: summaryOf(closed), run: closed, request });
    }
  }

  all(): CheckRun[] {
    return [...this.#live.values()].map(({ board }) => structuredClone(board.run));
  }

  /** Throws what reading a list, opening a port and 'check/busy' throw; 'cancelled' when the core is leaving. */
  start(body: CallBody<'checks.start'>, listId: string | null, listText: string): Promise<string> {
    return this.#awaited(this.#start(body, listId, listText));
  }

  async #start(body: CallBody<'checks.start'>, listId: string | null, listText: string): Promise<string> {
    if (this.#isClosing) throw new TalkError('cancelled');
    const { clock, known, recorder } = this.#deps;
    const list = readList(listText, known);
    if (list.serialNumber !== null) requireSerialNumber(list.serialNumber, body.serialNumber);
    const { port, device, language, only = null } = body;
    if (port === null && device === null)
      throw new TalkError('bad-request', { issues: [{ path: 'port', message: 'want a port or a device' }] });
    const unknown = only?.find((id) => !list.items.some((item) => item.id === id));
    if (unknown !== undefined) throw new TalkError('bad-request', { issues: [{ path: 'only', message: `the list has no ${unknown}` }] });
    const { serialNumber, operator, voice, isUnattended } = body;
    // A list for one kind of board says which it is where the operator does not.
    const boardKind = body.boardKind || (list.boardKinds.length === 1 && list.boardKinds[0]) || '';
    const request = { listText, port, device, boardKind, serialNumber, language, voice, isUnattended, only };
    const results = list.items.map(({ id, check, title }) =>
      waitingResult({ id, check: check.name, group: check.group, title: title?.[language] ?? null }),
    );
    const run: CheckRun = {
      id: randomUUID(),
      ...{ listId, listName: list.name[language], listVersion: list.version, boardKind, serialNumber, operator, port },
      ...{ productId: device?.productId ?? null, deviceName: device?.deviceName ?? null, firmwareVersion: null },
      ...{ sessionId: recorder.session?.id ?? null, startedWallMs: clock.wallMs(), durationMs: 0, state: 'running' },
      ...{ counts: countsOf(results), failed: [], results, facts: {} },
    };
    const live = this.#liveOf(run, list, request);
    const begun = await this.#begin(live);
    // Before anything is kept with it: sounds belong to a run that is there.
    await this.#save(live);
    this.#goOn(live, begun);
    return run.id;
  }

  answer(runId: string, resultId: string, answer: 'done' | 'yes' | 'no' | 'skip', note: string): void {
    const live = this.#live.get(runId);
    if (live === undefined) throw new TalkError('not-found', { what: 'question', id: resultId });
    live.board.answer(resultId, answer, note);
  }

  async cancel(runId: string): Promise<void> {
    const live = this.#live.get(runId) ?? (await this.#stored(runId));
    // Also while its port is being opened.
    if (live.ended !== null && live.board.run.state === 'running') live.board.cancel();
  }

  /** One check again; in a run that has ended it is on the bench anew for it. */
  repeat(runId: string, resultId: string): Promise<void> {
    return this.#awaited(this.#repeat(runId, resultId));
  }

  async #repeat(runId: string, resultId: string): Promise<void> {
    if (this.#isClosing) throw new TalkError('cancelled');
    const underWay = this.#live.get(runId);
    if (underWay?.board.isUnderWay === true) underWay.board.repeat(resultId);
    else await this.#alone(runId, () => this.#takeUp(runId, resultId));
  }

  /** A run that has ended, on the bench anew for one of its checks. */
  async #takeUp(runId: string, resultId: string): Promise<void> {
    const live = this.#live.get(runId) ?? (await this.#stored(runId));
    const item = live.board.repeat(resultId);
    const { recorder } = this.#deps;
    const begun = await this.#begin(live);
    const { run } = live.board;
    if (run.sessionId !== recorder.session?.id) {
      live.board.leaveSession();
      run.sessionId = recorder.session?.id ?? null;
    }
    this.#goOn(live, begun, [item]);
    // Under way in the store as well: retention leaves it alone, and a start after a kill closes it.
    void this.#save(live);
  }

  /** Two who would take up or remove the same ended run at once: the second is refused, rather than each having a run of its own. */
  async #alone<Result>(runId: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#claimed.has(runId)) throw new TalkError('check/busy', { runId });
    this.#claimed.add(runId);
    try {
      return await work();
    } finally {
      this.#claimed.delete(runId);
    }
  }

  /** Throws TalkError 'not-found'. */
  async run(runId: string): Promise<CheckRun> {
    return structuredClone((this.#live.get(runId) ?? (await this.#stored(runId))).board.run);
  }

  remove(runId: string): Promise<void> {
    return this.#alone(runId, () => this.#remove(runId));
  }

  async #remove(runId: string): Promise<void> {
    if (this.#live.get(runId)?.ended != null) throw new TalkError('check/busy', { runId });
    this.#live.delete(runId);
    // What is still being kept of it would bring it back.
    await this.#writing.get(runId);
    const { found } = await this.#deps.store.write('check.remove', { id: runId });
    if (!found) throw new TalkError('not-found', { what: 'check run', id: runId });
  }

  /** Cancels what is under way and waits for it. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const { board } of this.#live.values()) board.cancel();
    // What was asked for before is begun yet, and cancelled then.
    await Promise.allSettled(this.#beginning);
    await Promise.allSettled(this.#keeping);
    await Promise.allSettled(this.#writing.values());
  }

  /** On the bench: its port is open, it is recorded. Leaves nothing behind when it fails. */
  async #begin(live: Live): Promise<RunBench> {
    const { recorder, openBench, identify } = this.#deps;
    const { run } = live.board;
    const { request } = live;
    const { device, boardKind, language, voice, isUnattended } = request;
    // As the run knew it last: a board that was given another name has it on another day too.
    const known = run.productId === null || run.deviceName === null ? device : { productId: run.productId, deviceName: run.deviceName };
    const named = { port: request.port, device: known };
    const identity = identify === undefined ? named : await identify(named);
    const busy = [...this.#live.values()].find((other) => other !== live && other.ended !== null && isSameBoard(other, identity));
    if (busy !== undefined || live.ended !== null) throw new TalkError('check/busy', { runId: busy?.board.run.id ?? run.id });
    if (identity.device !== null && this.#deps.isImpaired?.(identity.device) === true)
      throw new TalkError('check/link-impaired', { ...identity.device });
    // Held from now on: another start that comes while the port opens is refused.
    const opening = Promise.withResolvers<void>();
    live.ended = opening.promise;
    live.identity = identity;
    this.#live.delete(run.id);
    this.#live.set(run.id, live);
    const isOwn = recorder.session === null;
    const { id: sessionId } = recorder.ensureSession(
      [run.listName, run.serialNumber || run.deviceName || run.port].join(' ').slice(0, 200),
    );
    if (isOwn) this.#ownSessions.add(sessionId);
    run.sessionId ??= sessionId;
    try {
      const { facts } = live.board;
      const how = { boardKind, listKinds: live.list.boardKinds, language, voice, isUnattended };
      const who = { port: request.port, device: known, isClaimed: request.device !== null, facts };
      const onStranger = (...told: Parameters<BoardRun['disown']>) => live.board.disown(...told);
      return await openBench({ runId: run.id, ...who, ...how, onStranger });
    } catch (error) {
      live.ended = null;
      if (run.counts.waiting === run.results.length) this.#live.delete(run.id);
      await this.#endSession(sessionId);
      throw error;
    } finally {
      opening.resolve();
    }
  }

  #goOn(live: Live, bench: RunBench, items?: readonly ListItem[]): void {
    const { log, onChange } = this.#deps;
    const { board, baselines } = live;
    const sessionId = this.#deps.recorder.session?.id;
    // It came while the core was leaving.
    if (this.#isClosing) board.cancel();
    const work = async () => {
      try {
        await board.work(bench, items);
      } finally {
        await bench.close();
        live.ended = null;
      }
      if (board.run.state === 'passed') await baselines.keep(await this.#redactTemplates());
      await this.#save(live);
      if (sessionId !== undefined) await this.#endSession(sessionId);
      this.#forgetOldest();
    };
    const ended = work()
      .catch((error: unknown) => log.error({ err: error, runId: board.run.id }, 'a run of checks failed'))
      .finally(() => this.#keeping.delete(ended));
    this.#keeping.add(ended);
    live.ended = ended;
    onChange(structuredClone(board.run));
  }

  #liveOf(run: CheckRun, list: CheckList, request: StoredRequest): Live {
    const { clock, recorder, log, store, onChange } = this.#deps;
    const { language, isUnattended, only, serialNumber } = request;
    const baselines = this.#deps.baselines.of(request.boardKind);
    const keep = (name: string, write: () => Promise<unknown>) => this.#inOrder(run.id, name, write);
    const board = new BoardRun(
      run,
      list,
      { language, isUnattended, only, serialNumber },
      {
        clock,
        session: () => recorder.session,
        redact: () => this.#redact(),
        keepSound: (soundId, wav) => void keep('a sound', () => store.write('check.keepSound', { runId: run.id, soundId, wav })),
        dropSound: (soundId) => void keep('a sound', () => store.write('check.dropSound', { runId: run.id, soundId })),
        baselines: baselines.seen,
        namesakes: ({ mac = null, imei = null, device = null }) =>
          run.serialNumber === ''
            ? Promise.resolve([])
            : store.read('check.namesakes', { serialNumber: run.serialNumber, mac, imei, device }),
        isImpaired: (device) => this.#deps.isImpaired?.(device) ?? false,
        checkedElsewhere: (device) => this.#earlierOn(device, live)?.board.run.id ?? null,
        onChange: () => onChange(structuredClone(run)),
        onResult: () => void this.#save(live),
        onBug: (error) => {
          const id = randomUUID();
          log.error({ err: error, id }, 'a check failed');
          return id;
        },
      },
    );
    const live: Live = { board, list, request, baselines, identity: { port: request.port, device: request.device }, ended: null };
    return live;
  }

  /** A run of the history. Throws TalkError 'not-found'. */
  async #stored(runId: string): Promise<Live> {
    const stored = await this.#deps.store.read('check.run', { id: runId });
    if (stored === null) throw new TalkError('not-found', { what: 'check run', id: runId });
    const request = storedRequest.parse(stored.request);
    // Of a list that this version cannot read any more the run can still be looked at.
    const list = readListOr(request.listText, this.#deps.known);
    return this.#liveOf(stored.run, list, request);
  }

  /** Another run under way on this device, begun before this one. */
  #earlierOn(device: DeviceName, live: Live): Live | undefined {
    const lives = [...this.#live.values()];
    return lives.slice(0, lives.indexOf(live)).find((other) => other.ended !== null && isSameBoard(other, { port: null, device }));
  }

  async #awaited<Result>(beginning: Promise<Result>): Promise<Result> {
    this.#beginning.add(beginning);
    return beginning.finally(() => this.#beginning.delete(beginning));
  }

  #save(live: Live): Promise<unknown> {
    const { run } = live.board;
    // As it is now, not as it will be when its turn comes.
    const now = structuredClone(run);
    return this.#inOrder(run.id, 'a run', () =>
      this.#deps.store.write('check.save', { summary: summaryOf(now), run: now, request: live.request }),
    );
  }

  #inOrder(runId: string, what: string, write: () => Promise<unknown>): Promise<unknown> {
    const before = this.#writing.get(runId) ?? Promise.resolve();
    const after = before.then(write).catch((error: unknown) => this.#deps.log.error({ err: error, runId }, `${what} of checks not stored`));
    this.#writing.set(runId, after);
    void after.then(() => this.#writing.get(runId) === after && this.#writing.delete(runId));
    return after;
  }

  async #redact(): Promise<(text: string) => string> {
    return createRedact({ includeIdentities: true, secrets: await this.#deps.secrets() });
  }

  async #redactTemplates(): Promise<(text: string) => string> {
    const secrets = await this.#deps.secrets();
    // What is left of a secret once its numbers are gone may still be one; "<n><n>" alone is none.
    const left = secrets.map(maskedVarying).filter((masked) => /\p{L}{4}/u.test(masked.replaceAll(/<\w+>/g, ' ')));
    return createRedact({ includeIdentities: true, secrets: [...secrets, ...left] });
  }

  async #endSession(sessionId: string): Promise<void> {
    const { recorder, isBenchInUse } = this.#deps;
    const isUsed = [...this.#live.values()].some(({ ended, board }) => ended !== null && board.run.sessionId === sessionId);
    if (!this.#ownSessions.has(sessionId) || isUsed || recorder.session?.id !== sessionId || isBenchInUse()) return;
    this.#ownSessions.delete(sessionId);
    await recorder.stop();
  }

  #forgetOldest(): void {
    const ended = [...this.#live.values()].filter(({ ended: end }) => end === null);
    for (const { board } of ended.slice(0, Math.max(0, ended.length - MOST_SHOWN))) this.#live.delete(board.run.id);
  }
}

export function summaryOf(run: CheckRun): CheckRunSummary {
  return checkRunSummary.parse({ ...run, failedItems: failedItems(run.results) });
}

/** By its port, or by its device: as it was known at the beginning, or as the run has learnt since. */
function isSameBoard({ identity, board: { run } }: Live, { port, device }: BoardIdentity): boolean {
  if (port !== null && identity.port === port) return true;
  if (device === null) return false;
  const names = [identity.device, { productId: run.productId, deviceName: run.deviceName }];
  return names.some((name) => name?.productId === device.productId && name.deviceName === device.deviceName);
}

function readListOr(text: string, known: readonly Check[]): CheckList {
  try {
    return readList(text, known);
  } catch {
    return { name: { zh: '', en: '' }, version: '', boardKinds: [], serialNumber: null, stopAtFirstFailure: false, items: [] };
  }
}
