import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeBlock } from '../../../../../../main/core/logs/block.ts';
import type { BookRow } from '../../../../../../main/core/logs/row.ts';
import { importFile } from '../../../../../../main/core/sessions/import/import-file.ts';
import { createSessions, type Sessions } from '../../../../../../main/core/sessions/sessions.ts';
import { toBlockRow } from '../../../../../../main/core/store/block-row.ts';
import { checkSessionFile } from '../../../../../../main/core/store/session-check.ts';
import type { Store } from '../../../../../../main/core/store/store.ts';
import { sampleConversation } from '../../../../../fakes/sample-conversation.ts';
import { logRow, openTestBench, recordRows, silentLog, storedRows, type TestBench } from '../../../../../fakes/store.ts';

const context = { signal: new AbortController().signal, role: 'operator' as const };
const port = 'COM7';
let bench: TestBench;
let sessions: Sessions;
let data: Uint8Array;
let turns: unknown;
let id: string;

beforeEach(async () => {
  bench = await openTestBench();
  sessions = await createSessions({ ...bench, log: silentLog });
  id = bench.recorder.ensureSession('whole').id;
  for (const event of sampleConversation().events) bench.recorder.event(event);
  recordRows(bench.recorder, [logRow(port, 0, 'one'), logRow(port, 1, 'two', { level: 'error' })]);
  await bench.recorder.stop();
  await sessions.calls['sessions.update']({ id, note: 'seen' }, context);
  turns = (await sessions.calls['sessions.show']({ id }, context)).turns;
  ({ data } = await sessions.calls['sessions.export']({ id, includeIdentities: true }, context));
  await sessions.calls['sessions.remove']({ id }, context);
}, 60_000);
afterEach(async () => {
  sessions.close();
  await bench.close();
});

/** The exported file as somebody else left it. */
function edited(edit: (file: Database.Database) => void): string {
  const path = join(bench.folder, 'edited.db');
  writeFileSync(path, data);
  const file = new Database(path);
  edit(file);
  file.close();
  return path;
}

function whatIsWrong(edit: (file: Database.Database) => void): string | null {
  try {
    checkSessionFile(edited(edit));
    return null;
  } catch (error) {
    return (error as { value: { data: { reason: string } } }).value.data.reason;
  }
}

const bodyOf = (more: object) => JSON.stringify({ kind: 'stt.partial', atUs: 0, conversationId: 'c', text: '', ...more });

/** Puts an event with this JSON at the end. */
function addEvent(file: Database.Database, body: string, kind = 'stt.partial'): void {
  const key = file.prepare('SELECT session_key FROM session').pluck().get();
  const conversation = file.prepare('SELECT conversation_key FROM conversation').pluck().get();
  const ordinal = file.prepare('SELECT max(ordinal) + 1 FROM event').pluck().get();
  file.prepare('INSERT INTO event VALUES (?, ?, 0, ?, ?, NULL, ?, NULL)').run(key, ordinal, kind, conversation, body);
}

const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** The last event and the notes on instants of the checked file. */
function afterCheck(edit: (file: Database.Database) => void): { event: unknown; notes: string[] } {
  const path = edited(edit);
  checkSessionFile(path);
  const file = new Database(path, { readonly: true });
  const event: unknown = JSON.parse(String(file.prepare('SELECT body FROM event ORDER BY ordinal DESC LIMIT 1').pluck().get()));
  const notes = file.prepare<[], string>('SELECT text FROM note WHERE at_us IS NOT NULL').pluck().all();
  file.close();
  return { event, notes };
}

