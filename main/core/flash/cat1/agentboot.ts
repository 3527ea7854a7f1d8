import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TalkError } from '../../../../preload/contract/errors.ts';
import type { FileSource } from '../../../../preload/contract/flash.ts';
import type { LoadedFile } from '../tool.ts';
import { type Family, familyIn, isOneOf, type PackageFamily } from './families.ts';

/** Those seen are of 32 to 48 KiB. */
const MIN_BYTES = 16 * 1024;
const MAX_BYTES = 128 * 1024;
const MAX_DEPTH = 8;
const MAX_ENTRIES = 20_000;

type Transport = 'usb' | 'uart';

/** A second-stage loader as the user gave it. What it is for is known from its name and its texts only, null where they do not tell. */
export interface Agentboot {
  name: string;
  data: Uint8Array;
  family: Family | null;
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
    if (!(await stat(path)).isDirectory()) return requireFor(readAgentboot(path, await readFile(path)), wanted);
    const found = await filesIn(path);
    const fitting = await Promise.all(
      found.filter((file) => fits(namedFor(file), wanted)).map(async (file) => readAgentboot(file, await readFile(file))),
    );
    if (fitting.length === 0 && found.length === 0)
      throw new TalkError('flash/no-agentboot', { chip: wanted.family ?? 'module', transport: wanted.transport, path });
    if (fitting.length === 0) throw wrong(wanted, namedFor(found[0] ?? path));
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
  return { name, data, family: named.family ?? familyOfTexts(data), transport: named.transport };
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

function fits({ family, transport }: Pick<Agentboot, 'family' | 'transport'>, wanted: Wanted): boolean {
  return (
    (family === null || wanted.family === null || isOneOf(family, wanted.family)) && (transport === null || transport === wanted.transport)
  );
}

function requireFor(agentboot: Agentboot, wanted: Wanted): Agentboot {
  if (!fits(agentboot, wanted)) throw wrong(wanted, agentboot);
  return agentboot;
}

function bestOf(given: readonly Agentboot[], wanted: Wanted): Agentboot {
  const fitting = given.filter((agentboot) => fits(agentboot, wanted));
  const [first] = fitting.toSorted((a, b) => worth(b) - worth(a));
  if (first !== undefined) return first;
  throw wrong(wanted, given[0] ?? { family: null, transport: null });
}

/** One that says what it is for before one that does not; those for another crystal last. */
function worth({ name, family, transport }: Agentboot): number {
  return (family === null ? 0 : 4) + (transport === null ? 0 : 2) - (/26m/i.test(name) ? 1 : 0);
}

function wrong(wanted: Wanted, { family, transport }: Pick<Agentboot, 'family' | 'transport'>): TalkError {
  const isOtherTransport = transport !== null && transport !== wanted.transport;
  const said = (chip: string | null, over: string | null) =>
    [chip ?? 'an unknown chip', ...(isOtherTransport && over !== null ? [over] : [])].join(', ');
  return new TalkError('flash/wrong-agentboot', { expected: said(wanted.family, wanted.transport), actual: said(family, transport) });
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

function reasonOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
}
