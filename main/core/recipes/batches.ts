import { randomUUID } from 'node:crypto';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { FlashJob } from '../../../preload/contract/flash.ts';
import type { CallBody } from '../../../preload/contract/index.ts';
import type { Batch, BatchBoard } from '../../../preload/contract/recipes.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { FlashJobs } from '../flash/jobs.ts';
import { prepareFlash } from '../flash/plan.ts';
import { batchTable } from './batch-table.ts';
import type { Recipes } from './recipes.ts';

const KEPT_BATCHES = 20;
/** Each board's job tells of itself so often, and all of the batch goes with each. */
const TELL_INTERVAL_US = 100_000;

export interface Batches {
  calls: Pick<CallHandlers, 'batch.start' | 'batch.cancel' | 'batch.export'>;
  streams: Pick<StreamHandlers, 'batch.all'>;
  /** Cancels what has not begun; running jobs are the jobs' own to cancel. */
  close(): void;
}

interface Running {
  batch: Batch;
  isCancelled: boolean;
  /** What was not told yet is, with this; null: all was. */
  cancelTelling: (() => void) | null;
}

/** Many boards by one recipe. Each board is a flash job like any other; a batch is who waits for whom, and the table of results. */
export function createBatches({ jobs, recipes, clock }: { jobs: FlashJobs; recipes: Recipes; clock: Clock }): Batches {
  const batches = new Map<string, Running>();
  const topic = new Topic<Batch[], Batch>({ snapshot: () => [...batches.values()].map(({ batch }) => batch) });
  jobs.listen(hear);

  function hear(job: FlashJob): void {
    const running = job.batchId === null ? undefined : batches.get(job.batchId);
    if (running === undefined) return;
    const { batch } = running;
    running.batch = { ...batch, boards: batch.boards.map((board) => (board.address === job.address ? { ...board, job } : board)) };
    if (job.state !== 'running') tell(running);
    else running.cancelTelling ??= clock.at((clock.nowUs() + TELL_INTERVAL_US) as MonoUs, () => tell(running));
  }

  function tell(running: Running): void {
    running.cancelTelling?.();
    running.cancelTelling = null;
    topic.publish(running.batch);
  }

  function requireBatch(batchId: string): Running {
    const running = batches.get(batchId);
    if (running === undefined) throw new TalkError('not-found', { what: 'batch', id: batchId });
    return running;
  }

  async function start({ recipeId, boards, variables, atOnce }: CallBody<'batch.start'>): Promise<string> {
    requireDifferent(boards);
    const recipe = recipes.get(recipeId);
    const firmware = await recipes.firmwareOf(recipe, variables);
    const { device } = firmware.provisioning ?? {};
    if (boards.length > 1 && device !== undefined && device.kind !== 'list')
      throw new TalkError('provisioning/several-boards', {
        productId: device.productId,
        deviceName: device.deviceName,
        boards: boards.length,
      });
    // Once for all boards: a file that is replaced in mid-batch must not make two kinds of boards.
    const prepared = await prepareFlash(firmware);
    const running: Running = {
      isCancelled: false,
      cancelTelling: null,
      batch: {
        batchId: randomUUID(),
        recipeId,
        name: recipe.name,
        startedWallMs: clock.wallMs(),
        state: 'running',
        boards: boards.map(({ address, label }) => ({ address, label, job: null })),
      },
    };
    const { batchId } = running.batch;
    batches.set(batchId, running);
    for (const [id, { batch }] of batches) if (batches.size > KEPT_BATCHES && batch.state !== 'running') batches.delete(id);
    tell(running);

    const waiting = [...boards];
    async function worker(): Promise<void> {
      for (let board = waiting.shift(); board !== undefined && !running.isCancelled; board = waiting.shift()) {
        const { ended } = jobs.begin(
          board.address,
          { kind: 'write', prepared, provisioning: firmware.provisioning },
          { label: board.label, batchId },
        );
        await ended;
      }
    }
    void Promise.allSettled(Array.from({ length: Math.min(atOnce, boards.length) }, worker)).then(() => {
      running.batch = { ...running.batch, state: running.isCancelled ? 'cancelled' : 'done' };
      tell(running);
    });
    return batchId;
  }

  return {
    calls: {
      'batch.start': async (body) => ({ batchId: await start(body) }),
      'batch.cancel': async ({ batchId }) => {
        const running = requireBatch(batchId);
        running.isCancelled = true;
        for (const { job } of running.batch.boards) if (job?.state === 'running') jobs.cancel(job.jobId);
        return {};
      },
      'batch.export': async ({ batchId, format, language }) => batchTable(requireBatch(batchId).batch, format, language),
    },
    streams: { 'batch.all': () => ({ topic }) },
    close() {
      for (const running of batches.values()) {
        running.isCancelled = true;
        running.cancelTelling?.();
      }
    },
  };
}

/** A port can take one job at a time, and a label that two boards share tells neither. */
function requireDifferent(boards: readonly BatchBoard[]): void {
  const addresses = new Set<string>();
  const labels = new Set<string>();
  for (const [index, { address, label }] of boards.entries()) {
    if (addresses.has(address)) throw misuse(index, 'address', 'twice in one batch');
    if (label !== '' && labels.has(label)) throw misuse(index, 'label', 'twice in one batch');
    addresses.add(address);
    labels.add(label);
  }
}

function misuse(index: number, field: string, message: string): TalkError {
  return new TalkError('bad-request', { issues: [{ path: ['boards', index, field], message }] });
}