// Nothing limits what is recorded, and the export of such a session was refused whole.
describe('of an event that is larger than a reader can take, words stand in the place', () => {
  const result = (value: string) =>
    bodyOf({ kind: 'tool.result', turnId: 1, callId: 'a', name: 'find', isOk: true, elapsedUs: 1, result: 0 }).replace(
      '"result":0',
      `"result":${value}`,
    );

  test('of what nests too deep, and the rest of it stays', () => {
    const put = (levels: number) =>
      afterCheck((file) => addEvent(file, result(`{"a":${deep(levels)},"b":"as [[ \\" it was"}`), 'tool.result'));
    expect(put(998)).toMatchObject({ event: { result: { b: 'as [[ " it was' } }, notes: [] });
    const { event, notes } = put(5000);
    expect(event).toMatchObject({ name: 'find', result: { b: 'as [[ " it was' } });
    expect(JSON.stringify(event)).toContain(`${'['.repeat(998)}"left out at the import: nests deeper than 1000"${']'.repeat(998)}`);
    expect(notes).toEqual([expect.stringMatching(/^Left out at the import, .*: values of tool\.result \(\d+\)\.$/)]);
  });

  test.each([
    ['a text', JSON.stringify('字"'.repeat(3 << 20)), 'left out at the import: 9437186 characters'],
    ['a list', `[${'1,'.repeat(5 << 20)}1]`, { leftOut: 'left out at the import: 10485763 characters' }],
  ])('of %s that is too long', async (_, value, words) => {
    const edit = (file: Database.Database) => addEvent(file, result(value), 'tool.result');
    expect(afterCheck(edit)).toMatchObject({ event: { name: 'find', result: words }, notes: [expect.stringContaining('tool.result')] });
    await bench.store.write('session.import', { path: join(bench.folder, 'edited.db'), newId: 'new', cancelled: new SharedArrayBuffer(4) });
    expect((await sessions.calls['sessions.show']({ id }, context)).turns).toHaveLength((turns as unknown[]).length);
  });

  test('and where they can stand for none of it, it is refused', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`more${i}`, 'x'.repeat(250_000)]));
    expect(whatIsWrong((file) => addEvent(file, bodyOf(many)))).toMatch(/^event \d+ is too long$/);
    expect(whatIsWrong((file) => addEvent(file, bodyOf({ atUs: 0, text: ['x'.repeat(9 << 20)] })))).toMatch(
      /^event \d+ is of no known shape$/,
    );
    expect(whatIsWrong((file) => addEvent(file, `{"text":${deep(5000)}]`))).toMatch(/^event \d+ is not JSON$/);
  });
});

describe('a file from elsewhere is refused', () => {
  // It was let in, and its reader ended each time that it was asked for.
  test('with a flash job that nests deeper than can be carried', () => {
    const job = (levels: number) => `{"address":"COM7","state":"done","stages":[],"chip":null,"files":[],"nvs":${deep(levels)}}`;
    const addJob = (body: string) => (file: Database.Database) =>
      file.prepare("INSERT INTO flash_job SELECT session_key, 'j', 0, 'COM7', ? FROM session").run(body);
    expect(whatIsWrong(addJob(job(100)))).toBe(null);
    expect(whatIsWrong(addJob(job(5000)))).toBe('flash job j nests too deep');
    expect(whatIsWrong(addJob(job(5000)))).toBe('flash job j nests too deep');
  });

  test.each([
    ['session', 'title', 200],
    ['session', 'app_version', 100],
    ['note', 'text', 20_000],
    ['conversation', 'device_name', 2000],
    ['conversation', 'gateway', 2000],
    ['conversation', 'close_reason', 2000],
    ['bookmark', 'note', 2000],
  ])('where %s.%s is longer than %i characters', (table, column, most) => {
    const put = (length: number) => (file: Database.Database) => {
      file.exec("INSERT INTO bookmark SELECT session_key, 0, '', 'red' FROM session");
      file.prepare(`UPDATE ${table} SET ${column} = ?`).run('字'.repeat(length));
    };
    expect(whatIsWrong(put(most))).toBe(null);
    expect(whatIsWrong(put(most + 1))).toBe(`${table}.${column} is of no known shape or too long`);
  });

  test('where a port has a longer address than can be opened', () => {
    const add = (address: string) => (file: Database.Database) => {
      const columns = 'session_key, address';
      file.prepare(`INSERT INTO port (${columns}) SELECT session_key, ? FROM session`).run(address);
    };
    expect(whatIsWrong(add('p'.repeat(512)))).toBe(null);
    expect(whatIsWrong(add('p'.repeat(513)))).toBe('port.address is of no known shape or too long');
  });

  test('with a packet larger than any of ours, or an event of two kinds', () => {
    const long = 'x'.repeat(8_000_000);
    expect(afterCheck((file) => addEvent(file, bodyOf({ text: long })))).toMatchObject({ event: { text: long }, notes: [] });
    expect(whatIsWrong((file) => file.exec('UPDATE event SET bytes = zeroblob(8388609) WHERE ordinal = 0'))).toBe(
      'event.bytes is too long',
    );
    expect(whatIsWrong((file) => addEvent(file, bodyOf({}), 'stt.final'))).toMatch(/^event \d+ is of two kinds$/);
  });
});

