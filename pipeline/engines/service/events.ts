import { createParser } from 'eventsource-parser';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { ServiceName } from './failure.ts';
import { bodyOf } from './request.ts';

export interface ServerEvent {
  /** 'message' where the service names none. */
  event: string;
  data: string;
}

/** No service sends an event of so many characters but a broken one. */
const LONGEST_EVENT = 8_000_000;

/**
 * The server-sent events of a response. Rejects with 'engine/cut' when the connection ends within one, 'engine/failed' for an endless
 * one; aborting ends it without an error.
 */
export async function* serverEvents(response: Response, service: ServiceName, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  const waiting: ServerEvent[] = [];
  const decoder = new TextDecoder();
  let unparsed = 0;
  const parser = createParser({
    onEvent: ({ event = 'message', data }) => {
      unparsed = 0;
      waiting.push({ event, data });
    },
  });
  for await (const piece of bodyOf(response, service, signal)) {
    const text = decoder.decode(piece, { stream: true });
    unparsed += text.length;
    parser.feed(text);
    while (waiting.length > 0) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
    }
    if (unparsed > LONGEST_EVENT) throw new TalkError('engine/failed', { ...service, reason: 'an event without an end' });
  }
  // A last event that lacks its empty line was still sent whole.
  parser.feed('\n\n');
  yield* waiting;
}
