import type { Cell, Technology } from '@neuroprint/circuit';
import { type Sweep, UsageError } from '@neuroprint/core';
import { innerDrains, type SinhShape, sinhGrid, sinhParameters, uniformGrid } from '@neuroprint/spice';
import { type Curve, FLAT } from './ptanh-fit.ts';
import type { StageSolver } from './stage-solver.ts';

const MOST_POINTS = 100_001;
/**
 * Points of the default sweep. Against 4,001 points the grid alone puts 7e-10 to 2.4e-8 (mean squared normalised error)
 * into η over the designs of the cells of `egt` and `egt-date23`; 401 uniform points put 4e-10 to 6e-4 into it.
 */
const ADAPTIVE_POINTS = 51;

/** The default sweep of a technology's cells, or so many evenly spaced points. Throws UsageError for a number of points that is none. */
export function sweepOf({ sweepVolts }: Pick<Technology, 'sweepVolts'>, uniformPoints?: number): Sweep {
  const range = { startVolts: sweepVolts.minimum, stopVolts: sweepVolts.maximum };
  if (uniformPoints === undefined) return { kind: 'adaptive', points: ADAPTIVE_POINTS, ...range };
  if (!Number.isInteger(uniformPoints) || uniformPoints < 5 || uniformPoints > MOST_POINTS) {
    throw new UsageError(`A sweep has 5 to ${MOST_POINTS} points, not ${uniformPoints}.`);
  }
  return { kind: 'uniform', points: uniformPoints, ...range };
}

/** Port sweeps go so far beyond the supplies, as a share of the bias, so that nothing is extrapolated at them. */
const BEYOND_RAILS = 0.05;
const PORT_INPUTS = 22;
const PORT_OUTPUTS = 13;
/** Of the sinh spacing of a port sweep's input, as a share of the bias: some points where the curve bends, and the rest everywhere. */
const PORT_WIDTH = 0.06;

/** The two-dimensional sweep of a cell: the output runs over all supplies and ground, the input at least as far as a curve's. */
export function portSweepOf({ bias, supplies, sweepVolts }: Technology): Sweep {
  const given = [0, ...Object.values(supplies)];
  const beyond = BEYOND_RAILS * bias.volts;
  const startVolts = Math.min(...given) - beyond;
  const stopVolts = Math.max(...given) + beyond;
  return {
    kind: 'port',
    points: PORT_INPUTS * PORT_OUTPUTS,
    startVolts: Math.min(startVolts, sweepVolts.minimum),
    stopVolts: Math.max(stopVolts, sweepVolts.maximum),
    output: { count: PORT_OUTPUTS, startVolts, stopVolts, stagger: true },
  };
}

/** The sinh spacing of a port sweep whose cell bends there. */
export function portBend({ centreVolts }: SinhShape, { startVolts, stopVolts }: Sweep, biasVolts: number): SinhShape {
  const widthVolts = PORT_WIDTH * biasVolts;
  const inside = Math.min(stopVolts - widthVolts, Math.max(startVolts + widthVolts, centreVolts));
  return { centreVolts: inside, widthVolts };
}

/** ρ³ = ρ + 1 */
const PLASTIC = 1.324717957244746;

/** By how many of their steps the output's and the input's sweep of design `index` are moved; see sweepSchema. */
export function portShift({ output }: Sweep, index: number): { readonly output: number; readonly input: number } {
  if (output?.stagger !== true) return { output: 0, input: 0 };
  const at = (share: number) => ((index * share) % 1) - 0.5;
  return { output: at(1 / PLASTIC), input: at(1 / PLASTIC ** 2) };
}

/** What a sweep keeps of every point; see SampleShardKind. */
export function quantitiesOf(technology: Technology, cell: Cell, { kind }: Sweep): string[] {
  if (kind !== 'port') return ['inputVolts', 'outputVolts', 'watts'];
  return ['inputVolts', 'outputVolts', 'outputAmperes', ...innerDrains(technology, cell)];
}

/** Input volts of one curve and the quadrature weights that belong to them: Σ w_i·f(v_i) ≈ ∫ f dv. */
export interface Grid {
  readonly inputVolts: Float64Array;
  readonly weights: Float64Array;
}

/**
 * Gregory's end corrections to the trapezoid rule: error O(h⁴) from the ends, beyond all orders from the inside of a
 * smooth function. Without them the ends of the sinh grid, where its steps are largest, would decide the error.
 */
const GREGORY = [3 / 8, 7 / 6, 23 / 24] as const;

/** Weights of evenly spaced points, for a spacing of 1. */
function gregoryWeights(points: number): Float64Array {
  const weights = new Float64Array(points).fill(1);
  if (points < 2 * GREGORY.length) {
    weights[0] = 0.5;
    weights[points - 1] = 0.5;
    return weights;
  }
  GREGORY.forEach((weight, i) => {
    weights[i] = weight;
    weights[points - 1 - i] = weight;
  });
  return weights;
}