describe('an import', () => {
  // One of 115 MB held the thread that records for 2.9 s.
  test('cuts a block of the log that is larger than what is copied in one step', async () => {
    const rows = Array.from({ length: 300 }, (_, seq) =>
      logRow(port, seq, `${seq} ${'长x'.repeat(5_000)}`, { level: 'warn', payload: { seq } }),
    );
    const edit = (texts: readonly BookRow[]) => (file: Database.Database) => {
      const row = toBlockRow(encodeBlock(texts));
      const values = Object.keys(row).map((column) => `${column} = @${column}`);
      file.prepare(`UPDATE log_block SET ${values.join(', ')}`).run(row);
    };
    const path = edited(edit(rows));
    checkSessionFile(path);
    const file = new Database(path, { readonly: true });
    const sizes = file
      .prepare('SELECT octet_length(text) + octet_length(columns) + octet_length(facts) FROM log_block')
      .pluck()
      .all() as number[];
    file.close();
    expect(sizes.length).toBeGreaterThan(5);
    expect(Math.max(...sizes)).toBeLessThan(1.1 * 2 ** 20);
    await bench.store.write('session.import', { path, newId: 'new', cancelled: new SharedArrayBuffer(4) });
    const stored = await storedRows(bench.store, id);
    const told = ({ seq, text, message, level, payload }: BookRow) => ({ seq, text, message, level, payload });
    expect(stored.map(told)).toEqual(rows.map(told));
    expect(whatIsWrong(edit([logRow(port, 0, 'one'), logRow(port, 1, 'x'.repeat(9 << 20))]))).toBe('row 1 of the log is too long');
  });

  // The export of such a session was refused.
  test('takes back what was said in one turn, however long: its row has the beginning, its events all of it', async () => {
    const { id: own } = bench.recorder.ensureSession('long');
    const text = '长'.repeat(120_000);
    for (const event of sampleConversation().events)
      if (event.kind !== 'turn.ended' || event.turnId !== 1) bench.recorder.event(event);
      else bench.recorder.event({ ...event, userText: text, replyText: text, heardText: text });
    await bench.recorder.stop();
    const recorded = await sessions.calls['sessions.show']({ id: own }, context);
    const { data: exported } = await sessions.calls['sessions.export']({ id: own, includeIdentities: true }, context);
    await sessions.calls['sessions.remove']({ id: own }, context);
    const { id: again } = await sessions.calls['sessions.import']({ data: exported }, context);
    const { turns: imported } = await sessions.calls['sessions.show']({ id: again }, context);
    expect(imported).toEqual(recorded.turns);
    expect(imported[0]?.replyText).toMatch(/^长{64536}… \[.*\]$/);
    const { events } = await sessions.calls['sessions.events']({ id: again, afterOrdinal: -1, limit: 1, kinds: ['turn.ended'] }, context);
    expect(events[0]?.event).toMatchObject({ replyText: text });
  });

  test('has the turns and counts of what is there, whatever the file says', async () => {
    const path = edited((file) => {
      file.exec("UPDATE turn SET reply_text = 'never said'; DELETE FROM metric; UPDATE port SET row_count = 9");
      file.exec('UPDATE log_block SET error_count = 0, first_us = 7');
      file.exec("INSERT INTO turn SELECT NULL, conversation_key, 99, 'greeting', NULL, 0, NULL, '', 'more', '', '{}' FROM conversation");
    });
    checkSessionFile(path);
    const file = new Database(path, { readonly: true });
    expect(file.prepare('SELECT count(*) FROM turn WHERE turn_id = 99').pluck().get()).toBe(0);
    expect(file.prepare('SELECT error_count FROM log_block').pluck().get()).toBe(1);
    file.close();
    await bench.store.write('session.import', { path, newId: 'new', cancelled: new SharedArrayBuffer(4) });
    const detail = await sessions.calls['sessions.show']({ id }, context);
    expect(detail.turns).toEqual(turns);
    expect(detail.ports).toMatchObject([{ address: port, rowCount: 2 }]);
    const text = detail.turns.find(({ replyText }) => replyText.length > 3)?.replyText.slice(0, 4) ?? '';
    expect(await bench.store.read('text.find', { text, limit: 50 })).toContainEqual(
      expect.objectContaining({ kind: 'turn', sessionId: id }),
    );
    expect(await bench.store.read('text.find', { text: 'never said', limit: 50 })).toEqual([]);
  });

  test('is exported without what its author wrote where our version stands', async () => {
    const imei = '867123456789012';
    const path = edited((file) => file.prepare('UPDATE session SET app_version = ?').run(`for ${imei}`));
    await bench.store.bulk('session.check', { path });
    await bench.store.write('session.import', { path, newId: 'new', cancelled: new SharedArrayBuffer(4) });
    const again = await sessions.calls['sessions.export']({ id, includeIdentities: false }, context);
    expect(Buffer.from(again.data).includes(imei)).toBe(false);
    expect(Buffer.from(again.data).includes(`for ${'*'.repeat(15)}`)).toBe(true);
  });

  // A conversation of 300,000 events was parsed and derived in one go, and what was recorded meanwhile waited for it.
  test('leaves all that takes long to the check: the thread that records copies rows and reads none', async () => {
    const path = edited((file) => addEvent(file, 'no JSON'));
    expect(await bench.store.write('session.import', { path, newId: 'new', cancelled: new SharedArrayBuffer(4) })).toEqual({ id });
    await expect(bench.store.bulk('session.check', { path })).rejects.toMatchObject({ value: { code: 'session/bad-file' } });
  });

  test.each(['before', 'while'] as const)('that is cancelled %s it is copied leaves nothing', async (when) => {
    const abort = new AbortController();
    const store: Store = {
      ...bench.store,
      async bulk(name, body, options) {
        const reply = await bench.store.bulk(name, body, options);
        if (when === 'before') abort.abort();
        return reply;
      },
      write(name, body) {
        const reply = bench.store.write(name, body);
        if (when === 'while') abort.abort();
        return reply;
      },
    };
    // Longer than a slice.
    const path = edited((file) => {
      for (let i = 0; i < 4; i++) addEvent(file, bodyOf({ text: 'x'.repeat(2 << 20) }));
    });
    const file = new Database(path);
    const large = new Uint8Array(file.serialize());
    file.close();
    const result = importFile({ store, clock: bench.clock, data: large, fileName: undefined, signal: abort.signal });
    await expect(result).rejects.toMatchObject({ value: { code: 'cancelled' } });
    expect((await sessions.calls['sessions.list']({ limit: 10 }, context)).sessions).toEqual([]);
    const library = new Database(bench.path, { readonly: true });
    expect(library.prepare('SELECT count(*) FROM session').pluck().get()).toBe(0);
    library.close();
  });
});
