import { parentPort, workerData } from 'node:worker_threads';
import sevenZip from '7z-wasm';
import type { ArchiveReply, ArchiveRequest } from './archive.ts';

const MAX_LINES = 200_000;

interface Entry {
  path: string;
  sizeBytes: number;
}

class TooLarge extends Error {
  readonly sizeBytes: number;

  constructor(sizeBytes: number) {
    super('too large');
    this.sizeBytes = sizeBytes;
  }
}

/** One archive, in memory only: what its paths say is compared by their last part, and nothing of it reaches a file system. */
async function unpack({ bytes, wanted, limitBytes }: ArchiveRequest): Promise<ArchiveReply> {
  const lines: string[] = [];
  const zip = await sevenZip.default({
    print: (line) => {
      if (lines.push(line) > MAX_LINES) throw new Error('too many files');
    },
    printErr: () => {},
    stdin: () => 0,
  });
  const run = (...command: string[]): string[] => {
    lines.length = 0;
    // Its type says that it returns nothing: it is the program's exit code, of which 1 is a warning.
    const status: unknown = zip.callMain(command);
    if (status !== 0 && status !== 1) throw new Error('damaged');
    return lines;
  };
  zip.FS.mkdir('/archive');
  zip.FS.chdir('/archive');
  zip.FS.writeFile('archive', bytes);

  const chosen: Entry[] = [];
  for (const entry of entriesIn(run('l', '-slt', '-bd', '-p', 'archive'))) {
    const name = nameOf(entry.path);
    // The first of a name counts, and what would be an option or a list to the unpacker does not.
    const isWanted = wanted.some((pattern) => pattern.test(name)) && !/^[-@]/.test(entry.path);
    if (isWanted && !chosen.some(({ path }) => nameOf(path).toLowerCase() === name.toLowerCase())) chosen.push(entry);
  }
  const declaredBytes = chosen.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (declaredBytes > limitBytes) throw new TooLarge(declaredBytes);
  if (chosen.length === 0) return { ok: true, files: [] };

  // What an archive says of its sizes may be a lie.
  let writtenBytes = 0;
  const { write } = zip.FS;
  zip.FS.write = (...args: Parameters<typeof write>) => {
    writtenBytes += args[3];
    if (writtenBytes > limitBytes) throw new TooLarge(writtenBytes);
    return write.apply(zip.FS, args);
  };
  run('e', '-y', '-bd', '-spd', '-p', '-oout', '--', 'archive', ...chosen.map(({ path }) => path));
  const files = chosen.map(({ path }) => ({ name: nameOf(path), data: Uint8Array.from(zip.FS.readFile(`out/${nameOf(path)}`)) }));
  return { ok: true, files };
}

/** Of a listing with technical facts: blocks of `Name = value` below a ruled line. */
function entriesIn(lines: readonly string[]): Entry[] {
  const ruled = lines.findIndex((line) => /^-{10}$/.test(line));
  const entries: Entry[] = [];
  for (const line of lines.slice(ruled + 1)) {
    const [, name, value = ''] = /^(Path|Size) = (.*)$/.exec(line) ?? [];
    if (name === 'Path') entries.push({ path: value, sizeBytes: 0 });
    const last = entries.at(-1);
    if (name === 'Size' && last !== undefined) last.sizeBytes = Number(value);
  }
  return entries;
}

function nameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

async function answer(): Promise<ArchiveReply> {
  try {
    return await unpack(workerData as ArchiveRequest);
  } catch (error) {
    if (error instanceof TooLarge) return { ok: false, reason: error.message, sizeBytes: error.sizeBytes };
    return { ok: false, reason: error instanceof Error ? error.message : 'damaged' };
  }
}

// The unpacker sets an exit code for what it says, which is not the thread's.
void answer().then((reply) => {
  process.exitCode = 0;
  parentPort?.postMessage(reply, reply.ok ? reply.files.map(({ data }) => data.buffer as ArrayBuffer) : []);
});
