/** A core that records a line and then meets a bug nobody catches, of the kind its argument says. */
import { endOnUncaught } from '../../../../main/core/last-resort.ts';
import { createLog } from '../../../../main/core/log.ts';
import { createRecorder } from '../../../../main/core/sessions/recorder.ts';
import { openStore } from '../../../../main/core/store/store.ts';
import { systemClock } from '../../../../pipeline/clock.ts';
import { logRow, recordRows } from '../../../fakes/store.ts';

const [path = '', kind] = process.argv.slice(2);
const log = createLog({ level: 'fatal' });
const store = await openStore({ path, log, onProblem: () => {} });
endOnUncaught(log, () => store.flush());
const recorder = createRecorder({ store, clock: systemClock, log, appVersion: '0.1.0' });
recorder.ensureSession('bug');
recordRows(recorder, [logRow('p', 0, 'the last words')]);
if (kind === 'rejection') void Promise.reject(new Error('a bug'));
else
  setImmediate(() => {
    throw new Error('a bug');
  });
