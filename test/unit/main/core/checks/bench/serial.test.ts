import { expect, it } from 'vitest';
import { Serial, type SerialDeps } from '../../../../../../main/core/checks/bench/serial.ts';
import { baseline } from '../../../../../../main/core/checks/kinds/power/baseline.ts';
import { loop } from '../../../../../../main/core/checks/kinds/power/loop.ts';
import type { LogRow } from '../../../../../../preload/contract/logs.ts';
import { espBoot, rowsOf } from '../../../../../fakes/board-log.ts';
import { FakeBench } from '../../../../../fakes/fake-bench.ts';

/** A bench whose port is a real one’s log, and what that log is told by. */
async function listening() {
  const bench = new FakeBench();
  const address = '/dev/ttyUSB0';
  let tell: (row: Partial<LogRow>) => void = () => {};
  let seq = 0;
  const topic = { snapshot: () => [{ address, state: 'open' }], listen: () => () => {} };
  const deps = {
    clock: bench.clock,
    ports: { streams: { 'ports.state': () => ({ topic }) }, handlers: {} },
    book: {
      listen: ({ onRows }: { onRows(rows: readonly object[], session: { startedUs: number }): void }) => {
        tell = (row) => {
          seq++;
          onRows([{ direction: 'received', text: '', ...row, seq, port: address, atUs: bench.clock.nowUs() }], { startedUs: 0 });
        };
        return () => {};
      },
    },
  } as unknown as SerialDeps;
  const serial = await Serial.open(address, deps, bench.signal);
  bench.port = serial.port(bench.signal, { family: 'esp', isVirtual: false });
  return { bench, tell: (row: Partial<LogRow>) => tell(row) };
}

const prints = (tell: (row: Partial<LogRow>) => void, text: string) => {
  for (const row of rowsOf(text)) tell(row);
};

it('a long watch counts a brownout of its first minute, however much was printed since', async () => {
  const { bench, tell } = await listening();
  tell({ text: 'I (1) app: hello' });
  bench.at(60_000, () => prints(tell, espBoot.replace('0x1 (POWERON)', '0xf (BROWNOUT_RST)')));
  bench.at(3 * 3600_000, () => {
    for (let i = 0; i < 250_000; i++) tell({ text: 'I (1) heap: free 1000' });
  });
  expect(await bench.run(loop, { windowS: 8 * 3600 })).toMatchObject({ values: { brownouts: 1, resets: 1, reason: 'BROWNOUT_RST' } });
}, 30_000);

it('a start of which nothing but itself is kept is compared with no baseline', async () => {
  const { bench, tell } = await listening();
  prints(tell, espBoot);
  await bench.drive(bench.sleep(10_000));
  for (let i = 0; i < 250_000; i++) tell({ text: 'I (1) heap: free 1000' });
  bench.goodBoots.set('1.4.2', { firmwareVersion: '1.4.2', lines: [] });
  expect(await bench.run(baseline)).toEqual({ skipped: 'needs-earlier' });
}, 30_000);
