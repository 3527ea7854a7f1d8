import type { CallReply } from '../../preload/contract/index.ts';
import type { Lab } from './lab.ts';

/** All events of a session, or all of these kinds, page after page. */
export async function allEvents(
  lab: Lab,
  request: { id: string; kinds?: string[] | undefined },
  signal: AbortSignal,
): Promise<CallReply<'sessions.events'>['events']> {
  const events: CallReply<'sessions.events'>['events'] = [];
  for (;;) {
    const page = await lab.call('sessions.events', { ...request, afterOrdinal: events.at(-1)?.ordinal ?? -1 }, { signal });
    for (const event of page.events) events.push(event);
    if (!page.hasMore || page.events.length === 0) return events;
  }
}
