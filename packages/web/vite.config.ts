import { defineConfig } from 'vite';

/** A static folder that any web server can hold: every path in it is relative. */
export default defineConfig({
  base: './',
  build: { target: 'es2023', modulePreload: false, outDir: 'dist/site', emptyOutDir: true },
});
