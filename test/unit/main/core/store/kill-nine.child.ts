// Records until it is killed: prints the session's id, then after each commit the highest line number that is in it.
import { pino } from 'pino';
import { createRecorder } from '../../../../../main/core/sessions/recorder.ts';
import { openStore } from '../../../../../main/core/store/store.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { logRow } from '../../../../fakes/store.ts';

const [path = ''] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const store = await openStore({ path, log, onProblem: () => {} });
const recorder = createRecorder({ store, clock: systemClock, log, appVersion: '0.1.0' });
process.stdout.write(`session ${recorder.ensureSession('killed').id}\n`);

let seq = 0;
const record = () => {
  for (let i = 0; i < 20; i++) {
    recorder.rows([logRow('/dev/ttyUSB0', seq, `line ${seq}`, { atUs: systemClock.nowUs() })]);
    seq++;
  }
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
