/**
 * Builds the page into the server crate, whose binary embeds it.
 *
 * Relative addresses, because the app lives under `/{token}/`; nothing inline, because of the
 * server's Content-Security-Policy; hashed names, because the server lets browsers keep them.
 */
import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  worker: {
    format: 'es',
    // The server knows workers by this name: they have a security policy of their own.
    rolldownOptions: { output: { entryFileNames: 'assets/worker-[hash].js' } },
  },
  build: {
    outDir: '../crates/server/assets',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    sourcemap: false,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        entryFileNames: 'assets/app-[hash].js',
        chunkFileNames: 'assets/chunk-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
});
