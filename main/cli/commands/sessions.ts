import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type CommonOptions, runWithCore, withCommonOptions } from '../command.ts';

export function addSessionsCommand(program: Command): void {
  const sessions = program.command('sessions').description('recorded sessions: list, show, export');

  withCommonOptions(sessions.command('list').description('recorded sessions, newest first'))
    .addHelpText(
      'after',
      '\nJSON: {"sessions":[{"id","title","state","startedWallMs","durationUs","turnCount","logRowCount","droppedCount",…}]}',
    )
    .action((options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        output.result(await client.call('sessions.list', {}), ({ sessions: list }) =>
          list.length === 0
            ? 'no sessions yet'
            : list
                .map(
                  (one) =>
                    `${one.id}\t${new Date(one.startedWallMs).toISOString()}\t${one.state}\t${(one.durationUs / 1e6).toFixed(0)} s\t${one.turnCount} turns\t${one.title}`,
                )
                .join('\n'),
        );
      }),
    );

  withCommonOptions(sessions.command('show').argument('<id>').description('one session: conversations, turns with their latency, flashes'))
    .addHelpText(
      'after',
      '\nJSON: {"session","ports","conversations","turns":[{"userText","replyText","heardText","toolCalls","breakdown"}],"flashes"}',
    )
    .action((id: string, options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        output.result(await client.call('sessions.show', { id }), (detail) =>
          [
            `${detail.session.title}\t${detail.session.state}\t${(detail.session.durationUs / 1e6).toFixed(1)} s`,
            ...detail.turns.map(
              (turn) =>
                `turn ${turn.turnId} ${turn.initiator} ${turn.outcome ?? 'under way'}\tuser: ${turn.userText}\tagent: ${turn.heardText}\t${turn.breakdown.totalUs === null ? '—' : `${(turn.breakdown.totalUs / 1000).toFixed(0)} ms`}`,
            ),
          ].join('\n'),
        );
      }),
    );

  withCommonOptions(sessions.command('export').argument('<id>').description('write one session to a .talkbench file (SQLite)'))
    .option('--out <file>', 'where to; the session’s own name by default')
    .option('--identities', 'keep IMEI, IMSI and ICCID, which are redacted otherwise')
    .addHelpText('after', '\nJSON: {"file","sizeBytes"}')
    .action((id: string, options: CommonOptions & { out?: string; identities?: boolean }) =>
      runWithCore(options, 'offline', async (client, output) => {
        const { fileName, data } = await client.call('sessions.export', { id, includeIdentities: options.identities === true });
        const file = options.out ?? fileName;
        await writeFile(file, data);
        output.result({ file, sizeBytes: data.byteLength }, (written) => `${written.file}\t${written.sizeBytes} bytes`);
      }),
    );
}
