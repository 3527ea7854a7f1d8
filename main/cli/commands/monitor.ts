import { createInterface } from 'node:readline';
import { type Command, InvalidArgumentError } from 'commander';
import type { LogRow } from '../../../preload/contract/logs.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, interruptSignal, runWithCore, untilAborted, withCommonOptions } from '../command.ts';

interface MonitorOptions extends CommonOptions {
  port: string;
  baud: number;
  reset?: boolean;
  duration?: number;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('want a number above zero');
  return value;
}

/** Timers go no further than 2³² ms, 49 days. */
function duration(text: string): number {
  const value = positive(text);
  if (value > 40 * 86_400) throw new InvalidArgumentError('want 40 days at most');
  return value;
}

export function addMonitorCommand(program: Command): void {
  withCommonOptions(program.command('monitor').description('follow a board’s log; lines typed here are sent to it'))
    .requiredOption('--port <address>', '/dev/ttyUSB0, COM7, socket://host:port, rfc2217://host:port')
    .option('--baud <rate>', 'baud rate', positive, 115200)
    .option('--reset', 'reset the board on opening; it is left alone otherwise')
    .option('--duration <seconds>', 'stop by itself', duration)
    .addHelpText(
      'after',
      '\nJSON lines: one row each, as `parse` prints them, with "atUs" (microseconds on the core’s clock), "port" and "direction" besides. Ctrl-C ends.',
    )
    .action((options: MonitorOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        const stop = interruptSignal();
        const ended = new AbortController();
        let failure: unknown;
        const show = (rows: readonly LogRow[]) => {
          for (const row of rows) output.line(row, (value) => (value.direction === 'received' ? value.text : `-- ${value.text}`));
        };
        const unsubscribe = client.subscribe(
          'logs.rows',
          { port: options.port, tail: 0 },
          {
            onSnapshot: () => {},
            onDelta: show,
            onDropped: (count) => output.say(`${count} rows were too fast for this terminal; the recording has them`),
            onEnd: (error) => {
              failure = error ?? new TalkError('disconnected');
              ended.abort();
            },
          },
        );
        await client.call('ports.open', {
          address: options.port,
          options: { baudRate: options.baud, resetOnOpen: options.reset === true },
        });
        const input = createInterface({ input: process.stdin });
        input.on(
          'line',
          (line) =>
            void client
              .call('ports.write', { address: options.port, data: Buffer.from(`${line}\r\n`) })
              .catch((error) => output.say(`not sent: ${String(error)}`)),
        );
        const timers = options.duration === undefined ? [] : [AbortSignal.timeout(options.duration * 1000)];
        await untilAborted(AbortSignal.any([stop, ended.signal, ...timers]));
        input.close();
        unsubscribe();
        await client.call('ports.close', { address: options.port }).catch(() => {});
        if (failure !== undefined) throw failure;
      }),
    );
}
