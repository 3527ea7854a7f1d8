import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import type { ConversationRecord, TurnRecord } from '../../../../preload/contract/sessions.ts';
import type { FileWriter } from './file-writer.ts';
import { type AttributeValue, attributesOf, hexId, type OtlpSpan, spanKind, statusCode, unixNano } from './otlp-span.ts';
import type { SessionSource } from './source.ts';

/** A collector takes 4 MB at a time; so many spans are a tenth of it. */
const SPANS_A_REQUEST = 256;

type EventOf<Kind extends PipelineEvent['kind']> = Extract<PipelineEvent, { kind: Kind }>;

interface Span {
  id: string;
  parentId: string | undefined;
  name: string;
  kind?: number;
  fromUs: number;
  toUs: number;
  attributes: Record<string, AttributeValue>;
  events?: { atUs: number; name: string; attributes?: Record<string, AttributeValue> }[];
  status?: OtlpSpan['status'];
}

/**
 * A session as one OpenTelemetry trace: a span for the session, each conversation, each turn, each part of its latency, and each request
 * to an engine or a tool. Lines of OTLP JSON as the file exporter's specification has them, each an ExportTraceServiceRequest of its own.
 * Names are OpenTelemetry's for generative AI (gen_ai.*), for voice, which it has none for, ours (voice.*), Pipecat's (turn.*) and
 * LiveKit's (lk.*).
 */
export function writeOtlp(source: SessionSource, out: FileWriter): { spans: number } {
  const { summary } = source;
  const traceId = hexId(16, summary.id);
  const nano = (us: number) => unixNano(summary.startedWallMs, us);
  const resource = {
    attributes: attributesOf({
      'service.name': 'talkbench',
      'service.version': summary.appVersion,
      'service.instance.id': summary.id,
    }),
  };
  const scope = { name: 'talkbench.session', version: summary.appVersion };
  let held: OtlpSpan[] = [];
  let spans = 0;

  function flush(): void {
    if (held.length > 0) out.write(`${JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans: held }] }] })}\n`);
    held = [];
  }

  function write(span: Span): void {
    held.push({
      traceId,
      spanId: span.id,
      ...(span.parentId === undefined ? {} : { parentSpanId: span.parentId }),
      name: span.name,
      kind: span.kind ?? spanKind.internal,
      startTimeUnixNano: nano(span.fromUs),
      endTimeUnixNano: nano(Math.max(span.fromUs, span.toUs)),
      attributes: attributesOf(span.attributes),
      events: (span.events ?? []).map(({ atUs, name, attributes = {} }) => ({
        timeUnixNano: nano(atUs),
        name,
        attributes: attributesOf(attributes),
      })),
      status: span.status ?? { code: statusCode.unset },
    });
    spans++;
    if (held.length >= SPANS_A_REQUEST) flush();
  }

  const sessionSpan = hexId(8, summary.id, 'session');
  write({
    id: sessionSpan,
    parentId: undefined,
    name: `session ${summary.title || summary.id}`,
    fromUs: 0,
    toUs: summary.durationUs,
    attributes: { 'voice.session.id': summary.id, 'voice.session.title': summary.title, 'voice.session.state': summary.state },
  });
  for (const conversation of source.conversations) writeConversation(source, conversation, sessionSpan, write);
  flush();
  return { spans };
}

function writeConversation(source: SessionSource, conversation: ConversationRecord, parentId: string, write: (span: Span) => void): void {
  const { conversationId, gateway, deviceName, productId, language, openedUs, closedUs, closeReason } = conversation;
  const id = hexId(8, source.summary.id, conversationId);
  const opened = openingOf(source, conversationId);
  const turnSpan = (turnId: number) => hexId(8, source.summary.id, conversationId, turnId);
  write({
    id,
    parentId,
    name: opened?.agent === undefined ? 'invoke_agent' : `invoke_agent ${opened.agent.name}`,
    fromUs: openedUs,
    toUs: closedUs ?? source.summary.durationUs,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.conversation.id': conversationId,
      'gen_ai.agent.id': opened?.agent?.id,
      'gen_ai.agent.name': opened?.agent?.name,
      'voice.device.name': deviceName,
      'voice.firmware.version': opened?.firmwareVersion,
      'conversation.id': conversationId,
      'conversation.type': 'voice',
      'voice.gateway': gateway,
      'voice.product.id': productId,
      'voice.language': language,
      'voice.close.reason': closeReason,
    },
  });
  for (const turn of source.turns(conversationId)) writeTurn(turn, { id: turnSpan(turn.turnId), parentId: id }, write);
  writeStages(source, conversationId, { conversationSpan: id, turnSpan, write });
}

