import { afterEach, beforeEach, expect, test } from 'vitest';
import { PortListeners } from '../../../../../main/core/devices/port-listeners.ts';
import { createPorts, type Ports } from '../../../../../main/core/devices/ports.ts';
import { LogBook } from '../../../../../main/core/logs/log-book.ts';
import type { BookRow } from '../../../../../main/core/logs/row.ts';
import { openTestBench, type TestBench } from '../../../../fakes/store.ts';

const context = { signal: new AbortController().signal, role: 'operator' } as const;
const addresses = Array.from({ length: 8 }, (_, n) => `/dev/ttyBOARD${n}`);

let bench: TestBench;
let book: LogBook;
let ports: Ports;
const lines = new Map<string, PortListeners>();

beforeEach(async () => {
  bench = await openTestBench();
  book = new LogBook({ clock: bench.clock, recorder: bench.recorder, recentRows: 64 });
  ports = createPorts({
    clock: bench.clock,
    recorder: bench.recorder,
    book,
    dataDirectory: bench.folder,
    async openPort(address) {
      const listeners = new PortListeners();
      lines.set(address, listeners);
      return {
        address,
        write: async () => {},
        setSignals: async () => true,
        setBaudRate: async () => {},
        onData: (listener) => listeners.onData(listener),
        onClose: (listener) => listeners.onClose(listener),
        close: async () => listeners.close(null),
      };
    },
  });
});
afterEach(() => bench.close());

async function stored(sessionId: string): Promise<BookRow[]> {
  const { length } = await bench.store.read('log.blocks', { sessionId });
  return bench.store.read('log.window', { sessionId, seqs: Array.from({ length }, (_, seq) => seq) });
}

test('eight ports at once, and a recording that ends while they talk: every byte is in a row of its session, once, in order', async () => {
  const { id: first } = bench.recorder.ensureSession();
  for (const address of addresses) await ports.handlers['ports.open']({ address, options: {} }, context);
  const said = new Map(addresses.map((address) => [address, '']));
  let random = 7;
  const next = (below: number) => {
    random = (random * 48_271) % 2_147_483_647;
    return random % below;
  };
  let second = '';
  for (let step = 0; step < 600; step++) {
    const address = addresses[next(8)] as string;
    // Pieces end anywhere: in a line, in a character.
    const text = `I (${step}) board: 第${step}行 ${'x'.repeat(next(60))}\r\n`.slice(next(4));
    said.set(address, (said.get(address) ?? '') + text);
    lines.get(address)?.deliver(Buffer.from(text), bench.clock.nowUs());
    if (next(3) === 0) await bench.clock.advance(next(50_000));
    if (step === 300) {
      await bench.recorder.stop();
      second = bench.recorder.ensureSession().id;
    }
  }
  await ports.close();
  book.close();
  await bench.recorder.stop();
  const sessions = [await stored(first), await stored(second)];
  for (const rows of sessions) expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index));
  const all = sessions.flat();
  for (const address of addresses) {
    const raw = all.filter(({ port, direction }) => port === address && direction === 'received').map((row) => row.raw);
    expect(Buffer.concat(raw).toString()).toBe(said.get(address));
  }
  expect(all.filter(({ event }) => event === 'port.opened')).toHaveLength(8);
  expect(sessions[1]?.filter(({ event }) => event === 'port.closed')).toHaveLength(8);
  expect(bench.store.status.droppedCount).toBe(0);
  expect(bench.clock.pendingTimers).toBe(0);
});
