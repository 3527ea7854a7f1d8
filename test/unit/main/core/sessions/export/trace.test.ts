import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sampleConversation } from '../../../../../fakes/sample-conversation.ts';
import { type ExportBench, exported, recordedSample } from './exported.ts';

let recorded: ExportBench;
let events: TraceEvent[];
let document: Record<string, unknown>;
beforeAll(async () => {
  recorded = await recordedSample();
  document = JSON.parse((await exported(recorded, { format: 'perfetto' })).data.toString());
  events = z.array(traceEvent).parse(document.traceEvents);
}, 60_000);
afterAll(() => recorded.close());

/**
 * "Trace Event Format" (the catapult project's document): phases X complete, i instant, C counter, M metadata, s t f flow. Times are
 * microseconds; a flow's points have one id; what is not named here is not allowed.
 */
const place = { pid: z.int().positive(), tid: z.int().nonnegative(), ts: z.number().nonnegative() };
const args = z.record(z.string(), z.unknown());
const traceEvent = z.discriminatedUnion('ph', [
  z.strictObject({ ph: z.literal('X'), ...place, dur: z.number().nonnegative(), cat: z.string(), name: z.string().min(1), args }),
  z.strictObject({ ph: z.literal('i'), ...place, s: z.enum(['t', 'p', 'g']), cat: z.string(), name: z.string().min(1), args }),
  z.strictObject({ ph: z.literal('C'), ...place, name: z.string(), args: z.record(z.string(), z.number()) }),
  z.strictObject({
    ph: z.literal('M'),
    ...place,
    name: z.enum(['process_name', 'process_sort_index', 'thread_name', 'thread_sort_index']),
    args,
  }),
  z.strictObject({ ph: z.enum(['s', 't']), ...place, id: z.int(), cat: z.string(), name: z.string() }),
  z.strictObject({ ph: z.literal('f'), bp: z.literal('e'), ...place, id: z.int(), cat: z.string(), name: z.string() }),
]);
type TraceEvent = z.infer<typeof traceEvent>;
type Slice = Extract<TraceEvent, { ph: 'X' }>;

const slices = () => events.filter((event): event is Slice => event.ph === 'X');
const lane = (name: string) => slices().filter(({ cat }) => cat === name);

describe('the trace', () => {
  test('is the object form, in milliseconds', () => {
    expect(Object.keys(document)).toEqual(['traceEvents', 'displayTimeUnit', 'otherData']);
    expect(document.displayTimeUnit).toBe('ms');
  });

  test('names each process and each row that anything is in', () => {
    const named = new Set(events.flatMap((event) => (event.ph === 'M' && event.name === 'thread_name' ? `${event.pid} ${event.tid}` : [])));
    for (const event of events) if (event.ph === 'X' || event.ph === 'i') expect(named).toContain(`${event.pid} ${event.tid}`);
    const processes = events.flatMap((event) => (event.ph === 'M' && event.name === 'process_name' ? String(event.args.name) : []));
    expect(processes).toEqual(['bench-01 (twetalk)', 'wire', 'log', 'notes']);
  });

  test('has what was noted, secrets aside', () => {
    const notes = events.filter((event) => 'cat' in event && event.cat === 'notes');
    expect(notes).toMatchObject([
      { ph: 'i', ts: 12_000_000, name: expect.stringContaining('heard late') as string, args: { colour: 'red' } },
      { ph: 'X', ts: 13_000_000, dur: 2_000_000, name: expect.stringMatching(/^said (?!.*dTest)/u) as string, args: { colour: 'blue' } },
    ]);
  });

  test('has no two slices of one row that overlap', () => {
    for (const row of Map.groupBy(slices(), ({ pid, tid }) => `${pid} ${tid}`).values()) {
      const ordered = row.toSorted((one, other) => one.ts - other.ts || one.dur - other.dur);
      for (const [i, { ts }] of ordered.entries())
        expect(ts).toBeGreaterThanOrEqual((ordered[i - 1]?.ts ?? 0) + (ordered[i - 1]?.dur ?? 0));
    }
  });

  test('has each turn, and the parts of its latency one after the other', () => {
    const { turns } = sampleConversation();
    expect(lane('turns').map(({ args: facts }) => facts.userText)).toEqual(turns.map(({ userText }) => userText));
    const second = lane('latency').filter(({ args: facts }) => facts.turn === 2);
    expect(second.reduce((sum, { dur }) => sum + dur, 0)).toBe(turns[1]?.breakdown.totalUs);
    for (const name of ['conversation state', 'VAD', 'STT', 'LLM', 'TTS', 'downlink', 'speaker', 'tools'])
      expect(lane(name)).not.toEqual([]);
  });

  test('leads from cause to effect: arrows begin and end within slices, in order', () => {
    const flows = events.flatMap((event) => (event.ph === 's' || event.ph === 't' || event.ph === 'f' ? [event] : []));
    const byId = [...Map.groupBy(flows, ({ id }) => id).values()];
    expect(byId).toHaveLength(sampleConversation().turns.length);
    for (const points of byId) {
      expect(points.map(({ ph }) => ph).join('')).toMatch(/^st*f$/);
      for (const [i, point] of points.entries()) {
        expect(point.ts).toBeGreaterThanOrEqual(points[i - 1]?.ts ?? 0);
        const around = slices().filter(
          ({ pid, tid, ts, dur }) => pid === point.pid && tid === point.tid && ts <= point.ts && point.ts <= ts + dur,
        );
        expect(around).not.toEqual([]);
      }
    }
    // User stop → transcript → language model → synthesis → first frame → speaker.
    const lanesOfSecond = byId[1]?.map(
      ({ pid, tid, ts }) =>
        slices().find((slice) => slice.pid === pid && slice.tid === tid && slice.ts <= ts && ts <= slice.ts + slice.dur)?.cat,
    );
    expect(lanesOfSecond).toEqual(['VAD', 'STT', 'LLM', 'TTS', 'downlink', 'speaker']);
  });
});
