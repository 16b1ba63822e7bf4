import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(ROOT, 'packages', 'cli');
/** Modules of ours, and those among them that do something when they are loaded and whose exports nobody may ask for. */
const OURS = /[\\/]packages[\\/]\w+[\\/]dist[\\/]/;
const DOES_BY_ITSELF = /[\\/]platform[\\/]\w+\.js$|worker\.js$|[\\/]cli[\\/]dist[\\/]main\.js$/;
/** Left as packages: a simulator of 20 MB, and what a machine may have or not. */
const OUTSIDE = ['eecircuit-engine', 'onnxruntime-node', 'canvas'];

/**
 * Packs the command into few files of packages/cli/dist/bundle, from what tsc built: a process, and each of its threads, loads them in a
 * fraction of the time that hundreds of modules take. What is loaded when it is needed still is; packages as libraries are as they were.
 */
export default async function bundle() {
  await build({
    configFile: false,
    root: CLI,
    logLevel: 'warn',
    plugins: [beside(), licences()],
    ssr: { noExternal: true },
    build: {
      ssr: true,
      ssrEmitAssets: true,
      target: 'es2023',
      outDir: 'dist/bundle',
      emptyOutDir: true,
      minify: false,
      rollupOptions: {
        external: OUTSIDE,
        // a thread of the kernel then loads no schema of a file that it never sees
        treeshake: { moduleSideEffects: (id) => !OURS.test(id) || DOES_BY_ITSELF.test(id) },
        input: { main: join(CLI, 'dist', 'main.js') },
        output: {
          experimentalMinChunkSize: 4_000,
          entryFileNames: '[name].js',
          // in one folder: `../..` is the package's folder, as in dist/host
          chunkFileNames: '[name]-[hash].js',
          assetFileNames: '[name]-[hash][extname]',
        },
        // zod has comments in places where they say nothing to anybody
        onwarn: (warning, warn) => (warning.code === 'INVALID_ANNOTATION' ? undefined : warn(warning)),
      },
    },
  });
}

const BESIDE = /new URL\(\s*'(\.[^']+\.(?:[jt]s|wasm))',\s*import\.meta\.url\s*\)/g;

/** A module of a package that is not ours: the package's folder and name, and the module's path in it. */
const OF_OTHERS = /^(?<folder>.*\/node_modules\/(?<name>(?:@[^/]+\/)?[^/]+))\/(?<path>[^?]+)/;

function ofOthers(id) {
  return OF_OTHERS.exec(id.replaceAll('\\', '/'))?.groups;
}

/** Modules of threads and kernels, written `new URL('./…', import.meta.url)`, become files of the bundle. */
function beside() {
  const { dependencies } = JSON.parse(readFileSync(join(CLI, 'package.json'), 'utf8'));
  return {
    name: 'files beside modules',
    enforce: 'pre',
    transform(code, id) {
      if (!code.includes('import.meta.url')) return undefined;
      const other = ofOthers(id);
      if (other === undefined)
        return code.replace(BESIDE, (_, path) => {
          const file = resolve(dirname(id), path);
          const reference = file.endsWith('.wasm')
            ? this.emitFile(kernel(file))
            : this.emitFile({ type: 'chunk', id: file });
          return `new URL(import.meta.ROLLUP_FILE_URL_${reference})`;
        });
      // where a package's own files are, such as words in other languages
      const { name, path } = other;
      if (dependencies[name] === undefined) return undefined;
      return code.replaceAll('import.meta.url', `new URL('${path}', import.meta.resolve('${name}')).href`);
    },
  };
}

/** A kernel by the name of its package: packages/circuit/dist/kernel.wasm. */
function kernel(file) {
  return { type: 'asset', name: `${basename(dirname(dirname(file)))}-${basename(file)}`, source: readFileSync(file) };
}

/** The licences of all packages that the bundle has parts of, beside it. */
function licences() {
  return {
    name: 'licences',
    generateBundle(_, files) {
      const modules = Object.values(files).flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : []));
      const folders = new Set(modules.flatMap((id) => ofOthers(id.replace(/^\0/, ''))?.folder ?? []));
      const texts = [...folders].sort().flatMap((folder) => {
        if (!existsSync(join(folder, 'package.json'))) return [];
        const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
        const text = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
        return [
          `${name} ${version} (${license})\n\n${text === undefined ? '' : readFileSync(join(folder, text), 'utf8')}`,
        ];
      });
      this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source: texts.join(`\n${'-'.repeat(80)}\n`) });
    },
  };
}
