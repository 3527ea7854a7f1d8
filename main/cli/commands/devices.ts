import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { MadeDevice, ProductRecord } from '../../../preload/contract/cloud/products.ts';
import type { DeviceRecord, ProductAuthentication } from '../../../preload/contract/pipeline.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, runWithCore, withCommonOptions } from '../command.ts';
import { writeOutputFile } from '../output-file.ts';
import { snapshotOf } from '../snapshot.ts';

const OWNER_ALONE = 0o600;

function deviceText(device: DeviceRecord): string {
  const state = device.isOnline
    ? 'online'
    : device.lastOnlineWallMs === null
      ? 'never online'
      : new Date(device.lastOnlineWallMs).toISOString();
  return [device.productId, device.deviceName, state, device.connection?.address ?? '-', device.firmwareVersion ?? '-'].join('\t');
}

function productText(product: ProductRecord): string {
  return [product.productId, product.authentication, product.name, product.hasSecret ? 'registers devices' : ''].join('\t');
}

const triples = (devices: readonly MadeDevice[]) =>
  [
    'productId,deviceName,deviceSecret',
    ...devices.map(({ productId, deviceName, secret }) => `${productId},${deviceName},${secret}`),
    '',
  ].join('\n');

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 5000) throw new InvalidArgumentError('want 1 to 5000');
  return value;
}

const authentication = new Option('--auth <method>', 'how its devices prove who they are').choices(['key', 'psk', 'certificate']);

/** The registry of the lab's products and devices. Secrets are printed when they are made and never again. */
export function addDevicesCommand(program: Command): void {
  const devices = program.command('devices').description('the lab’s products and devices: what gets in by MQTT');

  withCommonOptions(
    devices.command('list').description('all devices: state, address, firmware').option('--product <id>', 'of this product alone'),
  ).action((options: CommonOptions & { product?: string }) =>
    runWithCore(options, 'offline', async (client, output) => {
      const all = await client.call('devices.list', {});
      const shown = all.devices.filter(({ productId }) => options.product === undefined || productId === options.product);
      output.result({ devices: shown }, (listed) => listed.devices.map(deviceText).join('\n'));
    }),
  );

  withCommonOptions(
    devices
      .command('add')
      .argument('<product>', 'product id')
      .argument('<name>', 'device name')
      .option('--secret-file <file>', 'its secret in base64, alone in a file; without, one is made and printed this once')
      .description('register a device, or give it another secret'),
  ).action((productId: string, deviceName: string, options: CommonOptions & { secretFile?: string }) =>
    runWithCore(options, 'offline', async (client, output) => {
      const secret = options.secretFile === undefined ? undefined : (await textOf(options.secretFile)).trim();
      const reply = await client.call('devices.put', { productId, deviceName, ...(secret === undefined ? {} : { secret }) });
      output.result(
        reply,
        ({ device, generatedSecret }) => `${device.productId}/${device.deviceName}\t${generatedSecret ?? 'secret as given'}`,
      );
    }),
  );

  withCommonOptions(
    devices
      .command('generate')
      .argument('<product>', 'product id')
      .option('--count <n>', 'how many', count, 1)
      .option('--prefix <text>', 'what their names begin with', 'dev')
      .option('--out <file>', 'the list with secrets, for `talkbench nvs lists import`; standard output without')
      .description('make devices; their secrets are told this once'),
  ).action((productId: string, options: CommonOptions & { count: number; prefix: string; out?: string }) =>
    runWithCore(options, 'offline', async (client, output) => {
      const { count: wanted, prefix, out } = options;
      const reply = await client.call('devices.generate', { productId, count: wanted, prefix });
      if (out === undefined) {
        output.result(reply, (made) => triples(made.devices).trimEnd());
        return;
      }
      await writeOutputFile(out, (file) => file.writeFile(triples(reply.devices)), OWNER_ALONE);
      output.result({ file: out, count: reply.devices.length }, ({ file }) => file);
    }),
  );

  withCommonOptions(
    devices
      .command('import')
      .argument('<file>', 'CSV of product id, device name, secret')
      .option('--no-header', 'the first line is a device')
      .description('register the devices of a list, all of them or none'),
  ).action((path: string, options: CommonOptions & { header: boolean }) =>
    runWithCore(options, 'offline', async (client, output) => {
      const reply = await client.call('devices.import', { csv: await textOf(path), header: options.header ? 'auto' : 'none' });
      output.result(reply, ({ added, changed, unchanged }) => `${added} added, ${changed} changed, ${unchanged} as they were`);
    }),
  );

  withCommonOptions(
    devices
      .command('export')
      .option('--product <id>', 'of this product alone')
      .option('--out <file>', 'where to; standard output without')
      .description('CSV of what is known of the devices, without secrets'),
  ).action((options: CommonOptions & { product?: string; out?: string }) =>
    runWithCore(options, 'offline', async (client, output) => {
      const { product, out } = options;
      const reply = await client.call('devices.export', product === undefined ? {} : { productId: product });
      if (out === undefined) {
        output.result(reply, ({ csv }) => csv.replaceAll('\r\n', '\n').trimEnd());
        return;
      }
      await writeOutputFile(out, (file) => file.writeFile(reply.csv));
      output.result({ file: out }, ({ file }) => file);
    }),
  );

  withCommonOptions(
    devices
      .command('certificate')
      .argument('<product>', 'product id')
      .argument('<name>', 'device name')
      .requiredOption('--out <folder>', 'gets NAME_cert.crt and NAME_private.key')
      .description('issue a client certificate; the one before does not get in any more'),
  ).action((productId: string, deviceName: string, options: CommonOptions & { out: string }) =>
    runWithCore(options, 'offline', async (client, output) => {
      await mkdir(options.out, { recursive: true });
      const issued = await client.call('devices.issueCertificate', { productId, deviceName });
      const files = {
        certificate: join(options.out, `${fileName(deviceName)}_cert.crt`),
        key: join(options.out, `${fileName(deviceName)}_private.key`),
      };
      await writeOutputFile(files.certificate, (file) => file.writeFile(issued.certificate));
      await writeOutputFile(files.key, (file) => file.writeFile(issued.key), OWNER_ALONE);
      const fingerprint = issued.device.certificateFingerprint;
      output.result({ ...files, fingerprint, notAfterWallMs: issued.notAfterWallMs }, (shown) => `${shown.certificate}\n${shown.key}`);
    }),
  );

  withCommonOptions(
    devices.command('remove').argument('<product>', 'product id').argument('<name>', 'device name').description('forget a device'),
  ).action((productId: string, deviceName: string, options: CommonOptions) =>
    runWithCore(options, 'offline', async (client, output) => {
      await client.call('devices.remove', { productId, deviceName });
      output.result({ productId, deviceName }, (removed) => `${removed.productId}/${removed.deviceName}`);
    }),
  );

  addProductCommands(devices);
}

