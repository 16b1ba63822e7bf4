import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import bundle from './bundle.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TOOLS = join(ROOT, 'node_modules');
const BUNDLE = join(ROOT, 'packages', 'cli', 'dist', 'bundle');

/** Compiles the whole tree with one tsc, and beside it every WebAssembly kernel whose sources changed; then of them the bundle of the command, and the page. */
export default async function build() {
  const packages = readdirSync(join(ROOT, 'packages')).map((name) => join(ROOT, 'packages', name));
  await Promise.all([
    run('typescript/bin/tsc', ['-b', '--builders', '2', '--checkers', '1'], ROOT),
    ...packages.filter((folder) => existsSync(join(folder, 'asconfig.json'))).map(buildKernel),
  ]);
  await Promise.all([buildBundle(), buildPage()]);
}

async function buildKernel(folder) {
  const sources = [...filesIn(join(folder, 'assembly')), join(folder, 'asconfig.json')];
  const { targets = { release: {} } } = JSON.parse(readFileSync(join(folder, 'asconfig.json'), 'utf8'));
  await whereChanged(join(folder, 'dist', 'kernel.sha256'), 'assemblyscript', sources, () =>
    Promise.all(
      Object.keys(targets).map((target) =>
        run('assemblyscript/bin/asc.js', ['--config', 'asconfig.json', '--target', target], folder),
      ),
    ),
  );
}

/** What tsc and the kernels' compiler have built. */
function built() {
  return readdirSync(join(ROOT, 'packages'))
    .filter((name) => name !== 'web')
    .flatMap((name) => filesIn(join(ROOT, 'packages', name, 'dist')))
    .filter((file) => /\.(js|wasm)$/.test(file) && !file.startsWith(BUNDLE));
}

async function buildBundle() {
  const stamp = join(ROOT, 'packages', 'cli', 'dist', 'bundle.sha256');
  const others = [join(ROOT, 'scripts', 'bundle.js'), join(ROOT, 'package-lock.json')];
  await whereChanged(stamp, 'vite', [...built(), ...others], bundle);
}

/** The page is made of everything that was built, and of the files that come along. */
async function buildPage() {
  const folder = join(ROOT, 'packages', 'web');
  const along = ['spice-templates', 'surrogates', 'examples'].flatMap((name) => filesIn(join(ROOT, name)));
  const own = [...['src', 'build'].flatMap((name) => filesIn(join(folder, name))), join(folder, 'index.html')];
  const others = [join(folder, 'vite.config.ts'), join(ROOT, 'package-lock.json')];
  await whereChanged(join(folder, 'dist', 'site.sha256'), 'vite', [...built(), ...along, ...own, ...others], () =>
    run('vite/bin/vite.js', ['build', '--logLevel', 'warn'], folder),
  );
}

/** Does work whose sources are other than those that its stamp is of, or whose tool is. */
async function whereChanged(stamp, tool, sources, work) {
  const hash = createHash('sha256').update(readFileSync(join(TOOLS, tool, 'package.json')));
  for (const file of sources) hash.update(`${relative(ROOT, file)}\0`).update(readFileSync(file));
  const now = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  await work();
  writeFileSync(stamp, now);
}

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .sort();
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
