import { constraintHolds, Draws, type Eta, parseConstraint, type Samples } from '@neuroprint/core';
import { countReasons } from '../rows/recipe.ts';
import { readSamples } from '../shards/read-samples.ts';
import { Sobol } from './sobol.ts';

/** Least, 5th percentile, median, 95th percentile and largest of a number over the rows that converged. */
export interface Range {
  readonly min: number;
  readonly p5: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

/** A row whose curve is far from a tanh. */
interface PoorFit {
  readonly index: number;
  /** Residual (rms) as a share of the swing 2·η₂. */
  readonly residualShare: number;
  readonly why: string;
}

/** How well a folder of samples covers its design space. */
export interface Coverage {
  readonly samples: Samples;
  readonly converged: number;
  readonly failures: ReadonlyMap<string, number>;
  /** Centred L2 discrepancy of the first points in the unit cube, and of as many random ones (mean of several sets). */
  readonly discrepancy: { readonly points: number; readonly here: number; readonly random: number };
  /** Share of the box that each constraint alone forbids, and all together. */
  readonly rejected: { readonly byConstraint: ReadonlyMap<string, number>; readonly together: number };
  readonly eta: readonly [Range, Range, Range, Range];
  readonly residualShare: Range;
  readonly poorFits: readonly PoorFit[];
  /** Of every converged row, for plots: η, row-major [rows × 4], and the residual as a share of the swing. */
  readonly rows: { readonly eta: Float64Array; readonly residualShare: Float64Array };
}

const DISCREPANCY_POINTS = 1024;
const RANDOM_SETS = 8;
const BOX_POINTS = 2 ** 15;
/** A fit that leaves more than this share of the swing is poor. */
const POOR_RESIDUAL_SHARE = 0.03;

/** Measures the coverage of a folder of samples. Throws InputFileError where it is incomplete or damaged. */
export function coverageOf(folder: string): Coverage {
  const { samples, failures, table, rows: all } = readSamples(folder);
  const reasons = new Map<string, number>();
  countReasons(failures, reasons);
  const { eta } = table;
  const residualShare = new Float64Array(eta.length / 4);
  const poorFits: PoorFit[] = [];
  let row = 0;
  for (const { index, eta: own, residualVolts, outputVolts } of all()) {
    if (own === undefined) continue;
    const share = residualVolts / (2 * own[1]);
    residualShare[row] = share;
    row += 1;
    if (share > POOR_RESIDUAL_SHARE)
      poorFits.push({ index, residualShare: share, why: whyPoor(samples, own, outputVolts) });
  }
  poorFits.sort((a, b) => b.residualShare - a.residualShare);
  const ranges = [0, 1, 2, 3].map((k) => rangeOf(residualShare.map((_, i) => eta[4 * i + k]!)));
  return {
    samples,
    converged: row,
    failures: reasons,
    discrepancy: discrepancyOf(samples),
    rejected: rejectedBy(samples),
    eta: ranges as unknown as Coverage['eta'],
    residualShare: rangeOf(residualShare),
    poorFits,
    rows: { eta, residualShare },
  };
}

/** The first cause that applies of what makes a curve no tanh. */
function whyPoor({ sweep }: Samples, [eta1, eta2, eta3, eta4]: Eta, outputVolts: Float64Array): string {
  const reach = Math.min(sweep.stopVolts - eta3, eta3 - sweep.startVolts) * eta4;
  if (reach < 2) return 'the sweep ends before the curve has levelled off';
  const low = Math.min(...outputVolts.map(Math.abs));
  const high = Math.max(...outputVolts.map(Math.abs));
  const above = Math.abs(high - Math.abs(eta1)) / eta2;
  const below = Math.abs(Math.abs(eta1) - low) / eta2;
  if (Math.abs(above - below) > 0.1) return 'one plateau is reached more slowly than the other';
  return 'the bend is sharper than that of a tanh';
}

function rangeOf(values: Float64Array): Range {
  const sorted = values.slice().sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  return { min: at(0), p5: at(0.05), median: at(0.5), p95: at(0.95), max: at(1) };
}

function discrepancyOf({ parameters, sequence, firstIndex, count }: Samples): Coverage['discrepancy'] {
  const dimensions = parameters.length;
  const points = Math.min(count, DISCREPANCY_POINTS);
  const sobol = new Sobol(dimensions, sequence.seed);
  const here = Array.from({ length: points }, (_, i) => {
    const point = new Float64Array(dimensions);
    sobol.at(firstIndex + i, point);
    return point;
  });
  const draws = new Draws(sequence.seed, 'discrepancy');
  let random = 0;
  for (let set = 0; set < RANDOM_SETS; set += 1) {
    const cloud = here.map((_, i) => {
      const point = new Float64Array(dimensions);
      draws.fillUniform(set * points + i, point);
      return point;
    });
    random += centredDiscrepancy(cloud) / RANDOM_SETS;
  }
  return { points, here: centredDiscrepancy(here), random };
}

/**
 * Centred L2 discrepancy of points in the unit cube (Hickernell, "A generalized discrepancy and quadrature error bound",
 * Math. Comp. 67, 1998, eq. 5.1c); 0 would be perfectly even.
 */
export function centredDiscrepancy(points: readonly Float64Array[]): number {
  const n = points.length;
  const dimensions = points[0]?.length ?? 0;
  let single = 0;
  let pairs = 0;
  for (const x of points) {
    single += x.reduce((product, u) => product * (1 + 0.5 * Math.abs(u - 0.5) - 0.5 * (u - 0.5) ** 2), 1);
    for (const y of points) {
      let product = 1;
      for (let k = 0; k < dimensions; k += 1) {
        const [a, b] = [x[k]!, y[k]!];
        product *= 1 + 0.5 * Math.abs(a - 0.5) + 0.5 * Math.abs(b - 0.5) - 0.5 * Math.abs(a - b);
      }
      pairs += product;
    }
  }
  return Math.sqrt((13 / 12) ** dimensions - (2 / n) * single + pairs / n ** 2);
}

function rejectedBy({ parameters, constraints }: Samples): Coverage['rejected'] {
  const parsed = constraints.map(parseConstraint);
  const counts = parsed.map(() => 0);
  let together = 0;
  const sobol = new Sobol(parameters.length, 0);
  const unit = new Float64Array(parameters.length);
  for (let i = 0; i < BOX_POINTS; i += 1) {
    sobol.at(i, unit);
    const values = Object.fromEntries(
      parameters.map(({ name, min, max, scale }, k) => [
        name,
        scale === 'log' ? min * (max / min) ** unit[k]! : min + (max - min) * unit[k]!,
      ]),
    );
    const broken = parsed.map((constraint) => !constraintHolds(constraint, values));
    broken.forEach((isBroken, k) => {
      if (isBroken) counts[k]! += 1;
    });
    if (broken.some(Boolean)) together += 1;
  }
  return {
    byConstraint: new Map(constraints.map((text, k) => [text, counts[k]! / BOX_POINTS])),
    together: together / BOX_POINTS,
  };
}
