import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogRow } from '../../../preload/contract/logs.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';
import { LogStore } from '../../../renderer/lib/log-store.ts';
import { matches, patternOf } from '../../../renderer/lib/log-view.ts';

function row(seq: number, changes: Partial<LogRow> = {}): LogRow {
  const text = `line ${seq}`;
  return {
    seq,
    port: 'COM7',
    atUs: (seq * 1000) as MonoUs,
    direction: 'received',
    text,
    raw: new Uint8Array(),
    grammar: 'plain',
    message: text,
    ...changes,
  };
}

function rows(from: number, to: number): LogRow[] {
  return Array.from({ length: to - from }, (_, index) => row(from + index));
}

const frames: (() => void)[] = [];

beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => frames.push(callback));
  vi.stubGlobal('cancelAnimationFrame', () => {});
});
afterEach(() => {
  frames.length = 0;
  vi.unstubAllGlobals();
});

describe('log store', () => {
  test('batches of one frame are one change for whoever looks', () => {
    const store = new LogStore(null);
    const heard = vi.fn();
    store.listen(heard);
    for (let batch = 0; batch < 50; batch++) store.append(rows(batch * 10, batch * 10 + 10));
    expect(frames).toHaveLength(1);
    for (const frame of frames.splice(0)) frame();
    expect(heard).toHaveBeenCalledTimes(1);
    expect(store.totalRows).toBe(500);
  });

  test('older rows are loaded by page, once, when they are looked at', async () => {
    const load = vi.fn(async (fromSeq: number, limit: number) => rows(fromSeq, fromSeq + limit));
    const store = new LogStore(load);
    store.reset(rows(9_000, 10_000), 10_000);
    expect(store.row(120)).toBeUndefined();
    expect(store.row(121)).toBeUndefined();
    expect((await store.rows([120, 499, 9_999])).map((each) => each.seq)).toEqual([120, 499, 9_999]);
    expect(load.mock.calls).toEqual([[0, 500]]);
    expect(store.row(120)?.text).toBe('line 120');
  });

  test('memory stays bounded and the newest rows stay', () => {
    const store = new LogStore(null);
    for (let batch = 0; batch < 400; batch++) store.append(rows(batch * 500, batch * 500 + 500));
    const held = [...store.held()];
    expect(held.length).toBeLessThanOrEqual(100_000);
    expect(held.at(-1)?.seq).toBe(199_999);
    expect(store.totalRows).toBe(200_000);
  });

  test('the row at an instant is found by bisection, with few pages loaded', async () => {
    const load = vi.fn(async (fromSeq: number, limit: number) => rows(fromSeq, Math.min(fromSeq + limit, 100_000)));
    const store = new LogStore(load);
    store.reset([], 100_000);
    expect(await store.seqAt(54_321_500)).toBe(54_321);
    expect(await store.seqAt(-1)).toBe(-1);
    expect(load.mock.calls.length).toBeLessThan(20);
  });

  test('without a session, rows that are gone are left out of a copy', async () => {
    const store = new LogStore(null);
    store.reset(rows(1_000, 1_500), 1_500);
    expect((await store.rows([10, 1_200])).map((each) => each.seq)).toEqual([1_200]);
  });
});

describe('live filter', () => {
  test('decides as the store does: a row without a level passes no threshold', () => {
    const filter = { minimumLevel: 'warn', isRegexp: false, isCaseSensitive: false } as const;
    expect([row(0, { level: 'error' }), row(1, { level: 'info' }), row(2)].map((each) => matches(filter, null, each))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('plain text is not a pattern, a broken pattern matches nothing', () => {
    const plain = { text: 'a.c(1)', isRegexp: false, isCaseSensitive: false };
    expect(patternOf(plain)?.test('at A.C(1):')).toBe(true);
    expect(patternOf(plain)?.test('abc1')).toBe(false);
    const broken = { text: '(', isRegexp: true, isCaseSensitive: false };
    expect(patternOf(broken)).toBeNull();
    expect(matches(broken, patternOf(broken), row(0))).toBe(false);
  });
});
