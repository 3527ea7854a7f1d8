import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boxesOf, countMarks, levelsOf } from '../../../../../../renderer/features/session/timeline/aggregate.ts';
import { append, lowerBound, type Series, seriesOf } from '../../../../../../renderer/features/session/timeline/columns.ts';
import { stepMatch } from '../../../../../../renderer/features/session/timeline/find.ts';
import { placeRows } from '../../../../../../renderer/features/session/timeline/lane-places.ts';
import { TimelineModel } from '../../../../../../renderer/features/session/timeline/model.ts';
import { gapBetween, nearestEdge } from '../../../../../../renderer/features/session/timeline/snapping.ts';
import { statisticsOf } from '../../../../../../renderer/features/session/timeline/statistics.ts';

const bytesOf = (numbers: Float64Array | Float32Array | Uint32Array) => new Uint8Array(numbers.buffer);

function told(form: 'marks' | 'spans' | 'levels', from: number[], more: number[] = []) {
  return {
    lane: 'llm' as const,
    tone: 'engine' as const,
    form,
    fromUs: bytesOf(Float64Array.from(from)),
    ...(form === 'spans' ? { toUs: bytesOf(Float64Array.from(more)) } : {}),
    ...(form === 'levels' ? { values: bytesOf(Float32Array.from(more)) } : {}),
    ids: bytesOf(Uint32Array.from(from.keys())),
  };
}

const marks = (from: number[]): Series => seriesOf(told('marks', from));
const spans = (...list: [number, number][]): Series =>
  seriesOf(
    told(
      'spans',
      list.map(([from]) => from),
      list.map(([, to]) => to),
    ),
  );

const times = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 300 }).map((list) => list.sort((a, b) => a - b));

describe('marks in columns of pixels', () => {
  test('are all counted, each once, whatever the view', () => {
    fc.assert(
      fc.property(
        times,
        fc.integer({ min: 0, max: 90_000 }),
        fc.integer({ min: 1, max: 50_000 }),
        fc.integer({ min: 1, max: 400 }),
        (list, from, length, width) => {
          const counts = new Uint32Array(width);
          countMarks(marks(list), { fromUs: from, toUs: from + length }, width, counts);
          const seen = list.filter((us) => us >= from && us < from + length).length;
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(seen);
        },
      ),
    );
  });
});

describe('pieces of a series', () => {
  test('put together are in order and complete, also where one reaches back', () => {
    fc.assert(
      fc.property(times, times, (one, other) => {
        const series = marks(one);
        append(series, marks(other));
        expect([...series.fromUs.subarray(0, series.length)]).toEqual([...one, ...other].sort((a, b) => a - b));
        expect(series.ids.subarray(0, series.length).length).toBe(one.length + other.length);
      }),
    );
  });

  test('a span keeps its end when an earlier one comes later', () => {
    const series = spans([100, 900], [300, 400]);
    append(series, spans([200, 250]));
    expect([...series.fromUs.subarray(0, 3)].map((from, i) => [from, series.toUs[i]])).toEqual([
      [100, 900],
      [200, 250],
      [300, 400],
    ]);
  });

  test('a place in it is found', () => {
    expect([0, 5, 6, 99].map((us) => lowerBound(Float64Array.from([5, 6, 6, 9]), 4, us))).toEqual([0, 0, 1, 4]);
  });
});

describe('spans as boxes', () => {
  test('too short to be told apart they are one box that says how many; far apart they are not', () => {
    const series = spans([0, 10], [20, 30], [40, 50], [90_000, 91_000]);
    const boxes = boxesOf(series, { fromUs: 0, toUs: 100_000 }, 100);
    expect(boxes.map(({ count }) => count)).toEqual([3, 1]);
  });

  test('one that began long before the view is drawn in it', () => {
    const boxes = boxesOf(spans([0, 80_000], [10, 20]), { fromUs: 50_000, toUs: 60_000 }, 100);
    expect(boxes.map(({ index }) => index)).toEqual([0]);
  });
});

test('a level holds until the next one, also from before the view', () => {
  const { low, high } = levelsOf(seriesOf(told('levels', [0, 40, 45], [7, 100, 3])), { fromUs: 10, toUs: 60 }, 5);
  expect([...high]).toEqual([7, 7, 7, 100, 3]);
  expect([...low]).toEqual([7, 7, 7, 3, 3]);
});

describe('measuring', () => {
  test('the gap is from the end of the first to the beginning of the second, whichever was chosen first', () => {
    const [one, other] = [
      { fromUs: 100, toUs: 200 },
      { fromUs: 950, toUs: 999 },
    ];
    expect(gapBetween(one, other)).toEqual({ fromUs: 200, toUs: 950, isOverlap: false });
    expect(gapBetween(other, one)).toEqual(gapBetween(one, other));
  });

  test('spans that overlap have no gap but say how much they do', () => {
    expect(gapBetween({ fromUs: 0, toUs: 50 }, { fromUs: 30, toUs: 90 })).toEqual({ fromUs: 30, toUs: 50, isOverlap: true });
  });

  test('an edge draws what is near it, the end of a long span too, and nothing from afar', () => {
    const lanes = [spans([100, 9_000], [400, 500]), marks([2_000])];
    expect([8_995, 402, 1_990, 7_000].map((us) => nearestEdge(lanes, us, 20))).toEqual([9_000, 400, 2_000, null]);
  });
});

