import { z } from 'zod';
import { pipelineEvent } from '../../../preload/contract/events.ts';
import { flashJob } from '../../../preload/contract/flash.ts';
import { logMark } from '../../../preload/contract/logs.ts';
import { portAddress } from '../../../preload/contract/ports.ts';
import { sessionCalls } from '../../../preload/contract/sessions.ts';
import { badFile } from './bad-file.ts';
import { depthOf, MAX_JSON_DEPTH } from './block-check.ts';
import type { Row } from './session-tables.ts';
import { EVENT_DEPTH, VALUE_LIMIT_BYTES } from './short-json.ts';

/** The year 9999: what a date and the rows after it can be told from. */
const LAST_WALL_MS = Date.UTC(9999, 11, 31);
/** A session of a year. What lies further apart would have its sound padded with silence until a disk is full. */
const LONGEST_US = 366 * 86_400e6;
/** What a stream says of its own time may begin anywhere; sound is placed by how it goes on. */
const ownClock = 'media_us';

/** Who or what a conversation was with, in words of boards and gateways. */
const name = z.string().max(2000);
const { title, note } = sessionCalls['sessions.update'].request.shape;

/** What each table's texts may be, as the contract has it where people write them; their type and words the schema itself sees to. */
const texts: Readonly<Record<string, z.ZodType>> = {
  session: z.object({ id: name, title, app_version: z.string().max(100) }),
  note: z.object({ text: note }),
  port: z.object({ address: portAddress }),
  bookmark: logMark,
  conversation: z.object({
    conversation_id: name,
    gateway: name,
    product_id: name,
    device_name: name,
    language: name,
    close_reason: name.nullable(),
  }),
  event: z.object({ kind: name }),
  flash_job: z.object({ job_id: name, address: portAddress }),
};

/** What is ever read of a flash job. */
const shownOfFlash = flashJob
  .pick({ address: true, label: true, device: true, state: true, stages: true, chip: true, files: true, result: true })
  .extend({
    // Other versions have other words for these, and at first none.
    kind: z.string().optional(),
    family: z.string().optional(),
    boardState: z.string().optional(),
    error: z.object({ code: z.string(), data: z.record(z.string(), z.unknown()) }).nullish(),
  });

/** A row that someone else made up is one that every reader can trust. Throws TalkError 'session/bad-file'. */
export function checkedRow(table: string, row: Row): void {
  checkNumbers(table, row);
  const shape = texts[table]?.safeParse(row);
  if (shape?.success === false) throw badFile(`${table}.${shape.error.issues[0]?.path.join('.') ?? ''} is of no known shape or too long`);
  if (table === 'event') {
    const event = checkedJson(row.body, pipelineEvent, EVENT_DEPTH, `event ${String(row.ordinal)}`);
    if (event.kind !== row.kind) throw badFile(`event ${String(row.ordinal)} is of two kinds`);
    if (Math.abs(event.atUs) > LONGEST_US) throw badFile(`event ${String(row.ordinal)} at ${event.atUs}`);
  }
  if (table === 'flash_job') checkedJson(row.body, shownOfFlash, MAX_JSON_DEPTH, `flash job ${String(row.job_id)}`);
}

/** One number that the contract cannot carry would fail the list of all sessions for ever. */
function checkNumbers(table: string, row: Row): void {
  for (const [column, value] of Object.entries(row)) {
    const isGood =
      typeof value !== 'number' ||
      (column === 'started_wall_ms'
        ? value >= 0 && value <= LAST_WALL_MS
        : column.endsWith('_us') && column !== ownClock
          ? Math.abs(value) <= LONGEST_US
          : Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)));
    if (!isGood) throw badFile(`${table}.${column} ${String(value)}`);
  }
}

function checkedJson<Value>(text: unknown, schema: z.ZodType<Value>, most: number, what: string): Value {
  const json = String(text);
  if (Buffer.byteLength(json) > VALUE_LIMIT_BYTES) throw badFile(`${what} is too long`);
  if (depthOf(json) > most) throw badFile(`${what} nests too deep`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw badFile(`${what} is not JSON`, error);
  }
  const { success, data } = schema.safeParse(value);
  if (!success) throw badFile(`${what} is of no known shape`);
  return data;
}
