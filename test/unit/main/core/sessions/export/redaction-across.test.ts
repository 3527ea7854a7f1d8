import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BookRow } from '../../../../../../main/core/logs/row.ts';
import { createSessions, type Sessions } from '../../../../../../main/core/sessions/sessions.ts';
import { CrossingPieces } from '../../../../../../main/core/store/redact-crossing.ts';
import type { CallBody } from '../../../../../../preload/contract/index.ts';
import { sampleConversation } from '../../../../../fakes/sample-conversation.ts';
import { logRow, openTestBench, recordRows, silentLog, type TestBench } from '../../../../../fakes/store.ts';

const secret = 'c2VjcmV0LWtleS0xMjM=';
const port = '/dev/ttyUSB0';
const context = { signal: new AbortController().signal, role: 'operator' as const };
const halves = [secret.slice(0, 9), secret.slice(9)] as const;

let bench: TestBench;
let sessions: Sessions;
beforeEach(async () => {
  bench = await openTestBench();
  sessions = await createSessions({ ...bench, log: silentLog, secrets: async () => [secret] });
});
afterEach(async () => {
  sessions.close();
  await bench.close();
});

async function exported(id: string, request: Partial<CallBody<'sessions.export'>>): Promise<Buffer> {
  const { data } = await sessions.calls['sessions.export']({ id, includeIdentities: false, ...request }, context);
  return Buffer.from(data);
}

function opened(data: Buffer): Database.Database {
  const path = join(bench.folder, 'exported.db');
  writeFileSync(path, data);
  return new Database(path, { readonly: true });
}

/** A row whose line goes on in the next. */
function cut(seq: number, text: string, more: Partial<BookRow> = {}): BookRow {
  return logRow(port, seq, text, { raw: new Uint8Array(Buffer.from(text)), level: 'error', ...more });
}

describe('a line that a pause cut into rows', () => {
  const between = Array.from({ length: 1100 }, (_, at) => logRow('/dev/ttyUSB1', 1 + at, `plain ${at}`));
  const after = between.length + 1;

  async function recorded(): Promise<string> {
    const { id } = bench.recorder.ensureSession('x');
    // In three rows, with so many of another port between them that they are in different blocks.
    recordRows(bench.recorder, [cut(0, `E (1) mqtt: password=${halves[0]}`, { message: `password=${halves[0]}` }), ...between]);
    recordRows(bench.recorder, [
      cut(after, halves[1].slice(0, 4), { continues: 0, payload: { value: halves[1].slice(0, 4) } }),
      logRow(port, after + 1, `${halves[1].slice(4)} end`, { continues: 0, level: 'error', message: `cut ${halves[1].slice(4)}` }),
    ]);
    await bench.recorder.stop();
    await bench.store.write('log.mark', { sessionId: id, seq: after, mark: { note: 'here', colour: 'green' } });
    return id;
  }

  test.each(['talkbench', 'perfetto', 'csv', 'jsonl', 'html'] as const)('%s has no part of what goes', async (format) => {
    const data = await exported(await recorded(), { format, content: 'notes' });
    for (const gone of [halves[0], halves[1].slice(0, 4), halves[1].slice(4)]) expect([gone, data.includes(gone)]).toEqual([gone, false]);
  });

  test('texts are as long as they were, and the rows are told of in the preview', async () => {
    const id = await recorded();
    const file = opened(await exported(id, {}));
    const text = file.prepare<[], string>("SELECT group_concat(text, '') FROM log_block ORDER BY first_seq").pluck().get() ?? '';
    file.close();
    const lines = text.split('\n');
    expect([lines[0], lines[1], lines[after], lines[after + 1]]).toEqual([
      ...[`E (1) mqtt: password=${'*'.repeat(9)}`, 'plain 0', '****', `${'*'.repeat(7)} end`],
    ]);
    const { findings } = await sessions.calls['sessions.preview']({ id, includeIdentities: false, redactions: [], leaveOut: [] }, context);
    const found = findings.find(({ kind }) => kind === 'secret');
    expect(found?.places).toContainEqual({ place: 'log', count: 1 });
    expect(found?.examples).toContainEqual({
      place: 'log',
      at: 0,
      name: '',
      text: `E (1) mqtt: password=${'*'.repeat(20)} end`,
    });
  });

  test('lines of one report are not read as one', async () => {
    const { id } = bench.recorder.ensureSession('x');
    const rows = [logRow(port, 0, '+X: 12345678'), logRow(port, 1, '9012345 OK', { continues: 0 })];
    recordRows(bench.recorder, rows);
    await bench.recorder.stop();
    const file = opened(await exported(id, {}));
    expect(file.prepare('SELECT text FROM log_block').pluck().get()).toBe('+X: 12345678\n9012345 OK\n');
    file.close();
  });
});

