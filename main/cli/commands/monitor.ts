import { createInterface, type Interface } from 'node:readline';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { LogRow } from '../../../preload/contract/logs.ts';
import { isTalkError, TalkError } from '../../../preload/contract/talk-error.ts';
import { rowMatcher } from '../../core/logs/filter.ts';
import { type Build, decodeRows } from '../../core/logs/symbols/decode.ts';
import { type CommonOptions, interruptSignal, runWithCore, untilAborted, withCommonOptions } from '../command.ts';
import { addressText, buildsOf } from '../decoding.ts';
import { holdPort } from '../hold-port.ts';
import { type FilterOptions, filterOf, parseLevel, parsePrintFilter } from '../monitor/filter-options.ts';
import { createKeys, keyHelp, type MonitorAction } from '../monitor/keys.ts';
import { openRecordFile, type RecordFile } from '../monitor/record-file.ts';
import { createRowText, type RowTextStyle } from '../monitor/row-text.ts';
import type { Output } from '../output.ts';

interface MonitorOptions extends CommonOptions, FilterOptions {
  port: string[];
  baud?: number;
  reset?: boolean;
  duration?: number;
  time: RowTextStyle['hostTime'];
  colour: boolean;
  eol: 'CR' | 'LF' | 'CRLF';
  record?: string;
  encoding?: 'utf-8' | 'gbk' | 'latin1';
  decode?: string[];
}

const lineEnds = { CR: '\r', LF: '\n', CRLF: '\r\n' } as const;

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

function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

function printFilter(text: string): string {
  parsePrintFilter(text);
  return text;
}

export function addMonitorCommand(program: Command): void {
  withCommonOptions(program.command('monitor').description('follow the log of a board, or of several; what is typed is sent to the first'))
    .requiredOption('--port <address>', '/dev/ttyUSB0, COM7, socket://…, rfc2217://…, command://…; several times to merge', collect)
    .option('--baud <rate>', 'baud rate; of a port that is not open yet 115200', positive)
    .option('--reset', 'reset the board on opening; it is left alone otherwise')
    .addOption(new Option('--encoding <name>', 'of the board’s text').choices(['utf-8', 'gbk', 'latin1']))
    .option('--level <level>', 'this level and worse: error, warn, info, debug, verbose', parseLevel)
    .option('--filter <tags>', 'esp-idf-monitor’s print filter: "wifi:W mqtt:E *:I"', printFilter)
    .option('--grep <text>', 'only lines with this in them')
    .option('--exclude <text>', 'no lines with this in them; several times', collect)
    .option('--regexp', '--grep and --exclude are regular expressions')
    .option('--events <names>', 'only rows with an event whose name begins so: "mqtt.,panic"; empty for any event')
    .addOption(new Option('--time <clock>', 'host time before each line').choices(['none', 'wall', 'elapsed']).default('none'))
    .option('--no-colour', 'no colours (nor with NO_COLOR, nor into a pipe)')
    .addOption(new Option('--eol <end>', 'what Enter sends').choices(['CR', 'LF', 'CRLF']).default('CRLF'))
    .option('--record <file>', 'append the log to a file too, unfiltered: .jsonl rows, .bin bytes as received, else text with host time')
    .option('--decode <elf>', 'decode addresses of crashes with the ELF file of the build (or its folder); several times', collect)
    .option('--duration <seconds>', 'stop by itself', duration)
    .addHelpText(
      'after',
      `
Every log is recorded as a session in the library anyway.
JSON lines: one row each, as \`parse\` prints them, with "atUs" (microseconds from the session's start), "port" and "direction" besides.
${keyHelp}`,
    )
    .action((options: MonitorOptions) => runWithCore(options, 'offline', (client, output) => monitor(client, output, options)));
}

