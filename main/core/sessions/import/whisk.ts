import { closeSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { AppendRecord } from '../../store/append.ts';
import { migrate, SESSION_FILE_ID } from '../../store/database.ts';
import { BatchWriter } from '../../store/writer.ts';
import { whiskEvents } from './whisk-events.ts';
import { readWhisk } from './whisk-records.ts';

/** A frame's payload is told as text. */
const FILE_LIMIT_BYTES = 512 << 20;
const BATCH = 2000;

/** MessagePack of Whisker begins with a map; an SQLite file begins with its name. */
export function isWhisk(path: string): boolean {
  const head = Buffer.alloc(16);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  const [first = 0] = head;
  return (first & 0xf0) === 0x80 || first === 0xde || first === 0xdf;
}

/** Puts a session file in the place of a `.whisk` file: what it tells, labelled as imported. Throws TalkError 'session/bad-file', 'too-large'. */
export function whiskToSession(path: string, { name }: { name: string }): void {
  const data = readFileSync(path);
  if (data.byteLength > FILE_LIMIT_BYTES) throw new TalkError('too-large', { limitBytes: FILE_LIMIT_BYTES, sizeBytes: data.byteLength });
  const whisk = readWhisk(data);
  rmSync(path);
  const file = new Database(path);
  try {
    file.pragma('journal_mode = OFF');
    file.pragma('synchronous = OFF');
    file.pragma(`application_id = ${SESSION_FILE_ID}`);
    migrate(file, path);
    file.exec('CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID');
    const put = file.prepare('INSERT INTO meta VALUES (?, ?)');
    for (const [key, value] of Object.entries({ format: 'talkbench-session', format_version: '1', imported_from: 'pipecat-whisker' }))
      put.run(key, value);
    const writer = new BatchWriter(file);
    const { timestamp, server } = whisk.snapshot;
    // Of no id that a session can have: the library gives it one of its own.
    const sessionId = '';
    const versions = `Pipecat ${server.pipecat ?? '?'}, Whisker ${server.whisker ?? '?'}`.slice(0, 100);
    writer.append([
      {
        kind: 'session.start',
        sessionId,
        title: name.slice(0, 200),
        startedWallMs: Math.max(0, Math.round(timestamp * 1000)),
        appVersion: versions,
      },
    ]);
    let batch: AppendRecord[] = [];
    let lastUs = 0;
    const flush = () => {
      const { rejectedCount, firstRejection } = writer.append(batch);
      if (rejectedCount > 0)
        throw new TalkError('session/bad-file', { path: null, reason: firstRejection ?? 'a record that cannot be kept' });
      batch = [];
    };
    for (const event of whiskEvents(whisk)) {
      batch.push({ kind: 'event', sessionId, event });
      lastUs = Math.max(lastUs, event.atUs);
      if (batch.length >= BATCH) flush();
    }
    if (whisk.isCut) batch.push({ kind: 'dropped', sessionId, count: 1 });
    batch.push({ kind: 'session.stop', sessionId, endUs: lastUs });
    flush();
    const note = `Imported from a Pipecat Whisker recording (${versions}).${whisk.isCut ? ' The file ends in the middle of a record.' : ''}`;
    file.prepare('INSERT INTO note (session_key, text) SELECT session_key, ? FROM session').run(note);
  } finally {
    file.close();
  }
}
