import { afterEach, describe, expect, test } from 'vitest';
import { createFrameThreads, type FrameThreads } from '../../../../pipeline/threads/frame-threads.ts';
import type { FakeFrameResult } from '../../../fakes/frames.worker.ts';

const DIE = -1;
const HANG = -2;
const THROW = -3;

let threads: FrameThreads<FakeFrameResult> | undefined;
afterEach(() => threads?.close());

function create(options: { timeoutMs?: number; queueLimit?: number; threads?: number } = {}): FrameThreads<FakeFrameResult> {
  threads = createFrameThreads<FakeFrameResult>({
    url: new URL('../../../fakes/frames.worker.ts', import.meta.url),
    stage: 'vad',
    engine: 'fake',
    threads: options.threads ?? 1,
    timeoutMs: options.timeoutMs ?? 20_000,
    queueLimit: options.queueLimit ?? 64,
  });
  return threads;
}

const frame = (first: number) => Int16Array.of(first, 0);
const code = (error: unknown) => (error as { value?: { code: string } }).value?.code;

describe('frames in worker threads', () => {
  test('each stream has its own state and its frames in order, however many wait', async () => {
    const { open } = create({ threads: 2 });
    const streams = Array.from({ length: 6 }, () => open());
    const results = await Promise.all(
      streams.map((stream, index) => Promise.all(Array.from({ length: 10 }, (_, step) => stream.process(frame(100 * index + step))))),
    );
    for (const [index, ofStream] of results.entries()) {
      expect(ofStream.map(({ first, count }) => [first, count])).toEqual(
        Array.from({ length: 10 }, (_, step) => [100 * index + step, step + 1]),
      );
    }
  });

  test('frames of several streams that wait are worked on together', async () => {
    const { open } = create();
    const [one, other, third] = [open(), open(), open()];
    await one.process(frame(0)); // the thread runs
    const results = await Promise.all([one.process(frame(1)), other.process(frame(2)), third.process(frame(3))]);
    expect(results.map(({ batch }) => batch)).toEqual([3, 3, 3]);
  });

  test('a reset stands between the frames it was called between', async () => {
    const { open } = create();
    const stream = open();
    const before = [stream.process(frame(1)), stream.process(frame(2))];
    stream.reset();
    const after = stream.process(frame(3));
    expect((await Promise.all([...before, after])).map(({ count }) => count)).toEqual([1, 2, 1]);
  });

  test('a thread that dies fails what it had; the streams go on in a new one', async () => {
    const { open } = create();
    const [one, other] = [open(), open()];
    await Promise.all([one.process(frame(1)), other.process(frame(1))]);
    const outcomes = await Promise.allSettled([one.process(frame(DIE)), other.process(frame(2)), other.process(frame(3))]);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && code(outcome.reason))).toEqual(Array(3).fill('engine/failed'));
    expect(await other.process(frame(4))).toMatchObject({ first: 4, count: 1 });
    expect(await one.process(frame(5))).toMatchObject({ first: 5, count: 1 });
  });

  test('a thread that hangs is ended and started again', async () => {
    const { open } = create({ timeoutMs: 300 });
    const stream = open();
    const outcome = await stream.process(frame(HANG)).catch(code);
    expect(outcome).toBe('engine/timeout');
  });

  test('a frame that cannot be worked on fails alone in time: the next one is worked on', async () => {
    const { open } = create();
    const stream = open();
    await expect(stream.process(frame(THROW)).catch(code)).resolves.toBe('engine/failed');
    expect(await stream.process(frame(1))).toMatchObject({ count: 1 });
  });

  test('what one stream may have waiting is limited, and does not hold up another', async () => {
    const { open } = create({ queueLimit: 2 });
    const [full, other] = [open(), open()];
    const waiting = [full.process(frame(1)), full.process(frame(2))];
    await expect(full.process(frame(3)).catch(code)).resolves.toBe('engine/rate-limited');
    expect(await other.process(frame(1))).toMatchObject({ count: 1 });
    await Promise.all(waiting);
    expect(await full.process(frame(4))).toMatchObject({ count: 3 });
  });

  test('frames that wait when their stream, or everything, is closed fail; nothing is left running', async () => {
    const { open, close } = create();
    const [one, other] = [open(), open()];
    const [first, second] = [one.process(frame(1)), other.process(frame(1))];
    const outcomes = Promise.allSettled([first, second]);
    one.close();
    one.close();
    await close();
    await close();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(other.process(frame(2))).rejects.toThrow();
    expect(() => open()).toThrow();
  });
});
