import { sep } from 'node:path';
import { type FlashOptions, type FlashPlan, flashOptions, type Partition } from '../../../../preload/contract/flash.ts';
import type { Region } from './region.ts';

/** Stands for the port, which a plan does not know. */
export const PORT_PLACEHOLDER = 'PORT';

export interface CommandedFlash {
  regions: readonly Region[];
  /** The partition of the board's own values. */
  nvs: Partition | null;
  options: FlashOptions;
  expectChip: string | null;
  buildFolder: string | null;
}

/** The same flash by our own command line and by Espressif's esptool (5), for a POSIX shell. */
export function commandsOf(flash: CommandedFlash): FlashPlan['commands'] {
  const ours = { tool: 'talkbench' as const, line: join(['talkbench', 'flash', ...talkbenchArguments(flash)]) };
  // It writes UF2 files, and does not read them; and it knows no board's own table, where values alone go.
  const isNothing = flash.regions.length === 0 && flash.nvs === null;
  if (isNothing || flash.regions.some(({ name, path }) => /\.uf2$/i.test(path ?? nameOfFile(name)))) return [ours];
  return [ours, { tool: 'esptool', line: join(['esptool', ...esptoolArguments(flash)]) }];
}

function talkbenchArguments({ regions, options, buildFolder }: CommandedFlash): string[] {
  const defaults = flashOptions.parse({});
  const differs = (key: keyof typeof defaults) => options[key] !== defaults[key];
  return [
    '--port',
    PORT_PLACEHOLDER,
    ...(differs('baudRate') ? ['--baud', String(options.baudRate)] : []),
    ...(differs('before') ? ['--before', options.before] : []),
    ...(differs('after') ? ['--after', options.after] : []),
    ...(options.expectChip === undefined ? [] : ['--chip', options.expectChip]),
    ...(options.useStub ? [] : ['--no-stub']),
    ...(options.compress ? [] : ['--no-compress']),
    ...(options.skipUnchanged ? [] : ['--no-skip-unchanged']),
    ...(options.verify ? [] : ['--no-verify']),
    ...(options.eraseAll ? ['--erase-all'] : []),
    ...(options.force ? ['--force'] : []),
    ...headerArguments(options),
    ...(buildFolder === null ? [] : [buildFolder]),
    ...filesOutside(buildFolder, fileArguments(regions)),
  ];
}

/** Intel HEX and UF2 files say their addresses themselves. */
function filesOutside(folder: string | null, files: readonly { offset: string; file: string }[]): string[] {
  return files
    .filter(({ file }) => folder === null || !file.startsWith(folder + sep))
    .map(({ offset, file }) => (/\.(hex|ihex|ihx|uf2)$/i.test(file) ? file : `${offset}=${file}`));
}

function esptoolArguments({ regions, nvs, options, expectChip }: CommandedFlash): string[] {
  // It has no words for a sequence of one's own: that stands in its configuration file.
  const before = ['default-reset', 'usb-reset', 'no-reset'].includes(options.before) ? ['--before', options.before] : [];
  const files = fileArguments(regions).map(({ offset, file }) => ({ offset, file: file.replace(/\.csv$/i, '.bin') }));
  return [
    '--chip',
    expectChip ?? 'auto',
    '--port',
    PORT_PLACEHOLDER,
    '--baud',
    String(options.baudRate),
    ...before,
    '--after',
    options.after === 'stay' ? 'no-reset' : 'hard-reset',
    ...(options.useStub ? [] : ['--no-stub']),
    'write-flash',
    ...headerArguments(options),
    ...(options.compress ? [] : ['--no-compress']),
    ...(options.eraseAll ? ['--erase-all'] : []),
    ...(options.force ? ['--force'] : []),
    ...files.flatMap(({ offset, file }) => [offset, file]),
    ...(nvs === null ? [] : [hex(nvs.offset), `${nvs.name}.bin`]),
  ];
}

/** Both keep the header as built unless told. */
function headerArguments({ flashMode, flashFrequency, flashSize }: FlashOptions): string[] {
  const values = { '--flash-mode': flashMode, '--flash-freq': flashFrequency, '--flash-size': flashSize };
  return Object.entries(values).flatMap(([name, value]) => (value === 'keep' ? [] : [name, value]));
}

/** A file that was taken apart is given once, where its first part goes. */
function fileArguments(regions: readonly Region[]): { offset: string; file: string }[] {
  const files = new Map<string, { offset: string; file: string }>();
  for (const { offset, name, path, sha256 } of regions) {
    const file = path ?? nameOfFile(name);
    if (!files.has(file + sha256)) files.set(file + sha256, { offset: hex(offset), file });
  }
  return [...files.values()];
}

/** Of one that may have been taken apart. A name that begins like an option is none with its folder before it. */
function nameOfFile(name: string): string {
  return name.replace(/ \(0x[0-9a-f]+\)$/, '').replace(/^-/, './-');
}

function join(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** For a shell that a person pastes it into: no word ends early, and nothing in a name moves the cursor. */
export function shellWord(word: string): string {
  const plain = word.replaceAll(/\p{Cc}/gu, '?');
  return /^[\p{L}\p{N}_@%+=:,./-]+$/u.test(plain) ? plain : `'${plain.replaceAll("'", `'\\''`)}'`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
