import { defineCommand, outcome } from '../command.ts';
import { clusterOptions, slurmOf } from '../job-options.ts';
import {
  engineOption,
  flag,
  number,
  required,
  seedOption,
  shardOf,
  technologyOption,
  text,
  texts,
  whole,
} from '../options.ts';
import { describeSampling, runSampling } from '../run-sampling.ts';

const options = {
  technology: technologyOption,
  cell: required(text('Cell of the technology, such as negweight or ptanh')),
  count: required(whole('Number of designs', { min: 1, max: 2 ** 32 - 1 })),
  out: required(text('Folder for the samples')),
  seed: seedOption,
  shard: shardOf('files of 500 designs, such as 0/8'),
  engine: engineOption,
  workers: whole('Simulators at a time', { min: 1, max: 1024 }),
  'sweep-points': whole('Evenly spaced points; default: the adaptive sweep', { min: 5, max: 100_001 }),
  port: flag('Sweep input and output volts, for surrogate train --port'),
  'max-failures': whole('Failed rows after which it stops with exit code 3; default: half of them', {
    min: 0,
    max: 2 ** 32,
  }),
  timeout: number('Seconds for one run of the simulator', { min: 0.1, max: 1e6 }),
  reuse: texts('Folders of samples: rows of the same recipe are taken from there'),
  ...clusterOptions,
} as const;

/** `neuroprint sample`: component values by quasi-Monte Carlo, their curves by ngspice, η by fit. */
export const sampleCommand = defineCommand({
  options,
  examples: [['$0 sample --cell negweight --count 2000 --out samples/negweight', 'Sample the falling stage']],
  run: async (argv) => {
    const slurm = slurmOf(argv);
    const summary = await runSampling({ ...argv, ...(slurm && { slurm }) });
    const { simulated: _, ...contract } = summary;
    return outcome(contract, describeSampling(argv.cell, summary), summary.converged === 0 ? 3 : 0);
  },
});
