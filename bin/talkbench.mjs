#!/usr/bin/env node
// Any Node >= 20 may start this; the product runs on the Node 24 that the `node` dependency brings.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const major = Number(process.versions.node.split('.')[0]);
if (major >= 24) {
  // Half the time of a short command is the types being stripped from its files: once is enough. Threads and helper processes too.
  const { enableCompileCache } = await import('node:module');
  const { directory } = enableCompileCache();
  if (directory !== undefined) process.env.NODE_COMPILE_CACHE ??= directory;
  // A port that is written to holds one of libuv's threads until its bytes are out: four would let four boards be flashed at a time.
  process.env.UV_THREADPOOL_SIZE ??= '32';
  await import('../main/cli/index.ts');
} else {
  const bundled = fileURLToPath(new URL(`../node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`, import.meta.url));
  if (!existsSync(bundled)) {
    console.error(`talkbench needs Node 24; this is ${process.version} and node_modules/node is missing: run npm install`);
    process.exit(2);
  }
  const child = spawn(bundled, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    // The channel tells it when we are gone, also by a signal that we cannot hear.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // Whoever ends us means the child: it must not stay behind, holding the library.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name));
  child.on('exit', (code) => process.exit(code ?? 1));
}
