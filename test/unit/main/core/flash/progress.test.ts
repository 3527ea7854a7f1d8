import { expect, test } from 'vitest';
import { JobProgress } from '../../../../../main/core/flash/progress.ts';
import { flashOptions } from '../../../../../preload/contract/flash.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

test('what was found to be there already is no speed', async () => {
  const clock = new VirtualClock();
  const sizeBytes = 4_000_000;
  const file = { offset: 0, name: 'app', sizeBytes, sha256: '', kind: 'data', chip: null, app: null, partition: null } as const;
  const { agentboot: _, ...options } = flashOptions.parse({});
  const facts = { title: null, expectChip: null, partitions: null, flashBytes: null, warnings: [], commands: [] };
  const plan = { family: 'esp', files: [file], totalBytes: sizeBytes, options, ...facts } as const;
  const job = { jobId: 'job', kind: 'write', family: 'esp', address: 'a', label: null, batchId: null, commands: [] } as const;
  const progress = new JobProgress({
    clock,
    publish: () => {},
    job: { ...job, plan: { ...plan, files: [file], warnings: [], commands: [] } },
  });
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
