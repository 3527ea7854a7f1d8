import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import { rendererConfig } from './renderer/vite.config.ts';

const projectRoot = fileURLToPath(new URL('.', import.meta.url));
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Source names its workers as `new URL('./x.worker.ts', import.meta.url)`, which Node runs as it stands. In the bundle each
 * becomes an entry of its own, beside the chunks that start it.
 */
function workerEntries(): Plugin {
  const workerUrl = /new URL\(\s*'(\.{1,2}\/[^']+\.(?:worker|process)\.ts)',\s*import\.meta\.url,?\s*\)/g;
  return {
    name: 'talkbench-worker-entries',
    enforce: 'pre',
    transform(code, id) {
      const replaced = code.replace(workerUrl, (_match, path: string) => {
        const file = resolve(dirname(id), path);
        const fileName = relative(projectRoot, file).replace(/[\\/]/g, '-').replace(/ts$/, 'js');
        this.emitFile({ type: 'chunk', id: file, fileName });
        return `new URL('./${fileName}', import.meta.url)`;
      });
      return replaced === code ? null : { code: replaced, map: null };
    },
  };
}

/**
 * electron-vite gives every chunk that calls `require` a CommonJS shim that declares it. Our sources are ES modules and declare
 * their own with createRequire where they need it; twice is a syntax error.
 */
function withoutCommonJsShim(): Plugin {
  return {
    name: 'talkbench-without-commonjs-shim',
    configResolved({ plugins }) {
      const shim = plugins.find(({ name }) => name === 'vite:esm-shim');
      if (shim === undefined) throw new Error('electron-vite no longer has its CommonJS shim: remove withoutCommonJsShim');
      delete shim.renderChunk;
    },
  };
}

export default defineConfig({
  main: {
    plugins: [workerEntries(), withoutCommonJsShim()],
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
