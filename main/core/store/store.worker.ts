import { parentPort, workerData } from 'node:worker_threads';
import { serveThread } from '../../../pipeline/threads/end-thread.ts';
import { asTalkError, openLibrary, openReader } from './database.ts';
import type { Handlers, ThreadError, ThreadReady, ThreadReply, ThreadRole, ThreadStart, WriteRequests } from './requests.ts';

// One file for the three roles a thread can have, so that a bundler has one entry to keep beside the core. Each role loads
// only what it needs: the start of the app waits for the writer and the reader.
const role = workerData as ThreadRole;
const port = parentPort;
if (port === null) throw new Error('the store worker runs in a worker thread');

const COMMITS_KEPT = 1024;

type AnyHandlers = Record<string, (body: unknown) => unknown>;

async function start(): Promise<{ handlers: AnyHandlers; ready: ThreadReady }> {
  if (role.role === 'writer') return startWriter(role);
  const database = openReader(role.path);
  const handlers =
    role.role === 'reader' ? (await import('./reader.ts')).createReader(database) : (await import('./bulk.ts')).createBulk(database);
  return { handlers: handlers as AnyHandlers, ready: { ready: true, problem: null, recoveredSessionIds: [] } };
}

async function startWriter(options: Extract<ThreadRole, { role: 'writer' }>): Promise<{ handlers: AnyHandlers; ready: ThreadReady }> {
  const { BatchWriter } = await import('./writer.ts');
  const { createChanges } = await import('./changes.ts');
  const { recoverSessions } = await import('./recover.ts');
  const { nextTurn, removeUnfinished } = await import('./slices.ts');
  const onProgress = () => port?.postMessage({ isUnderWay: true } satisfies ThreadStart);
  const { database, problem, unlock } = openLibrary(options.path, { ...options, onProgress });
  const recoveredSessionIds = options.isFirst ? recoverSessions(database) : [];
  const writer = new BatchWriter(database);
  // Beside what is recorded from now on; whoever closes the library meanwhile leaves the rest to the next start.
  void removeUnfinished(database, nextTurn).catch(() => {});
  const commitMs: number[] = [];
  const handlers: Handlers<WriteRequests> = {
    ...createChanges(database, options.path, writer),
    append({ records }) {
      const startedMs = performance.now();
      const result = writer.append(records);
      if (commitMs.push(performance.now() - startedMs) > COMMITS_KEPT) commitMs.shift();
      return result;
    },
    'writer.measure'() {
      const { user, system } = process.threadCpuUsage();
      return { cpuUs: user + system, commitMs: [...commitMs] };
    },
    close: () => {
      database.close();
      unlock();
      return {};
    },
  };
  return { handlers: handlers as AnyHandlers, ready: { ready: true, problem, recoveredSessionIds } };
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

/** What cannot be carried over, nested too deep or too large, is a failure of that one request: uncaught it would end the thread. */
function post(reply: ThreadReply): void {
  try {
    port?.postMessage(reply);
  } catch (error) {
    port?.postMessage({ id: reply.id, error: asThreadError(error) } satisfies ThreadReply);
  }
}

try {
  const { handlers, ready } = await start();
  serveThread((request: { id: number; name: string; body: unknown }) => {
    void answer(handlers, request.id, request.name, request.body).then(post);
  });
  port.postMessage(ready satisfies ThreadStart);
} catch (error) {
  port.postMessage({ ready: false, error: asThreadError(error) } satisfies ThreadStart);
}
