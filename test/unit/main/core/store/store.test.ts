import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeBlock } from '../../../../../main/core/logs/block.ts';
import { SCHEMA_VERSION } from '../../../../../main/core/store/migrations/index.ts';
import { openStore } from '../../../../../main/core/store/store.ts';
import { isTalkError } from '../../../../../preload/contract/errors.ts';
import { logRow, openTestBench, recordRows, silentLog, storedRows, type TestBench } from '../../../../fakes/store.ts';

const port = '/dev/ttyUSB0';
let bench: TestBench;

beforeEach(async () => {
  bench = await openTestBench();
});
afterEach(() => bench.close());

describe('the store', () => {
  test('keeps a log line exactly, whatever its bytes and fields', async () => {
    const { id } = bench.recorder.ensureSession();
    const rows = recordRows(bench.recorder, [
      logRow(port, 0, 'plain'),
      logRow(port, 1, '唤醒词 detected', { level: 'warn', tag: 'wake', deviceMs: 12.5, event: 'wake', payload: { word: '你好' } }),
      logRow('COM7', 2, 'green', { raw: new Uint8Array(Buffer.from('\x1b[0;32mgreen\x1b[0m\r\n')), colours: [[0, 5, 32]] }),
      logRow(port, 3, 'bad \ufffd byte', {
        raw: new Uint8Array([0x62, 0x61, 0x64, 0x20, 0xff, 0x20, 0x62, 0x79, 0x74, 0x65, 0x0a]),
        continues: 2,
      }),
      logRow(port, 4, 'no end of line', { raw: new Uint8Array(Buffer.from('no end of line')), message: 'line', direction: 'sent' }),
      logRow(port, 5, 'port.opened', { raw: new Uint8Array(0), direction: 'notice', event: 'port.opened', isRepeat: true }),
    ]);
    await bench.store.flush();
    expect(await storedRows(bench.store, id)).toEqual(rows);
    const { ports } = (await bench.store.read('session.detail', { id })) ?? {};
    expect(ports?.map(({ address, rowCount }) => [address, rowCount])).toEqual([
      [port, 5],
      ['COM7', 1],
    ]);
  });

  test('gives a row the bytes of its text where the stream has a gap', async () => {
    const { id } = bench.recorder.ensureSession();
    const bytes = new Uint8Array(Buffer.from('one\r\ntwo\r\n'));
    const atUs = bench.clock.nowUs();
    const at = bench.recorder.raw({ port, direction: 'received', atUs, bytes });
    bench.recorder.rows(encodeBlock([logRow(port, 0, 'two', { offset: at + 5 }), logRow(port, 1, 'three', { offset: at + 10 })]));
    await bench.store.flush();
    const rows = await storedRows(bench.store, id);
    expect(rows.map(({ raw }) => Buffer.from(raw).toString())).toEqual(['two\r\n', 'three']);
  });

  test('stores a batch although one of its blocks breaks a rule, and counts the rows of that one', async () => {
    const { id } = bench.recorder.ensureSession();
    recordRows(bench.recorder, [logRow(port, 0, 'before')]);
    bench.recorder.rows({ ...encodeBlock([logRow(port, 1, 'x'), logRow(port, 2, 'y')]), firstUs: 0.5 });
    recordRows(bench.recorder, [logRow(port, 3, 'after')]);
    await bench.store.flush();
    expect((await storedRows(bench.store, id)).map((row) => row.text)).toEqual(['before', 'after']);
    expect(bench.store.status.droppedCount).toBe(2);
    await bench.recorder.stop();
    expect(await bench.store.read('session.summary', { id })).toMatchObject({ droppedCount: 2, logRowCount: 2 });
  });

  test('takes rows that still come while a session is told to end, and none after', async () => {
    const { id } = bench.recorder.ensureSession();
    recordRows(bench.recorder, [logRow(port, 0, 'before')]);
    bench.recorder.onChange(() => bench.recorder.rows(encodeBlock([logRow(port, 1, 'last')])));
    await bench.recorder.stop();
    bench.recorder.rows(encodeBlock([logRow(port, 2, 'late')]));
    await bench.store.flush();
    expect((await storedRows(bench.store, id)).map((row) => row.text)).toEqual(['before', 'last']);
  });

  test('loses at most the last commit interval when its process is killed, and the next start says so', async () => {
    const path = join(bench.folder, 'killed.db');
    const child = spawn(process.execPath, [join(import.meta.dirname, 'kill-nine.child.ts'), path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let sessionId = '';
    let committed = 0;
    let commits = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      const [word, value = ''] = line.split(' ');
      if (word === 'session') sessionId = value;
      else {
        committed = Number(value);
        commits++;
      }
      // Nobody flushed: three commits in, the interval alone is what stores.
      if (commits === 3) {
        child.kill('SIGKILL');
        break;
      }
    }
    if (child.signalCode === null) await once(child, 'exit');

    const store = await openStore({ path, log: silentLog, onProblem: () => {} });
    try {
      expect(store.recoveredSessionIds).toEqual([sessionId]);
      const summary = await store.read('session.summary', { id: sessionId });
      const rows = await storedRows(store, sessionId);
      expect(summary?.state).toBe('recovered');
      expect(summary?.durationUs).toBe(rows.at(-1)?.atUs);
      expect(rows.length).toBeGreaterThanOrEqual(committed);
      expect(rows.map((row) => row.text)).toEqual(rows.map((_, seq) => `line ${seq}`));
    } finally {
      await store.close();
    }
    const again = await openStore({ path, log: silentLog, onProblem: () => {} });
    expect(again.recoveredSessionIds).toEqual([]);
    await again.close();
  });

  test('moves a damaged file aside, starts a fresh one and says so', async () => {
    bench.recorder.ensureSession('lost');
    await bench.store.flush();
    await bench.store.close();
    const bytes = readFileSync(bench.path);
    writeFileSync(bench.path, bytes.fill(0xa5, 2048));
    await bench.reopen();
    const [problem] = bench.problems;
    expect(problem).toMatchObject({ code: 'store/corrupt', data: { path: bench.path } });
    expect(existsSync(String(problem?.data.movedTo))).toBe(true);
    expect(await bench.store.read('session.list', { limit: 10 })).toEqual([]);
    bench.recorder.ensureSession('new');
    await bench.store.flush();
    expect(await bench.store.read('session.list', { limit: 10 })).toHaveLength(1);
  });

  test('treats a file that is no database, or another program’s, the same way', async () => {
    await bench.store.close();
    writeFileSync(bench.path, 'not a database, but long enough to be read as one'.repeat(100));
    await bench.reopen();
    expect(bench.problems.map(({ code }) => code)).toEqual(['store/corrupt']);
  });

  test('refuses a newer schema and leaves the file as it is', async () => {
    await bench.store.close();
    const database = new Database(bench.path);
    database.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
    database.close();
    const before = readFileSync(bench.path);
    const refused = openStore({ path: bench.path, log: silentLog, onProblem: () => {} });
    await expect(refused).rejects.toMatchObject({
      value: { code: 'store/newer-schema', data: { found: SCHEMA_VERSION + 1, supported: SCHEMA_VERSION } },
    });
    expect(readFileSync(bench.path)).toEqual(before);
  });

  test.skipIf(process.platform === 'win32')('makes its folder for its user alone', async () => {
    const folder = join(bench.folder, 'new');
    const store = await openStore({ path: join(folder, 'library.db'), log: silentLog, onProblem: () => {} });
    await store.close();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test('has one writer', async () => {
    const second = openStore({ path: bench.path, log: silentLog, onProblem: () => {} });
    await expect(second).rejects.toSatisfy((error: unknown) => isTalkError(error, 'store/locked'));
    await bench.reopen();
  });

  test.each(readdirSync(join(import.meta.dirname, '../../../../fixtures/databases')))('opens the released %s', async (name) => {
    const path = join(bench.folder, name);
    copyFileSync(join(import.meta.dirname, '../../../../fixtures/databases', name), path);
    const store = await openStore({ path, log: silentLog, onProblem: (problem) => expect(problem).toBeUndefined() });
    const [session] = await store.read('session.list', { limit: 10 });
    expect(session).toMatchObject({ title: 'fixture', state: 'closed', logRowCount: 2, turnCount: 1, note: 'kept' });
    const detail = await store.read('session.detail', { id: session?.id ?? '' });
    expect(detail?.turns[0]).toMatchObject({ userText: '今天天气怎么样', outcome: 'completed' });
    const rows = await storedRows(store, session?.id ?? '');
    expect(rows.map(({ seq, atUs, level, tag, message }) => [seq, atUs, level, tag, message])).toEqual([
      [0, 1000, 'info', 'boot', 'hello'],
      [1, 1200, undefined, undefined, 'world'],
    ]);
    expect(Buffer.from(rows[0]?.raw ?? []).toString()).toBe('I (1) boot: hello\r\n');
    expect(['world\r\n', '\x1b[32mworld\x1b[0m\r\n']).toContain(Buffer.from(rows[1]?.raw ?? []).toString());
    await store.close();
  });

  test('finds words of transcripts and notes, Chinese of any length', async () => {
    const base = { conversationId: 'c', turnId: 1, atUs: bench.clock.nowUs() };
    const { id } = bench.recorder.ensureSession();
    bench.recorder.event({ ...base, kind: 'turn.started', initiator: 'user-speech' });
    bench.recorder.event({
      ...base,
      kind: 'turn.ended',
      outcome: 'completed',
      userText: '今天天气怎么样',
      replyText: '100% sunny',
      heardText: '',
    });
    await bench.recorder.stop();
    await bench.store.write('session.update', { id, note: 'the weather "board"' });
    const find = async (text: string) => (await bench.store.read('text.find', { text, limit: 10 })).map((hit) => hit.kind);
    expect(await find('天气怎么')).toEqual(['turn']);
    expect(await find('天气')).toEqual(['turn']);
    expect(await find('"board"')).toEqual(['note']);
    expect(await find('0%')).toEqual(['turn']);
    expect(await find('0_')).toEqual([]);
    await bench.store.write('session.update', { id, note: '' });
    await bench.store.write('session.remove', { id });
    expect(await find('天气怎么')).toEqual([]);
    expect(await find('"board"')).toEqual([]);
  });

  test('removes a session with all that belongs to it', async () => {
    const { id } = bench.recorder.ensureSession();
    recordRows(bench.recorder, [logRow(port, 0, 'a')]);
    bench.recorder.raw({ port, direction: 'received', atUs: bench.clock.nowUs(), bytes: new Uint8Array(10) });
    bench.recorder.event({ kind: 'turn.started', conversationId: 'c', turnId: 1, initiator: 'greeting', atUs: bench.clock.nowUs() });
    await bench.recorder.stop();
    await bench.store.write('log.mark', { sessionId: id, seq: 0, mark: { note: 'here', colour: 'red' } });
    expect(await bench.store.write('session.remove', { id })).toEqual({ found: true });
    expect(await bench.store.write('session.remove', { id })).toEqual({ found: false });
    await bench.store.close();
    const database = new Database(bench.path, { readonly: true });
    for (const table of ['session', 'port', 'raw_chunk', 'log_block', 'bookmark', 'conversation', 'event', 'turn'])
      expect([table, database.prepare(`SELECT count(*) FROM ${table}`).pluck().get()]).toEqual([table, 0]);
    database.close();
    await bench.reopen();
  });
});

describe('a full disk', () => {
  test('is a problem on show, drops what finds no room, counts it, and ends when there is room again', async () => {
    await bench.close();
    bench = await openTestBench({ maximumBytes: 400_000, queueLimitBytes: 300_000 });
    const { id } = bench.recorder.ensureSession();
    await bench.store.flush();
    const bytes = new Uint8Array(50_000).fill(7);
    const write = () => bench.recorder.raw({ port, direction: 'received', atUs: bench.clock.nowUs(), bytes });
    for (let i = 0; i < 5; i++) write();
    await expect(bench.store.flush()).rejects.toSatisfy((error: unknown) => isTalkError(error, 'store/disk-full'));
    for (let i = 0; i < 5; i++) write();
    expect(bench.store.status).toMatchObject({ droppedCount: 5, problem: { code: 'store/disk-full' } });
    expect(bench.problems.map(({ code }) => code)).toEqual(['store/disk-full']);
    // Still readable, and another session's removal would not need room.
    expect(await bench.store.read('session.summary', { id })).toMatchObject({ state: 'recording', logRowCount: 0 });
    await bench.store.close();
    expect(bench.store.status.droppedCount).toBe(10);
    await bench.reopen({ maximumBytes: 10_000_000 });
    expect(bench.store.recoveredSessionIds).toEqual([id]);
  });

  test('keeps what waits and stores it when room is made', async () => {
    await bench.close();
    // Room for a library without rows (some 270 kB of empty tables) and for two of the three pieces.
    bench = await openTestBench({ maximumBytes: 640_000 });
    const old = bench.recorder.ensureSession('old');
    const write = () => bench.recorder.raw({ port, direction: 'received', atUs: bench.clock.nowUs(), bytes: new Uint8Array(150_000) });
    write();
    await bench.recorder.stop();
    const { id } = bench.recorder.ensureSession('new');
    write();
    write();
    await expect(bench.store.flush()).rejects.toSatisfy((error: unknown) => isTalkError(error, 'store/disk-full'));
    await bench.store.write('session.remove', { id: old.id });
    await bench.store.flush();
    expect(bench.store.status).toEqual({ droppedCount: 0, problem: null });
    expect((await bench.store.read('session.detail', { id }))?.ports).toMatchObject([{ rawBytes: 300_000 }]);
  });
});
