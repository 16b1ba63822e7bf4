import { NeuroprintError } from '@neuroprint/core';
import { machine } from './machine.ts';

/** The benches by name; each prints tables. Started by `npm run bench -- <name> [options]`. */
const BENCHES: Readonly<Record<string, () => Promise<{ run(args: readonly string[]): Promise<void> }>>> = {
  solver: () => import('./solver.ts'),
  surrogate: () => import('./surrogate.ts'),
  training: () => import('./training.ts'),
  compile: () => import('./compile.ts'),
  sampling: () => import('./sampling.ts'),
  verify: () => import('./verify.ts'),
  optimiser: () => import('./robust-optimiser.ts'),
  robust: () => import('./robust.ts'),
  regression: () => import('./regression.ts'),
  widths: () => import('./widths.ts'),
  compare: () => import('./compare.ts'),
  processes: () => import('./processes.ts'),
  layout: () => import('./layout.ts'),
  foreign: () => import('./foreign.ts'),
  distil: () => import('./distil.ts'),
  laws: () => import('./laws.ts'),
  fits: () => import('./fits.ts'),
  accuracy: () => import('./accuracy.ts'),
  'fault-tolerance': () => import('./fault-tolerance.ts'),
  diagnose: () => import('./diagnose.ts'),
  patterns: () => import('./patterns.ts'),
  'power-price': () => import('./power-price.ts'),
  scale: () => import('./scale.ts'),
  cost: () => import('./cost.ts'),
  web: () => import('./web.ts'),
  budgets: () => import('./budgets.ts'),
};

const [name, ...args] = process.argv.slice(2);
const load = name === undefined ? undefined : BENCHES[name];
if (load === undefined) {
  process.stderr.write(`Say which: npm run bench -- ${Object.keys(BENCHES).join(' | ')}\n`);
  process.exitCode = 2;
} else {
  process.stdout.write(`${machine()}\n\n`);
  const began = process.cpuUsage();
  try {
    await (await load()).run(args);
  } catch (error) {
    const options = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    if (!options && !(error instanceof NeuroprintError)) throw error;
    const hint = error instanceof NeuroprintError ? error.hint : undefined;
    process.stderr.write(`${[error.message, hint].filter(Boolean).join(' ')}\n`);
    process.exit(2);
  }
  const used = process.cpuUsage(began);
  process.stdout.write(`\n${((used.user + used.system) / 1e6).toFixed(1)} s of processor time in this process.\n`);
}
