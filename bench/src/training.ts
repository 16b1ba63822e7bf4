import { spawnSync } from 'node:child_process';

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { SurrogateModel } from '@neuroprint/surrogate';
import {
  kernelAgreement,
  type PortableProblem,
  runJob,
  runJobs,
  TrainingCrew,
  type TrainingOptions,
} from '@neuroprint/training';
import { DATA, SURROGATES } from './machine.ts';
import { table } from './table.ts';
import { problemOf } from './training-problem.ts';

const PEER = fileURLToPath(new URL('../peers/training.py', import.meta.url));
/** Debian's python has python3-torch; another may be named. */
const PYTHON = ['/usr/bin/python3', 'python3'];
/** Epochs of ours and of the peer, and the speed-up that is asked for. */
const TABLES = [
  { name: 'iris', epochs: 8000, peerEpochs: 400, goal: 20 },
  { name: 'pendigits', epochs: 120, peerEpochs: 15, goal: 8 },
];
const ROUNDS = 5;
/** Large enough that a second thread is worth its start. */
const SHARED_TABLE = 'cardiotocography3clases';
const SCALING_TABLES = ['iris', 'seeds', 'balancescale', 'vertebralcolumn3clases'];

const PARTS = ['speed', 'agreement', 'scaling', 'memory'];
const MEMORY = fileURLToPath(new URL('./training-memory.js', import.meta.url));
/** Rows and columns of the table whose training is weighed. */
const LARGE = [50_000, 200];

/**
 * The training engine: epochs a second of processor time against a vectorised PyTorch peer, agreement of the float32
 * kernel with the float64 oracle, two threads against one, and the memory of a large table. `--surrogates DIR`, `--rounds N` and
 * `--parts speed,agreement,scaling,memory` are its options.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      surrogates: { type: 'string', default: SURROGATES },
      rounds: { type: 'string', default: String(ROUNDS) },
      parts: { type: 'string', default: PARTS.join(',') },
    },
  });
  const problem = (name: string) => problemOf(join(DATA, 'kit13', `${name}.csv`), values.surrogates);
  const parts = values.parts.split(',');
  if (parts.includes('speed')) speed(problem, values.surrogates, Number(values.rounds));
  if (parts.includes('agreement')) agreement(problem);
  if (parts.includes('scaling')) await scaling(problem);
  if (parts.includes('memory')) memory(values.surrogates);
}

/** Epochs a second of processor time; the difference of two lengths, so that what a run costs once does not count. */
function ourSpeed(problem: PortableProblem, epochs: number, kernel: 'simd' | 'float64'): number {
  const options = (count: number): TrainingOptions => ({
    epochs: count,
    patience: count,
    restarts: 1,
    validateEvery: 1,
    batchRows: Number.MAX_SAFE_INTEGER,
    kernel,
  });
  const short = Math.ceil(epochs / 5);
  const before = runJob({ kind: 'printed', problem, options: options(short) }).cpuSeconds;
  return epochs / (runJob({ kind: 'printed', problem, options: options(short + epochs) }).cpuSeconds - before);
}

