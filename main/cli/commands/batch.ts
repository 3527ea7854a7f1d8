import { type Command, InvalidArgumentError } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { Batch, BatchBoard } from '../../../preload/contract/recipes.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, interruptSignal, runWithCore, withCommonOptions } from '../command.ts';
import { followToEnd } from '../follow-to-end.ts';
import { exitCodes, type Output } from '../output.ts';
import { requireWritable, writeOutputFile } from '../output-file.ts';
import { collectVariable, variablesOfEnvironment } from '../provisioning-options.ts';
import { recipeOf } from './recipes.ts';

interface BatchOptions extends CommonOptions {
  port: BatchBoard[];
  var: Record<string, string>;
  atOnce: number;
  out?: string;
}

/** `/dev/ttyUSB0` or `/dev/ttyUSB0=SN0042`. */
function collectBoard(text: string, boards: BatchBoard[]): BatchBoard[] {
  const split = text.lastIndexOf('=');
  const board = split < 1 ? { address: text, label: '' } : { address: text.slice(0, split), label: text.slice(split + 1) };
  return [...boards, board];
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 64) throw new InvalidArgumentError('want 1 to 64');
  return count;
}

function followBatch(client: Client, batchId: string, output: Output, interrupt: AbortSignal): Promise<Batch> {
  const told = new Set<string>();
  return followToEnd(client, {
    stream: 'batch.all',
    isIt: (batch) => batch.batchId === batchId,
    hear(batch) {
      for (const { label, address, job } of batch.boards) {
        if (job === null || job.state === 'running' || told.has(address)) continue;
        told.add(address);
        output.say(`${job.state}\t${label}\t${address}\t${job.chip?.mac ?? ''}\t${job.error?.code ?? ''}`);
      }
    },
    cancel: () => client.call('batch.cancel', { batchId }),
    interrupt,
  });
}

export function addBatchCommand(program: Command): void {
  withCommonOptions(
    program
      .command('batch')
      .argument('<recipe>', 'name or id: see `talkbench recipes list`')
      .description('flash many boards at once by one recipe; one failure never stops the others'),
  )
    .option('--port <address[=label]>', 'a board and what to call it; once for each', collectBoard, [])
    .option('--var <name=value>', 'a variable of its provisioning; a secret is better given as TALKBENCH_VAR_<NAME>', collectVariable, {})
    .option('--at-once <count>', 'how many at a time', parseCount, 16)
    .option('--out <file>', 'the table of results as .csv or .json')
    .addHelpText('after', '\nExit code 1 when any board failed. JSON: {"state","boards":[{"address","label","job":{…}}]}')
    .action((wanted: string, options: BatchOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        if (options.out !== undefined) await requireWritable(options.out);
        if (options.port.length === 0)
          throw new TalkError('bad-request', { issues: [{ path: 'port', message: 'want --port ADDRESS=LABEL, once for each board' }] });
        const { id } = await recipeOf(client, wanted);
        const variables = { ...variablesOfEnvironment(), ...options.var };
        const signal = interruptSignal();
        const { batchId } = await client.call('batch.start', { recipeId: id, boards: options.port, variables, atOnce: options.atOnce });
        const batch = await followBatch(client, batchId, output, signal);
        if (options.out !== undefined) {
          const format = options.out.endsWith('.json') ? 'json' : 'csv';
          const { text } = await client.call('batch.export', { batchId, format });
          await writeOutputFile(options.out, (file) => file.writeFile(text));
        }
        const done = batch.boards.filter(({ job }) => job?.state === 'done').length;
        output.result(batch, () => `${done} of ${batch.boards.length} boards done`);
        if (done < batch.boards.length) process.exitCode = exitCodes.failed;
      }),
    );
}
