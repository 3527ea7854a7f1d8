import type { Command } from 'commander';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import { type CommonOptions, interruptSignal, runWithCore, untilAborted, withCommonOptions } from '../command.ts';

function format(event: PipelineEvent): string {
  const { kind, atUs, ...facts } = event;
  return `${(atUs / 1e6).toFixed(3)}\t${kind}\t${Object.entries(facts)
    .filter(([key]) => key !== 'bytes')
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')}`;
}

export function addPipelineCommand(program: Command): void {
  withCommonOptions(program.command('pipeline').description('run the voice pipeline and print what happens in it, without the app'))
    .option('--engines', 'list the engines of each stage and what is missing, then stop')
    .option('--no-wire', 'leave out the messages on the wire')
    .addHelpText(
      'after',
      '\nJSON lines: first {"listeners":[…]}, then one event each: {"kind","atUs","conversationId"?,"turnId"?,…} (see docs/events.md). Ctrl-C ends.',
    )
    .action((options: CommonOptions & { engines?: boolean; wire: boolean }) =>
      runWithCore(options, options.engines === true ? 'offline' : 'settings', async (client, output) => {
        if (options.engines === true) {
          output.result(await client.call('pipeline.engines', {}), ({ engines }) =>
            engines
              .map(
                (engine) =>
                  `${engine.stage}\t${engine.id}\t${engine.isAvailable ? engine.languages.join(' ') : `missing: ${engine.missing ?? '?'}`}`,
              )
              .join('\n'),
          );
          return;
        }
        const { listeners } = await client.call('core.status', {});
        output.line({ listeners }, (first) =>
          first.listeners.map((one) => `${one.name}\t${one.host}:${one.port}\t${one.state}`).join('\n'),
        );
        const unsubscribe = client.subscribe(
          'pipeline.events',
          { includeWire: options.wire },
          {
            onSnapshot: () => {},
            onDelta: (events) => {
              for (const event of events) output.line(event, format);
            },
          },
        );
        await untilAborted(interruptSignal());
        unsubscribe();
      }),
    );
}
