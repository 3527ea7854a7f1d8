import { access, readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Of esp-flasher-stub, which esptool-js 0.7 carries. */
const OWN_VERSION = [1, 2, 2] as const;

let found: Promise<string | null> | undefined;

/**
 * The path of a chip's stub in an esptool package of this machine that carries a newer esp-flasher-stub than we do; null without
 * one. Only Espressif's freely licensed stubs (esptool 5's second generation) are looked at. Looked for once.
 */
export async function installedStubPath(chip: string): Promise<string | null> {
  found ??= newestFolder();
  const folder = await found;
  if (folder === null) return null;
  const path = join(folder, `${chip}.json`);
  return (await exists(path)) ? path : null;
}

async function newestFolder(): Promise<string | null> {
  let newest: { folder: string; version: readonly number[] } | null = null;
  for (const packages of await packageFolders()) {
    const folder = join(packages, 'esptool', 'targets', 'stub_flasher', '2');
    const version = await versionOf(folder);
    if (version !== null && isNewer(version, newest?.version ?? OWN_VERSION)) newest = { folder, version };
  }
  return newest?.folder ?? null;
}

/** Each folder of stubs says where it was released: '…/esp-flasher-stub/releases/tag/v1.2.2'. */
async function versionOf(folder: string): Promise<readonly number[] | null> {
  const text = await readFile(join(folder, 'README.md'), 'utf8').catch(() => '');
  const match = /esp-flasher-stub\/releases\/tag\/v(\d+)\.(\d+)\.(\d+)/.exec(text);
  return match === null ? null : match.slice(1).map(Number);
}

export function isNewer(version: readonly number[], than: readonly number[]): boolean {
  for (let index = 0; index < 3; index++) {
    const difference = (version[index] ?? 0) - (than[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/** Where Python keeps packages: the system's, the user's, and ESP-IDF's own environments. */
async function packageFolders(): Promise<string[]> {
  const home = homedir();
  const roots = ['/usr/lib', '/usr/local/lib', join(home, '.local/lib')];
  const idf = join(home, '.espressif', 'python_env');
  for (const name of await listed(idf)) roots.push(join(idf, name, process.platform === 'win32' ? 'Lib' : 'lib'));
  const folders: string[] = [];
  for (const root of roots) {
    folders.push(join(root, 'site-packages'));
    for (const name of await listed(root))
      if (/^python3/.test(name)) folders.push(join(root, name, 'site-packages'), join(root, name, 'dist-packages'));
  }
  return folders;
}

function listed(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
