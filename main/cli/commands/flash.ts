import type { Command } from 'commander';
import type { FlashJob, FlashPlan } from '../../../preload/contract/flash.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { runWithCore, withCommonOptions } from '../command.ts';
import { type FlashCommandOptions, firmwareOf, withFirmwareOptions } from '../firmware-options.ts';
import { portOption } from '../flash-options.ts';
import { runJob } from '../follow-job.ts';

interface Options extends FlashCommandOptions {
  port?: string;
  dryRun?: boolean;
}

const hex = (offset: number) => `0x${offset.toString(16)}`;

function planText({ title, files, partitions, warnings, commands }: FlashPlan): string {
  return [
    ...(title === null ? [] : [title]),
    ...files.map((file) =>
      [hex(file.offset), `${file.sizeBytes} bytes`, file.name, file.kind, file.partition ?? '', file.app?.version ?? '']
        .join('\t')
        .trimEnd(),
    ),
    ...(partitions ?? []).map((each) => `  ${each.name}\t${each.type}/${each.subtype}\t${hex(each.offset)}\t${each.sizeBytes} bytes`),
    ...warnings.map(({ code, data }) => `warning ${code} ${JSON.stringify(data)}`),
    ...commands.map(({ line }) => `$ ${line}`),
  ].join('\n');
}

function jobText({ chip, device, files, boardState }: FlashJob): string {
  return [
    `${chip?.description ?? 'board'} ${chip?.mac ?? ''}${device === null ? '' : `  as ${device.productId}/${device.deviceName}`}`,
    ...files.map((file) => {
      const unchanged = file.unchangedBytes === 0 ? '' : `\t${file.unchangedBytes} bytes unchanged`;
      return `${hex(file.offset)}\t${file.sizeBytes} bytes\t${file.name}\tmd5 ${file.md5 ?? '—'}${file.verified === true ? ' verified' : ''}${unchanged}`;
    }),
    `board ${boardState}`,
  ].join('\n');
}

export function addFlashCommand(program: Command): void {
  withFirmwareOptions(
    withCommonOptions(
      program
        .command('flash')
        .argument('[what...]', 'a build folder; ADDR=FILE; a .bin, .hex or partition table that knows its place; a .soc or .binpkg')
        .description('write firmware to a board over its serial port, and make it a device in the same go'),
    ),
  )
    .option(...portOption)
    .option('--dry-run', 'say what would be written and touch no board; needs no --port')
    .addHelpText(
      'after',
      '\nJSON: {"state":"done","chip":{"chip","mac",…},"device","files":[{"offset","name","sizeBytes","sha256","md5","verified","unchangedBytes"}],"stages":[{"stage","elapsedMs"}],"notes":[{"code","data"}],"boardState"}',
    )
    .action((targets: string[], options: Options) =>
      runWithCore(options, 'offline', async (client, output) => {
        const { port, dryRun = false } = options;
        if (port === undefined && !dryRun)
          throw new TalkError('bad-request', {
            issues: [{ path: 'port', message: 'want --port ADDRESS (see `talkbench ports`), or --dry-run' }],
          });
        const firmware = await firmwareOf(client, targets, options);
        const plan = await client.call('flash.plan', firmware);
        if (dryRun || port === undefined) return output.result(plan, planText);
        output.say(planText(plan));
        output.result(await runJob(client, output, port, { kind: 'write', ...firmware }, plan.files), jobText);
      }),
    );
}
