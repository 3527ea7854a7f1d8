import { TalkError } from '../../preload/contract/talk-error.ts';
import type { CoreDeps } from '../core/core.ts';
import type { Log } from '../core/log.ts';
import type { FromCore, ToCore } from './core-messages.ts';

export interface PrinterParent {
  postMessage(message: FromCore): void;
  on(event: 'message', listener: (event: { data: ToCore }) => void): unknown;
}

/** Reports are printed by the main process, which alone has windows: the other side of printing.ts. */
export function relayedPrinter(parent: PrinterParent, log: Pick<Log, 'warn'>): NonNullable<CoreDeps['printPdf']> {
  const waiting = new Map<number, (data: Uint8Array | null) => void>();
  let lastId = 0;
  parent.on('message', ({ data }) => {
    if (data.type !== 'printed') return;
    if (data.data === null) log.warn({ reason: data.reason }, 'a report could not be printed');
    waiting.get(data.id)?.(data.data);
    waiting.delete(data.id);
  });
  return async (page, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    if (signal?.aborted === true) throw new TalkError('cancelled');
    const id = ++lastId;
    const cancel = () => {
      waiting.delete(id);
      parent.postMessage({ type: 'cancel-print', id });
      reject(new TalkError('cancelled'));
    };
    waiting.set(id, (data) => {
      signal?.removeEventListener('abort', cancel);
      if (data === null) reject(new TalkError('report/no-printer'));
      else resolve(data);
    });
    signal?.addEventListener('abort', cancel, { once: true });
    parent.postMessage({ type: 'print', id, page });
    return promise;
  };
}
