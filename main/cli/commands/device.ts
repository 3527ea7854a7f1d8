import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { CallRecord, LiveDevice } from '../../../preload/contract/cloud/twetalk.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, interruptSignal, runWithCore, withCommonOptions } from '../command.ts';
import type { Output } from '../output.ts';

interface DeviceOptions extends CommonOptions {
  wait: number;
  virtual?: boolean;
}

interface Device {
  productId: string;
  deviceName: string;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 86_400)) throw new InvalidArgumentError('want seconds, a day at most');
  return value;
}

function deviceOf(text: string): Device {
  const [productId = '', ...rest] = text.split('/');
  const deviceName = rest.join('/');
  if (productId === '' || deviceName === '') throw new InvalidArgumentError('want PRODUCT/DEVICE');
  return { productId, deviceName };
}

/** `volume=50 name=妈妈`: a value that reads as JSON is that, another is text. */
function membersOf(pairs: readonly string[]): Record<string, unknown> {
  const members = pairs.map((pair): [string, unknown] => {
    const at = pair.indexOf('=');
    if (at < 1) throw new TalkError('bad-request', { issues: [{ path: pair, message: 'want NAME=VALUE' }] });
    const text = pair.slice(at + 1);
    try {
      return [pair.slice(0, at), JSON.parse(text)];
    } catch {
      return [pair.slice(0, at), text];
    }
  });
  return Object.fromEntries(members);
}

export function addDeviceCommand(program: Command): void {
  const device = program.command('device').description('a TWeTalk device by hand: its properties, actions, firmware and calls');

  add(
    device,
    'live',
    'what is known of it now',
    '{"productId","deviceName","isOnline","subscriptions","properties","control","events","update","contacts"}',
  ).action((target: Device, options: DeviceOptions) =>
    run(options, target, async (client, output) => {
      output.result(await client.call('device.live', target), liveText);
    }),
  );

  add(device, 'control', 'set properties; a board that is away finds them when it comes back', '{"outcome":"done"|"kept","elapsedMs"}')
    .argument('<name=value...>', 'properties of the thing model that may be written')
    .action((target: Device, pairs: string[], options: DeviceOptions) =>
      run(options, target, async (client, output) => {
        const reply = await client.call('device.control', { ...target, properties: membersOf(pairs) });
        output.result(reply, ({ outcome, elapsedMs }) =>
          outcome === 'done' ? `done in ${elapsedMs.toFixed(0)} ms` : 'kept until it connects',
        );
      }),
    );

  add(device, 'action', 'run an action of its thing model', '{"response","elapsedMs"}')
    .argument('<action>', 'its identifier')
    .argument('[name=value...]', 'parameters')
    .action((target: Device, actionId: string, pairs: string[], options: DeviceOptions) =>
      run(options, target, async (client, output) => {
        const reply = await client.call('device.action', { ...target, actionId, params: membersOf(pairs) });
        output.result(reply, ({ response, elapsedMs }) => `${JSON.stringify(response)} in ${elapsedMs.toFixed(0)} ms`);
      }),
    );

  add(
    device,
    'ota',
    'update its firmware and follow that to the end',
    '{"version","state","percent","resultCode","servedBytes","requests"}',
  )
    .argument('<file>', 'the firmware')
    .requiredOption('--firmware-version <version>', 'what it calls itself afterwards')
    .addOption(new Option('--fault <what>', 'what is done to it').choices(['none', 'wrong-md5', 'wrong-size', 'cut']).default('none'))
    .option('--timeout <seconds>', 'how long it may take', seconds, 600)
    .action((target: Device, file: string, options: DeviceOptions & { firmwareVersion: string; fault: 'none' | 'cut'; timeout: number }) =>
      run(options, target, async (client, output) => {
        const data = await contentsOf(file);
        const added = await client.call('ota.addFile', { name: basename(file), version: options.firmwareVersion, data });
        await client.call('ota.update', { ...target, fileId: added.id, fault: options.fault });
        const isOver = ({ update }: LiveDevice) => update?.fileId === added.id && (update.state === 'done' || update.state === 'fail');
        const { update } = await follow(client, target, isOver, options.timeout, (live) => {
          if (live.update?.fileId === added.id) output.say(`${live.update.state} ${live.update.percent}%`);
        });
        output.result(update, (it) => `${it?.state} ${it?.resultCode} after ${it?.requests} requests`);
        if (update?.state !== 'done') process.exitCode = 1;
      }),
    );

  add(device, 'call', 'call it as the mini-program would', '{"callId","state","end","talkingMs","out"?}')
    .option('--name <name>', 'who calls', '妈妈')
    .option('--open-id <id>', 'the caller’s openid', 'oTalkbench0000000000000000000001')
    .option('--wav <file>', 'what the caller says; otherwise what the board says comes back to it')
    .option('--seconds <seconds>', 'hang up after so much talk', seconds, 5)
    .option('--out <file>', 'where to save what was heard of the board (WAV, 16 kHz mono)')
    .action((target: Device, options: DeviceOptions & { name: string; openId: string; wav?: string; seconds: number; out?: string }) =>
      run(options, target, async (client, output) => {
        const audio =
          options.wav === undefined ? ({ kind: 'echo' } as const) : ({ kind: 'wav', wav: await contentsOf(options.wav) } as const);
        const caller = { name: options.name, openId: options.openId };
        const { callId } = await client.call('calls.ring', { ...target, caller, audio });
        output.say('ringing');
        const call = await hearOut(client, callId, options.seconds, output);
        if (options.out !== undefined) await writeFile(options.out, (await client.call('calls.heard', { callId })).wav);
        output.result(
          { ...call, ...(options.out === undefined ? {} : { out: options.out }) },
          ({ end, talkingMs }) => `${end} after ${talkingMs} ms`,
        );
        if (call.talkingMs === 0) process.exitCode = 1;
      }),
    );
}

