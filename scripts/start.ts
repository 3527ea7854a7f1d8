/** `npm start`: the desktop app where Electron can run, else the same app in the browser, after saying why. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildIfStale, projectRoot } from '../main/loopback/renderer-build.ts';

const args = process.argv.slice(2);
const isForcedBrowser = args.includes('--browser');
const rest = args.filter((argument) => argument !== '--browser');

if (!buildIfStale((line) => console.error(line))) {
  console.error('the build failed: see above');
  process.exit(1);
}

/** Electron's runtime, downloaded by its package on the first launch; or the reason there is none. */
function electronRuntime(): { path: string } | { why: string } {
  if (isForcedBrowser) return { why: '--browser was given' };
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return { why: 'there is no display' };
  const folder = join(projectRoot, 'node_modules', 'electron');
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist');
  if (!existsSync(join(dist, 'version'))) {
    console.error('downloading the Electron runtime (first launch)…');
    const download = spawnSync(process.execPath, [join(folder, 'install.js')], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 300_000 });
    if (download.status !== 0) return { why: 'the Electron runtime could not be downloaded' };
  }
  const pathFile = join(folder, 'path.txt');
  const path = existsSync(pathFile) ? join(dist, readFileSync(pathFile, 'utf8')) : '';
  return existsSync(path) ? { path } : { why: 'the Electron runtime is not complete' };
}

function runInBrowser(why: string): void {
  console.error(`Electron is not used: ${why}. Starting in the browser instead.`);
  const isPortGiven = rest.some((argument) => argument.startsWith('--port'));
  const child = spawn(process.execPath, [join(projectRoot, 'main', 'cli', 'index.ts'), 'serve', '--open', ...(isPortGiven ? [] : ['--port', '0']), ...rest], { stdio: 'inherit' });
  child.on('exit', (code) => process.exit(code ?? 1));
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => child.kill(name));
}

const runtime = electronRuntime();
if ('why' in runtime) runInBrowser(runtime.why);
else {
  const startedMs = performance.now();
  const child = spawn(runtime.path, [projectRoot, ...rest], { stdio: 'inherit' });
  child.on('error', (error) => runInBrowser(error.message));
  // A runtime that cannot start at all (missing libraries, a sandbox the kernel refuses) dies at once.
  child.on('exit', (code) => (code !== 0 && performance.now() - startedMs < 5000 ? runInBrowser(`it ended at once with code ${code}`) : process.exit(code ?? 0)));
}
