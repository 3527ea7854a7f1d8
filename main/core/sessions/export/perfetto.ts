import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import type { ConversationRecord, TurnRecord } from '../../../../preload/contract/sessions.ts';
import type { CauseStage } from '../../../../preload/contract/timeline.ts';
import { CauseChain, type CauseLink } from '../timeline-causes.ts';
import type { FileWriter } from './file-writer.ts';
import type { SessionSource } from './source.ts';
import { createTraceFile, type FlowPoint, type Lane, type TraceFile, type TraceProcess } from './trace-file.ts';

/** A session for Perfetto: a process for each conversation with a thread a lane; one for the wire, one for logs, one for flashing, one for notes. */
export function writeTrace(source: SessionSource, out: FileWriter): { traceEvents: number } {
  const { summary } = source;
  const trace = createTraceFile(out);
  for (const conversation of source.conversations) writeConversation(source, trace, conversation);
  writeWires(source, trace);
  writeLogs(source, trace);
  writeFlashes(source, trace);
  writeNotes(source, trace);
  return trace.end({
    product: `Talkbench ${summary.appVersion}`,
    session: summary.id,
    title: summary.title,
    started: new Date(summary.startedWallMs).toISOString(),
  });
}

type SliceStart = { name: string; fromUs: number; args: Record<string, unknown> };
type EventOf<Kind extends PipelineEvent['kind']> = Extract<PipelineEvent, { kind: Kind }>;

/** Slices that are under way in a lane, by what they are of. */
class OpenSlices {
  readonly #lane: Lane;
  readonly #open = new Map<string, SliceStart>();

  constructor(lane: Lane) {
    this.#lane = lane;
  }

  begin(key: string, start: SliceStart): void {
    this.end(key, start.fromUs);
    this.#open.set(key, start);
  }

  /** Undefined when nothing of that key was under way. */
  end(key: string, toUs: number, args: Record<string, unknown> = {}): FlowPoint | undefined {
    const start = this.#open.get(key);
    if (start === undefined) return undefined;
    this.#open.delete(key);
    return this.#lane.slice({ ...start, toUs, args: { ...start.args, ...args } });
  }

