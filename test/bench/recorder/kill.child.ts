// Records packets, events and log rows until it is killed, and prints up to when, on the session's clock, each time.
import { pino } from 'pino';
import { createRecorder } from '../../../main/core/sessions/recorder.ts';
import { openStore } from '../../../main/core/store/store.ts';
import { systemClock } from '../../../pipeline/clock.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';
import { logRow, recordRows } from '../../fakes/store.ts';

const [path = ''] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const store = await openStore({ path, log, onProblem: () => {} });
const recorder = createRecorder({ store, clock: systemClock, log, appVersion: '0' });
const { id, startedUs } = recorder.ensureSession('killed');
await store.flush();
process.stdout.write(`session ${id}\n`);

let index = 0;
function record(): void {
  const nowUs = systemClock.nowUs();
  const atUs = (nowUs - startedUs) as MonoUs;
  const media = { mediaUs: index * 5000, durationUs: 5000, codec: 'opus' as const, sampleRate: 16_000 };
  recorder.packet({ conversationId: 'c', track: 'uplink', index, atUs: nowUs, ...media, bytes: new Uint8Array(180) });
  recorder.event({ kind: 'downlink.queue', atUs: nowUs, conversationId: 'c', queuedUs: index });
  recordRows(recorder, [logRow('/dev/ttyUSB0', index, `line ${index}`, { atUs })]);
  index++;
  process.stdout.write(`recorded ${atUs}\n`);
  setTimeout(record, 5);
}
record();
