import { expect, test } from 'vitest';
import { JobProgress, type NewJob } from '../../../../../main/core/flash/progress.ts';
import { type FlashPlan, flashOptions } from '../../../../../preload/contract/flash.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

test('what was found to be there already is no speed', async () => {
  const clock = new VirtualClock();
  const sizeBytes = 4_000_000;
  const { agentboot: _, ...options } = flashOptions.parse({});
  const plan: FlashPlan = {
    family: 'esp',
    title: null,
    files: [{ offset: 0, name: 'app', sizeBytes, sha256: '', kind: 'data', chip: null, app: null, partition: null }],
    totalBytes: sizeBytes,
    expectChip: null,
    options,
    partitions: null,
    flashBytes: null,
    warnings: [],
    commands: [],
  };
  const job: NewJob = { jobId: 'job', kind: 'write', family: 'esp', address: 'a', label: null, batchId: null, commands: [], plan };
  const progress = new JobProgress({ clock, publish: () => {}, job });
  progress.stage('compare');
  progress.file(0, { writtenBytes: 0 });
  await clock.advance(100_000);
  progress.file(0, { unchangedBytes: 3_000_000, writtenBytes: 3_000_000 });
  progress.stage('write');
  for (let writtenBytes = 3_000_000; writtenBytes <= 3_030_000; writtenBytes += 10_000) {
    progress.file(0, { writtenBytes });
    await clock.advance(100_000);
  }
  expect(progress.job.bytesPerSecond).toBeCloseTo(100_000, 0);
  expect(progress.job.etaMs).toBeCloseTo(9700, 0);
});
