/**
 * The utility process that is the core. It only wires: what it does is decided in createCore. Besides the window it serves this
 * machine's loopback, so that the `talkbench` command works on the running app instead of fighting it for the library.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serverPortTransport } from '../../preload/contract/transports/message-port.ts';
import { createCore } from '../core/core.ts';
import { endOnUncaught } from '../core/last-resort.ts';
import { createLog } from '../core/log.ts';
import { startLoopbackHost } from '../loopback/host.ts';
import { removeRunFile, writeRunFile } from '../loopback/run-file.ts';
import type { FromCore } from './core-messages.ts';
import { relayedPrinter } from './relayed-printer.ts';
import { relayedProcesses } from './relayed-processes.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    version: { type: 'string' },
    demo: { type: 'boolean', default: false },
    'mqtt-port': { type: 'string' },
    'gateway-port': { type: 'string' },
  },
});
const { data: dataDirectory, version: appVersion } = values;
if (dataDirectory === undefined || appVersion === undefined) throw new Error('core.process needs --data and --version');

const tell = (message: FromCore) => process.parentPort.postMessage(message);
const log = createLog();
const core = await createCore({
  dataDirectory,
  listeners: {
    enabled: true,
    ...(values['mqtt-port'] === undefined ? {} : { mqttPort: Number(values['mqtt-port']) }),
    ...(values['gateway-port'] === undefined ? {} : { gatewayPort: Number(values['gateway-port']) }),
  },
  log,
  appVersion,
  isDemo: values.demo,
  startProcess: relayedProcesses(process.parentPort),
  printPdf: relayedPrinter(process.parentPort, log),
});
endOnUncaught(log, core.flush);

const host = await startLoopbackHost({ endpoint: core.endpoint, staticDirectory: join(import.meta.dirname, '../renderer'), port: 0, log });
await writeRunFile(dataDirectory, host);

async function close(directory: string): Promise<void> {
  await removeRunFile(directory);
  await host.close();
  await core.close();
}

process.parentPort.on('message', ({ data, ports: [port] }) => {
  switch (data.type) {
    case 'connect':
      if (port !== undefined) core.endpoint.accept(serverPortTransport(port), { role: 'operator', host: 'electron' });
      break;
    case 'ping':
      tell({ type: 'pong' });
      break;
    case 'stop':
      close(dataDirectory).then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'the core did not close cleanly');
          process.exit(1);
        },
      );
  }
});
tell({ type: 'ready' });
