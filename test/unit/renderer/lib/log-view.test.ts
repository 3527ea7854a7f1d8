import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LogView } from '../../../../renderer/lib/log-view.ts';
import { type Frames, stubFrames } from '../../../fakes/frames.ts';
import { LogLab, logRow } from '../../../fakes/log-lab.ts';

let frames: Frames;
let lab: LogLab;

beforeEach(() => {
  frames = stubFrames();
  lab = new LogLab();
});
afterEach(() => vi.unstubAllGlobals());

/** Opened, and its first state has come. */
async function opened(request: ConstructorParameters<typeof LogView>[1] = { sessionId: null }): Promise<LogView> {
  const view = new LogView(lab, request);
  view.open();
  await Promise.resolve();
  frames.next();
  return view;
}

/** What was asked for has come. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

function windows(): unknown[] {
  return lab.calls.filter(({ name }) => name === 'logs.window').map(({ body }) => body.from);
}

describe('log view', () => {
  test('changes of one frame are told once', async () => {
    const view = await opened();
    const heard = vi.fn();
    view.listen(heard);
    for (let batch = 0; batch < 20; batch++) {
      lab.append(10);
      lab.flush();
    }
    expect(heard).not.toHaveBeenCalled();
    frames.next();
    expect(heard).toHaveBeenCalledTimes(1);
    expect(view.length).toBe(200);
  });

  test('the end of a log comes along with its changes and is not asked for', async () => {
    const view = await opened();
    lab.append(5_000);
    lab.flush();
    view.want(4_960, 5_000);
    expect(view.row(4_999)?.seq).toBe(4_999);
    expect(windows()).toEqual([]);
  });

  test('older rows are loaded by page, once, and the page the reader moves to with them', async () => {
    lab.append(5_000);
    const view = await opened();
    view.want(1_010, 1_050, 1);
    view.want(1_011, 1_051, 1);
    await settled();
    expect(windows()).toEqual([1_000, 1_200]);
    expect(view.row(1_020)?.seq).toBe(1_020);
    view.want(1_030, 1_070, -1);
    await settled();
    expect(windows()).toEqual([1_000, 1_200, 800]);
  });

  test('pages the reader scrolled past before they came are given up', async () => {
    lab.append(100_000);
    const view = await opened();
    const gate = Promise.withResolvers<void>();
    lab.gate = gate.promise;
    for (const from of [10_000, 20_000, 30_000]) view.want(from, from + 40);
    gate.resolve();
    await settled();
    expect([view.row(10_000), view.row(20_000), view.row(30_000)?.seq]).toEqual([undefined, undefined, 30_000]);
  });

  test('rows that somebody waits for come, wherever the reader looks meanwhile', async () => {
    lab.append(10_000);
    const view = await opened();
    const gate = Promise.withResolvers<void>();
    lab.gate = gate.promise;
    const rows = view.rows(100, 3);
    view.want(5_000, 5_040);
    gate.resolve();
    expect((await rows).map((row) => row.seq)).toEqual([100, 101, 102]);
  });

  test('a long read does not outgrow what is kept', async () => {
    lab.append(40_000);
    const view = await opened();
    const rows = await view.rows(0, 30_000);
    expect([rows.length, rows[0]?.seq, rows.at(-1)?.seq]).toEqual([30_000, 0, 29_999]);
    expect(view.row(0)).toBeUndefined();
  });

  test('a row that could not be kept is not asked for again and again', async () => {
    lab.append(5_000);
    const view = await opened();
    const call = lab.call;
    Object.assign(lab, {
      call: async (...given: Parameters<typeof call>) => {
        const reply = await call(...given);
        return given[0] === 'logs.window' ? { ...reply, rows: [] } : reply;
      },
    });
    for (let look = 0; look < 5; look++) {
      view.want(0, 40);
      await settled();
    }
    expect(windows()).toEqual([0]);
  });

  test('frozen, it shows what there was and still knows how much there is', async () => {
    lab.append(10);
    const view = await opened();
    view.freeze();
    lab.append(5);
    lab.flush();
    expect([view.length, view.liveLength, view.row(12)]).toEqual([10, 15, undefined]);
    view.thaw();
    expect([view.length, view.row(12)?.seq]).toEqual([15, 12]);
  });

  test('another session begins: nothing of the one before is left', async () => {
    lab.append(1_000);
    const view = await opened();
    view.freeze();
    view.hideBefore(500);
    const before = view.generation;
    lab.restart('session-2');
    lab.append(2);
    lab.flush();
    expect([view.generation, view.length, view.start, view.isFrozen, view.row(999)]).toEqual([before + 1, 2, 0, false, undefined]);
    expect(view.row(1)?.seq).toBe(1);
  });

  test('a page that was on its way when another session began is not taken for its rows', async () => {
    lab.append(1_000);
    const view = await opened();
    const gate = Promise.withResolvers<void>();
    lab.gate = gate.promise;
    view.want(0, 40);
    lab.restart('session-2');
    lab.append(1_000, (seq) => logRow(seq + 5_000));
    lab.flush();
    gate.resolve();
    await settled();
    expect([view.row(0), view.row(999)?.seq]).toEqual([undefined, 5_999]);
  });

  test('a broken expression is its problem, and it is empty', async () => {
    lab.append(10);
    const view = await opened({ sessionId: null, filter: { pattern: { text: '(', isRegexp: true, isCaseSensitive: false } } });
    expect([view.length, view.problem?.code]).toEqual([0, 'bad-request']);
    await expect(view.judged()).rejects.toMatchObject({ code: 'bad-request' });
  });

  test('judged waits for the rows there are', async () => {
    lab.append(100);
    lab.judgedAtOnce = 60;
    const view = await opened({ sessionId: null, filter: { ports: ['COM1'] } });
    const judged = view.judged();
    expect(await Promise.race([judged.then(() => 'judged'), settled().then(() => 'waiting')])).toBe('waiting');
    lab.flush();
    frames.next();
    await judged;
    expect(view.length).toBe(34);
  });

  test('it is open while anybody has it open', async () => {
    const view = new LogView(lab, { sessionId: null });
    const [first, second] = [view.open(), view.open()];
    first();
    first();
    expect(lab.openViews).toBe(1);
    second();
    expect(lab.openViews).toBe(0);
  });
});
