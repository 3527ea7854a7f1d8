import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Judge } from '../../../../../main/core/logs/judge.ts';
import type { BookRow } from '../../../../../main/core/logs/row.ts';
import type { BulkRequests, LogExportRequest, LogScanRequest, ReplyOf } from '../../../../../main/core/store/requests.ts';
import type { LogFilter } from '../../../../../preload/contract/logs.ts';
import { logRow, openTestBench, recordRows, storedRows, type TestBench } from '../../../../fakes/store.ts';

const ROWS = 3000;
const levels = ['error', 'warn', 'info', undefined] as const;
const secret = 'c2VjcmV0LWtleS0xMjM=';
const imei = '867123456789012';
let bench: TestBench;
let sessionId: string;
let rows: BookRow[];

/** Two ports, blocks of several sizes, levels and tags, a gap in the seqs, and things that must not leave the house. */
beforeAll(async () => {
  bench = await openTestBench();
  sessionId = bench.recorder.ensureSession('log').id;
  rows = [];
  for (let seq = 0, size = 1; seq < ROWS; size = (size * 7) % 613) {
    const part = Array.from({ length: Math.min(size, ROWS - seq) }, (_, index) => rowOf(seq + index));
    seq += part.length;
    // One block was lost on the way.
    if (rows.length > 0 && size === 7 ** 3)
      for (const { port, raw } of part) bench.recorder.raw({ port, direction: 'received', atUs: bench.clock.nowUs(), bytes: raw });
    else rows.push(...recordRows(bench.recorder, part));
    if (size % 5 === 0) await bench.store.flush();
  }
  await bench.recorder.stop();
});
afterAll(() => bench.close());

function rowOf(seq: number): BookRow {
  const text = seq === 5 ? `psk=${secret}` : seq === 6 ? `+CGSN: ${imei}` : seq % 10 === 0 ? `唤醒 ${seq}, "ok"` : `wifi ${seq % 3}`;
  const level = levels[seq % 4];
  return logRow(seq % 3 === 0 ? 'COM8' : 'COM7', seq, text, {
    ...(level === undefined ? {} : { level }),
    ...(seq % 2 === 0 ? { tag: 'wifi' } : {}),
    ...(seq % 500 === 0 ? { event: 'panic', payload: { seq } } : {}),
    isRepeat: seq % 4 !== 0,
  });
}

/** All slices of a search, put together. */
async function scan(filter: LogFilter, sliceRows: number) {
  const found: { seq: number; atUs: number; level: number; port?: string | undefined; isCounted?: number | undefined }[] = [];
  let wantedPorts: readonly string[] = [];
  for (let fromSeq = 0; fromSeq < ROWS; fromSeq += sliceRows) {
    const request: LogScanRequest = { sessionId, filter, fromSeq, toSeq: fromSeq + sliceRows, wantedPorts };
    const reply = await bench.store.bulk('log.scan', request);
    ({ wantedPorts } = reply);
    for (const [index, seq] of reply.seqs.entries()) {
      const { portOf, isCounted, ports } = reply;
      const collapsed = portOf === undefined ? {} : { port: ports[portOf[index] ?? -1], isCounted: isCounted?.[index] };
      found.push({ seq, atUs: reply.atUs[index] ?? -1, level: reply.levels[index] ?? -1, ...collapsed });
    }
  }
  return found;
}

