import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TOOLS = join(ROOT, 'node_modules');

/** Compiles the whole tree with one tsc, and beside it every WebAssembly kernel whose sources changed. */
export default async function build() {
  const packages = readdirSync(join(ROOT, 'packages')).map((name) => join(ROOT, 'packages', name));
  await Promise.all([
    run('typescript/bin/tsc', ['-b', '--builders', '2', '--checkers', '1'], ROOT),
    ...packages.filter((folder) => existsSync(join(folder, 'asconfig.json'))).map(buildKernel),
  ]);
}

async function buildKernel(folder) {
  const stamp = join(folder, 'dist', 'kernel.sha256');
  const sources = readdirSync(join(folder, 'assembly')).map((name) => join('assembly', name));
  const hash = createHash('sha256').update(readFileSync(join(TOOLS, 'assemblyscript', 'package.json')));
  for (const name of ['asconfig.json', ...sources]) hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
  const now = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  await run('assemblyscript/bin/asc.js', ['--config', 'asconfig.json'], folder);
  writeFileSync(stamp, now);
}

/** Runs a tool in a process of its own; throws where it fails, having said why. */
function run(tool, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(TOOLS, tool), ...args], { cwd, stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${tool} ended with ${code} in ${cwd}`))));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
