#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/bundle/main.js', import.meta.url);
if (existsSync(main)) await (await import(main.href)).main();
else {
  console.error('neuroprint is not built yet. Run: npm run build');
  process.exitCode = 1;
}
