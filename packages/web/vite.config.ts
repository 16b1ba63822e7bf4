import { defineConfig } from 'vite';
import { offline } from './build/offline.ts';

/** A static folder that any web server can hold: every path in it is relative. */
export default defineConfig({
  base: './',
  plugins: [offline()],
  build: { target: 'es2023', modulePreload: false, outDir: 'dist/site', emptyOutDir: true, assetsInlineLimit: 0 },
});
