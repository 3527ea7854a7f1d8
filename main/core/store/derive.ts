import type { Database } from 'better-sqlite3';
import type { TurnRecord } from '../../../preload/contract/sessions.ts';
import { turnsOf } from '../analysis/turns.ts';
import { type EventRow, toEvent } from './event-row.ts';

/**
 * Rewrites `turn`, `tool_call` and `metric` from `event`, in the caller's transaction: what a session shows always
 * agrees with what it recorded, also after a crash.
 */
export function createDeriver(database: Database): { turns(conversationKey: number, fromTurnId: number): void } {
  // From the commit of the turn before: what the user said since then may belong to the first turn wanted.
  const startOrdinal = database
    .prepare<[number, number], number>(
      "SELECT ordinal FROM event WHERE conversation_key = ? AND kind = 'turn.committed' AND turn_id < ? ORDER BY ordinal DESC LIMIT 1",
    )
    .pluck();
  const eventsFrom = database.prepare<[number, number], EventRow>(
    'SELECT body, bytes FROM event WHERE conversation_key = ? AND ordinal > ? ORDER BY ordinal',
  );
  const upsertTurn = database
    .prepare<[number, number, string, string | null, number, number | null, string, string, string, string], number>(
      `INSERT INTO turn (conversation_key, turn_id, initiator, outcome, started_us, ended_us, user_text, reply_text, heard_text, breakdown)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (conversation_key, turn_id) DO UPDATE SET initiator = excluded.initiator, outcome = excluded.outcome,
         started_us = excluded.started_us, ended_us = excluded.ended_us, user_text = excluded.user_text,
         reply_text = excluded.reply_text, heard_text = excluded.heard_text, breakdown = excluded.breakdown
       RETURNING turn_key`,
    )
    .pluck();
  const clearTools = database.prepare('DELETE FROM tool_call WHERE turn_key = ?');
  const clearMetrics = database.prepare('DELETE FROM metric WHERE turn_key = ?');
  const insertTool = database.prepare('INSERT INTO tool_call VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const insertMetric = database.prepare('INSERT INTO metric VALUES (?, ?, ?)');

  function put(conversationKey: number, turn: TurnRecord): void {
    const turnKey = upsertTurn.get(
      conversationKey,
      turn.turnId,
      turn.initiator,
      turn.outcome,
      turn.startedUs,
      turn.endedUs,
      turn.userText,
      turn.replyText,
      turn.heardText,
      JSON.stringify(turn.breakdown),
    );
    clearTools.run(turnKey);
    clearMetrics.run(turnKey);
    for (const call of turn.toolCalls) {
      const isOk = call.isOk === null ? null : Number(call.isOk);
      insertTool.run(turnKey, call.callId, call.name, json(call.arguments), isOk, json(call.result), call.atUs, call.elapsedUs);
    }
    for (const [name, value] of metricsOf(turn)) insertMetric.run(turnKey, name, value);
  }

  return {
    turns(conversationKey, fromTurnId) {
      const events = eventsFrom.all(conversationKey, startOrdinal.get(conversationKey, fromTurnId) ?? -1).map(toEvent);
      for (const turn of turnsOf(events)) if (turn.turnId >= fromTurnId) put(conversationKey, turn);
    },
  };
}

/** Names and milliseconds of what is known; a count for tts_discontinuity. */
function metricsOf({ breakdown }: TurnRecord): [string, number][] {
  const metrics: [string, number | null][] = [
    ['v2v_device', milliseconds(breakdown.totalUs)],
    ['v2v_server', milliseconds(breakdown.serverUs)],
    ...breakdown.parts.map((part): [string, number | null] => [part.key, milliseconds(part.durationUs)]),
    ...Object.entries(breakdown.product),
  ];
  return metrics.filter((metric): metric is [string, number] => metric[1] !== null);
}

function milliseconds(us: number | null): number | null {
  return us === null ? null : us / 1000;
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