function contentsOf(file: string): Promise<Buffer<ArrayBuffer>> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new TalkError('not-found', { what: 'file', id: file, reason: error.code ?? 'unreadable' });
  });
}

function add(parent: Command, name: string, description: string, json: string): Command {
  return withCommonOptions(parent.command(name).description(description))
    .argument('<device>', 'PRODUCT/DEVICE', deviceOf)
    .option('--wait <seconds>', 'until it is connected', seconds, 20)
    .option('--virtual', 'start a virtual board of that name first (its product is TALKBENCH1)')
    .addHelpText('after', `\nJSON: ${json}`);
}

function run(options: DeviceOptions, target: Device, body: (client: Client, output: Output) => Promise<void>): Promise<void> {
  return runWithCore(options, options.virtual === true ? 'ephemeral' : 'settings', async (client, output) => {
    if (options.virtual === true) await client.call('boards.start', { name: target.deviceName });
    try {
      // A board that does not come is what the call itself then says, in its own words.
      if (options.wait > 0) await follow(client, target, isReady, options.wait).catch(() => {});
      await body(client, output);
    } finally {
      if (options.virtual === true) await client.call('boards.stop', { name: target.deviceName }).catch(() => {});
    }
  });
}

/** Connected, and through with asking for its topics as far as one can see. */
function isReady(live: LiveDevice): boolean {
  return live.isOnline && (live.subscriptions === null || live.subscriptions.some((topic) => topic.startsWith('$ota/')));
}

/** Until what is known of the device satisfies `isOver`. Rejects with TalkError 'timeout', 'cancelled'. */
function follow(
  client: Client,
  target: Device,
  isOver: (live: LiveDevice) => boolean,
  timeoutS: number,
  onChange: (live: LiveDevice) => void = () => {},
): Promise<LiveDevice> {
  return followStream<LiveDevice>(timeoutS, 'device', (look) =>
    client.subscribe('device.live', {}, { onSnapshot: (all) => all.forEach(look), onDelta: (deltas) => deltas.forEach(look) }),
  )(({ productId, deviceName }) => productId === target.productId && deviceName === target.deviceName, isOver, onChange);
}

async function hearOut(client: Client, callId: string, talkS: number, output: Output): Promise<CallRecord> {
  const until = (isOver: (call: CallRecord) => boolean) =>
    followStream<CallRecord>(600, 'call', (look) =>
      client.subscribe('calls.state', {}, { onSnapshot: (all) => all.forEach(look), onDelta: (deltas) => deltas.forEach(look) }),
    )(
      (call) => call.callId === callId,
      isOver,
      () => {},
    );
  const taken = await until(({ state }) => state !== 'ringing');
  if (taken.state === 'ended') return taken;
  output.say('talking');
  const interrupted = interruptSignal();
  const ended = until(({ state }) => state === 'ended');
  const timer = setTimeout(hangUp, talkS * 1000);
  interrupted.addEventListener('abort', hangUp, { once: true });
  function hangUp(): void {
    // It may have been ended at the other side at this moment.
    client.call('calls.hangUp', { callId }).catch(() => {});
  }
  try {
    return await ended;
  } finally {
    clearTimeout(timer);
  }
}

function followStream<Item>(timeoutS: number, what: string, subscribe: (look: (item: Item) => void) => () => void) {
  return (isIt: (item: Item) => boolean, isOver: (item: Item) => boolean, onChange: (item: Item) => void): Promise<Item> =>
    new Promise((resolve, reject) => {
      const end = (finish: () => void) => {
        clearTimeout(timer);
        // The first look may come within the subscribing.
        queueMicrotask(() => unsubscribe());
        finish();
      };
      const timeout = new TalkError('timeout', { operation: what, timeoutMs: timeoutS * 1000 });
      const timer = setTimeout(() => end(() => reject(timeout)), timeoutS * 1000);
      const unsubscribe = subscribe((item) => {
        if (!isIt(item)) return;
        onChange(item);
        if (isOver(item)) end(() => resolve(item));
      });
    });
}

function liveText(live: LiveDevice): string {
  const lines = [
    `${live.productId}/${live.deviceName}\t${live.isOnline ? 'online' : 'offline'}`,
    ...Object.entries(live.properties).map(([id, { value }]) => `${id}\t${JSON.stringify(value)}`),
    ...Object.entries(live.control).map(([id, value]) => `${id}\t${JSON.stringify(value)}\twaits for the board`),
    ...live.events.map(({ eventId, type, params }) => `event ${eventId}\t${type}\t${JSON.stringify(params)}`),
    ...(live.update === null ? [] : [`update ${live.update.version}\t${live.update.state}\t${live.update.percent}%`]),
  ];
  return lines.join('\n');
}
