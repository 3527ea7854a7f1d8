import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { CallRequest } from '../../../preload/contract/index.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type WifiSetupFault, type WifiSetupMethod, type WifiSetupRun, wifiSetupFault } from '../../../preload/contract/wifi-setup.ts';
import { askSecret } from '../ask-secret.ts';
import { type CommonOptions, interruptSignal, runWithCore, withCommonOptions } from '../command.ts';
import { followToEnd } from '../follow-to-end.ts';
import type { Output } from '../output.ts';

interface WifiSetupOptions extends CommonOptions {
  method: WifiSetupMethod;
  ssid?: string;
  address: string;
  port?: number;
  token?: string;
  joined?: boolean;
  wait: boolean;
  readLog?: boolean;
  virtual?: true | WifiSetupFault;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('want 1 to 65535');
  return port;
}

function faultOf(text: string): WifiSetupFault {
  const parsed = wifiSetupFault.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError(`want one of ${wifiSetupFault.options.join(', ')}`);
  return parsed.data;
}

const help = `
The password is TALKBENCH_WIFI_PASSWORD, or asked for. SoftAP: put the board into setup mode, run this, and join the network the
board opens with this machine's Wi-Fi; after the board has answered, join your own network again. Bluetooth needs a radio, which a
command line has not: use the app, or Chrome on its page.

Examples:
  talkbench wifi-setup --ssid Lab
  talkbench wifi-setup --ssid Lab --virtual                    a board in software; --virtual wrong-password: one that fails
  talkbench wifi-setup --read-log --port 9876                  what the board remembers of a setup that failed
JSON: the run {"state","steps":[{"name","state","elapsedMs"}],"device","reached":"accepted|joined|online|bound","trace","error"};
with --read-log {"lines"}`;

export function addWifiSetupCommand(program: Command): void {
  withCommonOptions(program.command('wifi-setup').description('bring a flashed board into a Wi-Fi network (配网), step by step'))
    .addOption(new Option('--method <method>', 'over the board’s own network, or Bluetooth').choices(['softap', 'ble']).default('softap'))
    .option('--ssid <name>', 'the network the board is to join')
    .option('--address <host>', 'the board in its own network', '192.168.4.1')
    .option('--port <number>', 'its UDP port (8266; of a log 9876)', portNumber)
    .option(
      '--token <text>',
      'what the board shows to its cloud; by default one of our own. TALKBENCH_WIFI_TOKEN in the environment does not show in a list of processes',
    )
    .option('--joined', 'this machine is in the board’s network, whatever its addresses say')
    .option('--no-wait', 'the board’s cloud is another: end when it has taken the values')
    .option('--read-log', 'instead: ask the board for the log of its last setup')
    .option('--virtual [fault]', `a board in software as the counterpart (${wifiSetupFault.options.join(', ')})`, faultOf)
    .addHelpText('after', help)
    .action((options: WifiSetupOptions) =>
      runWithCore(options, options.virtual === undefined ? 'settings' : 'ephemeral', async (client, output) => {
        if (options.readLog === true) return readLog(client, output, options);
        const run = await follow(client, output, await requestOf(options));
        if (run.state === 'cancelled') throw new TalkError('cancelled');
        if (run.error !== null) throw TalkError.from(run.error);
        output.result(run, resultText);
      }),
    );
}

async function requestOf({
  method,
  ssid,
  address,
  port,
  token = process.env.TALKBENCH_WIFI_TOKEN || undefined,
  joined,
  wait,
  virtual,
}: WifiSetupOptions): Promise<CallRequest<'wifi.start'>> {
  if (ssid === undefined) throw new TalkError('bad-request', { issues: [{ path: 'ssid', message: 'want --ssid NAME' }] });
  return {
    method,
    ssid,
    password: await askSecret(`Password of ${ssid}: `, 'TALKBENCH_WIFI_PASSWORD'),
    address,
    ...(port === undefined ? {} : { port }),
    ...(token === undefined ? {} : { token }),
    isJoined: joined === true,
    waitForBoard: wait,
    ...(virtual === undefined ? {} : { virtual: virtual === true ? {} : { fault: virtual } }),
  };
}

async function readLog(client: Client, output: Output, { address, port }: WifiSetupOptions): Promise<void> {
  output.result(await client.call('wifi.readLog', { address, ...(port === undefined ? {} : { port }) }), ({ lines }) => lines.join('\n'));
}

const guides: Partial<Record<WifiSetupRun['steps'][number]['name'], string>> = {
  'join-board': 'join the network that the board has opened, with this machine’s Wi-Fi',
  leave: 'the board leaves its network: join your own again',
};

async function follow(client: Client, output: Output, request: CallRequest<'wifi.start'>): Promise<WifiSetupRun> {
  // First: a Ctrl-C must not kill us between the run's beginning and hearing of it.
  const interrupt = interruptSignal();
  const { runId } = await client.call('wifi.start', request);
  const told = new Map<string, string>();
  return followToEnd(client, {
    stream: 'wifi.runs',
    isIt: (run) => run.runId === runId,
    hear({ steps }) {
      for (const { name, state, elapsedMs } of steps) {
        if (state === 'ahead' || told.get(name) === state) continue;
        told.set(name, state);
        const guide = state === 'running' && request.virtual === undefined ? guides[name] : undefined;
        if (guide !== undefined) output.say(`${name}: ${guide}`);
        else if (state !== 'running') output.say(`${name}: ${state}${elapsedMs === null ? '' : ` (${(elapsedMs / 1000).toFixed(1)} s)`}`);
      }
    },
    cancel: () => client.call('wifi.cancel', { runId }),
    interrupt,
  });
}

function resultText({ device, reached }: WifiSetupRun): string {
  const name = device === null ? 'the board' : [device.productId, device.deviceName].filter((part) => part !== null).join('/');
  const words = {
    nothing: 'nothing was proven',
    accepted: 'took the network’s name and password; whether it joined is not seen from here',
    joined: 'is in the network',
    online: 'is in the network and connected to this bench',
    bound: 'is in the network, connected to this bench, and bound by its token',
  };
  return `${name} ${words[reached]}`;
}
