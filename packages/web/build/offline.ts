import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Plugin, transformWithEsbuild } from 'vite';

const NAME = 'service-worker.js';
const SOURCE = fileURLToPath(new URL('../src/folder/service-worker.ts', import.meta.url));

/** Gives the built page the service worker that keeps it for use without a network. */
export function offline(): Plugin {
  let folder = '';
  return {
    name: 'offline',
    apply: 'build',
    configResolved: ({ root, build }) => {
      folder = join(root, build.outDir);
    },
    writeBundle: () => writeServiceWorker(folder),
  };
}

/** Writes the service worker of a page as it lies in its folder, with the hash of every other file. */
export async function writeServiceWorker(folder: string): Promise<void> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path !== NAME && statSync(join(folder, path)).isFile())
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
  const files = Object.fromEntries(paths.map((path) => [path, `sha256-${hashOf(readFileSync(join(folder, path)))}`]));
  const { code } = await transformWithEsbuild(readFileSync(SOURCE, 'utf8'), SOURCE, {
    minifySyntax: true,
    format: 'iife',
  });
  const constants = { FILES: files, VERSION: hashOf(JSON.stringify(files) + code) };
  const head = Object.entries(constants).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};`);
  writeFileSync(join(folder, NAME), `${head.join('\n')}\n${code}`);
}

function hashOf(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}
