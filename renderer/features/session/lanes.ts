import type { PipelineEvent, TurnStateName } from '../../../preload/contract/events.ts';
import type { LogRow } from '../../../preload/contract/logs.ts';
import type { SessionDetail } from '../../../preload/contract/sessions.ts';

export interface NumberedEvent {
  ordinal: number;
  event: PipelineEvent;
}

/** What is selected, everywhere at once. */
export type Selected =
  | { kind: 'turn'; conversationId: string; turnId: number }
  | { kind: 'event'; ordinal: number }
  | { kind: 'log'; port: string; seq: number };

export const spanLanes = ['speech', 'transcript', 'state', 'llm', 'tts', 'tool', 'mqtt', 'websocket', 'log', 'flash'] as const;
export type SpanLane = (typeof spanLanes)[number];

export type Tone = 'user' | 'agent' | 'engine' | 'setting' | 'pipeline' | 'device' | 'quiet' | 'warn' | 'error' | 'up' | 'down';

/** Something drawn on a lane. Where `toUs` equals `fromUs` it is an instant. */
export interface LaneItem {
  fromUs: number;
  toUs: number;
  tone: Tone;
  label: string;
  target: Selected;
}

export type Lanes = Record<SpanLane, LaneItem[]>;

const stateTones: Record<TurnStateName, Tone> = {
  idle: 'quiet',
  listening: 'quiet',
  'user-speaking': 'user',
  committing: 'setting',
  thinking: 'engine',
  speaking: 'agent',
  paused: 'warn',
};

/** A span that has begun; `end` puts it on its lane. One that never ended reaches to the end of the conversation. */
interface OpenSpan {
  lane: SpanLane;
  item: LaneItem;
}

/**
 * Events as spans and instants, each lane in order of time. Only events of one conversation (and those of none, such as
 * MQTT before a call) should be given. Stages of one turn follow each other, so an open span is found by its lane and key.
 */
export function lanesOf(
  events: readonly NumberedEvent[],
  rows: readonly LogRow[],
  flashes: SessionDetail['flashes'],
  endUs: number,
  stateLabel: (state: TurnStateName) => string,
): Lanes {
  const lanes = Object.fromEntries(spanLanes.map((lane) => [lane, [] as LaneItem[]])) as Lanes;
  const open = new Map<string, OpenSpan>();

  function begin(key: string, lane: SpanLane, item: Omit<LaneItem, 'toUs'>): void {
    open.set(key, { lane, item: { ...item, toUs: endUs } });
  }
  function end(key: string, toUs: number, label?: string): void {
    const span = open.get(key);
    if (span === undefined) return;
    open.delete(key);
    lanes[span.lane].push({ ...span.item, toUs, label: label ?? span.item.label });
  }
  function mark(lane: SpanLane, atUs: number, tone: Tone, label: string, ordinal: number): void {
    lanes[lane].push({ fromUs: atUs, toUs: atUs, tone, label, target: { kind: 'event', ordinal } });
  }

  for (const { ordinal, event } of events) {
    const target: Selected = { kind: 'event', ordinal };
    const { atUs } = event;
    switch (event.kind) {
      case 'turn.state':
        end('state', atUs);
        begin('state', 'state', { fromUs: atUs, tone: stateTones[event.state], label: stateLabel(event.state), target });
        break;
      case 'user.speech-started':
        begin('speech', 'speech', { fromUs: atUs, tone: 'user', label: '', target });
        begin('transcript', 'transcript', { fromUs: atUs, tone: 'quiet', label: '', target });
        break;
      case 'user.speech-ended':
        end('speech', atUs);
        break;
      case 'stt.partial':
        mark('transcript', atUs, 'quiet', event.text, ordinal);
        break;
      case 'stt.final':
        end('transcript', atUs, event.text);
        break;
      case 'turn.committed':
        mark('transcript', atUs, 'setting', event.text, ordinal);
        break;
      case 'llm.request':
        begin(`llm ${event.turnId}`, 'llm', { fromUs: atUs, tone: 'engine', label: event.model, target });
        break;
      case 'llm.first-answer':
        mark('llm', atUs, 'agent', 'first token', ordinal);
        break;
      case 'llm.done':
        end(`llm ${event.turnId}`, atUs);
        break;
      case 'tts.request':
        begin(`tts ${event.turnId} ${event.sentence}`, 'tts', { fromUs: atUs, tone: 'agent', label: event.text, target });
        break;
      case 'tts.done':
        end(`tts ${event.turnId} ${event.sentence}`, atUs);
        break;
      case 'tool.call':
        begin(`tool ${event.callId}`, 'tool', { fromUs: atUs, tone: 'device', label: event.name, target });
        break;
      case 'tool.result':
        end(`tool ${event.callId}`, atUs);
        break;
      case 'wire.message':
        mark(
          event.channel === 'mqtt' ? 'mqtt' : 'websocket',
          atUs,
          event.isUnknown === true ? 'warn' : event.direction,
          event.name,
          ordinal,
        );
        break;
      case 'engine.error':
        mark(event.stage === 'tts' ? 'tts' : 'llm', atUs, 'error', event.error.code, ordinal);
        break;
      default:
        break;
    }
  }
  for (const key of [...open.keys()]) end(key, endUs);

  for (const row of rows) {
    const tone = row.level === 'error' ? 'error' : row.level === 'warn' ? 'warn' : row.event === undefined ? null : 'pipeline';
    if (tone !== null)
      lanes.log.push({ fromUs: row.atUs, toUs: row.atUs, tone, label: row.message, target: { kind: 'log', port: row.port, seq: row.seq } });
  }
  for (const flash of flashes)
    lanes.flash.push({
      fromUs: flash.atUs,
      toUs: flash.atUs + flash.elapsedMs * 1000,
      tone: flash.state === 'done' ? 'device' : 'error',
      label: `${flash.chip ?? ''} ${flash.state}`.trim(),
      target: { kind: 'log', port: flash.address, seq: 0 },
    });
  for (const lane of spanLanes) lanes[lane].sort((a, b) => a.fromUs - b.fromUs);
  return lanes;
}

/** The item of a lane nearest to `us` within `reachUs`; an instant beats a span that contains it. */
export function itemAt(items: readonly LaneItem[], us: number, reachUs: number): LaneItem | null {
  let best: LaneItem | null = null;
  let bestScore = Number.POSITIVE_INFINITY;
  for (const item of items) {
    if (item.fromUs - reachUs > us) break;
    const distance = us < item.fromUs ? item.fromUs - us : us > item.toUs ? us - item.toUs : 0;
    if (distance > reachUs) continue;
    const score = item.toUs > item.fromUs ? distance + reachUs : distance;
    if (score <= bestScore) [best, bestScore] = [item, score];
  }
  return best;
}
