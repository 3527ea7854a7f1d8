import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { endThread } from '../../../../pipeline/threads/end-thread.ts';

const module = new URL('../../../../pipeline/threads/end-thread.ts', import.meta.url).href;

/** `work` blocks the thread as native code does, and says when it is through. */
const threadThat = (work: string) =>
  new Worker(
    new URL(
      `data:text/javascript,${encodeURIComponent(`
        import { parentPort } from 'node:worker_threads';
        import { serveThread } from ${JSON.stringify(module)};
        serveThread(() => { parentPort.postMessage('begun'); ${work} parentPort.postMessage('through'); });
      `)}`,
    ),
  );

// A thread that is stopped within a native addon ends the whole process: seen as "Napi::Error" at the end of a core.
test('a thread in the middle of its work comes to the end of it, and ends', async () => {
  const worker = threadThat('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);');
  const heard: unknown[] = [];
  worker.on('message', (message) => heard.push(message));
  worker.postMessage('work');
  await once(worker, 'message');
  const ended = once(worker, 'exit');
  await endThread(worker);
  expect(heard).toEqual(['begun', 'through']);
  expect((await ended)[0]).toBe(0);
});

test('one that never comes to an end is stopped', async () => {
  const worker = threadThat('for (;;);');
  worker.postMessage('work');
  await once(worker, 'message');
  const ended = once(worker, 'exit');
  await endThread(worker, 50);
  expect((await ended)[0]).toBe(1);
});

test('one that has ended already is not waited for', async () => {
  const worker = threadThat('process.exit(3);');
  worker.postMessage('work');
  await once(worker, 'exit');
  await endThread(worker, 3_600_000);
});
