import type { Command } from 'commander';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, runCommand, withCommonOptions } from '../command.ts';
import { logWay } from './replay-log.ts';
import { rerunWay } from './replay-rerun.ts';
import { resimulateWay } from './replay-resimulate.ts';

/** One way of doing a recording again: its options, its flag among them, and what is done with them. */
export interface ReplayWay {
  /** '--resimulate' */
  flag: string;
  /** One line of the command's JSON in its help. */
  help: string;
  addOptions(command: Command): Command;
  /** Of the command line as it was given, the options by their names. */
  isChosen(options: Record<string, unknown>): boolean;
  run(sessions: readonly string[], options: CommonOptions): Promise<void>;
}

const ways: readonly ReplayWay[] = [resimulateWay, rerunWay, logWay];

export function addReplayCommand(program: Command): void {
  const command = withCommonOptions(
    program
      .command('replay')
      .argument('[sessions...]', 'session ids, the newest when none is given; with --log also files and folders')
      .description('do a recorded conversation again, one of several ways'),
  );
  for (const way of ways) way.addOptions(command);
  command
    .addHelpText('after', `\n${ways.map(({ help }) => help).join('\n')}`)
    .action((sessions: string[], options: CommonOptions & Record<string, unknown>) => {
      const [way, other] = ways.filter(({ isChosen }) => isChosen(options));
      if (way !== undefined && other === undefined) return way.run(sessions, options);
      return runCommand(options, () => {
        const flags = ways.map(({ flag }) => flag).join(', ');
        return Promise.reject(new TalkError('bad-request', { issues: [{ path: 'replay', message: `want one of ${flags}` }] }));
      });
    });
}
