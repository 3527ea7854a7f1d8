import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fetching, type Piece } from '../../../../../../renderer/features/session/player/fetching.ts';
import { wavSamples } from '../../../../../../renderer/features/session/player/wav-samples.ts';

/** Answers what was asked for when told to. */
function recording(endMs: number) {
  const asked: { piece: Piece; answer: () => Promise<void>; fail: () => Promise<void> }[] = [];
  const got: Piece[] = [];
  const dropped: Piece[] = [];
  const failures: unknown[] = [];
  const fetching = new Fetching<string>(endMs, {
    fetch(piece) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const settled = async () => void (await new Promise((next) => setImmediate(next)));
      asked.push({
        piece,
        answer() {
          resolve('sound');
          return settled();
        },
        fail() {
          reject(new Error('gone'));
          return settled();
        },
      });
      return promise;
    },
    onPiece: (piece) => got.push(piece),
    onDrop: (piece) => dropped.push(piece),
    onFailure: (error) => failures.push(error),
  });
  async function answerAll(): Promise<void> {
    for (let next = asked.shift(); next !== undefined; next = asked.shift()) await next.answer();
  }
  return { fetching, asked, got, dropped, failures, answerAll };
}

describe('pieces of a recording', () => {
  test('begin short, for something to be heard soon, and grow until enough is ahead', async () => {
    const { fetching, asked, got, answerAll } = recording(7_200_000);
    fetching.want(60_000, 1);
    expect(asked.map(({ piece }) => piece)).toEqual([{ fromMs: 59_980, toMs: 60_580 }]);
    await answerAll();
    expect(got).toEqual([
      { fromMs: 59_980, toMs: 60_580 },
      { fromMs: 60_580, toMs: 63_580 },
      { fromMs: 63_580, toMs: 73_580 },
      { fromMs: 73_580, toMs: 83_580 },
    ]);
  });

  test('of a place that was sought do not wait for those of another', async () => {
    const { fetching, asked } = recording(7_200_000);
    fetching.want(60_000, 1);
    fetching.want(3_600_000, 1);
    expect(asked.map(({ piece }) => piece.fromMs)).toEqual([59_980, 3_599_980]);
  });

  test('that are there are not asked for again, and the gap before them is just filled', async () => {
    const { fetching, asked, answerAll } = recording(100_000);
    fetching.want(50_000, 1);
    await answerAll();
    fetching.want(49_000, 1);
    await asked[0]?.answer();
    expect(asked.map(({ piece }) => piece)).toEqual([
      { fromMs: 48_980, toMs: 49_580 },
      { fromMs: 49_580, toMs: 49_980 },
    ]);
  });

  test('of a loop are those at its beginning too, and none after its end', async () => {
    const { fetching, got, answerAll } = recording(7_200_000);
    fetching.want(61_500, 1, { fromMs: 60_000, toMs: 62_000 });
    await answerAll();
    expect(Math.min(...got.map((piece) => piece.fromMs))).toBe(59_980);
    expect(got.every((piece) => piece.fromMs < 62_040)).toBe(true);
    const sum = got.reduce((total, piece) => total + piece.toMs - piece.fromMs, 0);
    expect(sum).toBeLessThan(5000);
  });

  test('of a loop longer than what is kept come to an end: its beginning is not dropped and asked for in turn', async () => {
    const { fetching, asked, got, dropped } = recording(7_200_000);
    const loop = { fromMs: 0, toMs: 3_600_000 };
    for (let atMs = 0; atMs < 1_200_000; atMs += 10_000) {
      fetching.want(atMs, 1, loop);
      for (let count = 0, next = asked.shift(); next !== undefined; next = asked.shift(), count++) {
        expect(count).toBeLessThan(50);
        await next.answer();
      }
    }
    expect(dropped.length).toBeGreaterThan(0);
    expect(new Set(got.map(({ fromMs }) => fromMs)).size).toBe(got.length);
  });

  test('are not dropped for the many short ones of who steps back and back', async () => {
    const { fetching, asked, got } = recording(7_200_000);
    for (let step = 0; step < 60; step++) {
      fetching.want(100_000 - step * 20, 1);
      for (let count = 0, next = asked.shift(); next !== undefined; next = asked.shift(), count++) {
        expect(count).toBeLessThan(50);
        await next.answer();
      }
    }
    expect(new Set(got.map(({ fromMs }) => fromMs)).size).toBe(got.length);
  });

  test('that come for a recording which is no longer played are left', async () => {
    const { fetching, asked, got } = recording(100_000);
    fetching.want(0, 1);
    fetching.clear();
    await asked[0]?.answer();
    expect(got).toEqual([]);
  });

  test('that fail are told once, and not asked for again by themselves', async () => {
    const { fetching, asked, failures } = recording(100_000);
    fetching.want(0, 1);
    await asked[0]?.fail();
    expect(failures).toHaveLength(1);
    expect(asked).toHaveLength(1);
    fetching.want(0, 1);
    expect(asked).toHaveLength(2);
  });

  test('never lie over each other, end with the recording, and are not kept without limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 2_000_000 }), fc.constantFrom(0.25, 1, 4)), { minLength: 1, maxLength: 40 }),
        async (places) => {
          const { fetching, got, dropped, answerAll } = recording(1_900_000);
          for (const [atMs, rate] of places) {
            fetching.want(atMs, rate);
            await answerAll();
          }
          const kept = got.filter((piece) => !dropped.includes(piece)).sort((a, b) => a.fromMs - b.fromMs);
          expect(kept.reduce((sum, piece) => sum + piece.toMs - piece.fromMs, 0)).toBeLessThanOrEqual(400_000);
          for (const [index, piece] of kept.entries()) {
            expect(piece.toMs).toBeGreaterThan(piece.fromMs);
            expect(piece.toMs).toBeLessThanOrEqual(1_900_000);
            expect(piece.fromMs).toBeGreaterThanOrEqual(kept[index - 1]?.toMs ?? 0);
          }
        },
      ),
      { numRuns: 20 },
    );
  });
});

test('the samples of a WAV are found behind whatever else it holds', () => {
  const wav = Buffer.concat([
    Buffer.from('RIFF\0\0\0\0WAVEfmt \x10\0\0\0', 'latin1'),
    Buffer.alloc(16),
    Buffer.from('LIST\x03\0\0\0abc\0data\x04\0\0\0', 'latin1'),
    Buffer.from([1, 0, 0xff, 0xff]),
  ]);
  expect([...wavSamples(wav)]).toEqual([1, -1]);
  expect(() => wavSamples(new Uint8Array(40))).toThrow(RangeError);
});