describe('a search of a stored log', () => {
  test.each<LogFilter>([
    {},
    { pattern: { text: '唤醒', isRegexp: false, isCaseSensitive: true } },
    { pattern: { text: 'WIFI [12]$', isRegexp: true, isCaseSensitive: false }, minimumLevel: 'warn' },
    { ports: ['COM8'], tags: ['wifi'], exclude: [{ text: '唤', isRegexp: false, isCaseSensitive: false }] },
    { events: [] },
    { fromUs: 1_200_000, toUs: 1_900_000.5 },
    { toUs: 1_700_000, collapseRepeats: true },
    { collapseRepeats: true },
    { collapseRepeats: true, pattern: { text: 'wifi', isRegexp: false, isCaseSensitive: false }, ports: ['COM7'] },
  ])('finds what a judge of its rows finds, in slices of any size: %j', async (filter) => {
    const expected: unknown[] = [];
    new Judge(filter).judge(rows, ({ seq, atUs, port, level }, isCounted) => {
      const collapsed = filter.collapseRepeats === true ? { port, isCounted: Number(isCounted) } : {};
      expected.push({ seq, atUs, level: level === undefined ? 0 : ['error', 'warn', 'info'].indexOf(level) + 1, ...collapsed });
    });
    expect(expected.length).toBeGreaterThan(5);
    for (const sliceRows of [ROWS, 700, 333]) expect(await scan(filter, sliceRows)).toEqual(expected);
  });

  test('refuses what is no expression and no session', async () => {
    const request = { sessionId, filter: { pattern: { text: '(', isRegexp: true, isCaseSensitive: true } }, fromSeq: 0, toSeq: 10 };
    await expect(bench.store.bulk('log.scan', request)).rejects.toMatchObject({ value: { code: 'bad-request' } });
    const elsewhere = bench.store.bulk('log.scan', { ...request, filter: {}, sessionId: 'nope' });
    await expect(elsewhere).rejects.toMatchObject({ value: { code: 'session/not-found' } });
  });

  test('with a regexp that never ends is given up, and recording and reading go on beside it', async () => {
    const hostileBench = await openTestBench();
    const { id } = hostileBench.recorder.ensureSession();
    recordRows(hostileBench.recorder, [logRow('COM7', 0, 'boot'), logRow('COM7', 1, `a${'a'.repeat(40)}!`)]);
    await hostileBench.recorder.stop();
    const { store } = hostileBench;
    const wanted = (text: string): LogScanRequest => {
      return { sessionId: id, filter: { pattern: { text, isRegexp: true, isCaseSensitive: false } }, fromSeq: 0, toSeq: 10 };
    };
    const abort = new AbortController();
    const hostile = store.bulk('log.scan', wanted('^(a+)+$'), { signal: abort.signal });
    const overdue = store.bulk('log.scan', wanted('^(a+)+$'), { timeoutMs: 300 });
    hostileBench.recorder.ensureSession('beside');
    await store.flush();
    expect(await store.read('session.list', { limit: 5 })).toHaveLength(2);
    await expect(overdue).rejects.toMatchObject({ value: { code: 'timeout' } });
    abort.abort();
    await expect(hostile).rejects.toMatchObject({ value: { code: 'cancelled' } });
    expect([...(await store.bulk('log.scan', wanted('boot'))).seqs]).toEqual([0]);
    await hostileBench.close();
  });
});

