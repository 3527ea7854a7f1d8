import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TalkError } from '../../../../preload/contract/errors.ts';
import type { FileSource } from '../../../../preload/contract/flash.ts';
import { readLimited, reasonOf } from '../image/read-file.ts';
import type { LoadedFile } from '../tool.ts';
import { type Family, families, familyIn, isOneOf, type PackageFamily } from './families.ts';

/** Those seen are of 32 to 48 KiB. */
const MIN_BYTES = 16 * 1024;
const MAX_BYTES = 128 * 1024;
/** In most of those for a UART, and in none for USB. */
const UART_TEXT = 'CheckUartRWTimeOut';
const MAX_DEPTH = 8;
const MAX_ENTRIES = 20_000;

type Transport = 'usb' | 'uart';

/**
 * A second-stage loader as the user gave it. What it is for is known by its name, by where it wants to run, and by its texts; null
 * where nothing tells.
 */
export interface Agentboot {
  name: string;
  data: Uint8Array;
  families: readonly Family[] | null;
  transport: Transport | null;
}

/** What it has to be for. */
export interface Wanted {
  family: PackageFamily | null;
  transport: Transport;
}

/** agentboot.bin, agentboot_usb.bin, ec718m_uart.bin. */
export function isAgentbootName(name: string): boolean {
  return /(?:^|[\\/])(?:[^\\/]*agentboot[^\\/]*|(?:ec|qcx)\w+_(?:usb|uart))\.bin$/i.test(name);
}

/**
 * The right one of a file, of a folder of the vendor's tool (product_sets/…_products/common_data/agentboot_usb/agentboot.bin), or of
 * the files that came with the package. Null: none was given. Fails with 'flash/wrong-agentboot' {expected, actual},
 * 'flash/no-agentboot' {chip, transport, path} for a folder without it, 'flash/bad-file' {path, reason}.
 */
export async function chooseAgentboot(
  given: FileSource | undefined,
  among: readonly LoadedFile[],
  wanted: Wanted,
): Promise<Agentboot | null> {
  if (given === undefined)
    return among.length === 0
      ? null
      : bestOf(
          among.map(({ name, data }) => readAgentboot(name, data)),
          wanted,
        );
  if ('data' in given) return requireFor(readAgentboot('agentboot.bin', given.data), wanted);
  const { path } = given;
  try {
    if (!(await stat(path)).isDirectory()) return requireFor(readAgentboot(path, await readLimited(path)), wanted);
    const found = await filesIn(path);
    const fitting = await Promise.all(
      found.filter((file) => fits(byName(file), wanted)).map(async (file) => readAgentboot(file, await readLimited(file))),
    );
    if (fitting.length === 0 && found.length === 0)
      throw new TalkError('flash/no-agentboot', { chip: wanted.family ?? 'module', transport: wanted.transport, path });
    if (fitting.length === 0) throw wrong(wanted, byName(found[0] ?? path));
    return bestOf(fitting, wanted);
  } catch (cause) {
    if (cause instanceof TalkError) throw cause;
    throw new TalkError('flash/bad-file', { path, reason: reasonOf(cause) }, { cause });
  }
}

export function readAgentboot(name: string, data: Uint8Array): Agentboot {
  if (data.length < MIN_BYTES || data.length > MAX_BYTES)
    throw new TalkError('flash/bad-file', { path: name, reason: `${data.length} bytes are no agentboot (they have 32 to 48 KiB)` });
  const named = namedFor(name);
  const said = named.family ?? familyOfTexts(data);
  const built = familiesOfVectors(data);
  // Where it was linked to run is no matter of names.
  const families = built !== null && (said === null || !built.includes(said)) ? built : said === null ? null : [said];
  return { name, data, families, transport: named.transport ?? (hasText(data, UART_TEXT) ? 'uart' : null) };
}

