import { join } from 'node:path';
import { formatSeconds } from '@neuroprint/core';
import { OVERALL, runDate23, titleOf } from '@neuroprint/studies';
import { defineCommand } from '../command.ts';
import { jobOptions, judgedJobs, slurmOf } from '../job-options.ts';
import { required, surrogatesOption, technologyOption, text, whole } from '../options.ts';
import { withStudy } from '../study-context.ts';

export const date23Command = defineCommand({
  options: {
    data: required(text('Folder of CSV tables with a label and a split column')),
    out: required(text('Folder for the rows and the table; a stopped run goes on')),
    tables: text('Names of tables, such as iris,seeds; default all of the folder'),
    cases: text('Names of cases, such as learned-aware-10,digital; default all'),
    seeds: whole('Seeds of every case', { min: 1, max: 1000, default: 10 }),
    epochs: whole('Most epochs of one start', { min: 1, max: 1e6 }),
    workers: whole('Threads', { min: 1, max: 256, default: 1 }),
    ...jobOptions('trainings'),
    technology: technologyOption,
    surrogates: surrogatesOption,
  },
  examples: [['$0 bench date23 --data tables --out ablation --workers 2', 'The whole table']],
  run: async (argv) => {
    const slurm = slurmOf(argv);
    const { names, lines, resumed, trained, failures, trainingCpuSeconds, cpuSeconds, wallSeconds } = await withStudy(
      'bench date23',
      (study) => runDate23({ ...argv, slurm }, study),
    );
    const overall = lines.filter((line) => line.dataset === OVERALL);
    return judgedJobs(
      {
        tables: names,
        seeds: argv.seeds,
        resumed,
        trained,
        failures,
        cpuSeconds,
        wallSeconds,
        trainingCpuSeconds,
        overall: overall.map((line) => ({ ...line, case: line.case.name })),
        out: argv.out,
      },
      [
        `${names.length} tables × ${argv.seeds} seeds: ${trained} trainings now, ${resumed} from before`,
        `${formatSeconds(wallSeconds)}, ${formatSeconds(cpuSeconds)} of processor time`,
        ...overall.map(
          (line) =>
            `tested at ${100 * line.testedAt} %: ${line.mean.toFixed(3)} ± ${line.std.toFixed(3)}  ${titleOf(line)}`,
        ),
        `all its trainings took at most ${formatSeconds(trainingCpuSeconds)} of processor time`,
        argv.shard === undefined
          ? `written    ${join(argv.out, 'table.md')}, table.csv, table.svg`
          : `written    ${join(argv.out, 'rows')}; without --shard the same command sums up what is in one folder`,
      ],
      failures,
      argv.out,
      trained + resumed + failures.length,
    );
  },
});
