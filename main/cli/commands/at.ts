import { createInterface } from 'node:readline';
import { type Command, InvalidArgumentError } from 'commander';
import type { AtBringUp, AtConsoleDelta, AtExchange } from '../../../preload/contract/at.ts';
import type { Client } from '../../../preload/contract/client.ts';
import { maskIdentities } from '../../../preload/contract/identities.ts';
import { udevRule } from '../../core/at/udev-rule.ts';
import { exchangeText, stepText, verdictText } from '../at-words.ts';
import { type CommonOptions, interruptSignal, runCommand, runWithCore, withCommonOptions } from '../command.ts';
import { holdPort } from '../hold-port.ts';
import { exitCodes, type Output } from '../output.ts';
import { withoutControls } from '../terminal-text.ts';

interface AtOptions extends CommonOptions {
  port?: string;
  baud?: number;
  bringup?: boolean;
  /** False: the last step is skipped. */
  ping?: string | false;
  wait?: number;
  timeout?: number;
  prompt?: string;
  identities?: boolean;
  udevRule?: boolean;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('want a number above zero');
  return value;
}

export function addAtCommand(program: Command): void {
  withCommonOptions(program.command('at').description('talk AT to an LTE cat.1 modem, or bring one up in fifteen steps'))
    .argument('[commands...]', 'commands in order, e.g. AT+CSQ; none: from standard input, a line each')
    .option('--port <address>', '/dev/ttyACM0, COM7, socket://host:port, virtual://board')
    .option('--baud <rate>', 'baud rate, for a module on a UART', positive)
    .option('--bringup', 'the fifteen steps, from AT to ping')
    .option('--ping <host>', 'host of the last step')
    .option('--no-ping', 'leave the last step out')
    .option('--wait <seconds>', 'how long the bring-up waits for SIM and network', positive)
    .option('--timeout <ms>', 'time limit of each command; by default the vendor’s', positive)
    .option('--prompt <text>', 'what to answer a prompt with (an SMS, a file); Ctrl-Z is added')
    .option('--identities', 'show IMEI, IMSI and ICCID in full; they are masked otherwise')
    .option('--udev-rule', 'print the udev rule that keeps ModemManager off these modules, and end')
    .addHelpText(
      'after',
      `
JSON of --bringup: {"state":"passed"|"failed","steps":[{"number","id","state","values","limits","evidence","next"}],"firstFailed",…}.
JSON of commands: a line each, {"command","lines","final":{"kind","code"?},"values":[{"name","value","unit"?,"verdict"}]}.
Exit code 1 when a step failed, or a command ended in anything but OK or CONNECT.`,
    )
    .action((commands: string[], options: AtOptions, command: Command) => {
      if (options.udevRule === true)
        return runCommand(options, async (output) => output.result({ rule: udevRule }, ({ rule }) => rule.trimEnd()));
      const { port } = options;
      if (port === undefined)
        return command.error("error: required option '--port <address>' not specified", { exitCode: exitCodes.usage });
      if (options.bringup === true && commands.length > 0)
        return command.error('error: give commands or --bringup, not both', { exitCode: exitCodes.usage });
      return runWithCore(options, 'offline', async (client, output) => {
        await using _held = await holdPort(client, port, options.baud === undefined ? {} : { baudRate: options.baud });
        if (options.bringup === true) await bringUp(client, port, options, output);
        else await sendAll(client, port, commands, options, output);
      });
    });
}

async function bringUp(client: Client, address: string, options: AtOptions, output: Output): Promise<void> {
  const shown = new Set<number>();
  const show = ({ steps }: AtBringUp): void => {
    for (const step of steps) {
      if (shown.has(step.number) || step.state === 'running' || step.state === 'waiting') continue;
      shown.add(step.number);
      if (!output.isJson) output.line(forEyes(step, options), (value) => withoutControls(stepText(value)));
    }
  };
  const unsubscribe = client.subscribe(
    'at.console',
    { address },
    {
      onSnapshot: () => {},
      onDelta: (deltas: AtConsoleDelta[]) => {
        for (const { bringUp: report } of deltas) if (report !== undefined) show(report);
      },
    },
  );
  const report = await client.call(
    'at.bringUp',
    {
      address,
      ...(options.ping === undefined ? {} : { pingHost: options.ping === false ? null : options.ping }),
      ...(options.wait === undefined ? {} : { waitMs: Math.round(options.wait * 1000) }),
    },
    { signal: interruptSignal() },
  );
  unsubscribe();
  show(report);
  output.result(forEyes(report, options), verdictText);
  if (report.state !== 'passed') process.exitCode = exitCodes.failed;
}

async function sendAll(client: Client, address: string, commands: readonly string[], options: AtOptions, output: Output): Promise<void> {
  const signal = interruptSignal();
  const given = commands.length > 0 ? commands : createInterface({ input: process.stdin, signal });
  const unsubscribe = followUnasked(client, address, options, output);
  for await (const command of given) {
    if (command.trim() === '') continue;
    const exchange = await client.call(
      'at.send',
      {
        address,
        command: command.trim(),
        ...(options.prompt === undefined ? {} : { data: options.prompt }),
        ...(options.timeout === undefined ? {} : { timeoutMs: Math.round(options.timeout) }),
      },
      { signal },
    );
    output.line(forEyes(exchange, options), (value) => withoutControls(exchangeText(value)));
    if (!isFine(exchange)) process.exitCode = exitCodes.failed;
  }
  unsubscribe();
}

/** What the modem says unasked goes beside the answers, for a person. */
function followUnasked(client: Client, address: string, options: AtOptions, output: Output): () => void {
  return client.subscribe(
    'at.console',
    { address },
    {
      onSnapshot: () => {},
      onDelta: (deltas: AtConsoleDelta[]) => {
        for (const { urc } of deltas) if (urc !== undefined) output.say(`  * ${withoutControls(forEyes(urc.text, options))}`);
      },
    },
  );
}

function forEyes<T>(value: T, options: AtOptions): T {
  return options.identities === true ? value : maskIdentities(value);
}

function isFine({ final }: AtExchange): boolean {
  return final?.kind === 'ok' || final?.kind === 'connect';
}
