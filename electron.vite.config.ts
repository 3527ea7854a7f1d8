import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import { rendererConfig } from './renderer/vite.config.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Source names its workers as `new URL('./x.worker.ts', import.meta.url)`, which Node runs as it stands. In the bundle each
 * becomes an entry of its own and the URL points at that.
 */
function workerEntries(): Plugin {
  const workerUrl = /new URL\(\s*'(\.{1,2}\/[^']+\.(?:worker|process)\.ts)',\s*import\.meta\.url,?\s*\)/g;
  return {
    name: 'talkbench-worker-entries',
    enforce: 'pre',
    transform(code, id) {
      if (!workerUrl.test(code)) return null;
      const replaced = code.replace(workerUrl, (_match, path: string) => {
        const file = resolve(dirname(id), path);
        const reference = this.emitFile({ type: 'chunk', id: file });
        return `new URL(import.meta.ROLLUP_FILE_URL_${reference})`;
      });
      return { code: replaced, map: null };
    },
  };
}

export default defineConfig({
  main: {
    plugins: [workerEntries()],
    build: {
      outDir: 'out/main',
      // Packages, native ones above all, stay in node_modules (externalizeDeps is on by default).
      rollupOptions: {
        input: { index: at('main/electron/index.ts'), 'core.process': at('main/electron/core.process.ts') },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      // A sandboxed preload script is one CommonJS file and can require nothing but electron.
      externalizeDeps: false,
      rollupOptions: {
        input: { index: at('preload/index.ts') },
        external: ['electron'],
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: rendererConfig,
});
