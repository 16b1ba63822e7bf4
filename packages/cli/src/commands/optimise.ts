import { UsageError } from '@neuroprint/core';
import {
  appendExperiments,
  type Experiment,
  readExperiments,
  readSpace,
  type Space,
  suggest,
} from '@neuroprint/laboratory';
import { type ArgumentsOf, defineCommand, outcome } from '../command.ts';
import { choice, flag, required, seedOption, text, whole } from '../options.ts';

const options = {
  space: required(text('JSON file: {"factors": [{"name", "levels": […]} or {"name", "low", "high"}, …]}')),
  experiments: required(text('CSV of past experiments: a column per factor, and the result (empty: still out)')),
  result: text('Column of the result', 'result'),
  goal: choice('What is wanted of the result', ['maximise', 'minimise'], 'maximise'),
  count: whole('Experiments to suggest', { min: 1, max: 1000, default: 1 }),
  first: whole('Experiments spread over the space at first; 2 per factor and one unless given', { min: 1, max: 1000 }),
  seed: seedOption,
  append: flag('Write the suggestions into the table, their results empty'),
} as const;
type Arguments = ArgumentsOf<typeof options>;

function bestOf(known: readonly Experiment[], goal: Arguments['goal']): Experiment | undefined {
  const sign = goal === 'maximise' ? 1 : -1;
  return known.reduce<Experiment | undefined>(
    (best, one) =>
      one.value !== undefined && (best === undefined || sign * one.value > sign * best.value!) ? one : best,
    undefined,
  );
}

function inWords(space: Space, setting: readonly (number | string)[]): string {
  const value = (v: number | string): string => (typeof v === 'number' ? String(Number(v.toPrecision(6))) : v);
  return space.factors.map(({ name }, k) => `${name} ${value(setting[k]!)}`).join(', ');
}

/** `neuroprint optimise`: which experiment to do next. */
export const optimiseCommand = defineCommand({
  options,
  examples: [
    [
      '$0 optimise --space space.json --experiments past.csv --result usability --count 3 --append',
      'The next three experiments; run it again when their results are filled in',
    ],
  ],
  run: (argv) => {
    const space = readSpace(argv.space);
    if (space.factors.some(({ name }) => name === argv.result))
      throw new UsageError(
        `"${argv.result}" is a factor, and cannot be the result.`,
        'Name another column with --result.',
      );
    const experiments = readExperiments(argv.experiments, space, argv.result);
    const { goal, seed } = argv;
    const suggestions = suggest(space, experiments, argv.count, {
      goal,
      seed,
      ...(argv.first === undefined ? {} : { first: argv.first }),
    });
    if (argv.append) {
      const asked = suggestions.map(({ setting }) => ({ setting }));
      appendExperiments(argv.experiments, space, argv.result, asked);
    }
    const best = bestOf(experiments, goal);
    const out = experiments.filter(({ value }) => value === undefined).length;
    const named = (setting: readonly (number | string)[]) =>
      Object.fromEntries(space.factors.map(({ name }, k) => [name, setting[k]!]));
    return outcome(
      {
        settings: Number.isFinite(space.size) ? space.size : null,
        experiments: experiments.length - out,
        out,
        best: best === undefined ? null : { ...named(best.setting), [argv.result]: best.value },
        suggestions: suggestions.map(({ setting, ...more }) => ({ setting: named(setting), ...more })),
      },
      [
        `${experiments.length - out} experiments done, ${out} out${Number.isFinite(space.size) ? `, of ${space.size} settings` : ''}`,
        ...(best === undefined ? [] : [`best so far  ${best.value} at ${inWords(space, best.setting)}`]),
        ...suggestions.flatMap(({ setting, reason }) => [
          `try          ${inWords(space, setting)}`,
          `             ${reason}`,
        ]),
        ...(argv.append ? [`written      ${argv.experiments}`] : []),
      ],
    );
  },
});
