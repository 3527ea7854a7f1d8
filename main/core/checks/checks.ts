import type { DeviceName } from '../../../pipeline/gateways/devices.ts';
import type { CheckListDocument, CheckRun } from '../../../preload/contract/checks.ts';
import type { StreamDelta } from '../../../preload/contract/index.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { Log } from '../log.ts';
import type { Recorder } from '../sessions/recorder.ts';
import type { Store } from '../store/store.ts';
import { measuredAside } from './audio/measures-thread.ts';
import { infoOf } from './catalogue.ts';
import type { Check } from './check.ts';
import { yieldOf } from './history/yield.ts';
import { allChecks } from './kinds/index.ts';
import { measureOpusFile } from './kinds/uplink/opus-file.ts';
import { builtInLists } from './lists/built-in/index.ts';
import { type BuiltInList, ListLibrary } from './lists/library.ts';
import { inspectList, outlineOf } from './lists/read.ts';
import { type PrintPdf, reportOf } from './report/report.ts';
import type { Identify, OpenBench } from './run-bench.ts';
import { Baselines } from './runner/baselines.ts';
import { Runs } from './runs.ts';

export interface Checks {
  calls: Pick<CallHandlers, Extract<keyof CallHandlers, `checks.${string}`>>;
  streams: Pick<StreamHandlers, Extract<keyof StreamHandlers, `checks.${string}`>>;
  /** Cancels what runs, and waits for it. */
  close(): Promise<void>;
}

export interface ChecksDeps {
  store: Store;
  recorder: Recorder;
  clock: Clock;
  log: Log;
  appVersion: string;
  openBench: OpenBench;
  /** Ports and devices as they are named, unless given. */
  identify?: Identify;
  /** Somebody makes that device's network worse on purpose; nobody does unless it is given. */
  isImpaired?(device: DeviceName): boolean;
  printPdf: PrintPdf;
  secrets(): Promise<readonly string[]>;
  /** Whether a port is open or a conversation under way, whoever wanted it. */
  isBenchInUse(): boolean;
  /** Those of the product, unless a test has its own. */
  kinds?: readonly Check[];
  lists?: readonly BuiltInList[];
}

/** A delta is a whole run: a client that was away takes a snapshot instead of many of them. */
const RETAINED_RUNS = 8;

/** Bring-up checks: docs/checks.md. */
export async function createChecks(deps: ChecksDeps): Promise<Checks> {
  const { store, clock, kinds = allChecks, lists = builtInLists } = deps;
  const library = await ListLibrary.open({ store, clock, known: kinds, builtIn: lists });
  const baselines = await Baselines.open({ store, clock });
  const runsTopic = new Topic<CheckRun[], StreamDelta<'checks.runs'>>({ snapshot: () => runs.all(), retain: RETAINED_RUNS });
  const runs = new Runs({ ...deps, known: kinds, baselines, onChange: (run) => runsTopic.publish(run) });
  await runs.recover();
  const listsTopic = new Topic<CheckListDocument[], StreamDelta<'checks.lists'>>({ snapshot: () => library.all() });

  const soundOf = (runId: string, soundId: string) => store.read('check.sound', { runId, soundId });

  const calls: Checks['calls'] = {
    'checks.catalogue': async () => ({ checks: kinds.map(infoOf) }),
    'checks.inspectList': async ({ text }) => {
      const { list, problems } = inspectList(text, kinds);
      return { problems, outline: list === null ? null : outlineOf(list) };
    },
    'checks.putList': async (body) => {
      const document = await library.put(body);
      listsTopic.publish(library.all());
      return document;
    },
    'checks.removeList': async ({ id }) => {
      await library.remove(id);
      listsTopic.publish(library.all());
      return {};
    },
    'checks.start': async (body) => {
      const { list } = body;
      // A file that says what a list of the library says is that list.
      const { id, text } = 'id' in list ? library.require(list.id) : (library.saying(list.text) ?? { id: null, text: list.text });
      return { runId: await runs.start(body, id, text) };
    },
    'checks.answer': async ({ runId, resultId, answer, note }) => {
      runs.answer(runId, resultId, answer, note);
      return {};
    },
    'checks.cancel': async ({ runId }) => {
      await runs.cancel(runId);
      return {};
    },
    'checks.repeat': async ({ runId, resultId }) => {
      await runs.repeat(runId, resultId);
      return {};
    },
    'checks.run': ({ runId }) => runs.run(runId),
    'checks.remove': async ({ runId }) => {
      await runs.remove(runId);
      return {};
    },
    'checks.history': async ({ limit, ...filter }) => ({ runs: await store.read('check.history', { filter, limit }) }),
    'checks.yield': async ({ fromWallMs, toWallMs, ...filter }) =>
      yieldOf(await store.read('check.history', { filter }), { fromWallMs, toWallMs }),
    'checks.report': async ({ runIds, format, language }, { signal }) => {
      const reported = [];
      for (const runId of new Set(runIds)) reported.push(await runs.run(runId));
      const { appVersion, printPdf } = deps;
      const secrets = await deps.secrets();
      const sound = async (runId: string, id: string) => (await soundOf(runId, id)).wav;
      const report = { format, language, sound, secrets, printPdf, appVersion, madeWallMs: clock.wallMs(), signal };
      return reportOf(reported, report);
    },
    'checks.evidence': async ({ runId, id }) => {
      const { wav, isRemoved } = await soundOf(runId, id);
      if (isRemoved) throw new TalkError('check/sound-removed', { id });
      if (wav === null) throw new TalkError('not-found', { what: 'sound', id });
      return { wav };
    },
    'checks.opusFile': async ({ data }, { signal }) => await measuredAside(signal, (measures) => measureOpusFile(data, measures)),
    'checks.reference': async ({ frameMs }, { signal }) => await measuredAside(signal, (measures) => measures.referenceSounds(frameMs)),
  };

  return {
    calls,
    streams: {
      'checks.lists': () => ({ topic: listsTopic, isState: true }),
      'checks.runs': () => ({ topic: runsTopic }),
    },
    close: () => runs.close(),
  };
}