/** Evenly spaced volts. */
export function uniformSweep({ points, startVolts, stopVolts }: Sweep): Grid {
  const step = (stopVolts - startVolts) / (points - 1);
  return {
    inputVolts: uniformGrid(points, startVolts, stopVolts),
    weights: gregoryWeights(points).map((weight) => weight * step),
  };
}

/** Volts dense around the centre: v = centre + width·sinh(t), t evenly spaced, dv = width·cosh(t)·dt. */
export function sinhSweep(sweep: Sweep, shape: SinhShape): Grid {
  const { points, startVolts, stopVolts } = sweep;
  return { inputVolts: sinhGrid(shape, points, startVolts, stopVolts), weights: sinhWeights(sweep, shape) };
}

/** The quadrature weights of `sinhSweep`. */
export function sinhWeights({ points, startVolts, stopVolts }: Sweep, shape: SinhShape): Float64Array {
  const { first, step } = sinhParameters(shape, points, startVolts, stopVolts);
  const weights = gregoryWeights(points);
  for (let i = 0; i < points; i += 1) weights[i]! *= step * shape.widthVolts * Math.cosh(first + step * i);
  return weights;
}

/** Width of the sinh grid as a share of the 25–75 % width of the curve; anything from 0.25 to 0.6 does as well. */
const WIDTH_SHARE = 0.4;
/** Points of the first scan. */
const SCAN_POINTS = 17;
/** The crossings need not be found any closer than this share of the curve's swing. */
const LEVEL_SHARE = 0.02;
/** Half the swing in tolerances: two points that far apart lie on different sides of the bend. */
const HALF_SWING = 0.5 / LEVEL_SHARE;
const SEARCH_STEPS = 60;

interface Point {
  readonly inputVolts: number;
  /** Of the rising form of the curve. */
  readonly outputVolts: number;
  readonly state: Float64Array;
}

/**
 * Where the curve of this design bends, by the exact solver (which holds the design's values): the grid is centred on the
 * half-height crossing and scaled by the curve's 25–75 % width. Curves without a middle (flat, falling where they should
 * rise, or without an operating point) get the whole range.
 */
export function bendOf(
  stage: StageSolver,
  curve: Curve,
  { startVolts, stopVolts }: Sweep,
  biasVolts: number,
): SinhShape {
  const sign = curve === 'falling' ? -1 : 1;
  const solve = (inputVolts: number, from: Float64Array | undefined): Point => {
    if (from !== undefined) stage.setState(from);
    return { inputVolts, outputVolts: sign * stage.at(inputVolts), state: stage.state() };
  };
  const span = stopVolts - startVolts;
  const points: Point[] = [];
  let [bottom, top] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < SCAN_POINTS; i += 1) {
    const point = solve(startVolts + (span * i) / (SCAN_POINTS - 1), undefined);
    bottom = Math.min(bottom, point.outputVolts);
    top = Math.max(top, point.outputVolts);
    points.push(point);
  }
  const find = (share: number): number =>
    crossingOf(points, bottom + share * (top - bottom), LEVEL_SHARE * (top - bottom), solve);
  // the half first: its points narrow down the other two
  const half = find(0.5);
  const width = find(0.75) - find(0.25);
  if (top - bottom > FLAT * biasVolts && width > 0) return { centreVolts: half, widthVolts: WIDTH_SHARE * width };
  return { centreVolts: startVolts + 0.5 * span, widthVolts: span };
}

/**
 * Input volts where a curve first rises through `level`: bisection while the points around it are far apart in height,
 * then the straight line between them. Adds what it solves to `points`, which stay sorted. NaN where there is no crossing.
 */
function crossingOf(
  points: Point[],
  level: number,
  tolerance: number,
  solve: (inputVolts: number, from: Float64Array) => Point,
): number {
  let at = points.findIndex((point, i) => i > 0 && point.outputVolts >= level && points[i - 1]!.outputVolts < level);
  if (at < 0) return Number.NaN;
  for (let step = 0; step < SEARCH_STEPS; step += 1) {
    const [a, b] = [points[at - 1]!, points[at]!];
    const [below, above] = [level - a.outputVolts, b.outputVolts - level];
    const linear = a.inputVolts + ((b.inputVolts - a.inputVolts) * below) / (below + above);
    if (Math.min(below, above) <= tolerance) return linear;
    const isSteep = below + above > HALF_SWING * tolerance;
    const point = solve(isSteep ? 0.5 * (a.inputVolts + b.inputVolts) : linear, below < above ? a.state : b.state);
    if (Number.isNaN(point.outputVolts)) return linear;
    points.splice(at, 0, point);
    if (point.outputVolts < level) at += 1;
  }
  return Number.NaN;
}