test('what begins in one sentence and ends in the next is in neither, with a space between them or none', async () => {
  const { id } = bench.recorder.ensureSession();
  const of = { conversationId: 'c', turnId: 1, atUs: bench.clock.nowUs() };
  // Said once more in another turn, it is no part of this one's.
  bench.recorder.event({ kind: 'tts.request', ...of, turnId: 2, sentence: 1, text: 'Miller now.', engine: 'e', voice: 'v' });
  const texts = ['Call Dr.', 'Miller now.', `Key ${halves[0]}`, `${halves[1]} it is.`];
  for (const [sentence, text] of texts.entries()) {
    bench.recorder.event({ kind: 'tts.request', ...of, sentence, text, engine: 'e', voice: 'v' });
    // An engine that failed is asked again.
    if (sentence === 1) bench.recorder.event({ kind: 'tts.request', ...of, sentence, text, engine: 'other', voice: 'v', attempt: 2 });
    bench.recorder.event({ kind: 'downlink.sentence-started', ...of, sentence, text });
  }
  await bench.recorder.stop();
  const lines = (await exported(id, { format: 'jsonl', content: 'events', redactions: ['Dr. Miller'] })).toString().trim().split('\n');
  for (const kind of ['tts.request', 'downlink.sentence-started']) {
    const told = lines.map((line) => JSON.parse(line) as { kind: string; text?: string }).filter((event) => event.kind === kind);
    const [other, again] = kind === 'tts.request' ? [['Miller now.'], ['****** now.']] : [[], []];
    expect(told.map(({ text }) => text)).toEqual([...other, 'Call ***', '****** now.', ...again, 'Key *********', '*********** it is.']);
  }
});

test('a conversation that is called by a number takes none that another has for its name', async () => {
  const { id } = bench.recorder.ensureSession();
  const opening = sampleConversation().events.find(({ kind }) => kind === 'conversation.opened');
  for (const conversationId of ['zhangsan-talk', 'conversation-1', 'zhangsan-again', 'conversation-3'])
    bench.recorder.event({ ...opening, conversationId } as Parameters<typeof bench.recorder.event>[0]);
  await bench.recorder.stop();
  const file = opened(await exported(id, { redactions: ['zhangsan'] }));
  const names = file.prepare('SELECT conversation_id FROM conversation ORDER BY conversation_key').pluck().all();
  file.close();
  expect(names).toEqual(['conversation-2', 'conversation-1', 'conversation-4', 'conversation-3']);
});

test('a line of any length is read in stretches, and what lies across any two of its pieces is found', () => {
  const crossing = new CrossingPieces({ includeIdentities: true, secrets: [secret] });
  const pieces = Array.from({ length: 40 }, (_, key) => {
    const padding = '-'.repeat([3, 9000, 70_000][key % 3] ?? 0);
    return { key, text: `${halves[1]}${padding}${halves[0]}` };
  });
  crossing.read(pieces);
  const told = pieces.map(({ key, text }) => crossing.found.get(key) ?? text);
  expect(told.slice(1, -1).every((text) => /^\*{11}-+\*{9}$/.test(text))).toBe(true);
});
