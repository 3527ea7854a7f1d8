import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { LogRow } from '../../../preload/contract/logs.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { parseFile } from '../../core/logs/parser.ts';
import { type CommonOptions, runCommand, withCommonOptions } from '../command.ts';

function format(row: LogRow): string {
  const parts = [
    row.deviceMs ?? row.deviceTime ?? '',
    row.level ?? '',
    row.tag ?? row.file ?? '',
    row.event === undefined ? '' : `<${row.event}>`,
  ];
  return `${parts.map(String).join('\t')}\t${row.message}`;
}

export function addParseCommand(program: Command): void {
  withCommonOptions(
    program.command('parse').argument('<file>', 'a device log, - for standard input').description('parse a device log to rows and events'),
  )
    .addHelpText(
      'after',
      '\nJSON lines, one per input line, in order, none missing: {"seq","grammar","text","message","raw"(base64),"level"?,"deviceMs"?,"deviceTime"?,"tag"?,"file"?,"function"?,"line"?,"event"?,"payload"?,"continues"?}',
    )
    .action((file: string, options: CommonOptions) =>
      runCommand(options, async (output) => {
        const bytes = await (file === '-' ? buffer(process.stdin) : readFile(file)).catch((error: NodeJS.ErrnoException) => {
          throw new TalkError('not-found', { what: 'file', id: file, reason: error.code ?? 'unreadable' });
        });
        for (const { atUs: _atUs, port: _port, direction: _direction, ...row } of parseFile(bytes)) {
          output.line(row, (value) => format(value as LogRow));
          await output.caughtUp();
        }
      }),
    );
}
