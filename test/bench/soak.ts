import EventEmitter from 'node:events';
import { queryObjects, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createScriptedTts, scriptedTtsConfig } from '../../pipeline/engines/scripted/tts.ts';
import { createScriptedVad } from '../../pipeline/engines/scripted/vad.ts';
import { settingsSchema } from '../../preload/contract/settings.ts';
import { fasterClock } from '../fakes/faster-clock.ts';
import { openTalkingBench } from './pipeline/talking-bench.ts';

/** A few for every run of the benches; TALKBENCH_SOAK_TURNS=10000 for the number that the aim speaks of, some ten minutes. */
const TURNS = Number(process.env.TALKBENCH_SOAK_TURNS ?? 240);
const BOARDS = 8;
const TURNS_A_CALL = 6;
/** Between two of them nobody is connected, and what is held is counted. */
const ROUNDS = 10;
const SPEED = Number(process.env.TALKBENCH_SOAK_SPEED ?? 8);
const REPLY = '从前有一座山，山里有一座庙。';

/** What may grow. Handles are by kind: timers, sockets, threads, children. */
interface Sample {
  turns: number;
  heapKiB: number;
  rssKiB: number;
  resources: Record<string, number>;
  /** On everything that is open, and on the process. */
  listeners: number;
  signals: number;
  emitters: number;
}

/** Boards over real sockets at many times their speed, call after call: what the process holds after each tenth of it, with nobody connected. */
export async function run(): Promise<void> {
  const clock = fasterClock(SPEED);
  let turns = 0;
  let interrupted = 0;
  const bench = await openTalkingBench({
    clock,
    observer: {
      event({ kind }) {
        if (kind === 'turn.ended') turns += 1;
        if (kind === 'interruption.decided') interrupted += 1;
      },
      packet() {},
    },
    settings: settingsSchema.parse({
      agent: { greetingZh: '', greetingEn: '', historyRounds: 3 },
      turns: { interruption: 'duration', interruptionMs: 300 },
      listeners: { mqttPort: 0, gatewayPort: 0 },
    }),
    boards: BOARDS,
    enginesOf: () => ({
      vad: createScriptedVad(),
      stt: { id: 'quick', languages: ['zh'], open: async () => ({ write() {}, finish: async () => ({ text: '讲个故事吧' }), close() {} }) },
      llm: {
        id: 'quick',
        async *respond() {
          yield { kind: 'text', text: REPLY };
          yield { kind: 'done', finish: 'stop' };
        },
      },
      tts: createScriptedTts(clock, scriptedTtsConfig.parse({ firstAudioMs: 5, msPerCharacter: 100 })),
    }),
  });
  console.log(`${BOARDS} boards at ${SPEED} × their speed, every third reply spoken over:`);
  console.log(`  ${told(await take(0))}`);
  const samples: Sample[] = [];
  const failures: string[] = [];
  const startedMs = performance.now();
  while (turns < TURNS && failures.length < TURNS / 10) {
    const calls = Math.max(1, Math.round(TURNS / ROUNDS / BOARDS / TURNS_A_CALL));
    const reports = await bench.talk({ turns: TURNS_A_CALL, calls, speed: SPEED, interruptEvery: 3 });
    failures.push(...reports.flatMap((report) => report.failures));
    samples.push(await take(turns));
    console.log(`  ${told(samples.at(-1) as Sample)}`);
  }
  await bench.close();
  console.log(`  closed: ${told(await take(turns))}`);
  const [first, last] = [samples[0], samples.at(-1)];
  if (first && last && last.turns > first.turns) {
    const bytes = (kiB: number) => ((kiB * 1024) / (last.turns - first.turns)).toFixed(1);
    console.log(
      `  from ${first.turns} to ${last.turns} turns, ${interrupted} interrupted, ${((performance.now() - startedMs) / 1000).toFixed(0)} s: ` +
        `heap ${bytes(last.heapKiB - first.heapKiB)} bytes a turn, RSS ${bytes(last.rssKiB - first.rssKiB)}, ` +
        `listeners ${last.listeners - first.listeners}, signals ${last.signals - first.signals}, emitters ${last.emitters - first.emitters}`,
    );
  }
  console.log(`  failures: ${failures.length}`);
  for (const failure of failures.slice(0, 5)) console.log(`    ${failure}`);
}

async function take(turns: number): Promise<Sample> {
  // What was closed is told of in the next turns of the loop.
  await new Promise((resolve) => setTimeout(resolve, 500));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles(): unknown[] };
  const emitters = [process, ...handles.call(process)].filter((handle) => handle instanceof EventEmitter);
  return {
    turns,
    heapKiB: Math.round(heapUsed / 1024),
    rssKiB: Math.round(rss / 1024),
    resources,
    listeners: emitters.reduce((sum, emitter) => sum + emitter.eventNames().reduce((all, name) => all + emitter.listenerCount(name), 0), 0),
    signals: queryObjects(AbortSignal, { format: 'count' }),
    emitters: queryObjects(EventEmitter, { format: 'count' }),
  };
}

function told({ turns, heapKiB, rssKiB, resources, listeners, signals, emitters }: Sample): string {
  const handles = Object.entries(resources).map(([kind, count]) => `${count} ${kind}`);
  return `after ${turns} turns: heap ${heapKiB} KiB, RSS ${rssKiB} KiB, ${listeners} listeners, ${signals} signals, ${emitters} emitters; ${handles.join(', ')}`;
}
