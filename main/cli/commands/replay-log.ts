import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { LogReplaySource, LogReplayState } from '../../../preload/contract/replay.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, interruptSignal, runWithCore } from '../command.ts';
import type { ReplayWay } from './replay.ts';

interface LogOptions extends CommonOptions {
  log?: string | true;
  speed: number;
  loop?: boolean;
  from: number;
  linesPerSecond: number;
}

/** `talkbench replay SESSION --log PORT --speed 4`, `talkbench replay FILE.log --log`. */
export const logWay: ReplayWay = {
  flag: '--log',
  help: 'JSON of --log: {"ports":[{"address","from","sentBytes","totalBytes"}],"durationUs","timing":"timestamps"|"lines","sessionId"}, at its end',
  addOptions: (command: Command) =>
    command
      .option('--log [port]', 'the log of a session’s port (of all without one), of files or of folders of them, into the monitor')
      .option('--speed <factor>', 'with --log: 0.5 to 20 times as fast, or max', speedOf, 1)
      .option('--loop', 'with --log: over and over')
      .option('--from <seconds>', 'with --log: where to begin', amount, 0)
      .option('--lines-per-second <count>', 'with --log: of files whose lines do not say when they came', amount, 20),
  isChosen: ({ log }) => log !== undefined,
  run: (given, common) =>
    runWithCore(common, 'ephemeral', async (client, output) => {
      const { log, speed, loop, from, linesPerSecond } = common as LogOptions;
      const signal = interruptSignal();
      const source = await sourceOf(given, typeof log === 'string' ? log : undefined, client);
      const { id: sessionId } = await client.call('sessions.start', {});
      const ended = Promise.withResolvers<LogReplayState>();
      let last: LogReplayState | null = null;
      let id: string | null = null;
      const look = (state: LogReplayState | null) => {
        if (state === null || state.id !== id) return;
        last = state;
        if (state.state === 'ended') ended.resolve(state);
      };
      const unsubscribe = client.subscribe(
        'replay.logs',
        {},
        {
          onSnapshot: (states) => look(states.find((state) => state.id === id) ?? null),
          onDelta(items) {
            for (const { state } of items) look(state);
          },
        },
      );
      try {
        const playing = { source, speed, isLooping: loop === true, positionUs: Math.round(from * 1e6), linesPerSecond, isPaused: true };
        const begun = await client.call('replay.startLog', playing, { signal });
        id = begun.id;
        last = begun;
        for (const port of begun.ports) output.say(`${port.from} plays at ${port.address}`);
        look(await client.call('replay.controlLog', { id, isPaused: false }));
        signal.addEventListener('abort', () => last !== null && ended.resolve(last), { once: true });
        const { ports, durationUs, timing } = await ended.promise;
        output.result({ ports, durationUs, timing, sessionId }, (it) =>
          [
            ...it.ports.map((port) => `${port.address}\t${port.sentBytes} of ${port.totalBytes} bytes\t${port.from}`),
            `${(it.durationUs / 1e6).toFixed(1)} s by ${it.timing === 'lines' ? 'lines a second' : 'its timestamps'}`,
            `session ${it.sessionId}`,
          ].join('\n'),
        );
      } finally {
        unsubscribe();
        if (id !== null) await client.call('replay.stopLog', { id }).catch(() => {});
      }
    }),
};

async function sourceOf(given: readonly string[], port: string | undefined, client: Client): Promise<LogReplaySource> {
  const files = (await Promise.all(given.map(filesAt))).flat();
  if (files.length > 0) {
    const read = await Promise.all(files.map(async (path) => ({ name: basename(path), data: new Uint8Array(await readFile(path)) })));
    return { kind: 'files', files: read };
  }
  const missing = given.find(isPath);
  if (missing !== undefined) throw new TalkError('not-found', { what: 'file', id: missing });
  const [sessionId = (await client.call('sessions.list', { limit: 1 })).sessions[0]?.id ?? ''] = given;
  if (given.length > 1)
    throw new TalkError('bad-request', { issues: [{ path: 'replay', message: '--log is of one session, or of files' }] });
  return { kind: 'session', sessionId, ...(port !== undefined && { ports: [port] }) };
}

/** Ids of sessions have neither folders nor an extension. */
function isPath(given: string): boolean {
  return /[/\\]|\.\w+$/.test(given);
}

/** A folder's own files; nothing where there is none of that name: it is a session's then. */
async function filesAt(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => null);
  if (found === null) return [];
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ name }) => join(path, name))
    .sort();
}

function speedOf(text: string): number {
  if (text === 'max') return 0;
  const value = Number(text);
  if (!(value >= 0.5 && value <= 20)) throw new InvalidArgumentError('want 0.5 to 20, or max');
  return value;
}

function amount(text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new InvalidArgumentError('want a number from 0');
  return value;
}
