import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PortLog } from '../../../../../main/core/logs/port-log.ts';
import { openTestBench, type TestBench } from '../../../../fakes/store.ts';

const port = '/dev/ttyUSB0';
let bench: TestBench;
let log: PortLog;

beforeEach(async () => {
  bench = await openTestBench();
  log = new PortLog(port, { clock: bench.clock, recorder: bench.recorder });
});
afterEach(() => bench.close());

const receive = (text: string) => log.received(new Uint8Array(Buffer.from(text)), bench.clock.nowUs());
const live = () => log.snapshot(100).rows.map((row) => [row.seq, row.text, row.continues]);

async function stored(sessionId: string): Promise<unknown[]> {
  await bench.store.flush();
  const { rows } = await bench.store.read('log.page', { sessionId, port, fromSeq: 0, limit: 100 });
  return rows.map((row) => [row.seq, row.text, row.continues]);
}

describe('a port’s log', () => {
  test.each([
    ['a pause ends', () => bench.clock.advance(200_000)],
    ['the port’s closing ends', async () => log.flush()],
  ])('numbers live rows as the store does when %s a line of the session before', async (_name, end) => {
    bench.recorder.ensureSession();
    receive('one\ntwo\nprompt> ');
    await bench.recorder.stop();
    const { id } = bench.recorder.ensureSession();
    await end();
    receive('typed\nthree\n');
    expect(live().map(([, text]) => text)).toEqual(['prompt> ', 'typed', 'three']);
    expect(await stored(id)).toEqual(live());
  });

  test('survives a board that prints JSON deeper than a thread can be sent', async () => {
    const { id } = bench.recorder.ensureSession();
    receive(`before\n{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}\nafter\n`);
    expect((await stored(id)).length).toBe(3);
    expect(bench.store.status.droppedCount).toBe(0);
  });
});
