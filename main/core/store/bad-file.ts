import type { Database } from 'better-sqlite3';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { asTalkError, sqliteCode } from './database.ts';

/** What is wrong with a session file that somebody sent. */
export function badFile(reason: string, cause?: unknown): TalkError {
  return new TalkError('session/bad-file', { path: null, reason }, { cause });
}

/** A disk that is full says nothing about the file. */
export function whyNot(error: unknown, path: string): TalkError {
  const expected = asTalkError(error, path);
  return error instanceof TalkError || expected?.value.code === 'store/disk-full'
    ? (expected as TalkError)
    : badFile(sqliteCode(error) ?? 'unreadable', error);
}

/** The key of the one session in a file. Throws TalkError 'session/bad-file'. */
export function onlySession(file: Database): number {
  const keys = file.prepare<[], number>('SELECT session_key FROM session').pluck().all();
  const [key] = keys;
  if (key === undefined || keys.length > 1) throw badFile(`${keys.length} sessions`);
  return key;
}
