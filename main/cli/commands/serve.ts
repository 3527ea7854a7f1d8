import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { openBrowser } from '../../loopback/open-browser.ts';
import { type CommonOptions, interruptSignal, runCommand, untilAborted, withCommonOptions } from '../command.ts';

interface ServeOptions extends CommonOptions {
  port: number;
  mqttPort?: number;
  gatewayPort?: number;
  listen?: string;
  demo?: boolean;
  open?: boolean;
}

function tcpPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new InvalidArgumentError('not a TCP port');
  return port;
}

export function addServeCommand(program: Command): void {
  withCommonOptions(program.command('serve').description('run the app for a browser on this machine'))
    .option('--port <port>', 'TCP port of the UI on 127.0.0.1; 0 takes a free one', tcpPort, 0)
    .option('--mqtt-port <port>', 'TCP port for boards’ MQTT, instead of the setting', tcpPort)
    .option('--gateway-port <port>', 'TCP port for boards’ HTTP and WebSocket, instead of the setting', tcpPort)
    .option('--listen <address>', 'address of this machine for boards to reach, instead of the setting (the UI stays on 127.0.0.1)')
    .option('--demo', 'start with a virtual board present')
    .option('--open', 'show it in the browser')
    .addHelpText(
      'after',
      '\nJSON: one line once ready: {"url","token","listeners":[{"name","host","port","state"}],"boards":[{"name","address","ptyPath"}],"dataDirectory"}. Ctrl-C ends.',
    )
    .action((options: ServeOptions) =>
      runCommand(options, async (output) => {
        const stop = interruptSignal();
        const { runBrowserHost } = await import('../../loopback/run.ts');
        await using host = await runBrowserHost({
          dataDirectory: resolve(options.data),
          port: options.port,
          isDemo: options.demo === true,
          listeners: {
            enabled: true,
            ...(options.listen === undefined ? {} : { host: options.listen }),
            ...(options.mqttPort === undefined ? {} : { mqttPort: options.mqttPort }),
            ...(options.gatewayPort === undefined ? {} : { gatewayPort: options.gatewayPort }),
          },
        });
        output.result(host.ready, (ready) =>
          [
            `Talkbench: ${ready.url}`,
            ...ready.listeners.map((one) => `${one.name}\t${one.host}:${one.port}\t${one.state}`),
            ...ready.boards.map((board) => `virtual board ${board.name}\t${board.ptyPath ?? board.address}`),
          ].join('\n'),
        );
        if (options.open === true) openBrowser(host.ready.url);
        await untilAborted(stop);
      }),
    );
}
