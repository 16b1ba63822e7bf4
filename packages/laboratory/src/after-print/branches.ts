/** Points of a sweep in the order of measurement. */
export interface Points {
  readonly inputVolts: readonly number[];
  readonly outputVolts: readonly number[];
}

/** The mean of sweeps in both directions. */
export interface MeanSweep {
  /** Ascending, every voltage once. */
  readonly inputVolts: Float64Array;
  readonly outputVolts: Float64Array;
  /** Sweeps that the mean is over. */
  readonly sweeps: number;
  /** Largest difference of two sweeps at the same input; 0 for one sweep. */
  readonly hysteresisVolts: number;
}

/** Points below which a run in one direction is no sweep of its own. */
const LEAST_POINTS = 4;
/** Share of a step by which a voltage that turns goes back. */
const TURNS_BY = 0.75;

/**
 * The mean of the sweeps that follow each other: where the voltage turns, or starts again, another begins. Sweeps are compared and
 * averaged at the voltages of the first, by straight lines between their points. Points in no order are one sweep; a voltage that
 * stands in a sweep twice counts with the mean of its outputs.
 */
export function meanOfSweeps(points: Points): MeanSweep {
  const branches = branchesOf(points).map(sorted);
  const [first, ...others] = branches;
  let hysteresisVolts = 0;
  const outputVolts = first!.inputVolts.map((v, i) => {
    const seen = [first!.outputVolts[i]!, ...others.flatMap((one) => outputAt(one, v) ?? [])];
    hysteresisVolts = Math.max(hysteresisVolts, Math.max(...seen) - Math.min(...seen));
    return seen.reduce((sum, value) => sum + value, 0) / seen.length;
  });
  return {
    inputVolts: Float64Array.from(first!.inputVolts),
    outputVolts: Float64Array.from(outputVolts),
    sweeps: branches.length,
    hysteresisVolts: Math.max(hysteresisVolts, ...branches.map((one) => one.spread)),
  };
}

/**
 * Runs in one direction; the points in one piece where a run is too short to be a sweep. A meter's noise turns nothing: a voltage turns
 * where it goes back by most of a step.
 */
function branchesOf({ inputVolts, outputVolts }: Points): Points[] {
  const steps = inputVolts.slice(1).map((v, i) => Math.abs(v - inputVolts[i]!));
  const taken = steps.filter((step) => step > 0).sort((a, b) => a - b);
  const turn = TURNS_BY * (taken[taken.length >> 1] ?? 0);
  const ranges = [{ first: 0, end: inputVolts.length }];
  let direction = 0;
  let extreme = 0;
  for (let i = 1; i < inputVolts.length; i += 1) {
    const [v, most] = [inputVolts[i]!, inputVolts[extreme]!];
    if (direction === 0 || (v - most) * direction >= 0) {
      direction ||= Math.sign(v - most);
      extreme = i;
      continue;
    }
    if (Math.abs(v - most) <= turn) continue;
    const before = ranges.at(-1)!;
    // a voltage that starts again has a first point of its own; one that turns shares the point at which it does
    const restarts = Math.abs(v - inputVolts[before.first]!) < Math.abs(v - most);
    before.end = restarts ? i : extreme + 1;
    ranges.push({ first: restarts ? i : extreme, end: inputVolts.length });
    direction = restarts ? 0 : -direction;
    extreme = i;
  }
  const branches = ranges.map(({ first, end }) => ({
    inputVolts: inputVolts.slice(first, end),
    outputVolts: outputVolts.slice(first, end),
  }));
  return branches.every((branch) => branch.inputVolts.length >= LEAST_POINTS)
    ? branches
    : [{ inputVolts, outputVolts }];
}

/** Ascending, every voltage once with the mean of its outputs, and how far these lie apart. */
function sorted({ inputVolts, outputVolts }: Points): Points & { readonly spread: number } {
  const outputs = new Map<number, number[]>();
  inputVolts.forEach((v, i) => {
    outputs.set(v, [...(outputs.get(v) ?? []), outputVolts[i]!]);
  });
  const entries = [...outputs].sort(([a], [b]) => a - b);
  return {
    inputVolts: entries.map(([v]) => v),
    outputVolts: entries.map(([, all]) => all.reduce((sum, value) => sum + value, 0) / all.length),
    spread: Math.max(...entries.map(([, all]) => Math.max(...all) - Math.min(...all))),
  };
}

/** The output of a sweep at an input, on the line between two points; undefined outside. */
function outputAt({ inputVolts, outputVolts }: Points, v: number): number | undefined {
  const after = inputVolts.findIndex((at) => at >= v);
  if (after < 0 || (after === 0 && inputVolts[0] !== v)) return undefined;
  if (inputVolts[after] === v) return outputVolts[after];
  const [from, to] = [inputVolts[after - 1]!, inputVolts[after]!];
  const share = (v - from) / (to - from);
  return outputVolts[after - 1]! + share * (outputVolts[after]! - outputVolts[after - 1]!);
}