  endAll(toUs: number, prefix = ''): FlowPoint[] {
    return [...this.#open.keys()].flatMap((key) => (key.startsWith(prefix) ? (this.end(key, toUs) ?? []) : []));
  }
}

function writeConversation(source: SessionSource, trace: TraceFile, conversation: ConversationRecord): void {
  const { conversationId, deviceName, gateway } = conversation;
  const process = trace.process(`${deviceName || conversationId} (${gateway || 'conversation'})`);
  const lanes = lanesOf(process);
  writeLatency(source, lanes.latency, conversationId);
  const state = new OpenSlices(lanes.state);
  const turns = new OpenSlices(lanes.turns);
  const vad = new OpenSlices(lanes.vad);
  const stt = new OpenSlices(lanes.stt);
  const llm = new OpenSlices(lanes.llm);
  const tts = new OpenSlices(lanes.tts);
  const downlink = new OpenSlices(lanes.downlink);
  const speaker = new OpenSlices(lanes.speaker);
  const tools = new OpenSlices(lanes.tools);
  const all = [state, turns, vad, stt, llm, tts, downlink, speaker, tools];
  /** What the arrows of a turn lead through, and the slices they stand in. */
  const chain = new CauseChain();
  const arrows = new Map<number, ArrowSlice[]>();
  let speech: ArrowSlice[] = [];
  const cause = (turnId: number, stage: CauseStage, point: FlowPoint | undefined, toUs: number): void => {
    if (point === undefined) return;
    const slices = arrows.get(turnId) ?? [];
    arrows.set(turnId, slices);
    slices.push({ stage, point, toUs });
  };
  let lastUs = 0;

  const hear = (event: PipelineEvent): void => {
    const { atUs } = event;
    switch (event.kind) {
      case 'turn.state':
        state.begin('state', { name: event.state, fromUs: atUs, args: {} });
        return;
      case 'turn.started':
        turns.begin(`${event.turnId}`, { name: `turn ${event.turnId}`, fromUs: atUs, args: { initiator: event.initiator } });
        return;
      case 'turn.committed':
        lanes.turns.instant('committed', atUs, { reason: event.reason, text: event.text });
        for (const { stage, point, toUs } of speech) cause(event.turnId, stage, point, toUs);
        speech = [];
        return;
      case 'turn.ended': {
        const { turnId, outcome, userText, replyText, heardText } = event;
        endReply(turnId, atUs);
        turns.end(`${turnId}`, atUs, { outcome, userText, replyText, heardText });
        trace.flow(`turn ${turnId}`, pointsOf(chain.take(turnId), arrows.get(turnId) ?? []));
        arrows.delete(turnId);
        return;
      }
      case 'user.speech-started':
        vad.begin('speech', { name: 'speech', fromUs: atUs, args: {} });
        stt.begin('stt', { name: 'recognition', fromUs: atUs, args: {} });
        return;
      case 'user.speech-ended':
        said('speech-end', vad.end('speech', atUs, { declaredUs: event.declaredUs }), atUs);
        lanes.vad.instant('declared', event.declaredUs);
        return;
      case 'stt.partial':
        lanes.stt.instant('partial', atUs, { text: event.text });
        return;
      case 'stt.final':
        if (!said('transcript', stt.end('stt', atUs, { text: event.text, engine: event.engine }), atUs))
          lanes.stt.instant('final', atUs, { text: event.text });
        return;
      case 'llm.request':
        llm.begin(`${event.turnId}`, { name: event.model, fromUs: atUs, args: { engine: event.engine, step: event.step } });
        return;
      case 'llm.headers':
      case 'llm.first-token':
      case 'llm.first-answer':
        lanes.llm.instant(event.kind.slice(4), atUs);
        return;
      case 'llm.first-chunk':
        lanes.llm.instant('first-chunk', atUs, { text: event.text });
        return;
      case 'llm.done':
        cause(event.turnId, 'first-token', llm.end(`${event.turnId}`, atUs, tokensOf(event)), atUs);
        return;
      case 'tts.request': {
        const { engine, voice, text } = event;
        tts.begin(`${event.turnId} ${event.sentence}`, { name: `sentence ${event.sentence}`, fromUs: atUs, args: { engine, voice, text } });
        return;
      }
      case 'tts.audio':
        lanes.tts.instant('audio', atUs, { sentence: event.sentence, durationUs: event.durationUs });
        return;
      case 'tts.first-audio':
        lanes.tts.instant('first-audio', atUs, { sentence: event.sentence, leadSilenceUs: event.leadSilenceUs });
        return;
      case 'tts.done':
        cause(event.turnId, 'first-audio', tts.end(`${event.turnId} ${event.sentence}`, atUs, { durationUs: event.durationUs }), atUs);
        return;
      case 'downlink.first-frame':
        downlink.begin(`${event.turnId}`, { name: `reply ${event.turnId}`, fromUs: atUs, args: {} });
        return;
      case 'downlink.sentence-started':
        lanes.downlink.instant(`sentence ${event.sentence}`, atUs, { text: event.text });
        return;
      case 'downlink.underrun':
        lanes.downlink.instant('underrun', atUs, { gapUs: event.gapUs });
        return;
      case 'downlink.last-frame':
      case 'interruption.server-stopped':
        cause(event.turnId, 'first-frame', downlink.end(`${event.turnId}`, atUs), atUs);
        return;
      case 'downlink.audible':
        speaker.begin(`${event.turnId}`, { name: `heard ${event.turnId}`, fromUs: atUs, args: { source: event.source } });
        return;
      case 'downlink.play-ended':
      case 'interruption.silent':
        cause(event.turnId, 'audible', speaker.end(`${event.turnId}`, atUs), atUs);
        return;
      case 'downlink.queue':
        process.counter('queued audio, ms', atUs, event.queuedUs / 1000);
        return;
      case 'interruption.onset':
      case 'interruption.decided':
      case 'interruption.false':
        lanes.turns.instant(event.kind, atUs, 'reason' in event ? { reason: event.reason } : {});
        return;
      case 'tool.call':
        tools.begin(event.callId, { name: event.name, fromUs: atUs, args: { arguments: event.arguments } });
        return;
      case 'tool.result':
        tools.end(event.callId, atUs, { isOk: event.isOk, result: event.result });
        return;
      case 'engine.error':
        lanes.errors.instant(`${event.stage} ${event.error.code}`, atUs, { data: event.error.data });
        return;
      case 'stage.leaked':
        lanes.errors.instant(`${event.stage} leaked`, atUs);
        return;
      case 'dropped':
        lanes.errors.instant('dropped', atUs, { what: event.what, count: event.count });
        return;
      default: // nothing that a lane shows
    }
  };

  /** What of a turn is still under way when it ends was cut off with it. */
  function endReply(turnId: number, atUs: number): void {
    cause(turnId, 'first-token', llm.end(`${turnId}`, atUs), atUs);
    for (const point of tts.endAll(atUs, `${turnId} `)) cause(turnId, 'first-audio', point, atUs);
    cause(turnId, 'first-frame', downlink.end(`${turnId}`, atUs), atUs);
    cause(turnId, 'audible', speaker.end(`${turnId}`, atUs), atUs);
  }

  /** What the user said belongs to the turn that commits after it; the latest of it counts. */
  function said(stage: CauseStage, point: FlowPoint | undefined, toUs: number): boolean {
    if (point === undefined) return false;
    speech = [...speech.filter((each) => each.stage !== stage), { stage, point, toUs }];
    return true;
  }

  for (const { event, ordinal } of source.events(conversationId)) {
    lastUs = Math.max(lastUs, event.atUs);
    chain.hear(event, ordinal);
    hear(event);
  }
  for (const open of all) open.endAll(lastUs);
}

function lanesOf(process: TraceProcess) {
  return {
    state: process.lane('conversation state'),
    turns: process.lane('turns'),
    latency: process.lane('latency'),
    vad: process.lane('VAD'),
    stt: process.lane('STT'),
    llm: process.lane('LLM'),
    tools: process.lane('tools'),
    tts: process.lane('TTS'),
    downlink: process.lane('downlink'),
    speaker: process.lane('speaker'),
    errors: process.lane('errors'),
  };
}

/** A slice that arrows of these stages may stand in. */
interface ArrowSlice {
  stage: CauseStage;
  point: FlowPoint;
  toUs: number;
}

/** Each link in the slice that it happened in. At a slice's very end it would be beside it. */
function pointsOf(links: readonly CauseLink[], slices: readonly ArrowSlice[]): FlowPoint[] {
  return links.flatMap(({ stage, atUs }) => {
    const slice = slices.find((each) => each.stage === stage && each.point.atUs <= atUs && atUs <= each.toUs);
    return slice === undefined ? [] : [{ ...slice.point, atUs: Math.max(slice.point.atUs, Math.min(atUs, slice.toUs - 1)) }];
  });
}

function tokensOf({ finish, inputTokens, outputTokens }: EventOf<'llm.done'>): Record<string, unknown> {
  return { finish, inputTokens, outputTokens };
}

/** The parts of each turn's wait, side by side. */
function writeLatency(source: SessionSource, lane: Lane, conversationId: string): void {
  for (const turn of source.turns(conversationId)) for (const part of partsOf(turn)) lane.slice(part);
}

function partsOf({ turnId, breakdown }: TurnRecord) {
  return breakdown.parts
    .filter(({ durationUs }) => durationUs > 0)
    .map(({ key, owner, fromUs, toUs }) => ({ name: key, fromUs, toUs, args: { turn: turnId, owner } }));
}

function writeWires(source: SessionSource, trace: TraceFile): void {
  let process: TraceProcess | undefined;
  const lanes = new Map<string, Lane>();
  for (const { event } of source.events()) {
    const isWire = event.kind === 'wire.message';
    if (!isWire && !event.kind.startsWith('device.')) continue;
    process ??= trace.process('wire');
    const name = isWire ? event.channel : 'devices';
    const lane = lanes.get(name) ?? process.lane(name);
    lanes.set(name, lane);
    const { kind, atUs, ...rest } = event;
    if (!isWire) lane.instant(kind, atUs, rest);
    else
      lane.instant(`${event.direction === 'up' ? '↑' : '↓'} ${event.name}`, atUs, {
        gateway: event.gateway,
        conversation: event.conversationId,
        text: event.text,
        sizeBytes: event.bytes?.byteLength,
      });
  }
}

/** Of a log what something can be seen by: what the device did, and what went wrong. All of it is millions of marks. */
function writeLogs(source: SessionSource, trace: TraceFile): void {
  let process: TraceProcess | undefined;
  const lanes = new Map<string, Lane>();
  for (const row of source.logRows(({ event, level }) => event !== undefined || level === 'error' || level === 'warn')) {
    process ??= trace.process('log');
    const lane = lanes.get(row.port) ?? process.lane(row.port);
    lanes.set(row.port, lane);
    lane.instant(row.event ?? row.level ?? 'row', row.atUs, { text: row.text, tag: row.tag, level: row.level });
  }
}

function writeFlashes(source: SessionSource, trace: TraceFile): void {
  let process: TraceProcess | undefined;
  for (const { address, atUs, elapsedMs, ...args } of source.flashes) {
    process ??= trace.process('flash');
    process.lane(address).slice({ name: `flash ${args.chip ?? address}`, fromUs: atUs, toUs: atUs + elapsedMs * 1000, args });
  }
}

function writeNotes(source: SessionSource, trace: TraceFile): void {
  const notes = source.notes();
  if (notes.length === 0) return;
  const lane = trace.process('notes').lane('notes');
  for (const { atUs, toUs, text, colour } of notes) {
    if (toUs === null) lane.instant(text, atUs, { colour });
    else lane.slice({ name: text, fromUs: atUs, toUs, args: { colour } });
  }
}
