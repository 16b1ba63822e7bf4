import { formatWatts } from '@neuroprint/core';

/** Means over the trainings of one choice of hidden layers and of the prices of inverters, power and area. */
export interface Choice {
  readonly hidden: string;
  /** Nats for a falling stage, and for each e-fold of power and of area. */
  readonly price: number;
  readonly powerPrice: number;
  readonly areaPrice: number;
  /** The power that it was trained within; absent: no budget. */
  readonly budgetWatts?: number;
  /** Of a choice with a budget: trainings that did not keep it. */
  readonly beyondBudget?: number;
  readonly trainings: number;
  readonly valid: number;
  /** Validation accuracy over prints: what choices are compared by. */
  readonly validMean: number;
  readonly test: number;
  /** Test accuracy over prints: what was chosen is measured by it, and nothing is chosen. */
  readonly mean: number;
  readonly std: number;
  /** Volts between first and second output at the median. */
  readonly marginVolts: number;
  readonly fallingStages: number;
  readonly resistors: number;
  readonly watts: number;
  readonly areaSquareMetres: number;
  /** File of the network that is best on the validation rows; absent over folds, whose networks know other rows. */
  readonly network?: string;
}

/** What accuracy is set against: the number that falls, how it is written, and its unit. */
export interface Axis {
  readonly title: string;
  readonly of: (choice: Choice) => number;
}

export const AXES = {
  components: {
    title: 'crossbar resistors and falling stages',
    of: ({ fallingStages, resistors }: Choice) => fallingStages + resistors,
  },
  power: { title: 'static power on the fast model, µW', of: ({ watts }: Choice) => 1e6 * watts },
  area: { title: 'transistor area, mm²', of: ({ areaSquareMetres }: Choice) => 1e6 * areaSquareMetres },
} as const satisfies Readonly<Record<string, Axis>>;

export type AxisName = keyof typeof AXES;

/** The Pareto front: choices that no other beats in accuracy over prints of the validation rows at the same cost or less. One that was beyond its budget is not among them. */
export function frontOf(choices: readonly Choice[], axis: Axis): Choice[] {
  const within = choices.filter(isWithin);
  return within.filter(
    (a) =>
      !within.some(
        (b) =>
          b !== a &&
          b.validMean >= a.validMean &&
          axis.of(b) <= axis.of(a) &&
          (b.validMean > a.validMean || axis.of(b) < axis.of(a)),
      ),
  );
}

/** Whether all of a choice's trainings kept its budget. */
function isWithin({ beyondBudget = 0 }: Choice): boolean {
  return beyondBudget === 0;
}

/** The most accurate on the validation rows, over prints; of equals the cheapest. Undefined where nothing was summarised, or nothing kept its budget. */
export function winnerOf(choices: readonly Choice[], axis: Axis): Choice | undefined {
  return choices.filter(isWithin).toSorted((a, b) => b.validMean - a.validMean || axis.of(a) - axis.of(b))[0];
}

/** Hidden layers, the prices that are not zero, and the budget. */
export function labelOf({ hidden, price, powerPrice, areaPrice, budgetWatts }: Choice): string {
  const prices = [
    ...(price > 0 ? [`inverter ${price}`] : []),
    ...(powerPrice > 0 ? [`power ${powerPrice}`] : []),
    ...(areaPrice > 0 ? [`area ${areaPrice}`] : []),
    ...(budgetWatts === undefined ? [] : [`within ${formatWatts(budgetWatts)}`]),
  ];
  return `${hidden}${prices.length === 0 ? '' : `; ${prices.join(', ')}`}`;
}
