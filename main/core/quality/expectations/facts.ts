import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import type { LogFilter } from '../../../../preload/contract/logs.ts';
import type { ConversationRecord, SessionSummary, TurnRecord } from '../../../../preload/contract/sessions.ts';
import type { SessionExpectation } from './schema.ts';

/** Rows of a log that a filter found: how many, and the first of them as text. */
export interface FoundRows {
  count: number;
  first: { atUs: number; text: string } | null;
}

/** What a session, or some of its conversations, left to be judged. Plain data: it goes to a thread. */
export interface SessionFacts {
  session: SessionSummary;
  conversations: readonly ConversationRecord[];
  turns: readonly TurnRecord[];
  /** Of the kinds that `kindsFor` names. */
  events: readonly PipelineEvent[];
  /** By the filter as JSON; what was not asked of the log is not there. */
  rows: ReadonlyMap<string, FoundRows>;
  /** Not recorded but reckoned: it has no log, no events and no tools of its own. */
  isSimulated: boolean;
}

const always = ['engine.error', 'downlink.underrun', 'dropped'] as const;

/** Which events have to be read for these expectations: a session may have a million of others. */
export function kindsFor(expectations: readonly SessionExpectation[]): PipelineEvent['kind'][] {
  const named = expectations.flatMap((each) =>
    'event' in each ? [each.event, ...(each.since === undefined ? [] : [each.since.event])] : [],
  );
  return [...new Set([...always, ...named])];
}

type LogExpectation = Extract<SessionExpectation, { log: unknown }>;

export function filterOf({ log }: LogExpectation): LogFilter {
  const { text, isRegexp = false, isCaseSensitive = false, level, tag, event, port } = log;
  return {
    ...(text !== undefined && { pattern: { text, isRegexp, isCaseSensitive } }),
    ...(level !== undefined && { minimumLevel: level }),
    ...(tag !== undefined && { tags: [tag] }),
    ...(event !== undefined && { events: [event] }),
    ...(port !== undefined && { ports: [port] }),
  };
}

export function filtersFor(expectations: readonly SessionExpectation[]): LogFilter[] {
  return expectations.flatMap((each) => ('log' in each ? [filterOf(each)] : []));
}
