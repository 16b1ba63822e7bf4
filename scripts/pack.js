import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Packs every package that others can install into a folder, as built. Returns the tarballs. */
export default function pack(folder) {
  mkdirSync(folder, { recursive: true });
  const { workspaces } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const names = workspaces
    .flatMap((path) =>
      path.endsWith('/*') ? readdirSync(join(ROOT, path.slice(0, -2))).map((name) => path.replace('*', name)) : [path],
    )
    .filter((path) => !JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8')).private);
  const args = ['pack', '--pack-destination', folder, ...names.map((name) => `--workspace=${name}`)];
  const { status, stderr } = spawnSync('npm', args, {
    cwd: ROOT,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm pack ended with ${status}:\n${stderr}`);
  return readdirSync(folder).map((name) => join(folder, name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) pack(resolve('packed'));
