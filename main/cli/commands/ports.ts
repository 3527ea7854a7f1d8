import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { PortInfo } from '../../../preload/contract/ports.ts';
import { approveCommand, removeCommand } from '../../core/devices/command-list.ts';
import { type CommonOptions, runCommand, runWithCore, withCommonOptions } from '../command.ts';

export function addPortsCommand(program: Command): void {
  const ports = withCommonOptions(
    program.command('ports').description('list the serial ports, virtual boards and approved commands of this machine'),
  )
    .addHelpText(
      'after',
      '\nJSON: {"ports":[{"address","kind","label","identity"?,"name"?,"board"?,"role"?,"vendorId"?,"productId"?,"serialNumber"?,"location"?,"ptyPath"?,"description"?}],"problem"?:{"code","data"}}',
    )
    .action((options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        const reply = await client.call('ports.list', {});
        if (reply.problem !== undefined)
          output.say(`some ports cannot be listed: ${reply.problem.code} ${JSON.stringify(reply.problem.data)}`);
        output.result(reply, ({ ports: listed }) => (listed.length === 0 ? 'no ports' : listed.map(portText).join('\n')));
      }),
    );

  withCommonOptions(
    ports
      .command('add')
      .description('approve a program as a port, command://NAME: what it prints is received, what is sent is its input')
      .argument('<name>', 'letters, digits, . _ -')
      .argument('<program...>', 'the program and its arguments, behind --; no shell reads them'),
  )
    .option('--description <text>', 'what to call it in the list')
    .addHelpText('after', '\nExample: talkbench ports add gateway -- ssh pi@board journalctl -f\nJSON: {"address","argv"}')
    .action((name: string, argv: string[], _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions & { description?: string }>();
      return runCommand(options, async (output) => {
        const { description } = options;
        await approveCommand(resolve(options.data), { name, argv, ...(description === undefined ? {} : { description }) });
        output.result({ address: `command://${name}`, argv }, (value) => `${value.address} runs ${value.argv.join(' ')}`);
      });
    });

  withCommonOptions(ports.command('remove').description('take back the approval of a program').argument('<name>')).action(
    (name: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>();
      return runCommand(options, async (output) => {
        await removeCommand(resolve(options.data), name);
        output.result({ removed: `command://${name}` }, (value) => `removed ${value.removed}`);
      });
    },
  );
}

function portText({ address, kind, label, vendorId, productId, role, ptyPath, description }: PortInfo): string {
  const usb = vendorId === undefined ? '' : `${vendorId}:${productId ?? ''}`;
  return [address, kind, label, usb, role ?? '', ptyPath === undefined ? '' : `pty ${ptyPath}`, description ?? '']
    .filter((part) => part !== '')
    .join('\t');
}
