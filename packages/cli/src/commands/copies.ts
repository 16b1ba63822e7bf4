import { join } from 'node:path';
import { loadTechnology, withoutFaults } from '@neuroprint/circuit';
import { writeFileAtomic } from '@neuroprint/core';
import { type MonteCarloOptions, readNetlistFolder, verify } from '@neuroprint/verifier';
import { TEMPLATES } from '#host';
import { type ArgumentsOf, defineCommand, type Outcome } from '../command.ts';
import { type CopiesMade, judgeAsJobs } from '../copy-jobs.ts';
import { withEngine } from '../engine.ts';
import { jobOptions, judgedJobs, slurmOf } from '../job-options.ts';
import { withNonIdealities } from '../non-ideality.ts';
import { engineOption, given, required, text, whole } from '../options.ts';
import { withProgress } from '../output.ts';
import { checksOf, copyOptions } from '../run-verify.ts';
import { networkTableOptions, readDatasetFor, readingOf } from '../table-options.ts';
import { terminal } from '../terminal.ts';
import { copiesLines, scoreLine } from '../verification-lines.ts';

const options = {
  netlist: required(text('Folder that compile wrote')),
  count: required(whole('Printed copies', { min: 1, max: 1e8 })),
  out: required(text('Folder for the copies and copies.json; a stopped run goes on')),
  data: text('Judge on the test rows of this table instead of expected.csv'),
  ...networkTableOptions,
  ...copyOptions,
  workers: whole('Threads of the exact solver', { min: 1, max: 256, default: 1 }),
  ...jobOptions('copies'),
  engine: engineOption,
} as const;
type Arguments = ArgumentsOf<typeof options>;

/** A shard, or copies of which some are missing: there is nothing to sum up. */
class InPartError extends Error {}

/** The copies by the same path as `verify --monte-carlo`, whose report it takes the numbers from. */
async function handle(argv: Arguments): Promise<Outcome> {
  const netlist = readNetlistFolder(argv.netlist);
  const { circuit, network } = netlist;
  const technology = loadTechnology(TEMPLATES, circuit.technology);
  const slurm = slurmOf(argv);
  const { signal } = terminal();
  const variation = withNonIdealities(argv.variation, argv);
  const { monteCarlo } = checksOf(
    { ...argv, monteCarlo: argv.count, ...given({ variation }) },
    withoutFaults(network.variation),
  );
  const data = argv.data === undefined ? undefined : readDatasetFor(network, argv.data, readingOf(argv));
  let counts: CopiesMade = { made: 0, found: 0, failures: [] };
  const report = await withEngine(argv.engine, (engine) =>
    withProgress(`copies of ${circuit.name}`, async (onProgress) => {
      const place = { ...argv, folder: argv.out, slurm, signal, onProgress };
      const judge: MonteCarloOptions['judge'] = async (task, { draws }) => {
        const { judged, ...made } = await judgeAsJobs(task, draws, `copies of ${circuit.name}`, place);
        counts = made;
        if (argv.shard !== undefined || made.failures.length > 0) throw new InPartError();
        return judged;
      };
      // a shard sums nothing up, and asks ngspice for no copies
      const asked = { ...monteCarlo!, judge, ...(argv.shard === undefined ? {} : { simulatedDraws: 0 }) };
      try {
        return (await verify(netlist, technology, engine, { monteCarlo: asked, ...given({ data }) })).report;
      } catch (error) {
        if (error instanceof InPartError) return undefined;
        throw error;
      }
    }),
  );
  const { made, found, failures } = counts;
  const summary = report?.monteCarlo ?? report?.regression?.monteCarlo;
  if (summary !== undefined) writeFileAtomic(join(argv.out, 'copies.json'), `${JSON.stringify(summary, null, 1)}\n`);
  const lines = [
    `${circuit.name}: ${made} parts of the copies now, ${found} from before`,
    ...(report === undefined
      ? [`written      ${join(argv.out, 'copies')}; without --shard the same command sums up`]
      : [
          ...(report.regression === undefined ? [] : [scoreLine(report.regression)]),
          ...copiesLines(report),
          `written      ${join(argv.out, 'copies.json')}`,
        ]),
  ];
  const result = { made, found, failures, ...(summary && { copies: summary }), out: argv.out };
  return judgedJobs(result, lines, failures, argv.out, made + found + failures.length);
}

/** `neuroprint copies`: the Monte Carlo of verify as jobs. */
export const copiesCommand = defineCommand({
  options,
  examples: [
    ['$0 copies --netlist netlists-out/iris --count 1000000 --out copies --on slurm --tasks 100', 'A million copies'],
    ['$0 copies --netlist netlists-out/iris --count 1000000 --out copies --workers 2', 'The same on this machine'],
  ],
  run: handle,
});
