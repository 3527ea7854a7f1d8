import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { UserConfig } from 'vite';

/** How the page is built. electron.vite.config.ts uses it for the app; `vite --config renderer/vite.config.ts` serves it alone. */
export const rendererConfig = {
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [react()],
  build: {
    outDir: fileURLToPath(new URL('../out/renderer', import.meta.url)),
    emptyOutDir: true,
    // The page's security policy allows no data: scripts or fonts, so nothing is inlined.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    rollupOptions: { input: fileURLToPath(new URL('./index.html', import.meta.url)) },
  },
} satisfies UserConfig;

export default rendererConfig;
