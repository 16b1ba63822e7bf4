import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { UsageError } from '@neuroprint/core';
import { EXAMPLES } from './machine.ts';
import { chosen, wholeNumber } from './options.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

const PEER = fileURLToPath(new URL('../peers/models.py', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../packages/cli/bin/neuroprint.js', import.meta.url));
/** Debian's python has the modules; another may have them. */
const PYTHON = ['/usr/bin/python3', 'python3'];
const IRIS = join(EXAMPLES, 'iris.csv');

/** A model and how it is imported; `what` is for people. */
const CASES = [
  { name: 'relu', file: 'relu', what: 'rectifiers 4-8-3, Iris', distil: true },
  { name: 'norm', file: 'norm', what: 'batch normalisation and rectifiers 4-8-3, Iris', distil: true },
  { name: 'trees', file: 'trees', what: '150 boosted trees, Iris', distil: true },
  { name: 'cancer-relu', file: 'cancer-relu', what: 'rectifiers 30-12-6-1, breast cancer', distil: true },
  { name: 'cancer-mapped', file: 'cancer-tanh', what: 'tanh 30-12-6-1, breast cancer, mapped', distil: false },
  { name: 'cancer-tanh', file: 'cancer-tanh', what: 'the same, distilled', distil: true },
] as const;

interface Imported {
  readonly agreement: number;
  readonly accuracy: { readonly model: number; readonly network: number };
}
interface Verified {
  readonly watts: number;
  readonly accuracy: { readonly ngspice: number };
  readonly modelAgreement: {
    readonly network: number;
    readonly circuit: number;
    readonly ngspice: number;
    readonly copies: { readonly mean: number };
  };
}

/** A command of the command line: its JSON, also where the result is not as promised. */
function json<T>(args: readonly string[]): T {
  const { stdout, stderr, status } = spawnSync(process.execPath, [COMMAND, ...args, '--json'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0 && status !== 3) throw new Error(`neuroprint ${args[0]} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/**
 * How often what was made of other people's models decides as they do, on test rows: `npm run bench -- distil [relu|norm|trees|…]
 * [--seeds 1] [--draws 100] [--hidden 6]`. Network, circuit and ngspice, and printed copies under 10 % variation; mean over seeds.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '1' },
      draws: { type: 'string', default: '100' },
      hidden: { type: 'string' },
    },
  });
  const names = chosen(
    'model',
    positionals,
    CASES.map(({ name }) => name),
  );
  const seeds = wholeNumber('seeds', values.seeds, 1);
  const draws = wholeNumber('draws', values.draws, 1);
  const python = PYTHON.find((path) => spawnSync(path, ['-c', 'import sklearn, onnx']).status === 0);
  if (python === undefined)
    throw new UsageError('The models are made by scikit-learn and onnx.', 'Install python3-sklearn and python3-onnx.');
  await inScratchFolder(async (folder) => {
    const made = spawnSync(python, [PEER, IRIS, folder], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`the models could not be made: ${made.stderr}`);
    const lines: string[][] = [];
    for (const one of CASES.filter(({ name }) => names.includes(name))) {
      const data = one.file.startsWith('cancer') ? join(folder, 'cancer.csv') : IRIS;
      const runs = Array.from({ length: one.distil ? seeds : 1 }, (_, seed) => {
        const network = join(folder, `${one.name}-${seed}.json`);
        const netlist = join(folder, `${one.name}-${seed}`);
        const training = ['--distil', '--seed', String(seed), ...(values.hidden ? ['--hidden', values.hidden] : [])];
        const began = performance.now();
        const imported = json<Imported>([
          ...['import', '--onnx', join(folder, `${one.file}.onnx`), '--data', data, '--out', network],
          ...(one.distil ? training : []),
        ]);
        const seconds = (performance.now() - began) / 1000;
        json(['compile', '--network', network, '--data', data, '--out', netlist]);
        const verified = json<Verified>(['verify', '--netlist', netlist, '--monte-carlo', String(draws)]);
        process.stderr.write(`${one.what}, seed ${seed}: network ${imported.agreement}\n`);
        return { ...imported, ...verified, model: imported.accuracy.model, seconds };
      });
      const mean = (of: (run: (typeof runs)[number]) => number) =>
        runs.reduce((sum, each) => sum + of(each), 0) / runs.length;
      const percent = (of: (run: (typeof runs)[number]) => number) => `${(100 * mean(of)).toFixed(1)} %`;
      lines.push([
        one.what,
        percent(({ model }) => model),
        percent(({ modelAgreement }) => modelAgreement.network),
        percent(({ modelAgreement }) => modelAgreement.circuit),
        percent(({ modelAgreement }) => modelAgreement.ngspice),
        percent(({ modelAgreement }) => modelAgreement.copies.mean),
        percent(({ accuracy }) => accuracy.ngspice),
        `${(1e6 * mean(({ watts }) => watts)).toFixed(0)} µW`,
        `${mean(({ seconds }) => seconds).toFixed(0)} s`,
      ]);
    }
    const head = ['model', 'its accuracy', 'network', 'circuit', 'ngspice', 'copies', 'accuracy', 'power', 'import'];
    process.stdout.write(
      `Test rows decided as the model decides; ${seeds} seeds, ${draws} copies under 10 % variation.\n\n`,
    );
    process.stdout.write(`${table(head, lines)}\n`);
  });
}
