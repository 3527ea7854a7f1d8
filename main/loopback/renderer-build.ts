import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const projectRoot = resolve(import.meta.dirname, '../..');
export const rendererDirectory = join(projectRoot, 'out', 'renderer');

const sources = ['renderer', 'preload', 'main', 'pipeline', 'package.json', 'electron.vite.config.ts'];

function newestChangeMs(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((newest, entry) => Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}

/** Builds `out/` when a source is newer than it. The build's output goes to standard error: standard output is the caller's. */
export function buildIfStale(say: (line: string) => void): boolean {
  const builtMs = statSync(join(rendererDirectory, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (builtMs > 0 && sources.every((source) => newestChangeMs(join(projectRoot, source)) <= builtMs)) return true;
  say('building…');
  const command = join(projectRoot, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const result = spawnSync(process.execPath, [command, 'build', '--logLevel', 'warn'], { cwd: projectRoot, stdio: ['ignore', 2, 2] });
  return result.status === 0;
}
