import { afterEach, expect, test } from 'vitest';
import { type BoardFault, boardFaults } from '../../../../../main/core/devices/board-faults.ts';
import { buildDemoImages } from '../../../../../pipeline/boards/esp/demo-images.ts';
import { createFlashBench, type FlashBench, inTime } from '../../../../fakes/flash-bench.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

let bench: FlashBench | null = null;
afterEach(async () => {
  await bench?.close();
  bench = null;
});

const files = buildDemoImages().files.map(({ offset, name, data }) => ({ offset, name, source: { data } }));

// What a person sees who flashes such a board: the outcome, and what the job says of it.
test.each<[BoardFault, string, string | null]>([
  ['none', 'done', null],
  ['bad-cable', 'done', 'baud-reduced'],
  ['bad-flash', 'flash/verify-mismatch', null],
  ['power-cut', 'done', 'block-repeated'],
  ['slow-loader', 'done', null],
  ['no-stub', 'done', 'rom-only'],
  ['echo', 'done', null],
  ['unknown-flash-size', 'done', null],
  ['no-reset-circuit', 'flash/sync-timeout', null],
  ['no-boot-circuit', 'flash/sync-timeout', null],
  ['native-usb', 'done', 'port-moved'],
  ['secure-boot', 'flash/secured', null],
  ['flash-encryption', 'flash/secured', null],
  ['secure-download', 'flash/secured', null],
])('flashing a board with the fault %s: %s, noting %s', async (fault, outcome, note) => {
  const clock = new VirtualClock(1_000_000);
  bench = await createFlashBench({ clock, ...boardFaults[fault] });
  await clock.advance(2_000_000);
  const job = await inTime(clock, bench.write('virtual://bench', files, { baudRate: 921600, skipUnchanged: false }));
  expect(job.error?.code ?? job.state).toBe(outcome);
  if (note !== null) expect(job.notes.map(({ code }) => code)).toContain(note);
  if (outcome === 'done')
    for (const { offset, source } of files)
      expect(Buffer.from(bench.board.chip.flash.read(offset, source.data.length)).equals(source.data)).toBe(true);
});
