import { monitorEventLoopDelay } from 'node:perf_hooks';
import { nearestRank } from '../../main/core/analysis/percentiles.ts';
import { sleepUntil, systemClock } from '../../pipeline/clock.ts';
import type { Engines } from '../../pipeline/conversation.ts';
import { createScriptedTts, scriptedTtsConfig } from '../../pipeline/engines/scripted/tts.ts';
import { createScriptedVad } from '../../pipeline/engines/scripted/vad.ts';
import type { PipelineEvent } from '../../preload/contract/events.ts';
import { settingsSchema } from '../../preload/contract/settings.ts';
import type { MonoUs } from '../../preload/contract/time.ts';
import type { TalkingReport } from '../fakes/talking-boards.child.ts';
import { openTalkingBench } from './pipeline/talking-bench.ts';

const clock = systemClock;
const FRAME_MS = 60;
const LEAD_MS = 120;
/** A reply's first packet is stamped after it was written, by so much later than it was handed over at most; leads are counted from it. */
const STAMP_MS = 5;
/** The fakes' stated delays. */
const STT_MS = 50;
const LLM_MS = 100;
const TTS_MS = 80;
const MS_PER_CHARACTER = 150;
const REPLY = '从前有一座山，山里有一座庙，庙里有一个老和尚。';
const INTERRUPT_EVERY = 3;
/** For a peer that is given the same. */
export const stated = { sttMs: STT_MS, llmMs: LLM_MS, ttsMs: TTS_MS, msPerCharacter: MS_PER_CHARACTER, reply: REPLY };
const limits = { oneP50: 5, oneP99: 20, manyP99: 60, stop: FRAME_MS, jitter: 10 };

/** What the fakes took of one turn by their own clock: their timers are late too, and that is not the pipeline's doing. */
type Stage = 'stt' | 'llm' | 'tts';
type Spans = Map<string, { fromUs: number; toUs: number }>;
interface Measured {
  turns: number;
  /** First frame at the socket, less the endpoint's decision and what the engines took, ms. */
  added: number[];
  /** Its parts. */
  joints: Record<string, number[]>;
  /** The endpoint's decision, less the last speech sample and the silence asked for: frames and detector windows, ms. */
  framing: number[];
  /** The policy saw the onset → the last frame of the old reply was handed to the socket, ms. */
  stop: number[];
  jitter: number[];
  lead: number[];
  underruns: number;
  leaked: number;
  processor: number;
  /** How late the server's own loop was, p99, ms: of a machine that others use, not all of it is ours. */
  loop: number;
  boards: TalkingReport[];
}

/** One board after the other count, until an aim breaks: TALKBENCH_BENCH_BOARDS=1,20,50,75,100 says from how many. */
export async function run(): Promise<void> {
  const counts = (process.env.TALKBENCH_BENCH_BOARDS ?? '1,50').split(',').map(Number);
  const runs = Number(process.env.TALKBENCH_BENCH_RUNS ?? 3);
  let firstBroken: number | undefined;
  for (const count of counts) {
    const measured: Measured[] = [];
    for (let index = 0; index < (count === 1 ? runs : Math.min(runs, 2)); index += 1)
      measured.push(await measure(count, count === 1 ? 12 : Number(process.env.TALKBENCH_BENCH_TURNS ?? 9)));
    const broken = print(count, measured);
    if (broken.length > 0) firstBroken ??= count;
    console.log(broken.length === 0 ? '  every aim is met' : `  not met: ${broken.join('; ')}`);
  }
  console.log(
    firstBroken === undefined ? 'No count of boards broke an aim.' : `The first count of boards that breaks an aim: ${firstBroken}.`,
  );
}

