import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../main/loopback/renderer-build.ts';

const DOWNLOAD_TIMEOUT_MS = 300_000;

/** Electron's executable, downloaded by its package when it is not there yet; or the reason there is none. */
export function findElectron(say: (line: string) => void): { path: string } | { why: string } {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return { why: 'there is no display' };
  const folder = join(projectRoot, 'node_modules', 'electron');
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist');
  if (!existsSync(join(dist, 'version'))) {
    say('downloading the Electron runtime (first launch)…');
    const download = spawnSync(process.execPath, [join(folder, 'install.js')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: DOWNLOAD_TIMEOUT_MS,
    });
    if (download.status !== 0) return { why: 'the Electron runtime could not be downloaded' };
  }
  const pathFile = join(folder, 'path.txt');
  const path = existsSync(pathFile) ? join(dist, readFileSync(pathFile, 'utf8')) : '';
  return existsSync(path) ? { path } : { why: 'the Electron runtime is not complete' };
}
