import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { defineConfig } from 'vite';
import { browserOnly } from './build/browser-only.ts';
import { bundled } from './build/bundled.ts';
import { offline } from './build/offline.ts';
import { simulator } from './build/simulator.ts';
import { threads } from './build/threads.ts';

const cli = createRequire(import.meta.url).resolve('neuroprint/package.json');
const { version } = JSON.parse(readFileSync(cli, 'utf8')) as { version: string };

/** A static folder that any web server can hold: every path in it is relative. */
export default defineConfig({
  base: './',
  define: { NEUROPRINT_VERSION: JSON.stringify(version) },
  plugins: [browserOnly(), threads(), simulator(), bundled(), offline()],
  build: {
    target: 'es2023',
    modulePreload: false,
    outDir: 'dist/site',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 4000,
    // npm run bench -- web says it
    reportCompressedSize: false,
    rollupOptions: {
      // zod has comments in places where they say nothing to anybody
      onwarn: (warning, warn) => (warning.code === 'INVALID_ANNOTATION' ? undefined : warn(warning)),
    },
  },
});
