import type { FlashJob } from '../../../preload/contract/flash.ts';
import type { FlashRecord } from '../../../preload/contract/sessions.ts';

/** A job as it was stored, which may be of an older version that told less of it. */
type StoredJob = Pick<FlashJob, 'state' | 'stages'> &
  Partial<Omit<FlashJob, 'files'>> & { files: (Omit<FlashJob['files'][number], 'sha256'> & { sha256?: string })[] };

/** What a session tells of a flash job. `body`: as JSON of what the job was at its end. */
export function flashRecord(row: { job_id: string; at_us: number; address: string; body: string }, appVersion: string): FlashRecord {
  const job = JSON.parse(row.body) as StoredJob;
  return {
    jobId: row.job_id,
    // The job that opens a session began a moment before it.
    atUs: Math.max(0, row.at_us),
    elapsedMs: job.stages.reduce((sum, stage) => sum + stage.elapsedMs, 0),
    kind: job.kind ?? 'write',
    tool: { name: 'talkbench', version: appVersion, family: job.family ?? 'esp' },
    address: row.address,
    label: job.label ?? null,
    device: job.device ?? null,
    chip: job.chip?.chip ?? null,
    mac: job.chip?.mac ?? null,
    state: job.state,
    boardState: job.boardState ?? null,
    files: job.files.map(({ offset, name, sizeBytes, sha256 = '', md5, verified }) => ({ offset, name, sizeBytes, sha256, md5, verified })),
    result: job.result ?? null,
    error: job.error ?? null,
  };
}
