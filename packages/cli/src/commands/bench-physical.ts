import { join } from 'node:path';
import { formatSeconds, UsageError } from '@neuroprint/core';
import { kirchhoffTable, LAMBDAS, runPhysicalBench, runStabilityBench, stabilityTable } from '@neuroprint/studies';
import { type ArgumentsOf, defineCommand, type Outcome } from '../command.ts';
import { withEngine } from '../engine.ts';
import { jobOptions, judgedJobs, slurmOf } from '../job-options.ts';
import { choice, engineOption, hiddenSizes, missingOption, parsed, required, text, whole } from '../options.ts';
import { withStudy } from '../study-context.ts';

const options = {
  data: required(text('Folder of CSV tables with a label column')),
  out: required(text('Folder for the rows and the tables; a stopped run goes on')),
  tables: parsed(text('Names of tables, such as iris,yin-yang; default all eight'), (list) => list.split(',')),
  which: choice(
    'Table of modes, of constraints, or both; or whether circuits of such networks settle',
    ['modes', 'constraints', 'both', 'stability'],
    'both',
  ),
  splits: whole('Splits 60/20/20', { min: 1, max: 1000, default: 10 }),
  hidden: parsed(text('Neurons of each hidden layer', '5,4'), hiddenSizes),
  lambda: parsed(text('λ that validation chooses from', LAMBDAS.join(',')), parseLambdas),
  missing: missingOption,
  workers: whole('Threads', { min: 1, max: 256, default: 2 }),
  ...jobOptions('trainings'),
  engine: engineOption,
} as const;
type Arguments = ArgumentsOf<typeof options>;

/** `0.01,0.1`: λ to choose from. Throws UsageError for one below 0. */
function parseLambdas(text: string): number[] {
  return text.split(',').map((part) => {
    const value = part.trim() === '' ? Number.NaN : Number(part);
    if (!(value >= 0 && Number.isFinite(value)))
      throw new UsageError(`--lambda has "${part}", and every λ must be a number of 0 or more.`);
    return value;
  });
}

/** `--which stability`. */
async function printStability(argv: Arguments): Promise<Outcome> {
  const slurm = slurmOf(argv);
  const { rows, failures } = await withEngine(argv.engine, (engine) =>
    withStudy('bench physical, stability', (study) => runStabilityBench({ ...argv, slurm }, engine, study)),
  );
  const lines = [
    ...[stabilityTable(rows), ''],
    `written    ${join(argv.out, 'stability.md')}, stability.csv, stability.svg`,
  ];
  return judgedJobs({ rows, failures, out: argv.out }, lines, failures, argv.out, rows.length + failures.length);
}

/** `neuroprint bench physical`. */
export const physicalCommand = defineCommand({
  options,
  examples: [['$0 bench physical --data tables --out physical --which modes', 'The table of modes']],
  run: async (argv) => {
    const { which, lambda: lambdas } = argv;
    if (which === 'stability') return printStability(argv);
    const slurm = slurmOf(argv);
    const result = await withStudy('bench physical', (study) =>
      runPhysicalBench({ ...argv, which, lambdas, slurm }, study),
    );
    const { names, lines, signFlips, trained, resumed, failures, cpuSeconds, wallSeconds } = result;
    const flat = (name: 'modes' | 'constraints') =>
      lines[name].map(({ case: one, ...line }) => ({ ...line, case: one.name }));
    return judgedJobs(
      {
        tables: names,
        splits: argv.splits,
        modes: flat('modes'),
        constraints: flat('constraints'),
        signFlips,
        trained,
        resumed,
        failures,
        cpuSeconds,
        wallSeconds,
        out: argv.out,
      },
      [
        ...(['modes', 'constraints'] as const).flatMap((name) =>
          lines[name].length === 0 ? [] : [kirchhoffTable(lines[name]), ''],
        ),
        ...signFlips.map(
          ({ lambda, flips, lastLoss }) =>
            `λ = ${lambda}: Σg of the output nodes changes sign ${flips} times; loss at the end ${lastLoss.toFixed(4)}`,
        ),
        `${trained} trainings now, ${resumed} from before; ${formatSeconds(wallSeconds)}, ${formatSeconds(cpuSeconds)} of processor time`,
        `written    ${join(argv.out, 'modes.md')}, constraints.md, modes.csv, constraints.csv, sign-flip.svg`,
      ],
      failures,
      argv.out,
      trained + resumed + failures.length,
    );
  },
});
