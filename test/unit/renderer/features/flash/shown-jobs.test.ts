import { describe, expect, test } from 'vitest';
import type { FlashJob } from '../../../../../preload/contract/flash.ts';
import { shownJobs } from '../../../../../renderer/features/flash/shown-jobs.ts';

const job = (jobId: string, address: string, state: FlashJob['state'], more: Partial<FlashJob> = {}) =>
  ({ jobId, address, state, kind: 'write', batchId: null, ...more }) as FlashJob;
const idsOf = (jobs: readonly FlashJob[], ticked: string[] = [], dismissed: string[] = []) =>
  shownJobs(jobs, ticked, dismissed).map(({ jobId }) => jobId);

describe('the cards of the Write tab', () => {
  // Who reloaded in the middle of a flash and cancelled it read “Nothing flashed yet”.
  test('keep a job of a board that is not ticked when it ends', () => {
    expect(idsOf([job('a', 'COM1', 'running')])).toEqual(['a']);
    expect(idsOf([job('a', 'COM1', 'cancelled')])).toEqual(['a']);
  });

  test('are put away by hand, and come back with the next job only', () => {
    const over = job('a', 'COM1', 'failed');
    expect(idsOf([over], ['COM1'], ['a'])).toEqual([]);
    expect(idsOf([over, job('b', 'COM1', 'running')], [], ['a', 'b'])).toEqual(['b']);
  });

  test('have the newest of each board, ticked ones first, and failures before the rest once all are over', () => {
    const jobs = [job('a', 'COM1', 'failed'), job('b', 'COM2', 'done'), job('c', 'COM1', 'done'), job('d', 'COM3', 'failed')];
    expect(idsOf(jobs, ['COM2'])).toEqual(['d', 'b', 'c']);
    expect(idsOf([...jobs, job('e', 'COM4', 'running')], ['COM2'])).toEqual(['b', 'c', 'd', 'e']);
  });

  test('are of writes, and not of what a batch has ended on boards that are not ticked', () => {
    const jobs = [job('a', 'COM1', 'done', { kind: 'erase' }), job('b', 'COM2', 'done', { batchId: 'x' })];
    expect([idsOf(jobs), idsOf(jobs, ['COM2'])]).toEqual([[], ['b']]);
  });
});
