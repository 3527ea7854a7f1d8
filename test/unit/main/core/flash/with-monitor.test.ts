import { describe, expect, it, onTestFinished } from 'vitest';
import { createPorts } from '../../../../../main/core/devices/ports.ts';
import { createFlashJobs } from '../../../../../main/core/flash/jobs.ts';
import { createLog } from '../../../../../main/core/log.ts';
import { LogBook } from '../../../../../main/core/logs/log-book.ts';
import { buildDemoImages } from '../../../../../pipeline/boards/esp/demo-images.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import type { LogRow } from '../../../../../preload/contract/logs.ts';
import { createFlashBench } from '../../../../fakes/flash-bench.ts';
import { createFakeRecorder } from '../../../../fakes/recorder.ts';

const context = { signal: new AbortController().signal, role: 'operator' } as const;
const files = buildDemoImages().files.map(({ offset, name, data }) => ({ offset, name, source: { data } }));

/** The flasher between a real port service and a board; `row` waits for a line of the log. */
async function labWithMonitor(line: 'virtual' | 'pty' | 'tcp') {
  const bench = await createFlashBench({ withPty: line === 'pty' });
  const address = line === 'virtual' ? 'virtual://bench' : line === 'pty' ? (bench.board.ptyPath ?? '') : await bench.serveSocket();
  const rows: LogRow[] = [];
  let onRows = () => {};
  const recorder = createFakeRecorder(systemClock);
  const book = new LogBook({ clock: systemClock, recorder });
  book.listen({
    onRows(list) {
      rows.push(...list);
      onRows();
    },
  });
  const ports = createPorts({ openPort: bench.open, clock: systemClock, recorder, book });
  const provisioner = () => {
    throw new Error('nothing is provisioned here');
  };
  const jobs = createFlashJobs({ ports, clock: systemClock, recorder, log: createLog({ level: 'silent' }), provisioner });
  onTestFinished(async () => {
    await jobs.close();
    await ports.close();
    await bench.close();
  });
  await ports.handlers['ports.open']({ address, options: {} }, context);
  const row = (text: string) =>
    new Promise<void>((resolve) => {
      onRows = () => rows.some((each) => each.text.includes(text)) && resolve();
      onRows();
    });
  return { address, rows, jobs, row };
}

describe.skipIf(process.platform === 'win32')('the monitor', () => {
  it.each(['virtual', 'pty', 'tcp'] as const)('gets its port back and misses nothing of the boot log: %s', async (line) => {
    const { address, rows, jobs, row } = await labWithMonitor(line);
    await jobs.run({ address, files, options: {} }, () => {});
    await row('Project name:     talkbench-demo');
    const text = rows.map((each) => each.text);
    const lent = text.indexOf('port.lent to=flash');
    expect(lent).toBeGreaterThan(-1);
    // What the board said before the port was back stands at its own time.
    expect(text.slice(lent + 1).filter((each) => !each.startsWith('port.'))[0]).toMatch(/^ESP-ROM:esp32s3/);
    expect(text).toContain('port.returned from=flash');
  });
});
