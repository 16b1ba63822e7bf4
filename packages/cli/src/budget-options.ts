import { type Budget, type Dataset, formatPercent, formatWatts, UsageError } from '@neuroprint/core';
import type { TrainingResult } from '@neuroprint/training';
import { given, parsed, text, whole } from './options.ts';

/** Units by how they are written; `u` is what a keyboard has for µ. */
const WATTS: Readonly<Record<string, number>> = { nW: 1e-9, uW: 1e-6, µW: 1e-6, μW: 1e-6, mW: 1e-3, W: 1 };
const SQUARE_METRES: Readonly<Record<string, number>> = {
  um2: 1e-12,
  'µm²': 1e-12,
  mm2: 1e-6,
  'mm²': 1e-6,
  cm2: 1e-4,
  'cm²': 1e-4,
};

/** The place of validation rows in `split`. */
const VALID = 1;

/** An amount with its unit: a number alone may be meant in any, so that it is asked. */
function quantity(units: Readonly<Record<string, number>>, example: string) {
  return (written: string, name: string): number => {
    const match = /^\s*(\d+(?:\.\d*)?(?:e[+-]?\d+)?)\s*(\D\S*)?\s*$/.exec(written);
    const [value, unit] = [Number(match?.[1]), match?.[2]];
    const known = ['uW', 'mW', 'W', 'mm2', 'cm2'].filter((one) => Object.hasOwn(units, one));
    if (match === null || !(value > 0))
      throw new UsageError(
        `--${name} is "${written}", and must be a number above 0 with its unit, such as ${example}.`,
      );
    if (unit === undefined)
      throw new UsageError(
        `--${name} is ${value} without a unit: ${known.map((one) => `${value}${one}`).join(', ')}?`,
        'Write the unit behind the number.',
      );
    if (!Object.hasOwn(units, unit))
      throw new UsageError(`--${name} has the unit "${unit}", and there are ${known.join(', ')}.`);
    // 20 µW are 2e-5 W, and not 1.9999999999999998e-5
    return Number((value * units[unit]!).toPrecision(12));
  };
}

const wattsOf = quantity(WATTS, '50uW');
/** `10uW,20uW` */
export const wattsList = (list: string, name: string): number[] => list.split(',').map((one) => wattsOf(one, name));
const squareMetresOf = quantity(SQUARE_METRES, '0.5mm2');

/** What a network may take when it is printed. */
export const budgetOptions = {
  'maximum-power-watts': parsed(
    text('Static power that 95 % of the printed copies keep to, with its unit, such as 50uW'),
    wattsOf,
  ),
  'maximum-area': parsed(
    text('Printed area of all channels and resistors, as bom.csv has it by value, such as 0.5mm2'),
    squareMetresOf,
  ),
  'maximum-inverters': whole('Falling stages, for negative weights', { min: 0, max: 1e6 }),
} as const;

export function budgetOf(argv: {
  readonly maximumPowerWatts?: number | undefined;
  readonly maximumArea?: number | undefined;
  readonly maximumInverters?: number | undefined;
}): Budget | undefined {
  const budget = given({
    maximumPowerWatts: argv.maximumPowerWatts,
    maximumPrintedSquareMetres: argv.maximumArea,
    maximumInverters: argv.maximumInverters,
  });
  return Object.keys(budget).length === 0 ? undefined : budget;
}

const area = (squareMetres: number): string => `${Number((1e6 * squareMetres).toPrecision(3))} mm²`;

/** What a trained network takes of its budget, in words. */
export function budgetLines(
  { maximumPowerWatts, maximumPrintedSquareMetres, maximumInverters }: Budget,
  { cost, budget }: Pick<TrainingResult, 'cost' | 'budget'>,
): string[] {
  const { copyWatts } = budget!;
  const margin = (limit: number, taken: number) =>
    `${(100 * Math.abs(1 - taken / limit)).toFixed(1)} % ${taken > limit ? 'too much' : 'left'}`;
  return [
    ...(maximumPowerWatts === undefined
      ? []
      : [
          `budget     95 % of printed copies take at most ${formatWatts(copyWatts)} of ${formatWatts(maximumPowerWatts)}, ${margin(maximumPowerWatts, copyWatts)}; nominal ${formatWatts(cost.watts)}`,
        ]),
    ...(maximumPrintedSquareMetres === undefined
      ? []
      : [
          `budget     ${area(cost.printedSquareMetres)} of ${area(maximumPrintedSquareMetres)} are printed, ${margin(maximumPrintedSquareMetres, cost.printedSquareMetres)}`,
        ]),
    ...(maximumInverters === undefined ? [] : [`budget     ${cost.fallingStages} of ${maximumInverters} inverters`]),
  ];
}

/** What of its budget a training did not reach, and how near it came. */
export function budgetFailures(
  {
    maximumPowerWatts = Number.POSITIVE_INFINITY,
    maximumPrintedSquareMetres = Number.POSITIVE_INFINITY,
    maximumInverters = Number.POSITIVE_INFINITY,
  }: Budget,
  { cost, budget }: Pick<TrainingResult, 'cost' | 'budget'>,
): string[] {
  const found = 'no network of this size was found within the budget; the nearest takes';
  const { copyWatts } = budget!;
  return [
    ...(copyWatts > maximumPowerWatts
      ? [
          `${found} ${formatWatts(copyWatts)} (95 % of printed copies), and ${formatWatts(maximumPowerWatts)} were given`,
        ]
      : []),
    ...(cost.printedSquareMetres > maximumPrintedSquareMetres
      ? [`${found} ${area(cost.printedSquareMetres)}, and ${area(maximumPrintedSquareMetres)} were given`]
      : []),
    ...(cost.fallingStages > maximumInverters
      ? [`${found} ${cost.fallingStages} inverters, and ${maximumInverters} were given`]
      : []),
  ];
}

/**
 * What is said of a classifier within a budget that is no better on the validation rows, up to a standard error, than its most frequent
 * class said always. Undefined where it is better.
 */
export function separatesNothing(
  data: Pick<Dataset, 'labels' | 'classNames' | 'split'>,
  accuracy: number,
): string | undefined {
  const counts = data.classNames.map(() => 0);
  data.labels.forEach((label, row) => {
    if (data.split[row] === VALID) counts[label]! += 1;
  });
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const most = Math.max(...counts);
  const share = most / rows;
  if (accuracy > share + Math.sqrt((share * (1 - share)) / rows)) return undefined;
  return `no network of this size within the budget tells the classes apart: ${formatPercent(accuracy)} of the validation rows are right, and always saying ${data.classNames[counts.indexOf(most)]} gives ${formatPercent(share)}`;
}
