import type { Command } from 'commander';
import { type CommonOptions, runWithCore, withCommonOptions } from '../command.ts';

const ms = (us: number | null): string => (us === null ? '—' : (us / 1000).toFixed(0));

export function addLatencyCommand(program: Command): void {
  withCommonOptions(
    program
      .command('latency')
      .argument('[sessions...]', 'session ids; the newest when none is given')
      .description('explain where the time of every turn went'),
  )
    .addHelpText(
      'after',
      '\nJSON: {"turns":[{"conversationId","turnId","userText","breakdown":{"totalUs","parts":[{"key","owner","durationUs"}],"missing","product"}}],"percentiles":[{"key","n","censored","p50","p90","p95","p99","max"}],"unanswered"}',
    )
    .action((ids: string[], options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        const chosen = ids.length > 0 ? ids : (await client.call('sessions.list', { limit: 1 })).sessions.map((session) => session.id);
        if (chosen.length === 0) {
          output.result({ turns: [], percentiles: [], unanswered: 0 }, () => 'no sessions yet');
          return;
        }
        output.result(await client.call('sessions.latency', { ids: chosen }), (reply) => {
          const turns = reply.turns.map((turn) => {
            const parts = turn.breakdown.parts.map((part) => `${part.key} ${ms(part.durationUs)}`).join(' + ');
            return `turn ${turn.turnId}\t${ms(turn.breakdown.totalUs)} ms\t${parts || `missing ${turn.breakdown.missing.join(', ')}`}\t${turn.userText}`;
          });
          const table = reply.percentiles.map(
            (row) =>
              `${row.key}\tn=${row.n} censored=${row.censored}\tp50 ${row.p50 ?? '—'}\tp90 ${row.p90 ?? '—'}\tp95 ${row.p95 ?? '—'}\tmax ${row.max ?? '—'}`,
          );
          return [...turns, '', ...table, `unanswered ${reply.unanswered}`].join('\n');
        });
      }),
    );
}
