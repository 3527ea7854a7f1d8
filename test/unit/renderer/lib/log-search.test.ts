import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { compilePattern } from '../../../../preload/contract/log-pattern.ts';
import { bothPatterns, LogSearch, matchesOf } from '../../../../renderer/lib/log-search.ts';
import { LogView } from '../../../../renderer/lib/log-view.ts';
import { type Frames, stubFrames } from '../../../fakes/frames.ts';
import { LogLab, logRow } from '../../../fakes/log-lab.ts';

const words = (text: string, changes = {}) => ({ text, isRegexp: false, isCaseSensitive: false, ...changes });

describe('two patterns in one', () => {
  const found = (first: ReturnType<typeof words>, second: ReturnType<typeof words>, text: string): boolean =>
    compilePattern(bothPatterns(first, second)).test(text);

  test('wants both, in any order', () => {
    expect(found(words('wifi'), words('lost'), 'lost: wifi')).toBe(true);
    expect(found(words('wifi'), words('lost'), 'wifi lost')).toBe(true);
    expect(found(words('wifi'), words('lost'), 'wifi found')).toBe(false);
  });

  test('each keeps its own case and its own alternatives', () => {
    expect(found(words('WiFi', { isCaseSensitive: true }), words('LOST'), 'WiFi lost')).toBe(true);
    expect(found(words('WiFi', { isCaseSensitive: true }), words('LOST'), 'wifi lost')).toBe(false);
    expect(found(words('a|b', { isRegexp: true }), words('c'), 'only a')).toBe(false);
  });

  test('plain words are no expression', () => {
    expect(found(words('a.c(1)'), words('x'), 'at a.c(1): x')).toBe(true);
    expect(found(words('a.c(1)'), words('x'), 'abc1 x')).toBe(false);
  });

  test('a broken one stays as it is, so that its own fault is told', () => {
    const broken = words('a)(b', { isRegexp: true });
    expect(bothPatterns(words('x'), broken)).toBe(broken);
  });
});

describe('log search', () => {
  let frames: Frames;
  let lab: LogLab;
  let view: LogView;
  let search: LogSearch;

  beforeEach(async () => {
    vi.useFakeTimers();
    frames = stubFrames();
    lab = new LogLab();
    lab.append(1_000, (seq) => logRow(seq, { message: seq % 100 === 50 ? `found ${seq}` : `line ${seq}` }));
    view = new LogView(lab, { sessionId: null, filter: { ports: ['COM1', 'COM2'] } });
    view.open();
    search = new LogSearch(view, new LogView(lab, matchesOf(view.request, words('found'))));
    search.start();
    await settled();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  /** Frames are drawn, timers run, replies come. */
  async function settled(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) {
      frames.next();
      await vi.advanceTimersByTimeAsync(500);
    }
  }

  const seqHere = (): number | undefined => {
    const { current } = search.get();
    return current === null ? undefined : view.row(current.index)?.seq;
  };

  /** Rows with 50, 150 … 950 that are of COM1 or COM2. */
  const shown = Array.from({ length: 10 }, (_, index) => index * 100 + 50).filter((seq) => seq % 3 !== 2);

  test('counts the matches among the rows that are shown, and goes on counting while data flows', async () => {
    expect(search.get()).toMatchObject({ count: shown.length, isSearching: false });
    lab.append(3, (seq) => logRow(seq, { message: 'found again', port: 'COM1' }));
    lab.flush();
    await settled();
    expect(search.get().count).toBe(shown.length + 3);
  });

  test('walks on from where the reader is, and around at the end', async () => {
    const from = (await view.locate({ seq: 500 })).index;
    const walked: number[] = [];
    for (let step = 0; step < shown.length + 1; step++) {
      await search.step(1, from);
      walked.push(search.get().current?.seq ?? -1);
    }
    const first = shown.findIndex((seq) => seq >= 500);
    expect(walked).toEqual([...shown.slice(first), ...shown.slice(0, first), shown[first]]);
  });

  test('goes back from where the reader is', async () => {
    await search.step(-1, (await view.locate({ seq: 500 })).index);
    expect(search.get().current?.seq).toBe(shown.findLast((seq) => seq < 500));
  });

  test('says where the match stands in the view that is read', async () => {
    await search.step(1, 0);
    await view.rows(search.get().current?.index ?? -1, 1);
    expect(seqHere()).toBe(shown[0]);
  });

  test('asked before anything is found, it goes to the first that comes', async () => {
    lab.judgedAtOnce = 200;
    const late = new LogSearch(view, new LogView(lab, matchesOf(view.request, words('found 750'))));
    late.start();
    void late.step(1, 0);
    await settled();
    expect(late.get()).toMatchObject({ count: 0, isSearching: true, current: null });
    for (let flush = 0; flush < 4; flush++) lab.flush();
    await settled();
    expect(late.get()).toMatchObject({ count: 1, isSearching: false, current: { seq: 750 } });
  });

  test('what is cleared out of the view is not among the matches', async () => {
    view.hideBefore((await view.locate({ seq: 400 })).index);
    await settled();
    expect(search.get().count).toBe(shown.filter((seq) => seq >= 400).length);
    await search.step(1, view.start);
    expect(search.get().current?.seq).toBe(shown.find((seq) => seq >= 400));
  });

  test('paused, its count stands still with the view', async () => {
    view.freeze();
    await settled();
    lab.append(1, (seq) => logRow(seq, { message: 'found late', port: 'COM1' }));
    lab.flush();
    await settled();
    expect(search.get().count).toBe(shown.length);
  });

  test('another session begins: it stands on nothing', async () => {
    await search.step(1, 0);
    lab.restart('session-2');
    await settled();
    expect(search.get()).toMatchObject({ count: 0, current: null });
  });
});