/** Gives the aims that are not met. */
function print(count: number, runs: readonly Measured[]): string[] {
  const broken: string[] = [];
  const of = (pick: (run: Measured) => number) => runs.map(pick).toSorted((a, b) => a - b)[runs.length >> 1] ?? 0;
  const rank = (percent: number, pick: (run: Measured) => readonly number[]) =>
    of(
      (one) =>
        nearestRank(
          pick(one).toSorted((a, b) => a - b),
          percent,
        ) ?? Number.NaN,
    );
  const line = (text: string, value: number, limit?: number, unit = 'ms') => {
    if (limit !== undefined && value > limit) broken.push(text);
    console.log(
      `  ${text}: ${value.toFixed(2)} ${unit}${limit === undefined ? '' : limit === 0 ? ', of which there are to be none' : `, ${(value / limit).toFixed(2)} × the limit of ${limit}`}`,
    );
  };
  console.log(`${count} board${count === 1 ? '' : 's'}, ${of(({ turns }) => turns)} turns a run, ${runs.length} runs, medians of them:`);
  line(
    'added a turn, p50',
    rank(50, ({ added }) => added),
    count === 1 ? limits.oneP50 : undefined,
  );
  line(
    'added a turn, p99',
    rank(99, ({ added }) => added),
    count === 1 ? limits.oneP99 : limits.manyP99,
  );
  for (const joint of Object.keys(runs[0]?.joints ?? {})) {
    const part = ({ joints }: Measured) => joints[joint] ?? [];
    console.log(`    ${joint}: p50 ${rank(50, part).toFixed(2)} ms, p99 ${rank(99, part).toFixed(2)} ms`);
  }
  line(
    'framing and detector windows before the decision, p50',
    rank(50, ({ framing }) => framing),
  );
  line(
    'onset seen → last stale frame, p99',
    rank(99, ({ stop }) => stop),
    limits.stop,
  );
  line(
    'downlink frame jitter, p99',
    rank(99, ({ jitter }) => jitter),
    limits.jitter,
  );
  line(
    'lead, most',
    of(({ lead }) => lead.reduce((most, one) => Math.max(most, one), 0)),
    LEAD_MS + STAMP_MS,
  );
  line(
    'underruns told by the pipeline',
    of(({ underruns }) => underruns),
    0,
    '',
  );
  line(
    'underruns at the speakers',
    of(({ boards }) => boards.reduce((sum, board) => sum + board.underruns, 0)),
    0,
    '',
  );
  line(
    'stages leaked',
    of(({ leaked }) => leaked),
    undefined,
    '',
  );
  line(
    'event loop late, p99',
    of(({ loop }) => loop),
  );
  line('of one processor', of(({ processor }) => processor) * 100, undefined, '%');
  for (const failure of runs.flatMap(({ boards }) => boards.flatMap(({ failures }) => failures)).slice(0, 5))
    console.log(`  failed: ${failure}`);
  return broken;
}

export async function measure(count: number, turns: number): Promise<Measured> {
  const settings = settingsSchema.parse({
    agent: { greetingZh: '', greetingEn: '', historyRounds: 3 },
    turns: { interruption: 'duration', interruptionMs: 300 },
    downlink: { leadMs: LEAD_MS },
    listeners: { mqttPort: 0, gatewayPort: 0 },
  });
  const spans = new Map<string, Spans>();
  const events = new Map<string, PipelineEvent[]>();
  const packets = new Map<string, { atUs: number; mediaUs: number }[]>();
  const observer = {
    event(event: PipelineEvent) {
      if (event.kind === 'wire.message' || event.kind === 'llm.text' || event.kind === 'downlink.queue') return;
      if (!('conversationId' in event) || event.conversationId === undefined) return;
      listOf(events, event.conversationId).push(event);
    },
    packet({ conversationId, track, atUs, mediaUs }: { conversationId: string; track: string; atUs: number; mediaUs: number }) {
      if (track === 'downlink') listOf(packets, conversationId).push({ atUs, mediaUs });
    },
  };
  const bench = await openTalkingBench({
    clock,
    observer,
    settings,
    boards: count,
    enginesOf(conversationId) {
      const own: Spans = new Map();
      spans.set(conversationId, own);
      return timedEngines(own);
    },
  });
  const loop = monitorEventLoopDelay({ resolution: 2 });
  loop.enable();
  const usedBefore = process.cpuUsage();
  const startedMs = performance.now();
  const reports = await bench.talk({ turns, interruptEvery: INTERRUPT_EVERY });
  const used = process.cpuUsage(usedBefore);
  const processor = (used.user + used.system) / 1000 / (performance.now() - startedMs);
  await bench.close();
  const measured: Measured = {
    turns: 0,
    added: [],
    joints: {},
    framing: [],
    stop: [],
    jitter: [],
    lead: [],
    underruns: 0,
    leaked: 0,
    processor,
    loop: loop.percentile(99) / 1e6,
    boards: reports,
  };
  for (const [id, own] of events) evaluate(own, spans.get(id) ?? new Map(), packets.get(id) ?? [], measured);
  return measured;
}