async function monitor(client: Client, output: Output, options: MonitorOptions): Promise<void> {
  const [first = '', ...others] = [...new Set(options.port)];
  const stop = interruptSignal();
  const ended = new AbortController();
  let failure: unknown;
  const style: RowTextStyle = {
    hasColours: options.colour && process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
    hostTime: options.time,
    startedWallMs: 0,
    ...(others.length === 0 ? {} : { nameOf: shortName }),
  };
  const isWanted = rowMatcher(filterOf(options));
  const textOf = createRowText(style);
  const recordStyle: RowTextStyle = { ...style, hasColours: false, hostTime: 'wall' };
  const recordText = createRowText(recordStyle);
  const record: RecordFile | null =
    options.record === undefined
      ? null
      : await openRecordFile(options.record, recordText, (reason) =>
          output.warn(`-- ${options.record} is not written any more: ${reason}`),
        );
  const decode = options.decode === undefined || output.isJson ? null : createRowDecoder(await buildsOf(options.decode));
  const shown = { isOn: true, isRecording: true };

  /** Who takes rows takes them as fast as it can: a terminal that is held up, or a slow pipe, is told what it missed. */
  const follow = (style: RowTextStyle, taker: { row(row: LogRow): void; caughtUp(): Promise<void>; name: string }): (() => void) =>
    client.subscribe(
      'logs.rows',
      { filter: { ports: options.port } },
      {
        onSnapshot: ({ startedWallMs }) => {
          style.startedWallMs = startedWallMs;
        },
        onDelta: (rows: readonly LogRow[]) => {
          for (const row of rows) taker.row(row);
          return taker.caughtUp();
        },
        onDropped: (count) => output.warn(`${count} rows were too fast for ${taker.name}; the recording has them`),
        onEnd: (error) => {
          failure = error ?? new TalkError('disconnected');
          ended.abort();
        },
      },
    );
  const stops = [
    follow(style, {
      name: 'this terminal',
      caughtUp: output.caughtUp,
      row(row) {
        const decoded = decode?.(row) ?? '';
        if (!shown.isOn || !isWanted(row)) return;
        output.line(row, textOf);
        if (decoded !== '') output.line(row, () => decoded);
      },
    }),
  ];
  // Apart from the terminal's, so that a terminal that is held up costs the file nothing.
  if (record !== null && options.record !== undefined)
    stops.push(
      follow(recordStyle, {
        name: options.record,
        caughtUp: record.caughtUp,
        row: (row) => {
          if (shown.isRecording) record.write(row);
        },
      }),
    );
  const typing = readKeys(options, (action) => {
    switch (action.kind) {
      case 'send':
        client
          .call('ports.write', { address: first, data: action.bytes })
          .catch((error: unknown) => output.warn(`not sent: ${isTalkError(error) ? error.code : String(error)}`));
        return;
      case 'reset':
      case 'download':
        client
          .call('ports.reset', { address: first, into: action.kind === 'reset' ? 'run' : 'download' })
          .catch((error: unknown) => output.warn(`not reset: ${isTalkError(error) ? error.code : String(error)}`));
        return;
      case 'toggle-output':
        shown.isOn = !shown.isOn;
        output.say(shown.isOn ? '-- the log is shown' : '-- the log is not shown; it is recorded');
        return;
      case 'toggle-record':
        shown.isRecording = !shown.isRecording;
        output.say(record === null ? '-- no --record file was given' : `-- the file is ${shown.isRecording ? 'written' : 'paused'}`);
        return;
      case 'toggle-time':
        style.hostTime = style.hostTime === 'none' ? 'wall' : 'none';
        return;
      case 'help':
        output.say(keyHelp);
        return;
      case 'exit':
        ended.abort();
    }
  });
  try {
    await using held = new AsyncDisposableStack();
    for (const address of options.port) {
      held.use(
        await holdPort(client, address, {
          ...(options.baud === undefined ? {} : { baudRate: options.baud }),
          ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
        }),
      );
      if (options.reset === true) await client.call('ports.reset', { address, into: 'run' });
    }
    typing.begin();
    if (typing.isRaw) output.say(`-- ${options.port.join(', ')}. Ctrl-] ends, Ctrl-T Ctrl-H tells the keys`);
    const timers = options.duration === undefined ? [] : [AbortSignal.timeout(options.duration * 1000)];
    await untilAborted(AbortSignal.any([stop, ended.signal, ...timers]));
  } finally {
    typing.close();
    for (const stopFollowing of stops) stopFollowing();
    await record?.close();
  }
  if (failure !== undefined) throw failure;
}

/** At a terminal every key at once, so that it can be left while a port is being opened; from a pipe line by line, once `begin` says so. */
function readKeys(options: MonitorOptions, perform: (action: MonitorAction) => void): { isRaw: boolean; begin(): void; close(): void } {
  const { stdin } = process;
  if (stdin.isTTY !== true) {
    let input: Interface | null = null;
    return {
      isRaw: false,
      begin() {
        input = createInterface({ input: stdin });
        input.on('line', (line) => perform({ kind: 'send', bytes: Buffer.from(`${line}${lineEnds[options.eol]}`) }));
      },
      close: () => input?.close(),
    };
  }
  const keys = createKeys(lineEnds[options.eol]);
  const onData = (data: Buffer) => {
    for (const action of keys(data)) perform(action);
  };
  stdin.setRawMode(true);
  stdin.on('data', onData);
  return {
    isRaw: true,
    begin() {},
    close() {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}

/** What the addresses in a row are, as lines that begin with `---`; '' for none. Every row must be shown to it: one of them names the build. */
function createRowDecoder(builds: readonly Build[]): (row: LogRow) => string {
  const told = new Map<string, string>();
  return (row) => {
    if (row.direction !== 'received') return '';
    const { rows, elfSha256 } = decodeRows([row], builds, told.get(row.port) ?? null);
    if (elfSha256 !== null) told.set(row.port, elfSha256);
    const known = rows.flatMap(({ addresses }) => addresses).filter(({ frames }) => frames.length > 0);
    return known.map((each) => `--- ${addressText(each, '--- ')}`).join('\n');
  };
}

function shortName(address: string): string {
  return address.replace(/^(?:\/dev\/|[a-z0-9]+:\/\/)/, '');
}
