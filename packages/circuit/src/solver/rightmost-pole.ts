import type { FlatCircuit } from '../ir/flatten.ts';
import type { ExactSolver } from './exact-solver.ts';
import { type Complex, Pencil } from './pencil.ts';

/** Right of the pole that is found, by this share of its real part, no other is. */
const TOLERANCE = 1e-3;
const MOST_COUNTS = 40;
/** Real parts below this share of the largest magnitude a pole may have are not told from 0. */
const SMALLEST = 1e-12;
const ITERATIONS = 12;
const CONVERGED = 1e-9;

export interface RightmostPole {
  readonly real: number;
  readonly imaginary: number;
  /** Share of each unknown net in it, |left · right|, without unit. */
  readonly shares: Float64Array;
}

/**
 * The circuit linearised at the row solved last as G + s·C, with a capacitance at every net and the pole of every op-amp; undefined where
 * sources are in series, or capacitances stand between nodes.
 */
export function pencilOf(solver: ExactSolver, nodeFarads: number, nets: number): Pencil | undefined {
  const { flat } = solver;
  if (flat.sources.length > 0 || hasCapacitorAt(flat, nets)) return undefined;
  const { plan, values, rows } = solver.linearised();
  const c = new Float64Array(plan.slots + 1);
  const opampSeconds = -1 / (2 * Math.PI * (flat.technology.opamp?.gainBandwidthHertz ?? 1));
  const outputs = new Set(flat.opamps.map(({ output }) => output));
  for (let net = 0; net < nets; net += 1) c[plan.slot(rows[net]!, net)] = outputs.has(net) ? opampSeconds : nodeFarads;
  // the largest row sum of |C⁻¹·G|; eliminating metal, whose rows are of conductances alone, makes no row sum larger
  const sums = new Float64Array(solver.size);
  for (let k = 0; k < plan.size; k += 1)
    for (let at = plan.start[k]!; at < plan.start[k + 1]!; at += 1) sums[plan.order[k]!]! += Math.abs(values[at]!);
  let radius = 0;
  for (let net = 0; net < nets; net += 1)
    radius = Math.max(radius, sums[rows[net]!]! / Math.abs(outputs.has(net) ? opampSeconds : nodeFarads));
  return new Pencil(plan, values, c, nets, radius);
}

function hasCapacitorAt({ capacitors = [] }: FlatCircuit, nets: number): boolean {
  return capacitors.some(({ nodes }) => nodes.some((node) => node < nets));
}

/**
 * The pole with the largest real part, found by inverse iteration and shown to be it by counts right of lines: none is right of its
 * real part by more than 1/1000 of it. Undefined where a count or the pole cannot be had.
 */
export function rightmostPole(pencil: Pencil): RightmostPole | undefined {
  const smallest = SMALLEST * pencil.radius;
  let [low, high, sigma] = [-pencil.radius, pencil.radius, 0];
  for (let tries = 0; tries < MOST_COUNTS; tries += 1) {
    const count = pencil.polesRightOf(sigma);
    if (count === undefined) return undefined;
    if (count.poles === 0) high = sigma;
    else low = sigma;
    const found = nearestPole(pencil, sigma, count.peakRadians);
    if (found !== undefined && found.real >= low && found.real <= high && Math.abs(found.real) > smallest) {
      const beyond = found.real + TOLERANCE * Math.abs(found.real);
      const others = beyond >= high ? 0 : pencil.polesRightOf(beyond)?.poles;
      if (others === undefined) return undefined;
      if (others === 0) return found;
      low = beyond;
    }
    const middle = Math.sqrt(Math.max(smallest, Math.abs(low)) * Math.max(smallest, Math.abs(high)));
    sigma = high <= 0 ? -middle : low >= 0 ? middle : 0;
  }
  return undefined;
}

/** The pole near sigma + i·omega to which inverse iteration comes, its shift moved to what is known; undefined where it comes to none. */
function nearestPole(pencil: Pencil, sigma: number, omega: number): RightmostPole | undefined {
  const { size, order } = pencil.plan;
  let [real, imaginary] = [sigma, omega];
  const right = withoutPattern(size);
  const left = withoutPattern(size);
  if (!pencil.factor(real, imaginary)) return undefined;
  for (let round = 0; round < ITERATIONS; round += 1) {
    const before = { re: right.re.slice(), im: right.im.slice() };
    iterate(pencil, right, false);
    iterate(pencil, left, true);
    const theta = quotient(before, right);
    const square = theta.re ** 2 + theta.im ** 2;
    const [byReal, byImaginary] = [-theta.re / square, theta.im / square];
    const isThere = Math.hypot(byReal, byImaginary) <= CONVERGED * Math.hypot(real, imaginary);
    [real, imaginary] = [real + byReal, imaginary + byImaginary];
    if (!Number.isFinite(real + imaginary)) return undefined;
    scale(right);
    scale(left);
    if (isThere) {
      const charges = pencil.charged(left, true);
      const shares = new Float64Array(size);
      for (let k = 0; k < size; k += 1)
        shares[order[k]!] = Math.hypot(right.re[k]!, right.im[k]!) * Math.hypot(charges.re[k]!, charges.im[k]!);
      return { real, imaginary, shares };
    }
    // the first rounds keep the shift, so that it is the nearest pole
    if (round % 3 !== 2) [real, imaginary] = [real - byReal, imaginary - byImaginary];
    else if (!pencil.factor(real, imaginary)) return undefined;
  }
  return undefined;
}

function iterate(pencil: Pencil, x: Complex, transposed: boolean): void {
  const next = pencil.charged(x, transposed);
  pencil.solve(next, transposed);
  x.re.set(next.re);
  x.im.set(next.im);
}

/** xᴴ·y / xᴴ·x. */
function quotient(x: Complex, y: Complex): { readonly re: number; readonly im: number } {
  let [re, im, square] = [0, 0, 0];
  for (let k = 0; k < x.re.length; k += 1) {
    re += x.re[k]! * y.re[k]! + x.im[k]! * y.im[k]!;
    im += x.re[k]! * y.im[k]! - x.im[k]! * y.re[k]!;
    square += x.re[k]! ** 2 + x.im[k]! ** 2;
  }
  return { re: re / square, im: im / square };
}

function scale({ re, im }: Complex): void {
  let most = 0;
  for (let k = 0; k < re.length; k += 1) most = Math.max(most, Math.hypot(re[k]!, im[k]!));
  for (let k = 0; k < re.length; k += 1) [re[k], im[k]] = [re[k]! / most, im[k]! / most];
}

/** No eigenvector is orthogonal to it. */
function withoutPattern(size: number): Complex {
  const at = (phase: number) => Float64Array.from({ length: size }, (_, i) => 1 + 0.5 * Math.sin(phase + i));
  return { re: at(1), im: at(2) };
}
