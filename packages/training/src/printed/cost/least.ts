import {
  printedArea,
  printedAreaGradient,
  resistorInk,
  shareOfGrid,
  stageVolts,
  type Technology,
  wattsGradient,
  wattsOnGrid,
} from '@neuroprint/circuit';
import { type Budget, formatWatts, NeuroprintError } from '@neuroprint/core';
import { Adam } from '@neuroprint/numeric';
import type { Architecture } from '../layer/parameters.ts';

/** Shares of the power in what is minimised, the rest the area; both as shares of their limits. */
const WEIGHTS = [1, 0, 0.5, 0.25, 0.75] as const;
const STEPS = 60;
const RATE = 0.5;

/** No network of this size keeps the budget, whatever it computes. */
class BudgetOutOfReachError extends NeuroprintError {
  override readonly exitCode = 2;
}

/**
 * Refuses a budget that no network of these sizes can keep: every neuron has an activation stage, which takes power at the cheapest volts
 * and area at the cheapest values, and a resistor. Power and area that exclude each other are found by weighing one against the other.
 * Throws BudgetOutOfReachError with the least that is needed.
 */
export function checkReachable(architecture: Architecture, technology: Technology, budget: Budget): void {
  const { maximumPowerWatts, maximumPrintedSquareMetres } = budget;
  // a linear layer has no stages
  const neurons = architecture.shapes.reduce((sum, shape) => sum + (shape.linear === true ? 0 : shape.neurons), 0);
  const size = `The smallest network of ${neurons} neurons that can be printed takes`;
  const hint = 'Give it more, or fewer neurons (--hidden).';
  for (const weight of WEIGHTS) {
    if (weight > 0 && maximumPowerWatts === undefined) continue;
    if (weight < 1 && maximumPrintedSquareMetres === undefined) continue;
    const per = {
      watt: weight / (maximumPowerWatts ?? 1),
      squareMetre: (1 - weight) / (maximumPrintedSquareMetres ?? 1),
    };
    const { watts, squareMetres } = leastStage(architecture, technology, per);
    if (neurons * (per.watt * watts + per.squareMetre * squareMetres) <= 1) continue;
    if (weight === 1)
      throw new BudgetOutOfReachError(
        `${size} ${formatWatts(neurons * watts)}, and ${formatWatts(maximumPowerWatts!)} were given.`,
        hint,
      );
    if (weight === 0)
      throw new BudgetOutOfReachError(
        `${size} ${area(neurons * squareMetres)}, and ${area(maximumPrintedSquareMetres!)} were given.`,
        hint,
      );
    throw new BudgetOutOfReachError(
      `The budgets exclude each other: ${neurons} neurons with so little power as ${formatWatts(maximumPowerWatts!)} need more than ${area(maximumPrintedSquareMetres!)} (large resistances are long lines).`,
      'Give more of one of them, or fewer neurons (--hidden).',
    );
  }
}

function area(squareMetres: number): string {
  return `${Number((1e6 * squareMetres).toPrecision(3))} mm²`;
}

/** The activation stage and one crossbar resistor with the smallest Σ price·amount, at the input volts that are cheapest for it. */
function leastStage(
  { activation: space, conductances }: Architecture,
  technology: Technology,
  per: { readonly watt: number; readonly squareMetre: number },
) {
  const { minimum, maximum } = stageVolts(technology);
  const smallest = 1 / (conductances.max * conductances.unitSiemens);
  const resistor = resistorInk(smallest, technology.printing).squareMetres;
  const logs = new Float64Array(space.size);
  const measure = (free: Float64Array) => {
    space.logsAt(free, logs);
    const watts = per.watt === 0 ? Float64Array.of(0) : wattsOnGrid(technology, space.cell, logs);
    const cheapest = watts.indexOf(Math.min(...watts));
    const squareMetres = printedArea(space.cell, logs, technology) + resistor;
    const volts = minimum + ((maximum - minimum) * cheapest) / Math.max(1, watts.length - 1);
    return { watts: watts[cheapest]!, squareMetres, volts };
  };
  const free = space.start();
  const adam = new Adam(free.length);
  const gradient = new Float64Array(free.length);
  let best = measure(free);
  const worth = ({ watts, squareMetres }: typeof best) => per.watt * watts + per.squareMetre * squareMetres;
  for (let step = 0; step < STEPS; step += 1) {
    const now = measure(free);
    if (worth(now) < worth(best)) best = now;
    const power =
      per.watt === 0 ? undefined : wattsGradient(technology, space.cell, logs, shareOfGrid(technology, [now.volts]));
    const ink = printedAreaGradient(space.cell, logs, technology);
    const slope = ink.map((value, k) => (per.squareMetre * value + per.watt * (power?.[k] ?? 0)) / worth(now));
    space.backward(free, logs, slope, gradient);
    adam.step(free, gradient, RATE);
  }
  return best;
}
