import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import type { FromCore, ToCore } from '../../../../main/electron/core-messages.ts';
import { relayedPrinter } from '../../../../main/electron/relayed-printer.ts';

function bench() {
  const parent = new EventEmitter();
  const posted: FromCore[] = [];
  const warn = vi.fn();
  const print = relayedPrinter(
    {
      postMessage: (message) => void posted.push(message),
      on: (event, listener) => parent.on(event, listener),
    },
    { warn },
  );
  return { print, posted, warn, answer: (data: ToCore) => parent.emit('message', { data }) };
}

test('each report gets its own answer, in whatever order they come', async () => {
  const { print, posted, answer } = bench();
  const both = Promise.all([print('<p>1</p>'), print('<p>2</p>')]);
  expect(posted).toEqual([
    { type: 'print', id: 1, page: '<p>1</p>' },
    { type: 'print', id: 2, page: '<p>2</p>' },
  ]);
  answer({ type: 'printed', id: 2, data: new Uint8Array([2]), reason: '' });
  answer({ type: 'printed', id: 1, data: new Uint8Array([1]), reason: '' });
  expect(await both).toEqual([new Uint8Array([1]), new Uint8Array([2])]);
});

test('why a page could not be printed is in the log', async () => {
  const { print, warn, answer } = bench();
  const printing = print('');
  answer({ type: 'printed', id: 1, data: null, reason: 'the window was closed' });
  await expect(printing).rejects.toMatchObject({ code: 'report/no-printer' });
  expect(warn).toHaveBeenCalledWith({ reason: 'the window was closed' }, expect.any(String));
});

test('a report that nobody waits for is not printed any further', async () => {
  const { print, posted, answer } = bench();
  const abort = new AbortController();
  const printing = print('', abort.signal);
  abort.abort();
  await expect(printing).rejects.toMatchObject({ code: 'cancelled' });
  expect(posted.at(-1)).toEqual({ type: 'cancel-print', id: 1 });
  answer({ type: 'printed', id: 1, data: null, reason: 'the window was closed' });
  await expect(print('', abort.signal)).rejects.toMatchObject({ code: 'cancelled' });
  expect(posted).toHaveLength(2);
});