/** Fakes that note, by the number of their turn, when they were asked and when they had an answer. */
function timedEngines(spans: Spans): Engines {
  let turn = 0;
  const note = (stage: Stage, fromUs: number) => {
    const key = `${stage} ${turn}`;
    if (!spans.has(key)) spans.set(key, { fromUs, toUs: clock.nowUs() });
  };
  const tts = createScriptedTts(clock, scriptedTtsConfig.parse({ firstAudioMs: TTS_MS, msPerCharacter: MS_PER_CHARACTER }));
  return {
    vad: createScriptedVad(),
    stt: {
      id: 'timed',
      languages: ['zh'],
      open: async ({ signal }) => ({
        write() {},
        async finish() {
          turn += 1;
          const fromUs = clock.nowUs();
          await sleepUntil(clock, (fromUs + STT_MS * 1000) as MonoUs, signal);
          note('stt', fromUs);
          return { text: '讲个故事吧' };
        },
        close() {},
      }),
    },
    llm: {
      id: 'timed',
      async *respond(_request, signal) {
        const fromUs = clock.nowUs();
        yield { kind: 'headers' };
        await sleepUntil(clock, (fromUs + LLM_MS * 1000) as MonoUs, signal);
        note('llm', fromUs);
        // The first sentence at once: what is waited for is no token.
        yield { kind: 'text', text: REPLY };
        yield { kind: 'done', finish: 'stop' };
      },
    },
    tts: {
      ...tts,
      async *synthesize(request, signal) {
        const fromUs = clock.nowUs();
        for await (const event of tts.synthesize(request, signal)) {
          if (event.kind === 'audio') note('tts', fromUs);
          yield event;
        }
      },
    },
  };
}

function evaluate(
  events: readonly PipelineEvent[],
  spans: Spans,
  packets: readonly { atUs: number; mediaUs: number }[],
  into: Measured,
): void {
  let finals = 0;
  let ended: Extract<PipelineEvent, { kind: 'user.speech-ended' }> | undefined;
  let finalOfTurn = 0;
  let seenUs: number | undefined;
  let committedUs = 0;
  for (const event of events) {
    if (event.kind === 'stt.final') finals += 1;
    if (event.kind === 'user.speech-ended') ended = event;
    if (event.kind === 'turn.committed') {
      finalOfTurn = finals;
      committedUs = event.atUs;
    }
    if (event.kind === 'turn.state' && event.state === 'paused') seenUs = event.atUs;
    if (event.kind === 'stage.leaked') into.leaked += 1;
    if (event.kind === 'downlink.underrun') into.underruns += 1;
    if (event.kind === 'downlink.first-frame' && ended !== undefined && committedUs > ended.declaredUs) {
      const [stt, llm, tts] = (['stt', 'llm', 'tts'] as const).map((stage) => spans.get(`${stage} ${finalOfTurn}`));
      if (stt && llm && tts) {
        into.turns += 1;
        const joints = {
          'decision → recogniser asked': stt.fromUs - ended.declaredUs,
          'transcript → model asked': llm.fromUs - stt.toUs,
          'first token → synthesiser asked': tts.fromUs - llm.toUs,
          'first audio → frame at the socket': event.atUs - tts.toUs,
        };
        for (const [joint, us] of Object.entries(joints)) into.joints[joint] = [...(into.joints[joint] ?? []), us / 1000];
        into.added.push(Object.values(joints).reduce((sum, us) => sum + us, 0) / 1000);
        into.framing.push((ended.declaredUs - ended.atUs) / 1000 - 500);
      }
    }
    if (event.kind === 'interruption.decided') {
      const fromUs = seenUs ?? event.atUs;
      const next =
        events.find((other) => other.kind === 'downlink.first-frame' && other.atUs > event.atUs)?.atUs ?? Number.POSITIVE_INFINITY;
      const last = packets.findLast(({ atUs }) => atUs < next && atUs <= event.atUs + 3_000_000)?.atUs ?? fromUs;
      into.stop.push(Math.max(0, last - fromUs) / 1000);
      seenUs = undefined;
    }
  }
  // The instant each frame was due is `lead` before it plays; what it was off by, against the reply's usual.
  for (const reply of repliesOf(packets)) {
    // The first frame of a reply has none; it is built up at twice the pace of the audio.
    const first = reply[0];
    const leads = reply.map(({ atUs, mediaUs }) => (mediaUs - (first?.mediaUs ?? 0) - (atUs - (first?.atUs ?? 0))) / 1000);
    const steady = leads.slice(2 + LEAD_MS / (FRAME_MS / 2));
    const usual =
      nearestRank(
        steady.toSorted((a, b) => a - b),
        50,
      ) ?? 0;
    into.lead.push(...leads);
    into.jitter.push(...steady.map((lead) => Math.abs(lead - usual)));
  }
}

/** Packets that stand side by side in media time. */
function repliesOf<P extends { mediaUs: number }>(packets: readonly P[]): P[][] {
  const replies: P[][] = [];
  let lastUs = Number.NEGATIVE_INFINITY;
  for (const packet of packets) {
    if (Math.abs(packet.mediaUs - lastUs - FRAME_MS * 1000) > 1000) replies.push([]);
    replies.at(-1)?.push(packet);
    lastUs = packet.mediaUs;
  }
  return replies.filter(({ length }) => length > 8);
}

function listOf<Item>(lists: Map<string, Item[]>, key: string): Item[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
