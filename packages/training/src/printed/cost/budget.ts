import { type Budget, UsageError } from '@neuroprint/core';
import type { CostPrices } from './cost.ts';
import type { NetworkCost } from './measured.ts';

/** What is left for rounding to printable values, as a share of a budget: training and calibration keep the rest of it. */
const RESERVE = 0.01;
/** Nats for each e-fold that an e-fold beyond the budget costs at once, and by how much its multiplier grows at every look. */
const STIFFNESS = 0.15;
const GROWTH = 0.03;

/** Limits that a training keeps to. */
const LIMITS = ['maximumPowerWatts', 'maximumPrintedSquareMetres', 'maximumInverters'] as const;

/** Throws UsageError where a limit is no number above 0, or of inverters no whole one of 0 or more. */
export function checkBudget(budget: Budget): void {
  for (const name of LIMITS) {
    const limit = budget[name];
    if (limit === undefined) continue;
    const isWhole = name === 'maximumInverters';
    if (isWhole ? Number.isSafeInteger(limit) && limit >= 0 : limit > 0 && Number.isFinite(limit)) continue;
    throw new UsageError(`${name} is ${limit}, and it must be ${isWhole ? 'a whole number of 0 or more' : 'above 0'}.`);
  }
}

/** What a network takes, beside a budget: `copyShare` is the 95th percentile of printed copies over the nominal power. */
export type Taken = Pick<NetworkCost, 'watts' | 'printedSquareMetres' | 'fallingStages'> & {
  readonly copyShare: number;
};

/** e-folds by which a network is beyond its budget and the reserve, of power (95th percentile of copies) and of area; below 0 there is room. */
function excesses(budget: Budget, { watts, copyShare, printedSquareMetres }: Taken) {
  const over = (taken: number, limit: number | undefined): number =>
    limit === undefined ? Number.NEGATIVE_INFINITY : Math.log(taken / (limit * (1 - RESERVE)));
  return {
    power: over(watts * copyShare, budget.maximumPowerWatts),
    area: over(printedSquareMetres, budget.maximumPrintedSquareMetres),
  };
}

/** Whether a network keeps its budget, nothing in reserve. */
export function isWithin(budget: Budget, { watts, copyShare, printedSquareMetres, fallingStages }: Taken): boolean {
  const { maximumPowerWatts, maximumPrintedSquareMetres, maximumInverters } = budget;
  const keeps = (taken: number, limit = Number.POSITIVE_INFINITY) => taken <= limit;
  return (
    keeps(watts * copyShare, maximumPowerWatts) &&
    keeps(printedSquareMetres, maximumPrintedSquareMetres) &&
    keeps(fallingStages, maximumInverters)
  );
}

/** e-folds beyond the budget and its reserve at its worst, 0 where it is kept. */
export function excessOf(budget: Budget, taken: Taken): number {
  const { power, area } = excesses(budget, taken);
  const { maximumInverters: most = Number.POSITIVE_INFINITY } = budget;
  const inverters = Math.log((taken.fallingStages + 1) / (most + 1));
  return Math.max(0, power, area, inverters);
}

/**
 * The multipliers of an augmented Lagrangian, L = loss + Σ (max(0, λ + μ·c)² − λ²)/2μ with c = ln(taken/limit): its gradient is that of a
 * price of max(0, λ + μ·c) nats for each e-fold. λ follows in small steps, max(0, λ + κ·c) at every look with κ < μ: the network needs
 * many looks to answer a price, and full steps end well below the budget. One start has its own.
 */
export class Multipliers {
  power = 0;
  area = 0;
  /** 95th percentile of the copies' power over the nominal one, when it was last asked for. */
  copyShare = 1;

  /** The prices that the present excess asks for, beside those that always count. */
  update(budget: Budget, cost: NetworkCost, base: CostPrices): CostPrices {
    const excess = excesses(budget, { ...cost, copyShare: this.copyShare });
    const raised = (multiplier: number, factor: number, by: number) => Math.max(0, multiplier + factor * by);
    this.power = raised(this.power, GROWTH, excess.power);
    this.area = raised(this.area, GROWTH, excess.area);
    return {
      ...base,
      power: base.power + raised(this.power, STIFFNESS, excess.power),
      printedArea: raised(this.area, STIFFNESS, excess.area),
    };
  }

  state(): number[] {
    return [this.power, this.area, this.copyShare];
  }

  restore([power, area, copyShare]: readonly number[]): void {
    Object.assign(this, { power, area, copyShare });
  }
}
