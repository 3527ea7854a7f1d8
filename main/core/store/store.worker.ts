import { parentPort, workerData } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import { createBulk } from './bulk.ts';
import { createChanges } from './changes.ts';
import { asTalkError, openLibrary, openReader } from './database.ts';
import { createReader } from './reader.ts';
import { recoverSessions } from './recover.ts';
import type { Handlers, ThreadError, ThreadReady, ThreadReply, ThreadRole, WriteRequests } from './requests.ts';
import { BatchWriter } from './writer.ts';

// One file for the three roles a thread can have, so that a bundler has one entry to keep beside the core.
const role = workerData as ThreadRole;
const port = parentPort;
if (port === null) throw new Error('the store worker runs in a worker thread');

type AnyHandlers = Record<string, (body: unknown) => unknown>;

function start(): { handlers: AnyHandlers; ready: ThreadReady } {
  if (role.role !== 'writer') {
    const database = openReader(role.path);
    const handlers = role.role === 'reader' ? createReader(database) : createBulk(database);
    return { handlers: handlers as AnyHandlers, ready: { ready: true, problem: null, recoveredSessionIds: [] } };
  }
  const { database, problem, unlock } = openLibrary(role.path, role);
  const recoveredSessionIds = recoverSessions(database);
  return {
    handlers: writeHandlers(database, role.path, unlock) as AnyHandlers,
    ready: { ready: true, problem, recoveredSessionIds },
  };
}

function writeHandlers(database: Database, path: string, unlock: () => void): Handlers<WriteRequests> {
  const writer = new BatchWriter(database);
  return {
    ...createChanges(database, path, writer),
    append: ({ records }) => writer.append(records),
    close: () => {
      database.close();
      unlock();
      return {};
    },
  };
}

function asThreadError(error: unknown): ThreadError {
  const expected = asTalkError(error, role.path);
  if (expected !== null) return { expected: expected.value };
  return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

async function answer(handlers: AnyHandlers, id: number, name: string, body: unknown): Promise<ThreadReply> {
  try {
    const handler = handlers[name];
    if (handler === undefined) throw new Error(`a ${role.role} has no ${name}`);
    return { id, reply: await handler(body) };
  } catch (error) {
    return { id, error: asThreadError(error) };
  }
}

try {
  const { handlers, ready } = start();
  port.on('message', (request: { id: number; name: string; body: unknown }) => {
    void answer(handlers, request.id, request.name, request.body).then((reply) => port.postMessage(reply));
  });
  port.postMessage(ready);
} catch (error) {
  port.postMessage({ ready: false, error: asThreadError(error) } satisfies ThreadReady);
}