function addProductCommands(devices: Command): void {
  withCommonOptions(devices.command('products').description('all products')).action((options: CommonOptions) =>
    runWithCore(options, 'offline', async (client, output) =>
      output.result({ products: await snapshotOf(client, 'products.state', {}) }, ({ products }) => products.map(productText).join('\n')),
    ),
  );

  withCommonOptions(
    devices
      .command('product')
      .argument('[id]', 'of the product to make or change; without, a new one with an id made up')
      .option('--name <text>', 'what people call it')
      .addOption(authentication)
      .option('--open', 'devices nobody registered may register themselves with its secret')
      .option('--no-open', 'only registered devices may ask for theirs')
      .description('make or change a product'),
  ).action((productId: string | undefined, options: CommonOptions & { name?: string; auth?: ProductAuthentication; open?: boolean }) =>
    runWithCore(options, 'offline', async (client, output) => {
      const { name, auth, open } = options;
      const product = await client.call('products.put', {
        ...(productId === undefined ? {} : { productId }),
        ...(name === undefined ? {} : { name }),
        ...(auth === undefined ? {} : { authentication: auth }),
        ...(open === undefined ? {} : { isOpen: open }),
      });
      output.result(product, productText);
    }),
  );

  withCommonOptions(
    devices
      .command('product-secret')
      .argument('<id>', 'of the product')
      .description('make a product secret, for dynamic registration; told this once'),
  ).action((productId: string, options: CommonOptions) =>
    runWithCore(options, 'offline', async (client, output) =>
      output.result(await client.call('products.setSecret', { productId }), ({ generatedSecret }) => generatedSecret ?? ''),
    ),
  );

  withCommonOptions(
    devices
      .command('remove-product')
      .argument('<id>', 'of the product')
      .option('--with-devices', 'and all its devices')
      .description('forget a product'),
  ).action((productId: string, options: CommonOptions & { withDevices?: boolean }) =>
    runWithCore(options, 'offline', async (client, output) => {
      const reply = await client.call('products.remove', { productId, withDevices: options.withDevices === true });
      output.result({ productId, ...reply }, (removed) => `${removed.productId}, ${removed.removedDevices} devices`);
    }),
  );
}

/** A device's name may hold what a file's may not. */
function fileName(deviceName: string): string {
  return deviceName.replaceAll(/[^\w@-]/g, '_');
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TalkError('not-found', { what: 'file', id: path }, { cause });
  });
}