function openingOf(source: SessionSource, conversationId: string): EventOf<'conversation.opened'> | undefined {
  for (const { event } of source.events(conversationId)) if (event.kind === 'conversation.opened') return event;
  return undefined;
}

function writeTurn(turn: TurnRecord, { id, parentId }: { id: string; parentId: string }, write: (span: Span) => void): void {
  const { conversationId, turnId, initiator, outcome, breakdown, startedUs } = turn;
  const { parts, product, interruption } = breakdown;
  const fromUs = Math.min(startedUs, parts[0]?.fromUs ?? startedUs);
  const toUs = turn.endedUs ?? Math.max(startedUs, parts.at(-1)?.toUs ?? startedUs);
  const isInterrupted = outcome === 'interrupted';
  write({
    id,
    parentId,
    name: `turn ${turnId}`,
    fromUs,
    toUs,
    attributes: {
      'gen_ai.conversation.id': conversationId,
      'voice.turn.id': turnId,
      'voice.turn.initiator': initiator,
      'voice.turn.outcome': outcome,
      'voice.turn.user_text': turn.userText,
      'voice.turn.reply_text': turn.replyText,
      'voice.turn.heard_text': turn.heardText,
      'voice.cancelled': isInterrupted ? true : undefined,
      'voice.v2v.device_ms': milliseconds(breakdown.totalUs),
      'voice.v2v.server_ms': milliseconds(breakdown.serverUs),
      'voice.v2v.audible_source': breakdown.audibleSource,
      'voice.v2v.missing': breakdown.missing.length > 0 ? breakdown.missing : undefined,
      'voice.preempt_gain_ms': milliseconds(breakdown.preemptGainUs),
      'voice.interruption.stop_ms': milliseconds(interruption?.stopUs ?? null),
      'voice.interruption.detect_ms': milliseconds(interruption?.detectUs ?? null),
      ...Object.fromEntries(parts.map(({ key, durationUs }) => [`voice.latency.${key}_ms`, durationUs / 1000])),
      ...Object.fromEntries(
        Object.entries(product).map(([key, value]) => [
          key === 'tts_discontinuity' ? `voice.product.${key}` : `voice.product.${key}_ms`,
          value,
        ]),
      ),
      'turn.number': turnId,
      'turn.type': 'conversation',
      'turn.duration_seconds': (toUs - fromUs) / 1e6,
      'turn.was_interrupted': isInterrupted,
      'lk.user_transcript': turn.userText,
      'lk.response.text': turn.heardText,
      'lk.interrupted': isInterrupted,
      'lk.response.ttft': seconds(product.llm_first_token),
      'lk.response.ttfb': seconds(product.tts_first_frame_latency),
      'error.type': outcome === 'failed' ? 'failed' : undefined,
    },
    // Who was interrupted did not fail: OpenTelemetry's error is for what went wrong.
    status: outcome === 'failed' ? { code: statusCode.error, message: 'the turn failed' } : { code: statusCode.unset },
  });
  for (const { key, owner, ...span } of parts)
    write({
      id: hexId(8, id, key),
      parentId: id,
      name: key,
      ...span,
      attributes: { 'voice.latency.part': key, 'voice.latency.owner': owner, 'voice.latency.duration_ms': span.durationUs / 1000 },
    });
}

interface Stages {
  conversationSpan: string;
  turnSpan: (turnId: number) => string;
  write: (span: Span) => void;
}

