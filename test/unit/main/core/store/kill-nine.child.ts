// Records until it is killed: prints the session's id, then after each commit the highest line number that is in it.
import { pino } from 'pino';
import { createRecorder } from '../../../../../main/core/sessions/recorder.ts';
import { openStore } from '../../../../../main/core/store/store.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { logRow, recordRows } from '../../../../fakes/store.ts';

const [path = ''] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const store = await openStore({ path, log, onProblem: () => {} });
const recorder = createRecorder({ store, clock: systemClock, log, appVersion: '0.1.0' });
const { id, startedUs } = recorder.ensureSession('killed');
process.stdout.write(`session ${id}\n`);

let seq = 0;
const record = () => {
  const atUs = (systemClock.nowUs() - startedUs) as MonoUs;
  recordRows(
    recorder,
    Array.from({ length: 20 }, (_, row) => logRow('/dev/ttyUSB0', seq + row, `line ${seq + row}`, { atUs })),
  );
  seq += 20;
  setTimeout(record, 5);
};
record();

// A reader sees what is committed without asking for a commit.
let told = 0;
for (;;) {
  const [session] = await store.read('session.list', { limit: 1 });
  if (session !== undefined && session.logRowCount > told) {
    told = session.logRowCount;
    process.stdout.write(`committed ${told}\n`);
  }
  await new Promise((resolve) => setTimeout(resolve, 10));
}
