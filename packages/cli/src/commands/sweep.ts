import { join } from 'node:path';
import { formatPercent, formatSeconds, formatWatts } from '@neuroprint/core';
import { AXES, type AxisName, type Choice, labelOf, runSweep } from '@neuroprint/studies';
import { SURROGATES } from '#host';
import { wattsList } from '../budget-options.ts';
import { type ArgumentsOf, defineCommand, type Outcome } from '../command.ts';
import { jobOptions, judgedJobs, slurmOf } from '../job-options.ts';
import {
  choice,
  flagOf,
  hiddenSizes,
  number,
  parsed,
  required,
  surrogatesOption,
  technologyOption,
  text,
  whole,
} from '../options.ts';
import { withStudy } from '../study-context.ts';
import { inputVoltsOption, readClasses, readingOf, tableOptions } from '../table-options.ts';

/** The options of both commands; they differ in what is swept where nothing is said. */
function optionsOf(defaults: { hidden: string; prices: string; powerPrices: string; against: AxisName }) {
  return {
    data: required(text('CSV with numeric columns and a label column')),
    out: required(text('Folder for the rows, sweep.json and sweep.svg; a stopped run goes on')),
    ...tableOptions,
    'input-volts': inputVoltsOption,
    hidden: parsed(text('Sizes to try, apart by semicolons, such as "2;3;5;8,4"', defaults.hidden), (sizes, name) =>
      sizes.split(';').map((size) => hiddenSizes(size, name)),
    ),
    prices: text('Prices of a falling stage to try, in nats', defaults.prices),
    'power-prices': text('Prices of each e-fold of static power to try, in nats', defaults.powerPrices),
    budgets: parsed(
      text('Budgets of static power to try with every price, with their units, such as 10uW,20uW'),
      wattsList,
    ),
    'area-prices': text('Prices of each e-fold of transistor area to try, in nats', '0'),
    against: choice('What accuracy is set against', Object.keys(AXES) as AxisName[], defaults.against),
    seeds: whole('Seeds of every choice', { min: 1, max: 1000, default: 3 }),
    folds: whole('Cross-validate in so many parts', { min: 3, max: 100 }),
    variation: number('Spread of components', { min: 0, max: 0.99, default: 0.1 }),
    epochs: whole('Most epochs of one start', { min: 1, max: 1e6 }),
    workers: whole('Threads', { min: 1, max: 256, default: 1 }),
    ...jobOptions('trainings'),
    technology: technologyOption,
    surrogates: surrogatesOption,
  } as const;
}

type Arguments = ArgumentsOf<ReturnType<typeof optionsOf>>;

async function handle(argv: Arguments): Promise<Outcome> {
  const data = readClasses(argv.data, argv);
  const slurm = slurmOf(argv);
  const result = await withStudy(`sweep ${data.name}`, (study) => runSweep({ ...argv, data, slurm }, study));
  const { dataset, choices, front, winner, trained, resumed, failures, cpuSeconds } = result;
  const axis = AXES[argv.against];
  const command = winner === undefined ? undefined : commandOf(winner, argv);
  const total = trained + resumed + failures.length;
  const lines = [
    `${dataset}: ${trained} trainings now, ${resumed} from before, ${formatSeconds(cpuSeconds)} of processor time`,
    ...choices.map(
      (choice) =>
        `${labelOf(choice).padEnd(32)} ${choice.fallingStages.toFixed(1)} inverters, ${choice.resistors.toFixed(0)} resistors, ${formatWatts(choice.watts)}: validation ${formatPercent(choice.validMean)} printed, test ${formatPercent(choice.test)}, printed ${formatPercent(choice.mean)} ± ${formatPercent(choice.std)}${beyondOf(choice)}${front.includes(choice) ? '  *' : ''}`,
    ),
    ...(winner !== undefined
      ? [
          `* nothing else is as accurate on the validation rows with less: ${axis.title}`,
          `best       ${labelOf(winner)}, on the validation rows; ${winner.network === undefined ? 'train it on all of the table’s own split' : 'compile it'}: ${command}`,
          `written    ${join(argv.out, 'sweep.json')}, sweep.svg, and every network in ${join(argv.out, 'networks')}`,
        ]
      : choices.length > 0
        ? [`best       none: no choice kept its budget`, `written    ${join(argv.out, 'sweep.json')}, sweep.svg`]
        : argv.shard === undefined
          ? []
          : [`written    ${join(argv.out, 'rows')}; without --shard the same command sums up what is in one folder`]),
  ];
  const came = { ...result, command, against: argv.against, out: argv.out };
  return judgedJobs(came, lines, failures, argv.out, total);
}

function beyondOf({ beyondBudget = 0, trainings }: Choice): string {
  return beyondBudget === 0 ? '' : `, BEYOND its budget in ${beyondBudget} of ${trainings}`;
}

/** A word of a command line, as a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:,=+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The command that makes a netlist of a choice; where its networks know folds of the table, the one that trains it. */
function commandOf({ network, hidden, price, powerPrice, areaPrice, budgetWatts }: Choice, argv: Arguments): string {
  const { out, data, technology, surrogates, variation, epochs, inputVolts } = argv;
  if (network !== undefined)
    return [
      ...['neuroprint', 'compile', '--network', join(out, network), '--data', data],
      ...['--out', join(out, 'netlist')],
    ]
      .map(quoted)
      .join(' ');
  const reading = Object.entries(readingOf(argv)).map(([name, value]) => `${flagOf(name)}=${String(value)}`);
  const volts = inputVolts === undefined ? [] : ['--input-volts', String(inputVolts)];
  const given = [
    ...[
      '--data',
      data,
      ...reading,
      ...volts,
      '--hidden',
      hidden.replaceAll('-', ','),
      '--variation',
      String(variation),
    ],
    ...['--inverter-price', String(price), '--power-price', String(powerPrice), '--area-price', String(areaPrice)],
    ...(budgetWatts === undefined ? [] : ['--maximum-power-watts', `${budgetWatts}W`]),
    ...(epochs === undefined ? [] : ['--epochs', String(epochs)]),
    ...(technology === 'egt' ? [] : ['--technology', technology]),
    ...(surrogates === SURROGATES ? [] : ['--surrogates', surrogates]),
    ...['--out', join(out, 'training')],
  ];
  return ['neuroprint', 'train', ...given].map(quoted).join(' ');
}

/** `neuroprint sweep`: what a hidden layer's size, fewer inverters, less power and less area cost in accuracy. */
export const sweepCommand = defineCommand({
  options: optionsOf({ hidden: '3', prices: '0,0.001,0.003,0.01,0.03', powerPrices: '0', against: 'components' }),
  examples: [
    ['$0 sweep --data iris.csv --out sweep --hidden "2;3;4" --prices 0', 'How many neurons'],
    ['$0 sweep --data iris.csv --out budgets --prices 0 --budgets 10uW,20uW,40uW --against power', 'What power buys'],
    ['$0 sweep --data iris.csv --out part --shard 0/2', 'Half of it on this machine'],
  ],
  run: handle,
});

/** `neuroprint pareto`: the front of accuracy against power. */
export const paretoCommand = defineCommand({
  options: optionsOf({ hidden: '2;3;4', prices: '0', powerPrices: '0,0.003,0.01,0.03,0.1', against: 'power' }),
  examples: [['$0 pareto --data iris.csv --out pareto', 'How little power is enough']],
  run: handle,
});
