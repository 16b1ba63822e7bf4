import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Draws } from '@neuroprint/core';
import { type Experiment, Space, suggest } from '@neuroprint/laboratory';
import { wholeNumber } from './options.ts';
import { table } from './table.ts';

const PEER = fileURLToPath(new URL('../peers/optimiser.py', import.meta.url));
/** Debian's python has the modules; another may have them. */
const PYTHON = ['/usr/bin/python3', 'python3'];
/** Methods of the peers: what they are, the module they need, and its package in Debian. */
const PEERS = [
  { method: 'gp', name: 'GP and EI, scikit-learn', module: 'sklearn', debian: 'python3-sklearn' },
  { method: 'direct', name: 'DIRECT-L, NLopt', module: 'nlopt', debian: 'python3-nlopt' },
  { method: 'crs', name: 'CRS2, NLopt', module: 'nlopt', debian: 'python3-nlopt' },
] as const;

/** A function to minimise, its published optimum, and how many evaluations it may take to come within 1 %. */
interface Problem {
  readonly name: string;
  /** What the peers' program calls it. */
  readonly key: string;
  readonly space: Space;
  readonly optimum: number;
  readonly evaluations: number;
  value(x: readonly number[]): number;
}

/** Branin: three equal minima. Surjanovic and Bingham, "Virtual library of simulation experiments". */
const branin: Problem = {
  name: 'Branin',
  key: 'branin',
  space: new Space([
    { name: 'x1', low: -5, high: 10 },
    { name: 'x2', low: 0, high: 15 },
  ]),
  optimum: 0.397887,
  evaluations: 40,
  value: ([x1, x2]) =>
    (x2! - (5.1 * x1! ** 2) / (4 * Math.PI ** 2) + (5 * x1!) / Math.PI - 6) ** 2 +
    10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x1!) +
    10,
};

const A = [10, 3, 17, 3.5, 1.7, 8, 0.05, 10, 17, 0.1, 8, 14, 3, 3.5, 1.7, 10, 17, 8, 17, 8, 0.05, 10, 0.1, 14];
const P = [
  1312, 1696, 5569, 124, 8283, 5886, 2329, 4135, 8307, 3736, 1004, 9991, 2348, 1451, 3522, 2883, 3047, 6650, 4047, 8828,
  8732, 5743, 1091, 381,
];
const ALPHA = [1, 1.2, 3, 3.2];

const hartmann: Problem = {
  name: 'Hartmann-6',
  key: 'hartmann',
  space: new Space(Array.from({ length: 6 }, (_, k) => ({ name: `x${k + 1}`, low: 0, high: 1 }))),
  optimum: -3.32237,
  evaluations: 100,
  value: (x) =>
    -ALPHA.reduce((sum, alpha, i) => {
      const inner = x.reduce((s, xj, j) => s + A[i * 6 + j]! * (xj - 1e-4 * P[i * 6 + j]!) ** 2, 0);
      return sum + alpha * Math.exp(-inner);
    }, 0),
};

interface Race {
  /** Evaluations until the best value was within 1 % of the optimum; undefined: never. */
  readonly reached: number | undefined;
  readonly best: number;
  readonly cpuSeconds: number;
}

function judge(problem: Problem, values: readonly number[], cpuSeconds: number): Race {
  const reached = values.findIndex((v) => Math.abs(v - problem.optimum) <= 0.01 * Math.abs(problem.optimum));
  return { reached: reached < 0 ? undefined : reached + 1, best: Math.min(...values), cpuSeconds };
}

function race(problem: Problem, next: (done: readonly Experiment[], step: number) => Experiment['setting']): Race {
  const began = process.cpuUsage();
  const done: { setting: Experiment['setting']; value: number }[] = [];
  for (let step = 0; step < problem.evaluations; step += 1) {
    const setting = next(done, step);
    done.push({ setting, value: problem.value(setting as readonly number[]) });
  }
  const used = process.cpuUsage(began);
  const values = done.map(({ value }) => value);
  return judge(problem, values, (used.user + used.system) / 1e6);
}

/** A peer on the same function, evaluated here again; one thread, so that processor time is comparable. */
function peerRace(python: string, method: string, problem: Problem, seed: number): Race {
  const { stdout, stderr, status } = spawnSync(
    python,
    [PEER, method, problem.key, String(seed), String(problem.evaluations)],
    { encoding: 'utf8', env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' } },
  );
  if (status !== 0) throw new Error(`the peer ${method} failed: ${stderr}`);
  const { points, values, cpuSeconds } = JSON.parse(stdout) as {
    points: number[][];
    values: number[];
    cpuSeconds: number;
  };
  const own = points.map((x) => problem.value(x));
  if (own.some((value, i) => Math.abs(value - values[i]!) > 1e-9 * Math.max(1, Math.abs(value))))
    throw new Error(`the peer ${method} minimises another function than ${problem.name}`);
  if (own.length > problem.evaluations) throw new Error(`the peer ${method} took ${own.length} evaluations`);
  return judge(problem, own, cpuSeconds);
}

/**
 * Bayesian optimisation against peers and random search on two published functions, the same seeds and evaluations:
 * `npm run bench -- optimiser [--seeds 5]`.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { seeds: { type: 'string', default: '5' } } });
  const seeds = Array.from({ length: wholeNumber('seeds', values.seeds, 1) }, (_, seed) => seed);
  const peers = PEERS.map((peer) => ({
    ...peer,
    python: PYTHON.find((path) => spawnSync(path, ['-c', `import scipy, ${peer.module}`]).status === 0),
  }));
  process.stdout.write(
    'Evaluations until the best value is within 1 % of the optimum (best value; processor time).\n\n',
  );
  const cell = ({ reached, best, cpuSeconds }: Race): string =>
    `${reached ?? 'no'} (${best.toFixed(3)}; ${cpuSeconds.toFixed(cpuSeconds < 1 ? 2 : 0)} s)`;
  const rows = [branin, hartmann].flatMap((problem) =>
    seeds.map((seed) => {
      const draws = new Draws(seed, 'random search');
      const options = { goal: 'minimise', seed } as const;
      const cells = [
        cell(race(problem, (done) => suggest(problem.space, done, 1, options)[0]!.setting)),
        ...peers.map(({ python, method, debian }) =>
          python === undefined ? `absent: no ${debian}` : cell(peerRace(python, method, problem, seed)),
        ),
        cell(race(problem, (_, step) => problem.space.random(draws, step))),
      ];
      process.stderr.write(`${problem.name} seed ${seed}: ${cells.join(', ')}\n`);
      return [`${problem.name} (${problem.optimum})`, String(problem.evaluations), String(seed), ...cells];
    }),
  );
  const head = ['function', 'allowed', 'seed', 'neuroprint', ...PEERS.map(({ name }) => name), 'random'];
  process.stdout.write(`${table(head, rows)}\n`);
}
