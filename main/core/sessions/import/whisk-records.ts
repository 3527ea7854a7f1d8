import { Unpackr } from 'msgpackr';
import { z } from 'zod';
import { TalkError } from '../../../../preload/contract/talk-error.ts';

/**
 * What Pipecat's debugger writes into a `.whisk` file (pipecat-ai/whisker 2.0, protocol "1"): MessagePack values one after the other, the
 * first a snapshot. Times are wall-clock seconds.
 */
const frame = z.object({
  type: z.enum(['frame', 'frame:whisker', 'frame:whisker-urgent']),
  worker_id: z.string(),
  /** 'TranscriptionFrame#3': class and instance. Each processor that has it in its hands tells of it once more. */
  name: z.string(),
  from: z.string(),
  action: z.enum(['process', 'push']),
  direction: z.enum(['upstream', 'downstream']),
  timestamp: z.number(),
  payload: z.unknown(),
});
const worker = z.object({
  worker_id: z.string(),
  topology: z.object({ processors: z.array(z.object({ name: z.string(), type: z.string() })) }),
});
const snapshot = z.object({
  type: z.literal('snapshot'),
  protocol: z.string(),
  timestamp: z.number(),
  server: z.record(z.string(), z.string()),
  workers: z.array(worker),
});
const workerAdded = worker.extend({ type: z.literal('worker_added'), timestamp: z.number() });
const busMessage = z.object({
  type: z.literal('bus_message'),
  timestamp: z.number(),
  message_type: z.string(),
  source_worker: z.string().nullish(),
  target_worker: z.string().nullish(),
  data: z.unknown(),
});
const known = z.discriminatedUnion('type', [frame, snapshot, workerAdded, busMessage]);

export type WhiskFrame = z.infer<typeof frame>;

export type WhiskRecord = z.infer<typeof known> | { type: 'unknown'; timestamp: number; value: unknown };

export interface WhiskFile {
  snapshot: z.infer<typeof snapshot>;
  /** What follows it, in the order of the file. */
  records: WhiskRecord[];
  /** The file ends in the middle of a record: whoever wrote it was killed. */
  isCut: boolean;
}

const PROTOCOL = '1';

/** Throws TalkError 'session/bad-file'. */
export function readWhisk(data: Uint8Array): WhiskFile {
  const values: unknown[] = [];
  let isCut = false;
  try {
    // Numbers beyond 2^53 are of no field that is read.
    new Unpackr({ useRecords: false, int64AsType: 'number' }).unpackMultiple(data, (value) => {
      values.push(value);
    });
  } catch (error) {
    if (values.length === 0) throw badFile('no MessagePack', error);
    // What stands before the damage is as good as ever; a file that is cut has lost its last record only.
    isCut = true;
  }
  const [first, ...rest] = values;
  const head = snapshot.safeParse(first);
  if (!head.success) throw badFile('does not begin with a snapshot');
  if (head.data.protocol !== PROTOCOL) throw badFile(`Whisker protocol ${head.data.protocol.slice(0, 20)}`);
  let lastSeconds = head.data.timestamp;
  const records = rest.map((value): WhiskRecord => {
    const parsed = known.safeParse(value);
    const record = parsed.success ? parsed.data : ({ type: 'unknown', timestamp: timestampOf(value) ?? lastSeconds, value } as const);
    lastSeconds = record.timestamp;
    return record;
  });
  return { snapshot: head.data, records, isCut };
}

function timestampOf(value: unknown): number | undefined {
  const timestamp = typeof value === 'object' && value !== null && 'timestamp' in value ? value.timestamp : undefined;
  return typeof timestamp === 'number' && Number.isFinite(timestamp) ? timestamp : undefined;
}

function badFile(reason: string, cause?: unknown): TalkError {
  return new TalkError('session/bad-file', { path: null, reason }, { cause });
}