/** Requests to engines and tools, from what was told when they began and when they were done. */
function writeStages(source: SessionSource, conversationId: string, { conversationSpan, turnSpan, write }: Stages): void {
  const open = new Map<string, Span>();
  let count = 0;
  const begin = (key: string, span: Omit<Span, 'id' | 'toUs'>): void => {
    end(key, span.fromUs, { 'voice.cancelled': true });
    open.set(key, { ...span, toUs: span.fromUs, id: hexId(8, conversationSpan, key, count++), events: [] });
  };
  const end = (key: string, toUs: number, attributes: Record<string, AttributeValue> = {}, status?: OtlpSpan['status']): void => {
    const span = open.get(key);
    if (span === undefined) return;
    open.delete(key);
    write({ ...span, toUs, attributes: { ...span.attributes, ...attributes }, ...(status === undefined ? {} : { status }) });
  };
  const mark = (key: string, atUs: number, name: string, attributes: Record<string, AttributeValue> = {}): void => {
    open.get(key)?.events?.push({ atUs, name, attributes });
  };
  let lastUs = 0;

  for (const { event } of source.events(conversationId)) {
    const { atUs } = event;
    lastUs = Math.max(lastUs, atUs);
    switch (event.kind) {
      case 'user.speech-started':
        begin('stt', {
          parentId: conversationSpan,
          name: 'stt',
          kind: spanKind.client,
          fromUs: atUs,
          attributes: { 'gen_ai.operation.name': 'stt', 'gen_ai.conversation.id': conversationId },
        });
        break;
      case 'user.speech-ended':
        mark('stt', atUs, 'speech-ended');
        break;
      case 'stt.partial':
        mark('stt', atUs, 'partial', { text: event.text });
        break;
      case 'stt.final':
        end('stt', atUs, { 'gen_ai.provider.name': event.engine, transcript: event.text, 'voice.stt.score': event.score });
        break;
      case 'llm.request':
        begin(`llm ${event.turnId}`, {
          parentId: turnSpan(event.turnId),
          name: `chat ${event.model}`,
          kind: spanKind.client,
          fromUs: atUs,
          attributes: {
            'gen_ai.operation.name': 'chat',
            'gen_ai.provider.name': event.engine,
            'gen_ai.request.model': event.model,
            'gen_ai.conversation.id': conversationId,
            'gen_ai.request.stream': true,
            'gen_ai.output.type': 'text',
            'voice.request.id': event.requestId,
            'voice.step': event.step,
          },
        });
        break;
      case 'llm.headers':
      case 'llm.first-token':
      case 'llm.first-answer':
      case 'llm.first-chunk':
        mark(`llm ${event.turnId}`, atUs, event.kind.slice(4));
        break;
      case 'llm.done':
        end(`llm ${event.turnId}`, atUs, doneAttributes(event), event.finish === 'error' ? { code: statusCode.error } : undefined);
        break;
      case 'tts.request':
        begin(`tts ${event.turnId} ${event.sentence}`, {
          parentId: turnSpan(event.turnId),
          name: `tts ${event.engine}`,
          kind: spanKind.client,
          fromUs: atUs,
          attributes: {
            'gen_ai.operation.name': 'tts',
            'gen_ai.provider.name': event.engine,
            'gen_ai.output.type': 'speech',
            'gen_ai.conversation.id': conversationId,
            'voice.tts.voice': event.voice,
            'voice.tts.sentence': event.sentence,
            text: event.text,
          },
        });
        break;
      case 'tts.first-audio':
        mark(`tts ${event.turnId} ${event.sentence}`, atUs, 'first-audio', { 'voice.tts.lead_silence_ms': event.leadSilenceUs / 1000 });
        break;
      case 'tts.done':
        end(`tts ${event.turnId} ${event.sentence}`, atUs, { 'voice.tts.audio_ms': event.durationUs / 1000 });
        break;
      case 'tool.call':
        begin(`tool ${event.callId}`, {
          parentId: turnSpan(event.turnId),
          name: `execute_tool ${event.name}`,
          fromUs: atUs,
          attributes: {
            'gen_ai.operation.name': 'execute_tool',
            'gen_ai.tool.name': event.name,
            'gen_ai.tool.call.id': event.callId,
            'gen_ai.tool.call.arguments': JSON.stringify(event.arguments),
            'lk.function_tool.name': event.name,
          },
        });
        break;
      case 'tool.result':
        end(
          `tool ${event.callId}`,
          atUs,
          { 'gen_ai.tool.call.result': JSON.stringify(event.result), 'error.type': event.isOk ? undefined : 'tool' },
          event.isOk ? undefined : { code: statusCode.error },
        );
        break;
      case 'turn.ended':
        for (const key of [...open.keys()])
          if (key === `llm ${event.turnId}` || key.startsWith(`tts ${event.turnId} `)) end(key, atUs, { 'voice.cancelled': true });
        break;
      default: // no request's
    }
  }
  for (const key of [...open.keys()]) end(key, lastUs, { 'voice.cancelled': true });
}

function doneAttributes({ finish, inputTokens, outputTokens }: EventOf<'llm.done'>): Record<string, AttributeValue> {
  return {
    'gen_ai.response.finish_reasons': [finish],
    'gen_ai.usage.input_tokens': inputTokens,
    'gen_ai.usage.output_tokens': outputTokens,
    'voice.cancelled': finish === 'cancelled' ? true : undefined,
    'error.type': finish === 'error' ? 'error' : undefined,
  };
}

function milliseconds(us: number | null): number | null {
  return us === null ? null : us / 1000;
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
