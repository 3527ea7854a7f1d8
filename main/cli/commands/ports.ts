import type { Command } from 'commander';
import { type CommonOptions, runWithCore, withCommonOptions } from '../command.ts';

export function addPortsCommand(program: Command): void {
  withCommonOptions(program.command('ports').description('list the serial ports and virtual boards of this machine'))
    .addHelpText(
      'after',
      '\nJSON: {"ports":[{"address","kind","label","vendorId"?,"productId"?,"serialNumber"?,"ptyPath"?}],"problem"?:{"code","data"}}',
    )
    .action((options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        const reply = await client.call('ports.list', {});
        if (reply.problem !== undefined)
          output.say(`some ports cannot be listed: ${reply.problem.code} ${JSON.stringify(reply.problem.data)}`);
        output.result(reply, ({ ports }) =>
          ports.length === 0
            ? 'no ports'
            : ports
                .map((port) =>
                  [
                    port.address,
                    port.kind,
                    port.label,
                    port.vendorId && `${port.vendorId}:${port.productId ?? ''}`,
                    port.ptyPath && `pty ${port.ptyPath}`,
                  ]
                    .filter((part) => part !== undefined && part !== '')
                    .join('\t'),
                )
                .join('\n'),
        );
      }),
    );
}
