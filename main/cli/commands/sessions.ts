import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, runWithCore, withCommonOptions } from '../command.ts';
import { flashRecordText } from '../flash-record-text.ts';

export function addSessionsCommand(program: Command): void {
  const sessions = program.command('sessions').description('recorded sessions: list, show, export, import, keep');

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
      '\nJSON: {"session","ports","conversations","turns":[{"userText","replyText","heardText","toolCalls","breakdown"}],"flashes":[{"kind","state","tool","address","chip","mac","boardState","files":[{"offset","name","sizeBytes","sha256","md5","verified"}],"result","error"}]}',
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
            ...detail.flashes.map((flash) => flashRecordText(flash, detail.session.startedWallMs)),
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

  withCommonOptions(
    sessions
      .command('import')
      .argument('<file>', 'a .talkbench file, or a .whisk file of Pipecat Whisker 2')
      .description('add a session from a file to the library'),
  )
    .addHelpText('after', '\nJSON: {"id"}')
    .action((file: string, options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        const data = new Uint8Array(
          await readFile(file).catch(() => Promise.reject(new TalkError('not-found', { what: 'file', id: file }))),
        );
        output.result(await client.call('sessions.import', { data, fileName: basename(file) }), ({ id }) => id);
      }),
    );

  withCommonOptions(sessions.command('keep').argument('<id>').description('retention leaves this session alone'))
    .option('--no-longer', 'as all others again')
    .addHelpText('after', '\nJSON: the session')
    .action((id: string, options: CommonOptions & { longer: boolean }) =>
      runWithCore(options, 'offline', async (client, output) => {
        output.result(await client.call('sessions.keep', { id, isKept: options.longer }), (session) =>
          session.isKept === true ? `${session.id} is kept` : `${session.id} is kept as long as the others`,
        );
      }),
    );

  withCommonOptions(sessions.command('storage').description('how large the library is, what disk is left, what retention would remove'))
    .option('--gb <size>', 'as if the library could have so many GB')
    .option('--days <days>', 'as if sessions were kept so many days')
    .addHelpText(
      'after',
      '\nJSON: {"libraryBytes","freeBytes","diskFreeBytes","sessions","keptSessions","wouldRemove":[{"id","sizeBytes","reason"}]}',
    )
    .action((options: CommonOptions & { gb?: string; days?: string }) =>
      runWithCore(options, 'offline', async (client, output) => {
        const isOther = options.gb !== undefined || options.days !== undefined;
        const retention = {
          maximumGb: options.gb === undefined ? null : Number(options.gb),
          maximumAgeDays: options.days === undefined ? null : Number(options.days),
        };
        output.result(await client.call('sessions.storage', isOther ? { retention } : {}), (storage) =>
          [
            `library\t${(storage.libraryBytes / 1e6).toFixed(1)} MB, ${(storage.freeBytes / 1e6).toFixed(1)} MB of it free`,
            `disk\t${storage.diskFreeBytes === null ? 'not known' : `${(storage.diskFreeBytes / 1e9).toFixed(1)} GB free`}`,
            `sessions\t${storage.sessions}, ${storage.keptSessions} kept`,
            ...((storage.wouldRemoveSounds?.runs ?? 0) === 0
              ? []
              : [
                  `would remove\tsounds of ${storage.wouldRemoveSounds?.runs} runs of checks\t${((storage.wouldRemoveSounds?.sizeBytes ?? 0) / 1e6).toFixed(1)} MB`,
                ]),
            ...storage.wouldRemove.map((one) => `would remove\t${one.id}\t${(one.sizeBytes / 1e6).toFixed(1)} MB\t${one.reason}`),
          ].join('\n'),
        );
      }),
    );
}
