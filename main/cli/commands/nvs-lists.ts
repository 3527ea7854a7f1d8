import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Command } from 'commander';
import type { DeviceList, DeviceListEntry } from '../../../preload/contract/provisioning.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, runWithCore, withCommonOptions } from '../command.ts';
import { listIdOf } from '../provisioning-options.ts';
import { snapshotOf } from '../snapshot.ts';

function listText({ name, total, free, reserved, used, listId }: DeviceList): string {
  return `${name}\t${free} of ${total} free, ${reserved} being burned, ${used} used\t${listId}`;
}

function entryText({ productId, deviceName, state, mac, usedWallMs }: DeviceListEntry): string {
  return [`${productId}/${deviceName}`, state, mac ?? '', usedWallMs === null ? '' : new Date(usedWallMs).toISOString()].join('\t');
}

/** `nvs lists …`: devices that boards become, each once. */
export function addNvsListCommands(nvs: Command): void {
  const lists = nvs.command('lists').description('lists of devices, each of which goes into one board');

  withCommonOptions(lists.command('list', { isDefault: true }).description('all of them, with what is left'))
    .addHelpText('after', '\nJSON: [{"listId","name","total","free","reserved","used"}]')
    .action((options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) =>
        output.result(await snapshotOf(client, 'provisioning.lists', {}), (all) => all.map(listText).join('\n')),
      ),
    );

  withCommonOptions(
    lists
      .command('import')
      .argument('<file>', 'CSV: product id, device name, secret; in the order of a header, if it has one')
      .description('take a list of devices in; their secrets go to the secret store and are not shown again'),
  )
    .option('--name <name>', 'what to call it; the file’s name unless said')
    .option('--no-header', 'its first line is a device, whatever it looks like')
    .addHelpText('after', '\nJSON: {"listId","name","total","free","reserved","used"}')
    .action(
      (file: string, { name = basename(file, extname(file)), header, ...options }: CommonOptions & { name?: string; header: boolean }) =>
        runWithCore(options, 'offline', async (client, output) => {
          const csv = await readFile(file, 'utf8').catch(() => {
            throw new TalkError('not-found', { what: 'file', id: file });
          });
          output.result(await client.call('provisioning.importList', { name, csv, header: header ? 'auto' : 'none' }), listText);
        }),
    );

  withCommonOptions(lists.command('show').argument('<list>', 'name or id').description('its devices: free, or in which board'))
    .addHelpText('after', '\nJSON: [{"productId","deviceName","state","mac","usedWallMs"}]')
    .action((list: string, options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        const { entries } = await client.call('provisioning.list', { listId: await listIdOf(client, list) });
        output.result(entries, (all) => all.map(entryText).join('\n'));
      }),
    );

  withCommonOptions(
    lists
      .command('release')
      .argument('<list>', 'name or id')
      .argument('<device>', 'PRODUCT/DEVICE')
      .description('make a used device free again: only when it is on no board any more'),
  )
    .addHelpText('after', '\nJSON: {"released"}')
    .action((list: string, device: string, options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        const [productId = '', ...rest] = device.split('/');
        await client.call('provisioning.release', { listId: await listIdOf(client, list), productId, deviceName: rest.join('/') });
        output.result({ released: device }, ({ released }) => `${released} is free`);
      }),
    );

  withCommonOptions(
    lists.command('remove').argument('<list>', 'name or id').description('forget a list, its secrets, and which boards have its devices'),
  )
    .addHelpText('after', '\nJSON: {"removed"}')
    .action((list: string, options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        await client.call('provisioning.removeList', { listId: await listIdOf(client, list) });
        output.result({ removed: list }, ({ removed }) => `${removed} is removed`);
      }),
    );
}
