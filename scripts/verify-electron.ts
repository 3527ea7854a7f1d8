/**
 * `npm run verify:electron`: what only a machine with the Electron runtime can prove. Builds, says which versions it runs, and
 * runs the end-to-end suite in the desktop host. Without a runtime it fails and says so: it never passes by doing nothing.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../main/loopback/renderer-build.ts';
import { findElectron } from './electron-runtime.ts';

function run(title: string, modulePath: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): void {
  console.log(`== ${title}`);
  const result = spawnSync(process.execPath, [join(projectRoot, 'node_modules', modulePath), ...args], {
    cwd: projectRoot,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  if (result.status !== 0) {
    console.error(`verify:electron failed: ${title}`);
    process.exit(1);
  }
}

const runtime = findElectron((line) => console.log(line));
if ('why' in runtime) {
  console.error(`verify:electron cannot run here: ${runtime.why}. Nothing was verified.`);
  process.exit(2);
}
const versions = spawnSync(runtime.path, ['-p', 'JSON.stringify(process.versions)'], {
  env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  encoding: 'utf8',
});
if (versions.status !== 0) {
  console.error(`verify:electron: the runtime does not start: ${versions.stderr}`);
  process.exit(1);
}
const { electron, chrome, node, modules } = JSON.parse(versions.stdout) as Record<string, string>;
console.log(`Electron ${electron}, Chromium ${chrome}, Node ${node}, ABI ${modules}`);
run('build', 'electron-vite/bin/electron-vite.js', ['build']);
run('end to end in the desktop host', '@playwright/test/cli.js', ['test', '--project', 'electron'], { TALKBENCH_REQUIRE_ELECTRON: '1' });
console.log('verify:electron passed');
