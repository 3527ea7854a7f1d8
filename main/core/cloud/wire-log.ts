import type { WireAgain } from '../../../pipeline/gateways/gateway.ts';
import type { WireFilter, WireMessage } from '../../../preload/contract/cloud/wire-log.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import { Topic } from '../endpoint/topic.ts';
import type { CloudService, CloudServiceDeps } from './service.ts';

type Event = Extract<PipelineEvent, { kind: 'wire.message' }>;
type Kept = { message: WireMessage; event: Event };

const MOST_MESSAGES = 20_000;
/** Of all that is kept; a board that sends images would else hold gigabytes. */
const MOST_BYTES = 64 * 1024 * 1024;
const SNAPSHOT = 300;
const PREVIEW_CHARACTERS = 240;
/** Recorded where a secret stood: what is sent again must be what was sent. */
const REDACTED = '[redacted]';

export interface WireLogDeps extends CloudServiceDeps {
  sessionId: () => string | null;
  resend: (gateway: string, message: WireAgain) => Promise<void>;
}

/** The newest messages of all wires, in memory; all of them are in the session. */
export async function createWireLogService(
  deps: WireLogDeps,
): Promise<CloudService<'wire.get' | 'wire.list' | 'wire.resend' | 'wire.clear', 'wire.messages'>> {
  const { clock } = deps;
  const kept: Kept[] = [];
  /** Before it everything has been dropped; trimmed in halves so that each message costs the same. */
  let from = 0;
  let keptBytes = 0;
  let lastId = 0;
  const turns = new Map<string, number>();
  const topic = new Topic<WireMessage[], WireMessage>({ snapshot: () => [], retain: 2048 });

  function keep(event: Event): void {
    const turnId = event.conversationId === undefined ? undefined : turns.get(event.conversationId);
    const { atUs, gateway, channel, direction, name, deviceId, conversationId, note } = event;
    lastId += 1;
    const message: WireMessage = {
      ...{ id: lastId, atUs, wallMs: clock.wallMs(), gateway, channel, direction, name },
      ...(deviceId !== undefined && { deviceId }),
      ...(conversationId !== undefined && { conversationId }),
      ...(turnId !== undefined && { turnId }),
      ...(note !== undefined && { note }),
      sessionId: deps.sessionId(),
      preview: (event.text ?? '').slice(0, PREVIEW_CHARACTERS).replace(/\s+/gu, ' '),
      sizeBytes: event.bytes?.length ?? Buffer.byteLength(event.text ?? ''),
      isUnknown: event.isUnknown === true,
    };
    kept.push({ message, event });
    keptBytes += costOf(event);
    while (kept.length - from > MOST_MESSAGES || keptBytes > MOST_BYTES) drop();
    topic.publish(message);
  }

  function drop(): void {
    const oldest = kept[from];
    if (oldest === undefined) return;
    keptBytes -= costOf(oldest.event);
    from += 1;
    if (from * 2 > kept.length) {
      kept.splice(0, from);
      from = 0;
    }
  }

  function find(id: number): Kept {
    const first = kept[from]?.message.id ?? lastId + 1;
    const found = id >= first ? kept[from + id - first] : undefined;
    if (found === undefined) throw new TalkError('not-found', { what: 'message', id: String(id) });
    return found;
  }

  function newest(filter: WireFilter, before: number, limit: number): WireMessage[] {
    const found: WireMessage[] = [];
    const accepts = accepting(filter);
    for (let index = kept.length - 1; index >= from && found.length < limit; index -= 1) {
      const one = kept[index];
      if (one !== undefined && one.message.id < before && accepts(one.message, one.event.text)) found.push(one.message);
    }
    return found;
  }

  return {
    observe(event) {
      if (event.kind === 'wire.message') keep(event);
      else if (event.kind === 'turn.started') turns.set(event.conversationId, event.turnId);
      else if (event.kind === 'conversation.closed') turns.delete(event.conversationId);
    },
    calls: {
      'wire.get': async ({ id }) => {
        const { message, event } = find(id);
        return {
          ...message,
          ...(event.text !== undefined && { text: event.text }),
          ...(event.bytes !== undefined && { bytes: event.bytes }),
        };
      },
      'wire.list': async ({ filter, before, limit }) => ({
        messages: newest(filter, before ?? Number.POSITIVE_INFINITY, limit),
        oldestKept: kept[from]?.message.id ?? lastId + 1,
      }),
      'wire.resend': async ({ id, text }) => {
        const { gateway, channel, direction, name, deviceId, conversationId, ...event } = find(id).event;
        const content = text ?? event.text;
        if (content?.includes(REDACTED) === true) throw new TalkError('unsupported', { feature: 'resend', why: 'redacted' });
        await deps.resend(gateway, {
          ...{ channel, direction, name },
          ...(deviceId !== undefined && { deviceId }),
          ...(conversationId !== undefined && { conversationId }),
          ...(content !== undefined && { text: content }),
          ...(text === undefined && event.bytes !== undefined && { bytes: event.bytes }),
        });
        return {};
      },
      'wire.clear': async () => {
        kept.length = 0;
        from = 0;
        keptBytes = 0;
        return {};
      },
    },
    streams: {
      'wire.messages': ({ filter }) => {
        const accepts = accepting(filter);
        return {
          topic,
          snapshot: () => newest(filter, Number.POSITIVE_INFINITY, SNAPSHOT).reverse(),
          accepts: (message) => accepts(message, textOf(message.id)),
        };
      },
    },
  };

  function textOf(id: number): string | undefined {
    const first = kept[from]?.message.id ?? lastId + 1;
    return kept[from + id - first]?.event.text;
  }
}

function accepting(filter: WireFilter): (message: WireMessage, text: string | undefined) => boolean {
  const { gateways, channels, direction, deviceId, conversationId, isUnknown } = filter;
  const contains = filter.contains?.toLowerCase() ?? '';
  return (message, text) =>
    (gateways === undefined || gateways.includes(message.gateway)) &&
    (channels === undefined || channels.includes(message.channel)) &&
    (direction === undefined || message.direction === direction) &&
    (deviceId === undefined || message.deviceId === deviceId) &&
    (conversationId === undefined || message.conversationId === conversationId) &&
    (isUnknown === undefined || message.isUnknown === isUnknown) &&
    (contains === '' || [message.name, text, message.note].some((part) => part?.toLowerCase().includes(contains) === true));
}

/** Texts are two bytes a character in memory; an entry itself costs something too. */
function costOf({ text, bytes, note }: Event): number {
  return 500 + 2 * ((text?.length ?? 0) + (note?.length ?? 0)) + (bytes?.length ?? 0);
}