function peerSpeed(name: string, surrogates: string, epochs: number): { speed: number; torch: string } | undefined {
  const python = PYTHON.find((path) => spawnSync(path, ['-c', 'import torch']).status === 0);
  if (python === undefined) return undefined;
  const file = join(DATA, 'kit13', `${name}.csv`);
  const { stdout, stderr, status } = spawnSync(python, [PEER, file, join(surrogates, 'egt'), String(epochs)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the peer failed: ${stderr}`);
  const answer = JSON.parse(stdout) as { epochs: number; cpuSeconds: number; torch: string };
  return { speed: answer.epochs / answer.cpuSeconds, torch: answer.torch };
}

function speed(problem: (name: string) => PortableProblem, surrogates: string, rounds: number): void {
  process.stdout.write(
    'Epochs a second of processor time: 20 prints, [inputs, 3, classes], full batch, every epoch with\n',
  );
  process.stdout.write(
    `a forward pass over the validation rows. Median of ${rounds} rounds, ours and the peer's by turns.\n\n`,
  );
  const rows = TABLES.map(({ name, epochs, peerEpochs, goal }) => {
    const ours = problem(name);
    const found = Array.from({ length: rounds }, () => ({
      simd: ourSpeed(ours, epochs, 'simd'),
      peer: peerSpeed(name, surrogates, peerEpochs),
    }));
    const oracle = ourSpeed(ours, Math.ceil(epochs / 10), 'float64');
    const simd = median(found.map((round) => round.simd));
    const peers = found.flatMap(({ peer }) => (peer === undefined ? [] : [peer.speed]));
    if (peers.length === 0) return [name, simd.toFixed(0), oracle.toFixed(0), 'no python3-torch', '', `${goal}`];
    const ratios = found.map((round) => round.simd / round.peer!.speed);
    return [
      name,
      simd.toFixed(0),
      oracle.toFixed(0),
      median(peers).toFixed(1),
      `${median(ratios).toFixed(1)} (${Math.min(...ratios).toFixed(1)}–${Math.max(...ratios).toFixed(1)})`,
      `${goal}`,
    ];
  });
  process.stdout.write(`${table(['table', 'simd', 'float64 oracle', 'PyTorch', 'simd / PyTorch', 'goal'], rows)}\n\n`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

function agreement(problem: (name: string) => PortableProblem): void {
  const rows = [...SCALING_TABLES, 'pendigits'].map((name) => {
    const { falling, activation, ...rest } = problem(name);
    const models = { falling: SurrogateModel.of(falling), activation: SurrogateModel.of(activation) };
    const found = kernelAgreement({ ...rest, ...models }, { restarts: name === 'pendigits' ? 2 : 10 });
    return [name, found.loss.toExponential(1), found.gradient.toExponential(1), '1e-4'];
  });
  process.stdout.write('simd against the float64 oracle, relative, largest over random starts:\n\n');
  process.stdout.write(`${table(['table', 'loss', 'gradient', 'goal'], rows)}\n\n`);
}

async function scaling(problem: (name: string) => PortableProblem): Promise<void> {
  const jobs = SCALING_TABLES.flatMap((name) =>
    [0, 1].map((seed) => ({ kind: 'printed', problem: problem(name), options: { seed } }) as const),
  );
  const runs = [];
  for (const workers of [1, 2]) {
    const began = performance.now();
    const results = await runJobs(jobs, workers);
    runs.push({ seconds: (performance.now() - began) / 1000, networks: results.map(({ network }) => network) });
  }
  const [one, two] = runs;
  const same = isDeepStrictEqual(one!.networks, two!.networks) ? 'the same bits' : 'DIFFERENT RESULTS';
  process.stdout.write(
    `${jobs.length} trainings: ${one!.seconds.toFixed(1)} s on one thread, ${two!.seconds.toFixed(1)} s on two ` +
      `(${(one!.seconds / two!.seconds).toFixed(2)} times as fast), ${same}.\n`,
  );
  await shared(problem(SHARED_TABLE));
}

/** One training whose starts are spread over threads. */
async function shared(problem: PortableProblem): Promise<void> {
  const runs = [];
  for (const workers of [1, 2]) {
    const began = performance.now();
    const crew = new TrainingCrew(workers);
    const { network } = await crew.train(problem, {}).finally(() => crew.close());
    runs.push({ seconds: (performance.now() - began) / 1000, network });
  }
  const [one, two] = runs;
  const same = isDeepStrictEqual(one!.network, two!.network) ? 'the same bits' : 'DIFFERENT RESULTS';
  process.stdout.write(
    `One training of ${problem.name}: ${one!.seconds.toFixed(1)} s on one thread, ${two!.seconds.toFixed(1)} s on two, ${same}.\n`,
  );
}

/** The largest resident size of a process that reads a large table and trains on it. */
function memory(surrogates: string): void {
  const { stdout, stderr, status } = spawnSync(process.execPath, [MEMORY, ...LARGE.map(String), surrogates], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the large table failed: ${stderr}`);
  const { before, read, trained, cpuSeconds } = JSON.parse(stdout) as Record<string, number>;
  process.stdout.write(
    `${LARGE.join(' × ')} table, largest resident size: ${before} MB before, ${read} MB when it is read, ${trained} MB when ` +
      `it is trained (one start, ${cpuSeconds!.toFixed(0)} s of processor time).\n`,
  );
}
