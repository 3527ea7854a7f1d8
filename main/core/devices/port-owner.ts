import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';

export interface PortOwner {
  /** For people: 'minicom, process 4711'. */
  owner: string;
  pid?: number;
}

/** Who has a device open, as far as we may see: other users' processes are hidden. Null: nobody we know of. */
export async function ownerOf(path: string, proc = '/proc'): Promise<PortOwner | null> {
  const device = await realpath(path).catch(() => path);
  if (process.platform === 'darwin') return ownerByLsof(device);
  if (process.platform !== 'linux') return null;
  for (const pid of await readdir(proc).catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const open = await readdir(`${proc}/${pid}/fd`).catch(() => []);
    const targets = await Promise.all(open.map((fd) => readlink(`${proc}/${pid}/fd/${fd}`).catch(() => '')));
    if (!targets.includes(device)) continue;
    const name = Number(pid) === process.pid ? 'Talkbench' : await nameOf(`${proc}/${pid}`);
    return { owner: `${name}, ${pid}`, pid: Number(pid) };
  }
  return null;
}

const interpreters = /^(?:node|python[\d.]*|perl|ruby|sh|bash|dash|java|mono|electron)$/;

/** By its command line: a process's own name may be no more than that of its thread (Node's is 'MainThread'). */
async function nameOf(process: string): Promise<string> {
  const [program = '', ...rest] = (await readFile(`${process}/cmdline`, 'utf8').catch(() => '')).split('\0');
  const name = basename(program);
  if (name === '') return (await readFile(`${process}/comm`, 'utf8').catch(() => '')).trim();
  // `sh -c TEXT` and `node -e TEXT` have no script.
  const isText = rest.some((argument) => argument === '-c' || argument === '-e');
  const script = isText || !interpreters.test(name) ? undefined : rest.find((argument) => argument !== '' && !argument.startsWith('-'));
  return script === undefined ? name : `${name} ${basename(script)}`;
}

async function ownerByLsof(device: string): Promise<PortOwner | null> {
  try {
    const { stdout } = await promisify(execFile)('lsof', ['-F', 'pc', device], { timeout: 2000 });
    const pid = /^p(\d+)$/m.exec(stdout)?.[1];
    const name = /^c(.+)$/m.exec(stdout)?.[1];
    return pid === undefined ? null : { owner: `${name ?? '?'}, ${pid}`, pid: Number(pid) };
  } catch {
    return null; // no lsof, or nobody
  }
}
