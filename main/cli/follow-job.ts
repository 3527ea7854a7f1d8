import type { Client } from '../../preload/contract/client.ts';
import type { FlashJob, FlashPlan, FlashTask } from '../../preload/contract/flash.ts';
import { TalkError } from '../../preload/contract/talk-error.ts';
import { interruptSignal } from './command.ts';
import { followToEnd } from './follow-to-end.ts';
import type { Output } from './output.ts';

/** Where the progress stands, which is written over again and again. */
const CLEAR_LINE = '\r\u001b[K';

/**
 * Begins a job and follows it to its end, telling a person how it goes. Ctrl-C cancels it. `planned`: of the plan that was shown. Fails
 * with the job's error.
 */
export async function runJob(
  client: Client,
  output: Output,
  address: string,
  task: FlashTask,
  planned?: FlashPlan['files'],
): Promise<FlashJob> {
  // First: a Ctrl-C must not kill us between the job's beginning and hearing of it.
  const signal = interruptSignal();
  const { jobId } = await client.call('flash.start', { address, task, ...(planned === undefined ? {} : { planned }) });
  const job = await followJob(client, jobId, output, signal);
  if (job.error !== null)
    throw new TalkError(job.error.code, { ...job.error.data, boardState: job.boardState }, { retryable: job.error.retryable });
  return job;
}

function followJob(client: Client, jobId: string, output: Output, interrupt: AbortSignal): Promise<FlashJob> {
  let lastStage = '';
  let toldNotes = 0;
  const isDrawn = !output.isJson && process.stderr.isTTY;
  return followToEnd(client, {
    stream: 'flash.jobs',
    isIt: (job) => job.jobId === jobId,
    hear(job) {
      if (isDrawn) process.stderr.write(CLEAR_LINE);
      if (job.stage !== lastStage) output.say(`${job.stage}${job.chip === null ? '' : ` (${job.chip.description})`}`);
      lastStage = job.stage;
      for (const { code, data } of job.notes.slice(toldNotes)) output.say(`  ${code} ${factsOf(data)}`);
      toldNotes = job.notes.length;
      if (isDrawn && job.state === 'running' && job.totalBytes > 0) process.stderr.write(`${progressText(job)}\r`);
    },
    cancel: () => client.call('flash.cancel', { jobId }),
    interrupt,
  });
}

function progressText({ writtenBytes, totalBytes, bytesPerSecond, etaMs }: FlashJob): string {
  const speed = bytesPerSecond === null ? '' : `  ${(bytesPerSecond / 1024).toFixed(0)} KiB/s`;
  const eta = etaMs === null ? '' : `  ${(etaMs / 1000).toFixed(0)} s left`;
  return `${((100 * writtenBytes) / totalBytes).toFixed(0)} %${speed}${eta}`;
}

function factsOf(data: Record<string, unknown>): string {
  return Object.entries(data)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(' ');
}
