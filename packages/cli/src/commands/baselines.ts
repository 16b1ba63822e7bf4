import {
  formatPercent,
  formatSeconds,
  inputRanges,
  readDataset,
  SPLITS,
  stopwatch,
  toVoltageRows,
} from '@neuroprint/core';
import { BASELINE_TITLES, BASELINES, type BaselineRow, baselines } from '@neuroprint/studies';
import { defineCommand, outcome } from '../command.ts';
import { given, hiddenSizes, parsed, required, text, whole } from '../options.ts';
import { Progress } from '../output.ts';
import { inputVoltsOption, readingOf, said, tableOptions } from '../table-options.ts';

interface Spread {
  readonly mean: number;
  readonly std: number;
}

/** Mean and standard deviation over seeds; the deviation of one number is 0. */
function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, std: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}

/** `neuroprint baselines`: what a table gives without any circuit. */
export const baselinesCommand = defineCommand({
  options: {
    data: required(text('CSV with numeric columns and a label column')),
    ...tableOptions,
    'input-volts': inputVoltsOption,
    hidden: parsed(text('Neurons of each hidden layer of the digital network, such as 3 or 5,4', '3'), hiddenSizes),
    seeds: whole('Splits and starts', { min: 1, max: 1000, default: 10 }),
    epochs: whole('Most epochs of the digital network', { min: 1, max: 1e6 }),
  },
  examples: [['$0 baselines --data examples/iris.csv --hidden 3', 'Ten splits of Iris']],
  run: (argv) => {
    const spent = stopwatch();
    const progress = new Progress('baselines');
    const { hidden } = argv;
    const runs: (readonly BaselineRow[])[] = [];
    const read = (seed: number) => readDataset(argv.data, { ...readingOf(argv), seed });
    const first = said(read(0));
    for (let seed = 0; seed < argv.seeds; seed += 1) {
      const data = seed === 0 ? first : read(seed);
      const inputs = inputRanges(data, { columnsInVolts: argv.inputVolts });
      const [train, valid, test] = SPLITS.map((part) => toVoltageRows(data, inputs, data.classNames, part));
      const problem = { inputs, classes: data.classNames, train: train!, valid: valid!, test: test! };
      runs.push(baselines(problem, { hidden, seed, restarts: 3, ...given({ epochs: argv.epochs }) }));
      progress.update(seed + 1, argv.seeds);
    }
    progress.done();
    const rows = BASELINES.map((name, k) => {
      const over = (part: (typeof SPLITS)[number]) => spreadOf(runs.map((run) => run[k]!.accuracy[part]));
      const accuracy = { train: over('train'), valid: over('valid'), test: over('test') };
      const only = runs.flatMap((run) => run[k]!.onlyClass ?? []);
      const says = [...new Set(only)].join(' or ');
      return {
        name,
        title: BASELINE_TITLES[name],
        accuracy,
        ...(only.length === 0 ? {} : { onlyClass: says, onlyIn: only.length }),
      };
    });
    const { cpuSeconds } = spent();
    const shown = ({ mean, std }: Spread) => `${formatPercent(mean).padStart(7)} ± ${formatPercent(std)}`.padEnd(18);
    const width = Math.max(...rows.map(({ title }) => title.length));
    return outcome(
      {
        dataset: first.name,
        splitFrom: first.splitFrom,
        seeds: argv.seeds,
        hidden,
        missing: first.missing,
        rows,
        cpuSeconds,
      },
      [
        first.splitFrom === 'seed'
          ? `${first.name}: mean ± standard deviation over ${argv.seeds} splits`
          : `${first.name}: the split of the table; ± is over ${argv.seeds} seeds of what starts at random`,
        `${''.padEnd(width)}  ${['train', 'validation', 'test'].map((part) => part.padEnd(18)).join('')}`.trimEnd(),
        ...rows.map(({ title, accuracy }) =>
          `${title.padEnd(width)}  ${SPLITS.map((part) => shown(accuracy[part])).join('')}`.trimEnd(),
        ),
        ...rows.flatMap(({ title, onlyClass, onlyIn }) =>
          onlyClass === undefined
            ? []
            : [`${title}: decides every row as ${onlyClass} in ${onlyIn} of ${argv.seeds} runs: it has learnt nothing`],
        ),
        `${formatSeconds(cpuSeconds)} of processor time`,
      ],
    );
  },
});
