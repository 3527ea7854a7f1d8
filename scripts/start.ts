/** `npm start`: the desktop app where Electron can run, else the same app in the browser, after saying why. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildIfStale, projectRoot } from '../main/loopback/renderer-build.ts';
import { findElectron } from './electron-runtime.ts';

const args = process.argv.slice(2);
const isForcedBrowser = args.includes('--browser');
const rest = args.filter((argument) => argument !== '--browser');

if (!buildIfStale((line) => console.error(line))) {
  console.error('the build failed: see above');
  process.exit(1);
}

function runInBrowser(why: string): void {
  console.error(`Electron is not used: ${why}. Starting in the browser instead.`);
  const isPortGiven = rest.some((argument) => argument.startsWith('--port'));
  const child = spawn(
    process.execPath,
    [join(projectRoot, 'main', 'cli', 'index.ts'), 'serve', '--open', ...(isPortGiven ? [] : ['--port', '0']), ...rest],
    { stdio: 'inherit' },
  );
  child.on('exit', (code) => process.exit(code ?? 1));
  passOnSignals(child);
}

/** Whoever ends us means the app: it must not stay behind, holding the library. */
function passOnSignals(child: ChildProcess): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => child.kill(name));
}

const runtime = isForcedBrowser ? { why: '--browser was given' } : findElectron((line) => console.error(line));
if ('why' in runtime) runInBrowser(runtime.why);
else {
  const startedMs = performance.now();
  const child = spawn(runtime.path, [projectRoot, ...rest], { stdio: 'inherit' });
  passOnSignals(child);
  child.on('error', (error) => runInBrowser(error.message));
  // A runtime that cannot start at all (missing libraries, a sandbox the kernel refuses) dies at once.
  child.on('exit', (code) =>
    code !== 0 && performance.now() - startedMs < 5000 ? runInBrowser(`it ended at once with code ${code}`) : process.exit(code ?? 0),
  );
}
