import react from '@vitejs/plugin-react';
import type { UserConfig } from 'vite';

/**
 * A path beside this file. From `import.meta.url`, because electron-vite bundles its configuration and rewrites only that for
 * each file; node:url is not for this layer, so the slash before a Windows drive is removed here.
 */
function beside(path: string): string {
  return decodeURIComponent(new URL(path, import.meta.url).pathname).replace(/^\/(?=[A-Za-z]:)/, '');
}

/** How the page is built. electron.vite.config.ts uses it for the app; `vite --config renderer/vite.config.ts` serves it alone. */
export const rendererConfig = {
  root: beside('.'),
  base: './',
  plugins: [react()],
  build: {
    outDir: beside('../out/renderer'),
    emptyOutDir: true,
    // electron-vite minifies nothing unless told; the browser host sends this over a socket.
    minify: true,
    cssMinify: true,
    // The page's security policy allows no data: scripts or fonts, so nothing is inlined.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    rollupOptions: { input: beside('./index.html') },
  },
} satisfies UserConfig;

export default rendererConfig;
