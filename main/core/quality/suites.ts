import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { StreamDelta } from '../../../preload/contract/index.ts';
import { type SuiteDocument, type SuiteRun, type SuiteRunSummary, suiteRun, suiteRunSummary } from '../../../preload/contract/quality.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { QualityPorts } from './ports.ts';
import { htmlOfRun } from './report/html.ts';
import { junitOfRun } from './report/junit.ts';
import { redactedRun } from './report/redacted-run.ts';
import { comparable } from './run/case.ts';
import { JudgeThread } from './run/judge-thread.ts';
import { chosenCases, runSuite } from './run/run-suite.ts';
import { createSubjects } from './run/subjects.ts';
import { draftSuite } from './suite/draft.ts';
import { editSuite } from './suite/edit.ts';
import { outlineOf } from './suite/outline.ts';
import { fileOf, type InspectedSuite, inspectSuite, type SuiteFile } from './suite/read.ts';

export interface Quality {
  calls: Pick<CallHandlers, Extract<keyof CallHandlers, `suites.${string}`>>;
  streams: Pick<StreamHandlers, Extract<keyof StreamHandlers, `suites.${string}`>>;
  /** Cancels what runs, and waits for it. */
  close(): Promise<void>;
}

export interface QualityDeps {
  store: Store;
  clock: Clock;
  log: Log;
  ports: QualityPorts;
  /** Every secret the core holds: none may be in a run that leaves the machine. */
  secrets: () => Promise<readonly string[]>;
}

/** Ended runs that are kept, of one suite and in all. */
const KEPT_OF_SUITE = 30;
const KEPT = 200;
/** Ended runs that could not be stored, and are known for as long as this process is. */
const KEPT_UNSTORED = 5;
/** Reading more than this is left to a thread: a text of a megabyte takes seconds. */
const READ_AT_ONCE = 20_000;
/** What versions before this one stored has no name and no count. */
const storedSuite = z.object({ text: z.string(), name: z.string().optional(), caseCount: z.number().optional() });

interface Running {
  abort: AbortController;
  ended: Promise<SuiteRun>;
}

/** A run that is not in the store yet, as it is now. */
interface LiveRun {
  run: SuiteRun;
  topic: Topic<SuiteRun | null, SuiteRun | null>;
}

