/** Coefficients of an interval, lowest first. */
export const TERMS = 8;
/** How exact the polynomials are, as a share of the function. */
const RELATIVE_ERROR = 1e-12;
/** What is less than this share of the largest value counts as none. */
const NOTHING = 1e-29;
const FEWEST = 16;
/** Larger tables would leave the nearer caches of a processor. */
const MOST = 2048;
const GROWTH = 1.25;
/** Places of an interval at which its polynomial is compared with the function. */
const PROBES = [-0.5, -0.4, -0.27, -0.13, 0.02, 0.19, 0.33, 0.46, 0.5];

/**
 * A function of one quantity as piecewise polynomials: interval n covers n − ½ to n + ½ of place = scale·x + offset; beyond its ends the
 * table is level.
 */
export interface CurveTable {
  /** Row-major [intervals × 8], powers of the distance from the interval's middle. */
  readonly coefficients: Float64Array;
  readonly intervals: number;
  readonly scale: number;
  readonly offset: number;
}

/** The table of f from `low` to `high`; undefined where so many intervals do not hold it. */
export function curveTable(f: (x: number) => number, low: number, high: number): CurveTable | undefined {
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) return undefined;
  const [from, to, largest] = reach(f, low, high);
  if (!(largest > 0 && largest < Number.POSITIVE_INFINITY)) return undefined;
  for (let count = FEWEST; count <= MOST; count = Math.ceil(GROWTH * count)) {
    const table = tryTable(f, from, to, count, largest);
    if (table !== undefined) return table;
  }
  return undefined;
}

/** The part of a range in which a function is more than nothing, and its largest value. */
function reach(f: (x: number) => number, low: number, high: number): [from: number, to: number, largest: number] {
  const points = Array.from({ length: 1025 }, (_, i) => low + ((high - low) * i) / 1024);
  const sizes = points.map((x) => Math.abs(f(x)));
  const largest = Math.max(...sizes);
  const isThere = sizes.map((size) => size > NOTHING * largest);
  const first = Math.max(0, isThere.indexOf(true) - 1);
  const last = Math.min(1024, isThere.lastIndexOf(true) + 1);
  return [points[first]!, points[last]!, largest];
}

function tryTable(
  f: (x: number) => number,
  from: number,
  to: number,
  count: number,
  largest: number,
): CurveTable | undefined {
  const width = (to - from) / count;
  const intervals = count + 1;
  const coefficients = new Float64Array(intervals * TERMS);
  for (let n = 0; n < intervals; n += 1) {
    const at = (t: number): number => f(from + (n + t) * width);
    const powers = polynomial(at);
    const probed = PROBES.map(at);
    const size = Math.max(...probed.map(Math.abs));
    const limit = RELATIVE_ERROR * size + NOTHING * largest;
    for (let i = 0; i < PROBES.length; i += 1) {
      let found = 0;
      for (let k = TERMS - 1; k >= 0; k -= 1) found = found * PROBES[i]! + powers[k]!;
      if (!(Math.abs(found - probed[i]!) <= limit)) return undefined;
    }
    coefficients.set(powers, n * TERMS);
  }
  return { coefficients, intervals, scale: 1 / width, offset: -from / width };
}

const CHEBYSHEV_POINTS = Float64Array.from({ length: TERMS }, (_, j) => Math.cos((Math.PI * (j + 0.5)) / TERMS));
/** cos(π·k·(j + ½)/TERMS), row-major [k × j]. */
const COSINES = Float64Array.from({ length: TERMS * TERMS }, (_, at) =>
  Math.cos((Math.PI * Math.floor(at / TERMS) * ((at % TERMS) + 0.5)) / TERMS),
);
const CHEBYSHEV_POWERS = chebyshevPowers();

/** T_k of s = 2t as coefficients of t: T₀ = 1, T₁ = s, T₍k₊₁₎ = 2s·T_k − T₍k₋₁₎. */
function chebyshevPowers(): Float64Array[] {
  const all: Float64Array[] = [];
  let before = new Float64Array(TERMS);
  let current = new Float64Array(TERMS);
  current[0] = 1;
  for (let k = 0; k < TERMS; k += 1) {
    all.push(current);
    const next = current.map((_, i) => (i === 0 ? 0 : (k === 0 ? 2 : 4) * current[i - 1]!) - before[i]!);
    before = current;
    current = next;
  }
  return all;
}

/** Interpolates f over −½..½ at the Chebyshev points; returns the powers' coefficients. */
function polynomial(f: (t: number) => number): Float64Array {
  const values = new Float64Array(TERMS);
  for (let j = 0; j < TERMS; j += 1) values[j] = f(0.5 * CHEBYSHEV_POINTS[j]!);
  const powers = new Float64Array(TERMS);
  for (let k = 0; k < TERMS; k += 1) {
    let sum = 0;
    for (let j = 0; j < TERMS; j += 1) sum += values[j]! * COSINES[k * TERMS + j]!;
    const share = (sum * (k === 0 ? 1 : 2)) / TERMS;
    const current = CHEBYSHEV_POWERS[k]!;
    for (let i = 0; i < TERMS; i += 1) powers[i]! += share * current[i]!;
  }
  return powers;
}