test('statistics of a range are of what begins in it; percentiles are durations that were measured', () => {
  const lane = [spans([0, 10], [100, 130], [200, 220], [900, 999]), marks([150, 950])];
  expect(statisticsOf(lane, 50, 800)).toEqual({
    marks: 1,
    spans: 2,
    durations: { sumUs: 50, minUs: 20, meanUs: 25, p50Us: 20, p95Us: 30, maxUs: 30 },
    peak: null,
  });
  expect(statisticsOf(lane, 300, 400).durations).toBeNull();
});

describe('a lane', () => {
  const model = new TimelineModel();
  model.add([told('spans', [0, 5_000], [9_000, 6_000]), told('marks', [5_500])]);

  test('a click takes an instant before the span it stands on, and the shorter of two spans', () => {
    expect(model.at('llm', 5_501, 100)?.series.form).toBe('marks');
    expect(model.at('llm', 5_200, 100)?.fromUs).toBe(5_000);
    expect(model.at('llm', 20_000, 100)).toBeNull();
  });

  test('is walked through in order of time', () => {
    const seen: number[] = [];
    for (let at = model.beside('llm', -1, 1); at !== null; at = model.beside('llm', at.fromUs, 1)) seen.push(at.fromUs);
    expect(seen).toEqual([0, 5_000, 5_500]);
  });
});

test('pinned lanes stand on top, hidden ones nowhere, a closed group keeps its head', () => {
  const present = ['llm', 'tts', 'mqtt', 'log COM3'];
  const { rows } = placeRows(present, { pinned: ['mqtt'], hidden: ['tts'], collapsed: ['bench'] });
  expect(rows.map((row) => (row.kind === 'lane' ? row.key : row.group))).toEqual(['mqtt', 'engines', 'llm', 'bench']);
  expect(rows[0]?.isPinned).toBe(true);
});

test('matches are gone through round and round, from where the cursor is', () => {
  const found = { ids: Uint32Array.from([3, 5, 9]), fromUs: Float64Array.from([10, 20, 30]), hasMore: false };
  expect([stepMatch(found, -1, 1, 15), stepMatch(found, 2, 1, 0), stepMatch(found, 0, -1, 0), stepMatch(found, -1, -1, 15)]).toEqual([
    1, 0, 2, 0,
  ]);
});

describe('a series of many', () => {
  const list = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 9_000 })), { maxLength: 800 })
    .map((all) => all.map(([from, length]): [number, number] => [from, from + length]).sort(([a], [b]) => a - b));

  test('of spans: each that reaches into the view is in one box, and only those', () => {
    fc.assert(
      fc.property(list, fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 20_000 }), (all, from, length) => {
        const boxes = boxesOf(spans(...all), { fromUs: from, toUs: from + length }, 60);
        const seen = all.filter(([begins, ends]) => begins < from + length && ends >= from);
        expect(boxes.reduce((sum, { count }) => sum + count, 0)).toBe(seen.length);
      }),
    );
  });

  test('of levels: the least and the greatest of a column are found, however many it has, also after a piece that reaches back', () => {
    fc.assert(
      fc.property(list, list, (one, other) => {
        const levels = (all: [number, number][]) =>
          seriesOf(
            told(
              'levels',
              all.map(([at]) => at),
              all.map(([, value]) => value),
            ),
          );
        const series = levels(one);
        levelsOf(series, { fromUs: 0, toUs: 30_000 }, 1);
        append(series, levels(other));
        const values = [...one, ...other].map(([, value]) => value);
        const { low, high } = levelsOf(series, { fromUs: 0, toUs: 30_000 }, 1);
        expect([low[0], high[0]]).toEqual(values.length === 0 ? [Number.NaN, Number.NaN] : [Math.min(...values), Math.max(...values)]);
      }),
    );
  });
});

test('a flash is selected by its job, whatever its place in the list becomes', () => {
  const model = new TimelineModel();
  const job = (jobId: string, atUs: number, state: string) => ({ jobId, atUs, elapsedMs: 1000, state });
  model.setFlashes([job('a', 0, 'done'), job('b', 5_000_000, 'failed')]);
  const found = model.at('flash', 5_500_000, 0);
  const target = found === null ? null : model.targetOf(found);
  expect(target).toEqual({ kind: 'flash', jobId: 'b' });
  model.setFlashes([job('a', 0, 'done'), job('c', 2_000_000, 'done'), job('b', 5_000_000, 'failed')]);
  expect(target === null ? null : model.find(target)).toMatchObject({ lane: 'flash', fromUs: 5_000_000, id: 2 });
  expect([model.find({ kind: 'flash', jobId: 'gone' }), model.find({ kind: 'event', ordinal: 2 })]).toEqual([null, null]);
});
