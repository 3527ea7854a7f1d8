/**
 * A window that follows the live log over the real WebSocket, as the page does: all of it, and apart the lines that say when they
 * were made. Says at the end how long each of those took to come.
 */
import { attach } from '../../main/loopback/attach.ts';
import { createClient } from '../../preload/contract/client.ts';
import type { LogViewState } from '../../preload/contract/logs.ts';

const [url = '', token = ''] = process.argv.slice(2);
const client = createClient(await attach({ url, token }));
const latenciesMs: number[] = [];
let seenSeq = -1;
let rowsShown = 0;

client.subscribe(
  'logs.view',
  { tail: 60 },
  {
    onSnapshot: () => {},
    onDelta(states) {
      rowsShown = states.at(-1)?.length ?? 0;
    },
  },
);
client.subscribe(
  'logs.view',
  { tail: 200, filter: { tags: ['lat'] } },
  { onSnapshot: () => {}, onDelta: (states) => states.forEach(measure) },
);
process.send?.({ ready: true });
process.on('message', () => process.send?.({ latenciesMs, rowsShown }));
process.on('disconnect', () => process.exit());

function measure({ tail }: LogViewState): void {
  const now = process.hrtime.bigint();
  for (const { seq, message } of tail.rows) {
    if (seq <= seenSeq) continue;
    seenSeq = seq;
    const made = /t=(\d+)/.exec(message)?.[1];
    if (made !== undefined) latenciesMs.push(Number(now - BigInt(made)) / 1e6);
  }
}
