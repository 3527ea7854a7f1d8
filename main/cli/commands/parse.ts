import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { DeviceState } from '../../../preload/contract/device-state.ts';
import type { LogRow } from '../../../preload/contract/logs.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { stateOfFile } from '../../core/logs/device-state/file.ts';
import { parseFile } from '../../core/logs/parser.ts';
import { type CommonOptions, runCommand, withCommonOptions } from '../command.ts';
import { withoutControls } from '../terminal-text.ts';

interface ParseOptions extends CommonOptions {
  state?: boolean;
}

export function addParseCommand(program: Command): void {
  withCommonOptions(
    program.command('parse').argument('<file>', 'a device log, - for standard input').description('parse a device log to rows and events'),
  )
    .option('--state', 'not the rows, but what they say of the board: steps, facts, resets, turns with latency, health notices')
    .addHelpText(
      'after',
      `
JSON lines, one per input line, in order, none missing: {"seq","grammar","text","message","raw"(base64),"level"?,"deviceMs"?,"deviceTime"?,"tag"?,"file"?,"function"?,"line"?,"event"?,"payload"?,"continues"?}
With --state one JSON object: {"steps","condition","facts","boots","turns","heap","notices"}; times are microseconds on the board's own clock.`,
    )
    .action((file: string, options: ParseOptions) =>
      runCommand(options, async (output) => {
        const bytes = await (file === '-' ? buffer(process.stdin) : readFile(file)).catch((error: NodeJS.ErrnoException) => {
          throw new TalkError('not-found', { what: 'file', id: file, reason: error.code ?? 'unreadable' });
        });
        if (options.state === true) {
          output.result(stateOfFile(parseFile(bytes)), (value) => withoutControls(stateText(value)));
          return;
        }
        for (const { atUs: _atUs, port: _port, direction: _direction, ...row } of parseFile(bytes)) {
          output.line(row, (value) => rowText(value as LogRow));
          await output.caughtUp();
        }
      }),
    );
}

function rowText(row: LogRow): string {
  const parts = [
    row.deviceMs ?? row.deviceTime ?? '',
    row.level ?? '',
    row.tag ?? row.file ?? '',
    row.event === undefined ? '' : `<${row.event}>`,
  ];
  return withoutControls(`${parts.map(String).join('\t')}\t${row.message}`);
}

function stateText({ condition, steps, facts, boots, turns, notices }: DeviceState): string {
  const at = (us: number) => `${(us / 1e6).toFixed(3)} s`;
  return [
    `${condition}: ${steps.map(({ step, state }) => `${step} ${state}`).join(' → ')}`,
    ...Object.entries(facts).map(([name, value]) => `  ${name}: ${value}`),
    ...boots.map((boot) => `reset ${at(boot.atUs)}\t${boot.reason}\tline ${boot.seq + 1}`),
    ...turns.map(
      (turn) =>
        `turn ${turn.number} ${at(turn.startedUs)}\tuser: ${turn.userText}\tbot: ${turn.botText.replaceAll('\n', ' ')}\t${turn.latencyUs === null ? '—' : `${Math.round(turn.latencyUs / 1000)} ms`}${turn.isInterrupted ? '\tinterrupted' : ''}`,
    ),
    ...notices.map(
      (notice) => `${notice.severity}: ${notice.kind} ${JSON.stringify(notice.data)}\t${notice.count} times, line ${notice.firstSeq + 1}`,
    ),
  ].join('\n');
}
