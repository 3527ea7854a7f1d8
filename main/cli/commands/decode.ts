import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { type Command, InvalidArgumentError } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { LogRow } from '../../../preload/contract/logs.ts';
import type { DecodedAddress } from '../../../preload/contract/symbols.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { parseFile } from '../../core/logs/parser.ts';
import { crashesOf } from '../../core/logs/symbols/crashes.ts';
import { type Build, type DecodedRows, Decoder, decodeRows, shaOf } from '../../core/logs/symbols/decode.ts';
import { addressesOf } from '../../core/logs/symbols/row-addresses.ts';
import { type CommonOptions, runCommand, runWithCore, withCommonOptions } from '../command.ts';
import { addressText, buildsOf } from '../decoding.ts';
import type { Output } from '../output.ts';
import { withoutControls } from '../terminal-text.ts';

interface DecodeOptions extends CommonOptions {
  elf?: string[];
  log?: string;
  sha?: string;
  backtrace?: boolean;
}

/** Looks addresses up: in the files named on the command line, or in those that the app has loaded. */
interface Lookup {
  addresses(numbers: number[], kind: 'backtrace' | 'address', elfSha256: string | undefined): Promise<DecodedAddress[]>;
  crash(rows: readonly LogRow[], elfSha256: string | null): Promise<DecodedRows>;
}

interface Wanted {
  address: number;
  isPair: boolean;
}

/** `0x400d66b9`, `400d66b9`, or a pair of a backtrace, `0x400d66b9:0x3ffb4f70`. */
function wanted(text: string, before: Wanted[] = []): Wanted[] {
  const match = /^(?:0x)?([0-9a-f]{1,8})(:(?:0x)?[0-9a-f]{1,8})?$/i.exec(text);
  if (match === null) throw new InvalidArgumentError('want addresses such as 0x400d66b9');
  return [...before, { address: Number.parseInt(match[1] ?? '', 16), isPair: match[2] !== undefined }];
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

export function addDecodeCommand(program: Command): void {
  withCommonOptions(
    program
      .command('decode')
      .description('turn addresses of a crash into functions and lines, without any toolchain')
      .argument('[address...]', 'addresses, or the pairs of a backtrace', wanted),
  )
    .option('--elf <file>', 'the ELF file of the build (or its folder); several times; without it, those the app has loaded', collect)
    .option('--log <file>', 'decode every crash in a device log, - for standard input')
    .option('--sha <hex>', 'the ELF file’s SHA-256 as the log told it')
    .option('--backtrace', 'the addresses are a backtrace: all but the first are where calls return to')
    .addHelpText(
      'after',
      `
JSON: {"addresses":[{"address","instruction","label","match":"sha"|"only"|"none","isMaybe","symbolId","frames":[{"function","file"?,"line"?,"column"?,"offset"?,"isInlined"}]}]}
With --log JSON lines, one a crash: {"line","title","elfSha256","match","rows":[{"seq","addresses"}],"unwound":[…]}.
match: "sha", the log named this file's hash; "only", it named none; "none", no file has the address, or the hash is another.`,
    )
    .action(async (addresses: Wanted[], options: DecodeOptions, command: Command) => {
      if (addresses.length === 0 && options.log === undefined) command.error('error: give addresses, or --log FILE', { exitCode: 2 });
      if (options.elf === undefined)
        await runWithCore(options, 'offline', async (client, output) => {
          const { files } = await client.call('symbols.list', {});
          if (files.length === 0) output.say('no ELF file is loaded: name one with --elf');
          await decode(lookupOf(client), addresses, options, output);
        });
      else await runCommand(options, async (output) => decode(lookupIn(await buildsOf(options.elf ?? [])), addresses, options, output));
    });
}

async function decode(lookup: Lookup, wantedOnes: readonly Wanted[], options: DecodeOptions, output: Output): Promise<void> {
  if (wantedOnes.length > 0) {
    const isBacktrace = options.backtrace === true || wantedOnes.some(({ isPair }) => isPair);
    const found = await lookup.addresses(
      wantedOnes.map(({ address }) => address),
      isBacktrace ? 'backtrace' : 'address',
      options.sha,
    );
    output.result({ addresses: found }, (value) => value.addresses.map((each) => addressText(each)).join('\n'));
  }
  const { log } = options;
  if (log === undefined) return;
  const bytes = await (log === '-' ? buffer(process.stdin) : readFile(log)).catch((error: NodeJS.ErrnoException) => {
    throw new TalkError('not-found', { what: 'file', id: log, reason: error.code ?? 'unreadable' });
  });
  let count = 0;
  for (const crash of crashesOf(parseFile(bytes))) {
    count++;
    const decoded = await lookup.crash(crash.rows, shaOf(options.sha) ?? crash.elfSha256);
    const { rows, ...rest } = decoded;
    const line = (crash.rows[0]?.seq ?? 0) + 1;
    output.line({ line, title: crash.title, ...rest, rows: rows.filter(({ addresses }) => addresses.length > 0) }, (value) =>
      [
        `line ${line}: ${withoutControls(crash.title)}${matchText(decoded)}`,
        ...value.rows.flatMap(({ addresses }) => addresses.map((each) => `  ${addressText(each, '  ')}`)),
        ...(value.unwound.length === 0 ? [] : ['  unwound:', ...value.unwound.map((each) => `  ${addressText(each, '  ')}`)]),
      ].join('\n'),
    );
    await output.caughtUp();
  }
  if (count === 0) output.say('no crash in this log');
}

function matchText({ match, elfSha256 }: DecodedRows): string {
  if (match === 'sha') return ` [ELF ${elfSha256} matches]`;
  return elfSha256 !== null && match === 'none' ? ` [the log is of ELF ${elfSha256}, which is not loaded: names are a guess]` : '';
}

function lookupIn(builds: readonly Build[]): Lookup {
  return {
    async addresses(numbers, kind, elfSha256) {
      const decoder = new Decoder(builds, shaOf(elfSha256));
      return addressesOf(numbers, kind).flatMap((each) => decoder.decode(each) ?? []);
    },
    crash: async (rows, elfSha256) => decodeRows(rows, builds, elfSha256),
  };
}

function lookupOf(client: Client): Lookup {
  return {
    async addresses(numbers, kind, elfSha256) {
      const reply = await client.call('symbols.decode', { addresses: numbers, kind, ...(elfSha256 === undefined ? {} : { elfSha256 }) });
      return reply.addresses;
    },
    crash: (rows, elfSha256) =>
      client.call('symbols.decodeRows', {
        rows: rows.map(({ seq, text, event, payload }) => ({ seq, text, payload, ...(event === undefined ? {} : { event }) })),
        ...(elfSha256 === null ? {} : { elfSha256 }),
      }),
  };
}
