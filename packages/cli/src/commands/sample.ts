import { findCell, loadTechnology } from '@neuroprint/circuit';
import { formatSeconds, UsageError } from '@neuroprint/core';
import { type SampleSummary, sample, sampleOnSlurm } from '@neuroprint/sampler';
import type { Engine, EngineChoice } from '@neuroprint/spice';
import type { CommandModule } from 'yargs';
import { interrupted } from '../interrupt.ts';
import {
  engineOption,
  jsonOption,
  numberOption,
  parseShard,
  seedOption,
  technologyOption,
  textOption,
} from '../options.ts';
import { log, Progress, printResult } from '../output.ts';
import { TEMPLATES } from '../paths.ts';
import { given } from './train.ts';

export interface SampleRequest {
  readonly technology: string;
  readonly cell: string;
  readonly count: number;
  readonly out: string;
  readonly seed?: number | undefined;
  readonly shard?: { readonly index: number; readonly of: number } | undefined;
  readonly engine: EngineChoice | Engine;
  readonly workers?: number | undefined;
  readonly sweepPoints?: number | undefined;
  readonly port?: boolean;
  readonly maxFailures?: number | undefined;
  readonly timeout?: number | undefined;
  readonly reuse?: readonly string[] | undefined;
}

/** Samples a cell with progress on standard error. */
export async function runSampling(request: SampleRequest): Promise<SampleSummary> {
  const technology = loadTechnology(TEMPLATES, request.technology);
  const cell = findCell(technology, request.cell);
  const progress = new Progress(`sample ${request.technology} ${request.cell}`);
  try {
    return await sample({
      technology,
      cell,
      count: request.count,
      out: request.out,
      engine: request.engine,
      signal: interrupted,
      ...given({
        seed: request.seed,
        shard: request.shard,
        workers: request.workers,
        sweepPoints: request.sweepPoints,
        port: request.port,
        maxFailures: request.maxFailures,
        timeoutMilliseconds: request.timeout === undefined ? undefined : 1000 * request.timeout,
        reuse: request.reuse,
      }),
      onProgress: ({ done, total, failed }) => progress.update(done, total, failed > 0 ? `${failed} failed` : ''),
    });
  } finally {
    progress.done();
  }
}

/** The lines that a person reads of a sampling. */
export function describeSampling(cell: string, summary: SampleSummary): string[] {
  const cost =
    summary.simulated === 0
      ? 'all found from an earlier run'
      : `${(1000 * summary.cpuSecondsPerCurve).toFixed(2)} ms of processor time a curve`;
  return [
    `${cell}: ${summary.converged} of ${summary.requested} designs converged in ${formatSeconds(summary.wallSeconds)}, ${cost} (${summary.engine} ${summary.simulatorVersion})`,
    `written: ${summary.out}`,
  ];
}

interface Arguments {
  technology: string;
  cell: string;
  count: number;
  out: string;
  seed: number | undefined;
  shard: string | undefined;
  engine: EngineChoice;
  workers: number | undefined;
  sweepPoints: number | undefined;
  port: boolean;
  maxFailures: number | undefined;
  timeout: number | undefined;
  reuse: string[] | undefined;
  on: 'here' | 'slurm';
  tasks: number;
  json: boolean;
}

/** `neuroprint sample`: component values by quasi-Monte Carlo, their curves by ngspice, η by fit. */
export const sampleCommand: CommandModule<object, Arguments> = {
  command: 'sample',
  describe: 'Simulate designs of a cell in ngspice and fit their transfer curves; goes on where it stopped',
  builder: (yargs) =>
    yargs
      .options({
        technology: technologyOption,
        cell: { ...textOption('cell', 'Cell of the technology, such as negweight or ptanh'), demandOption: true },
        count: {
          ...numberOption('count', { min: 1, max: 2 ** 32 - 1, describe: 'Number of designs' }, true),
          demandOption: true,
        },
        out: { ...textOption('out', 'Folder for the samples'), demandOption: true },
        seed: seedOption(0),
        shard: textOption('shard', 'Part I of N of the designs, such as 0/8'),
        engine: engineOption,
        workers: numberOption('workers', { min: 1, max: 1024, describe: 'Simulators at a time' }, true),
        'sweep-points': numberOption(
          'sweep-points',
          { min: 5, max: 100_001, describe: 'Evenly spaced points; default: the adaptive sweep' },
          true,
        ),
        port: {
          type: 'boolean',
          default: false,
          describe: 'Sweep input and output volts, for surrogate train --port',
        },
        'max-failures': numberOption(
          'max-failures',
          {
            min: 0,
            max: 2 ** 32,
            describe: 'Failed rows after which it stops with exit code 3; default: half of them',
          },
          true,
        ),
        timeout: numberOption(
          'timeout',
          { min: 0.1, max: 1e6, describe: 'Seconds for one run of the simulator' },
          false,
        ),
        reuse: {
          type: 'string',
          array: true,
          requiresArg: true,
          describe: 'Folders of samples: rows of the same recipe are taken from there',
        },
        on: {
          choices: ['here', 'slurm'] as const,
          default: 'here' as const,
          requiresArg: true,
          describe: 'Where: on this machine, or as a Slurm job array',
        },
        tasks: numberOption(
          'tasks',
          { min: 1, max: 10_000, default: 8, describe: 'Tasks of the Slurm job array' },
          true,
        ),
        json: jsonOption,
      })
      .example('$0 sample --cell negweight --count 2000 --out samples/negweight', 'Sample the falling stage') as never,
  handler: async (argv) => {
    if (argv.on === 'slurm') return sampleByJobArray(argv);
    const summary = await runSampling({
      ...argv,
      shard: argv.shard === undefined ? undefined : parseShard(argv.shard),
    });
    const { simulated: _, ...contract } = summary;
    printResult(argv.json, contract, describeSampling(argv.cell, summary));
    if (summary.converged === 0) process.exitCode = 3;
  },
};

/** `--on slurm`: the same command as a job array, one shard a task. */
async function sampleByJobArray(argv: Arguments): Promise<void> {
  if (argv.shard !== undefined) throw new UsageError('--on slurm makes all shards itself.', 'Leave out --shard.');
  findCell(loadTechnology(TEMPLATES, argv.technology), argv.cell);
  const began = performance.now();
  if (argv.port) throw new UsageError('--on slurm samples curves, not ports.', 'Leave out --port.');
  const passed = ['technology', 'cell', 'count', 'seed', 'engine', 'sweepPoints', 'maxFailures', 'timeout'] as const;
  const options = passed.flatMap((name) => {
    const value = argv[name];
    return value === undefined
      ? []
      : [`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, String(value)];
  });
  const progress = new Progress('tasks');
  try {
    const { rows, failed, out } = await sampleOnSlurm({
      command: [process.execPath, process.argv[1]!, 'sample', ...options, '--workers', String(argv.workers ?? 1)],
      out: argv.out,
      count: argv.count,
      tasks: Math.min(argv.tasks, argv.count),
      signal: interrupted,
      onEvent: log,
      onProgress: (done, tasks) => progress.update(done, tasks),
    });
    const wallSeconds = (performance.now() - began) / 1000;
    printResult(argv.json, { requested: rows, converged: rows - failed, failed, wallSeconds, out }, [
      `${argv.cell}: ${rows - failed} of ${rows} designs converged in ${formatSeconds(wallSeconds)} on Slurm`,
      `written: ${out}`,
    ]);
  } finally {
    progress.done();
  }
}