/** Suites of the library, their runs, and sessions beside each other: docs/suites.md. */
export async function createQuality({ store, clock, log, ports, secrets }: QualityDeps): Promise<Quality> {
  const documents = new Map<string, SuiteDocument>();
  const summaries = new Map<string, SuiteRunSummary>();
  const live = new Map<string, LiveRun>();
  const running = new Map<string, Running>();
  const judge = new JudgeThread();
  /** Whoever writes a suite does not wait until another is judged. */
  const reader = new JudgeThread();
  const documentTopic = new Topic<SuiteDocument[], StreamDelta<'suites.documents'>>({ snapshot: () => [...documents.values()] });
  const runsTopic = new Topic<SuiteRunSummary[], StreamDelta<'suites.runs'>>({ snapshot: () => newestFirst() });

  for (const { id, wallMs, body } of await store.read('document.list', { kind: 'suite' })) {
    const stored = storedSuite.safeParse(body);
    if (stored.success) documents.set(id, documentOf(id, stored.data, wallMs));
  }
  for (const { body } of await store.read('document.list', { kind: 'suite-run', without: ['cases', 'budget'] })) {
    const stored = suiteRunSummary.safeParse(body);
    if (stored.success) summaries.set(stored.data.id, stored.data);
  }

  function newestFirst(): SuiteRunSummary[] {
    return [...summaries.values()].sort((one, other) => other.startedWallMs - one.startedWallMs);
  }

  async function storedRun(id: string): Promise<SuiteRun | null> {
    return suiteRun.nullable().parse(await store.read('document.body', { kind: 'suite-run', id }));
  }

  function requireSummary(id: string): SuiteRunSummary {
    const summary = summaries.get(id);
    if (summary === undefined) throw new TalkError('not-found', { what: 'suite run', id });
    return summary;
  }

  async function requireRun(id: string): Promise<SuiteRun> {
    const run = live.get(id)?.run ?? (await storedRun(id));
    if (run === null) throw new TalkError('not-found', { what: 'suite run', id });
    return run;
  }

  async function inspect(text: string, signal: AbortSignal): Promise<InspectedSuite> {
    return text.length > READ_AT_ONCE ? reader.inspect(text, signal) : inspectSuite(text);
  }

  function tell(run: SuiteRun): void {
    const one = live.get(run.id) ?? liveRun(run);
    one.run = run;
    live.set(run.id, one);
    const summary = summaryOf(run);
    summaries.set(run.id, summary);
    runsTopic.publish({ run: summary });
    one.topic.publish(run);
  }

  async function forget(id: string): Promise<void> {
    summaries.delete(id);
    live.delete(id);
    runsTopic.publish({ run: null, removedId: id });
    await store.write('document.remove', { kind: 'suite-run', id });
  }

  async function keep(run: SuiteRun): Promise<void> {
    try {
      await store.write('document.save', { kind: 'suite-run', id: run.id, body: run, wallMs: clock.wallMs() });
      live.delete(run.id);
    } catch (error) {
      log.warn({ err: error }, 'run of a suite not stored');
    }
    const ended = newestFirst().filter(({ state }) => state !== 'running');
    const ofSuite = ended.filter(({ suiteId, name }) => suiteId === run.suiteId && name === run.name);
    const unstored = ended.filter(({ id }) => live.has(id));
    for (const old of new Set([...ofSuite.slice(KEPT_OF_SUITE), ...ended.slice(KEPT), ...unstored.slice(KEPT_UNSTORED)]))
      await forget(old.id);
  }

  function start(
    file: SuiteFile,
    options: { suiteId: string | null; folder: string | null; only: readonly string[]; jobs: number },
  ): SuiteRunSummary {
    // What cannot begin is refused before anything is told of it.
    chosenCases(file, options.only);
    const id = randomUUID();
    const abort = new AbortController();
    const subjects = createSubjects({ store, importSession: ports.importSession, wallMs: () => clock.wallMs(), folder: options.folder });
    const onBug = (error: unknown) => {
      const bugId = randomUUID();
      log.error({ err: error, id: bugId }, 'a case of a suite failed');
      return bugId;
    };
    const ended = runSuite(file, { store, ports, subjects, judge, clock }, { ...options, id, signal: abort.signal, onChange: tell, onBug })
      .then(async (run) => {
        await keep(run).catch((error: unknown) => log.warn({ err: error }, 'old run of a suite not removed'));
        return run;
      })
      .finally(() => running.delete(id));
    // Whoever waits hears of it; nobody has to.
    ended.catch(onBug);
    running.set(id, { abort, ended });
    return requireSummary(id);
  }

  const calls: Quality['calls'] = {
    'suites.inspect': async ({ text }, { signal }) => {
      const { file, problems } = await inspect(text, signal);
      return { problems, outline: file === null ? null : outlineOf(file) };
    },
    'suites.edit': async (body, { signal }) => ({
      text: body.text.length > READ_AT_ONCE ? await reader.edit(body, signal) : editSuite(body),
    }),
    'suites.draft': async ({ sessionIds, name }) => {
      const sessions = [];
      for (const id of new Set(sessionIds)) {
        if (ports.recordingId() === id) await store.flush();
        const detail = await store.read('session.detail', { id });
        if (detail === null) throw new TalkError('session/not-found', { id });
        const { events } = await store.read('session.events', { id, afterOrdinal: -1, limit: 1, kinds: ['engine.error'] });
        sessions.push({ ...detail, engineErrors: events.length });
      }
      return { text: draftSuite(sessions, name || sessions[0]?.session.title.slice(0, 100) || 'Suite') };
    },
    'suites.save': async ({ id = randomUUID(), text }, { signal }) => {
      const { suite } = fileOf(await inspect(text, signal));
      const body = { text, name: suite.name, caseCount: suite.cases.length };
      const document = { id, ...body, changedWallMs: clock.wallMs() };
      await store.write('document.save', { kind: 'suite', id, body, wallMs: document.changedWallMs });
      documents.set(id, document);
      documentTopic.publish({ document });
      return document;
    },
    'suites.remove': async ({ id }) => {
      const { found } = await store.write('document.remove', { kind: 'suite', id });
      if (!found) throw new TalkError('not-found', { what: 'suite', id });
      documents.delete(id);
      documentTopic.publish({ document: null, removedId: id });
      for (const run of newestFirst()) if (run.suiteId === id && run.state !== 'running') await forget(run.id);
      return {};
    },
    'suites.start': async ({ suiteId, text, folder, only, jobs }, { signal }) => {
      const kept = suiteId === undefined ? undefined : documents.get(suiteId);
      if (suiteId !== undefined && kept === undefined) throw new TalkError('not-found', { what: 'suite', id: suiteId });
      const file = fileOf(await inspect(text ?? kept?.text ?? '', signal));
      return start(file, { suiteId: suiteId ?? null, folder: folder ?? null, only, jobs });
    },
    'suites.wait': async ({ runId }, { signal }) => {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => reject(new TalkError('cancelled')), { once: true });
      return redactedRun(await Promise.race([running.get(runId)?.ended ?? requireRun(runId), promise]), await secrets());
    },
    'suites.cancel': async ({ runId }) => {
      requireSummary(runId);
      running.get(runId)?.abort.abort();
      return {};
    },
    'suites.report': async ({ runId, format, language }) => {
      const run = redactedRun(await requireRun(runId), await secrets());
      const name = run.name.replaceAll(/[^\p{L}\p{N}_-]+/gu, '-').slice(0, 80) || 'suite';
      return format === 'junit'
        ? { fileName: `${name}.xml`, text: junitOfRun(run) }
        : { fileName: `${name}.html`, text: htmlOfRun(run, language) };
    },
    'suites.compare': async ({ golden, candidate }, { signal }) => {
      if ([golden, candidate].includes(ports.recordingId() ?? '')) await store.flush();
      return judge.compare(await comparable(store, golden), await comparable(store, candidate), signal);
    },
  };

  return {
    calls,
    streams: {
      'suites.documents': () => ({ topic: documentTopic }),
      'suites.runs': () => ({ topic: runsTopic }),
      'suites.run': ({ runId }) => {
        const now = live.get(runId);
        if (now !== undefined) return { topic: now.topic, isState: true };
        let run: SuiteRun | null = null;
        const read = async () => {
          run = await storedRun(runId);
        };
        return { topic: new Topic({ snapshot: () => run, retain: 1 }), ready: read(), isState: true, close: () => {} };
      },
    },
    async close() {
      for (const { abort } of running.values()) abort.abort();
      await Promise.allSettled([...running.values()].map(({ ended }) => ended));
      judge[Symbol.dispose]();
      reader[Symbol.dispose]();
    },
  };
}

function summaryOf(run: SuiteRun): SuiteRunSummary {
  return suiteRunSummary.parse(run);
}

function liveRun(run: SuiteRun): LiveRun {
  const one: LiveRun = { run, topic: new Topic({ snapshot: () => one.run, retain: 1 }) };
  return one;
}

/** A suite that this version cannot read any more is kept and shown all the same. */
function documentOf(id: string, { text, name, caseCount }: z.output<typeof storedSuite>, changedWallMs: number): SuiteDocument {
  if (name !== undefined && caseCount !== undefined) return { id, name, text, caseCount, changedWallMs };
  const suite = inspectSuite(text).file?.suite;
  return { id, name: suite?.name ?? id, text, caseCount: suite?.cases.length ?? 0, changedWallMs };
}
