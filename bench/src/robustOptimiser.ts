import { Draws } from '@neuroprint/core';
import { type Experiment, Space, suggest } from '@neuroprint/laboratory';
import { table } from './table.ts';

/** A function to minimise, its published optimum, and how many evaluations it may take to come within 1 %. */
interface Problem {
  readonly name: string;
  readonly space: Space;
  readonly optimum: number;
  readonly evaluations: number;
  value(x: readonly number[]): number;
}

/** Branin: three equal minima. Surjanovic and Bingham, "Virtual library of simulation experiments". */
const branin: Problem = {
  name: 'Branin',
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
  space: new Space(Array.from({ length: 6 }, (_, k) => ({ name: `x${k + 1}`, low: 0, high: 1 }))),
  optimum: -3.32237,
  evaluations: 100,
  value: (x) =>
    -ALPHA.reduce((sum, alpha, i) => {
      const inner = x.reduce((s, xj, j) => s + A[i * 6 + j]! * (xj - 1e-4 * P[i * 6 + j]!) ** 2, 0);
      return sum + alpha * Math.exp(-inner);
    }, 0),
};

/** Evaluations until the best value was within 1 % of the optimum (undefined: never), and the best value of all. */
function race(
  problem: Problem,
  seed: number,
  next: (done: readonly Experiment[], step: number) => readonly (number | string)[],
) {
  const done: Experiment[] = [];
  let best = Number.POSITIVE_INFINITY;
  let reached: number | undefined;
  for (let step = 0; step < problem.evaluations; step += 1) {
    const setting = next(done, step);
    const value = problem.value(setting as readonly number[]);
    done.push({ setting, value });
    best = Math.min(best, value);
    if (reached === undefined && Math.abs(best - problem.optimum) <= 0.01 * Math.abs(problem.optimum))
      reached = step + 1;
  }
  return { best, reached, seed };
}

/** Bayesian optimisation against random search on two published functions: `npm run bench -- optimiser [seeds]`. */
export async function run(args: readonly string[]): Promise<void> {
  const seeds = Array.from({ length: Number(args[0] ?? 5) }, (_, seed) => seed);
  const rows: string[][] = [];
  for (const problem of [branin, hartmann]) {
    for (const seed of seeds) {
      const model = race(
        problem,
        seed,
        (done) => suggest(problem.space, done, 1, { goal: 'minimise', seed })[0]!.setting,
      );
      const draws = new Draws(seed, 'random search');
      const random = race(problem, seed, (_, step) => problem.space.random(draws, step));
      const told = ({ best, reached }: typeof model) => [
        reached === undefined ? 'no' : String(reached),
        best.toFixed(4),
      ];
      rows.push([
        problem.name,
        String(problem.optimum),
        String(problem.evaluations),
        String(seed),
        ...told(model),
        ...told(random),
      ]);
      process.stderr.write(`${problem.name} seed ${seed}: ${model.reached} ${model.best.toFixed(4)}\n`);
    }
  }
  process.stdout.write(
    `${table(['function', 'optimum', 'evaluations', 'seed', 'within 1 % after', 'best', 'random: within 1 % after', 'best'], rows)}\n`,
  );
}