describe('a stored log', () => {
  test('gives any of its rows, as they were, and none in place of one that was lost', async () => {
    expect(await storedRows(bench.store, sessionId)).toEqual(rows);
    const bySeq = new Map(rows.map((row) => [row.seq, row]));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(ROWS + 10), { maxLength: 60 }), async (list) => {
        const seqs = list.sort((a, b) => a - b);
        const expected = seqs.flatMap((seq) => bySeq.get(seq) ?? []);
        expect(await bench.store.read('log.window', { sessionId, seqs: Uint32Array.from(seqs) })).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test('is known without its rows: blocks with times and severities, tags, ports', async () => {
    const index = await bench.store.read('log.blocks', { sessionId });
    const blocks = [...index.firstSeqs].map((firstSeq, at) => {
      const inBlock = rows.filter(({ seq }) => seq >= firstSeq && seq < firstSeq + (index.rowCounts[at] ?? 0));
      const countOf = (level: string) => inBlock.filter((row) => row.level === level).length;
      expect([index.firstUs[at], index.lastUs[at]]).toEqual([inBlock[0]?.atUs, inBlock.at(-1)?.atUs]);
      expect([index.errors[at], index.warns[at], index.infos[at]]).toEqual([countOf('error'), countOf('warn'), countOf('info')]);
      return inBlock.length;
    });
    expect(index.length).toBe(ROWS);
    expect(blocks.reduce((sum, count) => sum + count, 0)).toBe(rows.length);
    // They came in more pieces than that.
    expect(blocks.length).toBeLessThanOrEqual(5);
    expect(await bench.store.read('log.tags', { sessionId })).toEqual({
      tags: [{ tag: 'wifi', rows: rows.filter(({ tag }) => tag !== undefined).length }],
      ports: ['COM8', 'COM7'],
    });
  });

  test('keeps bookmarks until they are removed', async () => {
    const mark = (seq: number, note: string | null) =>
      bench.store.write('log.mark', { sessionId, seq, mark: note === null ? null : { note, colour: 'red' } });
    expect(await Promise.all([mark(9, 'late'), mark(2, 'early'), mark(2, 'changed'), mark(5, 'gone')])).toContainEqual({ found: true });
    await mark(5, null);
    const marks = await bench.store.read('log.marks', { sessionId });
    expect(marks.map(({ seq, note }) => [seq, note])).toEqual([
      [2, 'changed'],
      [9, 'late'],
    ]);
    expect(await bench.store.write('log.mark', { sessionId: 'nope', seq: 0, mark: null })).toEqual({ found: false });
  });
});

describe('a log as a file', () => {
  const style = { hostTime: 'elapsed' as const, deviceTime: false, port: true, messageOnly: false };
  /** The pieces and how many rows were said to be done after each. */
  async function pieces(request: Partial<LogExportRequest> & Pick<LogExportRequest, 'format'>, pieceBytes = 4096) {
    const data: Buffer[] = [];
    const done: number[] = [];
    let cursor: string | null = null;
    do {
      const whole: LogExportRequest = {
        sessionId,
        filter: {},
        style,
        includeIdentities: false,
        secrets: [secret],
        cursor,
        pieceBytes,
        ...request,
      };
      const piece: ReplyOf<BulkRequests, 'log.export'> = await bench.store.bulk('log.export', { ...whole, cursor });
      data.push(Buffer.from(piece.data));
      done.push(piece.doneRows);
      cursor = piece.cursor;
    } while (cursor !== null);
    return { text: Buffer.concat(data).toString(), done };
  }
  const hidden = (text: string) => text.replace(secret, '*'.repeat(secret.length)).replace(imei, '*'.repeat(15));

  test('is every row in text, in pieces that join without a seam, secrets and identities blacked out', async () => {
    const { text, done } = await pieces({ format: 'text' });
    const expected = rows.map((row) => `${(row.atUs / 1e6).toFixed(6).padStart(12)} ${row.port} ${hidden(row.text)}\n`);
    expect(text).toBe(expected.join(''));
    expect(done.length).toBeGreaterThan(2);
    expect(done.at(-1)).toBe(rows.length);
    expect((await pieces({ format: 'text', includeIdentities: true })).text).toContain(imei);
  });

  test('is a filter’s rows in JSON lines, with their bytes', async () => {
    const { text } = await pieces({ format: 'jsonl', filter: { ports: ['COM7'], collapseRepeats: true } });
    const wanted: BookRow[] = [];
    new Judge({ ports: ['COM7'], collapseRepeats: true }).judge(rows, (row, isCounted) => isCounted || wanted.push(row));
    const lines = text.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(wanted.map(({ seq }) => seq));
    const { text: all } = await pieces({ format: 'jsonl', filter: {} });
    expect(all).not.toContain(secret);
    const line = JSON.parse(all.split('\n')[5] ?? '') as { rawBase64: string; text: string };
    expect(Buffer.from(line.rawBase64, 'base64').toString()).toBe(`${hidden(`psk=${secret}`)}\r\n`);
  });

  test('is a table whose cells are text to a spreadsheet', async () => {
    const { text } = await pieces({ format: 'csv' });
    const lines = text.split('\r\n');
    expect(lines[0]).toMatch(/^seq,time,seconds,/);
    expect(lines).toHaveLength(rows.length + 2);
    expect(lines[1]).toMatch(/,"COM8","received","error","wifi",,,,"panic","唤醒 0, ""ok""","唤醒 0, ""ok""","{""seq"":0}"$/);
    expect(lines[7]).toContain(`,"'+CGSN: ${'*'.repeat(15)}",`);
  });

  test('is what was received of a port, rows or not, or the bytes of the rows wanted', async () => {
    const received = (port: string) => Array.from({ length: ROWS }, (_, seq) => rowOf(seq)).filter((row) => row.port === port);
    for (const pieceBytes of [100, 5000, 1 << 20]) {
      const { text, done } = await pieces({ format: 'raw', filter: { ports: ['COM8'] } }, pieceBytes);
      expect(text).toBe(
        received('COM8')
          .map((row) => `${hidden(row.text)}\r\n`)
          .join(''),
      );
      expect(done).toEqual(done.toSorted((a, b) => a - b));
    }
    const pattern = { text: '唤醒', isRegexp: false, isCaseSensitive: true };
    const { text } = await pieces({ format: 'raw', filter: { ports: ['COM8'], pattern } });
    expect(text).toBe(
      rows
        .filter((row) => row.port === 'COM8' && row.text.includes('唤醒'))
        .map((row) => `${row.text}\r\n`)
        .join(''),
    );
    await expect(pieces({ format: 'raw' })).rejects.toMatchObject({ value: { code: 'bad-request' } });
    await expect(bench.store.bulk('log.export', exportOf('{}'))).rejects.toMatchObject({ value: { code: 'bad-request' } });
    await expect(bench.store.bulk('log.export', exportOf('x'))).rejects.toMatchObject({ value: { code: 'bad-request' } });
  });

  const exportOf = (cursor: string): LogExportRequest => {
    return { sessionId, filter: {}, style, includeIdentities: false, secrets: [], cursor, pieceBytes: 100, format: 'text' };
  };
});

describe('a line that was cut into rows', () => {
  const [begin, end] = [secret.slice(0, 9), secret.slice(9)];
  const between = Array.from({ length: 1500 }, (_, at) => logRow('COM8', 1 + at, `plain ${at}`));
  const lastSeq = between.length + 1;
  const cut = (seq: number, text: string, more: Partial<BookRow> = {}) =>
    logRow('COM7', seq, text, { raw: new Uint8Array(Buffer.from(text)), ...more });
  let id: string;
  beforeAll(async () => {
    ({ id } = bench.recorder.ensureSession('cut'));
    recordRows(bench.recorder, [
      cut(0, `password=${begin}`, { message: begin, payload: { value: begin } }),
      ...between,
      cut(lastSeq, `${end} end\r\n`, { text: `${end} end`, message: `${end} end`, continues: 0 }),
    ]);
    await bench.recorder.stop();
  });

  async function piecesOf(format: LogExportRequest['format'], filter: LogFilter): Promise<string[]> {
    const style = { hostTime: 'none', deviceTime: false, port: false, messageOnly: false } as const;
    // Of a stream a piece is never as short as what is looked for.
    const pieceBytes = format === 'raw' ? 1 << 20 : 10;
    const pieces: string[] = [];
    for (let cursor: string | null = null; ; ) {
      const body = { sessionId: id, filter, format, style, includeIdentities: false, secrets: [secret], cursor, pieceBytes };
      const piece: ReplyOf<BulkRequests, 'log.export'> = await bench.store.bulk('log.export', body);
      pieces.push(Buffer.from(piece.data).toString());
      if (piece.cursor === null) return pieces;
      ({ cursor } = piece);
    }
  }

  // Each row was redacted as it stands, and half a key stood in each.
  test.each(['text', 'csv', 'jsonl', 'raw'] as const)(
    'has no part of a secret that lies across them in %s, in no piece and by no filter',
    async (format) => {
      for (const text of ['', '=', ' end', 'no row of it']) {
        const pattern = { text, isRegexp: false, isCaseSensitive: true };
        const pieces = await piecesOf(format, { ports: ['COM7'], ...(text === '' ? {} : { pattern }) });
        if (text === '' && format !== 'raw') expect(pieces.length).toBeGreaterThan(1);
        const told = pieces.join('');
        const bytes =
          format === 'jsonl'
            ? Array.from(told.matchAll(/"rawBase64":"([^"]*)"/g), ([, base64]) => Buffer.from(base64 ?? '', 'base64').toString())
            : [];
        for (const gone of [begin, end])
          expect([gone, told.includes(gone), bytes.some((each) => each.includes(gone))]).toEqual([gone, false, false]);
        if (text !== 'no row of it' && text !== ' end') expect(told).toContain('password=*********');
        if (text === ' end' || text === '') expect(told).toContain('*********** end');
        if (format === 'jsonl' && text === '') expect(bytes).toEqual(['password=*********', '*********** end\r\n']);
      }
    },
  );
});