/** The part of the path nearest to the file that says anything. */
function namedFor(path: string): { family: Family | null; transport: Transport | null } {
  const parts = path.split(/[\\/]/).reverse();
  const family = parts.map(familyIn).find((found) => found !== null && found !== 'ec7xx');
  const transport = parts
    .map((part) => /(?:^|[_-])(usb|uart)(?:$|[_.-])/i.exec(part)?.[1]?.toLowerCase())
    .find((found) => found !== undefined);
  return { family: family ?? null, transport: (transport as Transport | undefined) ?? null };
}

/** One chip's name in the blob says what it was built for; two say nothing. */
function familyOfTexts(data: Uint8Array): Family | null {
  const texts =
    Buffer.from(data.buffer, data.byteOffset, data.length)
      .toString('latin1')
      .match(/(?:EC|ec)(?:217|618|716|718[A-Za-z]*)/g) ?? [];
  const found = new Set(texts.map(familyIn));
  const [only] = found;
  return found.size === 1 && only !== undefined && only !== 'ec7xx' ? only : null;
}

/** The reset vector, in the RAM it is loaded into: of ten real ones, those of the EC718M family run elsewhere than all others. */
function familiesOfVectors(data: Uint8Array): readonly Family[] | null {
  const reset = Buffer.from(data.subarray(4, 8)).readUInt32LE();
  if (reset >> 16 === 0x40) return ['ec718m'];
  return reset >> 16 === 0x42 ? families.filter((family) => family !== 'ec718m') : null;
}

function hasText(data: Uint8Array, text: string): boolean {
  return Buffer.from(data.buffer, data.byteOffset, data.length).includes(text, 0, 'latin1');
}

function fits(
  { families: builtFor, transport }: Pick<Agentboot, 'families' | 'transport'>,
  { family, transport: wanted }: Wanted,
): boolean {
  const isForChip = builtFor === null || family === null || builtFor.some((one) => isOneOf(one, family));
  return isForChip && (transport === null || transport === wanted);
}

function requireFor(agentboot: Agentboot, wanted: Wanted): Agentboot {
  if (!fits(agentboot, wanted)) throw wrong(wanted, agentboot);
  return agentboot;
}

function bestOf(given: readonly Agentboot[], wanted: Wanted): Agentboot {
  const fitting = given.filter((agentboot) => fits(agentboot, wanted));
  const [first] = fitting.toSorted((a, b) => worth(b) - worth(a));
  if (first !== undefined) return first;
  throw wrong(wanted, given[0] ?? { families: null, transport: null });
}

/** One that says what it is for before one that does not; those for another crystal last. */
function worth({ name, families: builtFor, transport }: Agentboot): number {
  return (builtFor === null ? 0 : builtFor.length === 1 ? 4 : 1) + (transport === null ? 0 : 2) - (/26m/i.test(name) ? 1 : 0);
}

function wrong(wanted: Wanted, { families: builtFor, transport }: Pick<Agentboot, 'families' | 'transport'>): TalkError {
  const isOtherTransport = transport !== null && transport !== wanted.transport;
  const said = (chip: string | null, over: string | null) =>
    [chip ?? 'an unknown chip', ...(isOtherTransport && over !== null ? [over] : [])].join(', ');
  const actual = said(builtFor === null ? null : inWords(builtFor), transport);
  return new TalkError('flash/wrong-agentboot', { expected: said(wanted.family, wanted.transport), actual });
}

/** 'ec217/ec618/ec716/ec718'. */
export function inWords(builtFor: readonly Family[]): string {
  return builtFor.join('/');
}

function byName(path: string): Pick<Agentboot, 'families' | 'transport'> {
  const { family, transport } = namedFor(path);
  return { families: family === null ? null : [family], transport };
}

/** Agentboots anywhere below. A folder of a vendor's tool is large, a home directory by mistake is larger. */
async function filesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  let left = MAX_ENTRIES;
  const look = async (at: string, depth: number): Promise<void> => {
    const entries: Dirent[] = await readdir(at, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (left-- <= 0) return;
      const path = join(at, entry.name);
      if (entry.isDirectory() && depth < MAX_DEPTH) await look(path, depth + 1);
      else if (entry.isFile() && isAgentbootName(basename(path))) found.push(path);
    }
  };
  await look(folder, 0);
  return found;
}
