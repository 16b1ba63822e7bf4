import type { EliminationPlan } from './elimination.ts';

/** Along one step no pivot may turn further than this, nor otherwise than its slopes at both ends say by more than the second, radians. */
const SAFE_RADIANS = Math.PI / 4;
const APART_RADIANS = 0.2;
/** A lone zero or pole of a pivot is further from both ends of a step than the step is long. */
const MOST_SLOPE = 1;
const MOST_POINTS = 4000;
/** L·U is the matrix up to this share of each row, at a probe. */
const ROUNDING = 1e-9;
/** What the phase beyond the last point leaves open, radians, and how far a count may be from a whole number. */
const TAIL = 0.1;
const WHOLE = 0.2;

/** A complex vector. */
export interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Poles right of a line, and the point of the line that is nearest to one by the slope of the determinant, rad/s. */
interface Count {
  readonly poles: number;
  readonly peakRadians: number;
}

/**
 * The poles of M(s) = G + s·C, 1/s, sparse: `g` and `c` hold their entries as `plan` stores them. det M has the degree `degree`, and all
 * zeros within `radius` of 0.
 */
export class Pencil {
  readonly plan: EliminationPlan;
  readonly #g: Float64Array;
  readonly #c: Float64Array;
  readonly #degree: number;
  /** No pole is further from 0, 1/s. */
  readonly radius: number;
  /** Factors at the point looked at last, and their derivatives by s. */
  readonly #re: Float64Array;
  readonly #im: Float64Array;
  readonly #dre: Float64Array;
  readonly #dim: Float64Array;
  readonly #row: Float64Array;

  constructor(plan: EliminationPlan, g: Float64Array, c: Float64Array, degree: number, radius: number) {
    this.plan = plan;
    this.#g = g;
    this.#c = c;
    this.#degree = degree;
    this.radius = radius;
    [this.#re, this.#im] = [new Float64Array(plan.slots), new Float64Array(plan.slots)];
    [this.#dre, this.#dim] = [new Float64Array(plan.slots), new Float64Array(plan.slots)];
    this.#row = new Float64Array(4 * plan.size);
  }

  /**
   * How many poles have a real part above `sigma`, by the argument principle: of n, each left of the line turns det M by π/2 on the way
   * from `sigma` to `sigma` + i∞ and each right of it by −π/2. Every pivot of the elimination is followed for itself, so that what
   * happens twice at one place, as in copies of one loop, is not taken for a whole turn; a step must agree with the slopes of all
   * pivots at both ends, which is a check and no bound: a zero and a pole that hide each other at both would be missed. Beyond the last point the series of the phase does. Undefined where a pivot cannot be followed.
   */
  polesRightOf(sigma: number): Count | undefined {
    const { size } = this.plan;
    // what is left beyond is Ω·Re(slope), to 1.5·n·(radius / Ω)³: Σq of the poles' distances q from sigma is real, and so is Σq²
    const end = (this.radius + Math.abs(sigma)) * Math.max(10, Math.cbrt((1.5 * this.#degree) / TAIL));
    let [from, to] = [newPoint(size), newPoint(size)];
    if (!this.factor(sigma, 0) || !this.#look(from)) return undefined;
    let [omega, step, turned, peak, peakRadians] = [0, 0.7 / from.steepest, 0, from.total, 0];
    for (let points = 0; omega < end; points += 1) {
      if (points > MOST_POINTS || step <= 1e-12 * omega || !(step > 0)) return undefined;
      const next = Math.min(end, omega + step);
      if (!this.factor(sigma, next) || !this.#look(to)) return undefined;
      const angle = followed(from, to, next - omega, size);
      if (angle === undefined) {
        step *= 0.5;
        continue;
      }
      turned += angle;
      omega = next;
      step = 0.7 / to.steepest;
      if (to.total > peak) [peak, peakRadians] = [to.total, omega];
      [from, to] = [to, from];
    }
    const poles = this.#degree / 2 - (turned + end * from.totalRe) / Math.PI;
    return Math.abs(poles - Math.round(poles)) > WHOLE ? undefined : { poles: Math.round(poles), peakRadians };
  }

  /** C·x, or Cᵀ·x, in pivot order. */
  charged({ re, im }: Complex, transposed: boolean): Complex {
    const { size, start, columns } = this.plan;
    const out = { re: new Float64Array(size), im: new Float64Array(size) };
    for (let i = 0; i < size; i += 1)
      for (let at = start[i]!; at < start[i + 1]!; at += 1) {
        const [to, from] = transposed ? [columns[at]!, i] : [i, columns[at]!];
        out.re[to]! += this.#c[at]! * re[from]!;
        out.im[to]! += this.#c[at]! * im[from]!;
      }
    return out;
  }

  /** Replaces x by M⁻¹·x, or M⁻ᵀ·x, at the point factored last, in pivot order. */
  solve({ re, im }: Complex, transposed: boolean): void {
    const { size, start, columns, diagonal } = this.plan;
    const subtract = (to: number, at: number, from: number): void => {
      const [a, b] = [this.#re[at]!, this.#im[at]!];
      re[to]! -= a * re[from]! - b * im[from]!;
      im[to]! -= a * im[from]! + b * re[from]!;
    };
    const divide = (k: number): void => {
      const [a, b] = [this.#re[diagonal[k]!]!, this.#im[diagonal[k]!]!];
      const square = a * a + b * b;
      [re[k], im[k]] = [(re[k]! * a + im[k]! * b) / square, (im[k]! * a - re[k]! * b) / square];
    };
    for (let k = 0; k < size; k += 1)
      if (transposed) {
        divide(k);
        for (let at = diagonal[k]! + 1; at < start[k + 1]!; at += 1) subtract(columns[at]!, at, k);
      } else for (let at = start[k]!; at < diagonal[k]!; at += 1) subtract(k, at, columns[at]!);
    for (let k = size - 1; k >= 0; k -= 1)
      if (transposed) for (let at = start[k]!; at < diagonal[k]!; at += 1) subtract(columns[at]!, at, k);
      else {
        for (let at = diagonal[k]! + 1; at < start[k + 1]!; at += 1) subtract(k, at, columns[at]!);
        divide(k);
      }
  }

  /** The pivots and their logarithmic slopes at the point factored last; false where one is no usable number. */
  #look(point: Point): boolean {
    const { size, diagonal } = this.plan;
    let [sumRe, sumIm, steepest] = [0, 0, 0];
    for (let k = 0; k < size; k += 1) {
      const at = diagonal[k]!;
      const [re, im, dre, dim] = [this.#re[at]!, this.#im[at]!, this.#dre[at]!, this.#dim[at]!];
      const square = re * re + im * im;
      const slopeRe = (dre * re + dim * im) / square;
      const slopeIm = (dim * re - dre * im) / square;
      const slope = Math.hypot(slopeRe, slopeIm);
      if (!Number.isFinite(slope)) return false;
      point.re[k] = re;
      point.im[k] = im;
      point.slopeRe[k] = slopeRe;
      point.slope[k] = slope;
      steepest = Math.max(steepest, slope);
      sumRe += slopeRe;
      sumIm += slopeIm;
    }
    point.steepest = steepest;
    point.totalRe = sumRe;
    point.total = Math.hypot(sumRe, sumIm);
    return true;
  }

  /** Factors M(sigma + i·omega) with derivatives by s; false where rounding spoils the factors. */
  factor(sigma: number, omega: number): boolean {
    const { size, start, columns, diagonal } = this.plan;
    const [re, im, dre, dim, row] = [this.#re, this.#im, this.#dre, this.#dim, this.#row];
    for (let i = 0; i < size; i += 1) {
      const [from, middle, end] = [start[i]!, diagonal[i]!, start[i + 1]!];
      for (let at = from; at < end; at += 1) {
        const j = 4 * columns[at]!;
        const c = this.#c[at]!;
        row[j] = this.#g[at]! + sigma * c;
        row[j + 1] = omega * c;
        row[j + 2] = c;
        row[j + 3] = 0;
      }
      for (let at = from; at < middle; at += 1) {
        const k = columns[at]!;
        const p = diagonal[k]!;
        const [pr, pi] = [re[p]!, im[p]!];
        const inverse = 1 / (pr * pr + pi * pi);
        const [vr, vi] = [row[4 * k]!, row[4 * k + 1]!];
        const fr = (vr * pr + vi * pi) * inverse;
        const fi = (vi * pr - vr * pi) * inverse;
        const er = row[4 * k + 2]! - fr * dre[p]! + fi * dim[p]!;
        const ei = row[4 * k + 3]! - fr * dim[p]! - fi * dre[p]!;
        const gr = (er * pr + ei * pi) * inverse;
        const gi = (ei * pr - er * pi) * inverse;
        re[at] = fr;
        im[at] = fi;
        const last = start[k + 1]!;
        for (let other = p + 1; other < last; other += 1) {
          const j = 4 * columns[other]!;
          const [ur, ui] = [re[other]!, im[other]!];
          row[j]! -= fr * ur - fi * ui;
          row[j + 1]! -= fr * ui + fi * ur;
          row[j + 2]! -= gr * ur - gi * ui + fr * dre[other]! - fi * dim[other]!;
          row[j + 3]! -= gr * ui + gi * ur + fr * dim[other]! + fi * dre[other]!;
        }
      }
      for (let at = middle; at < end; at += 1) {
        const j = 4 * columns[at]!;
        re[at] = row[j]!;
        im[at] = row[j + 1]!;
        dre[at] = row[j + 2]!;
        dim[at] = row[j + 3]!;
      }
    }
    return this.#isAccurate(sigma, omega);
  }

  /** Whether L·U·1 is M·1. */
  #isAccurate(sigma: number, omega: number): boolean {
    const { size, start, columns, diagonal } = this.plan;
    const [zr, zi] = [new Float64Array(size), new Float64Array(size)];
    for (let i = 0; i < size; i += 1)
      for (let at = diagonal[i]!; at < start[i + 1]!; at += 1) {
        zr[i]! += this.#re[at]!;
        zi[i]! += this.#im[at]!;
      }
    for (let i = 0; i < size; i += 1) {
      let [sumRe, sumIm, scale] = [zr[i]!, zi[i]!, 0];
      for (let at = start[i]!; at < start[i + 1]!; at += 1) {
        const [mr, mi] = [this.#g[at]! + sigma * this.#c[at]!, omega * this.#c[at]!];
        scale += Math.abs(mr) + Math.abs(mi);
        sumRe -= mr;
        sumIm -= mi;
        if (at >= diagonal[i]!) continue;
        const k = columns[at]!;
        sumRe += this.#re[at]! * zr[k]! - this.#im[at]! * zi[k]!;
        sumIm += this.#re[at]! * zi[k]! + this.#im[at]! * zr[k]!;
      }
      if (!(Math.abs(sumRe) + Math.abs(sumIm) <= ROUNDING * scale)) return false;
    }
    return true;
  }
}

/** The pivots at one point of a line, and their logarithmic slopes by s: real part and magnitude, seconds. */
interface Point {
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly slopeRe: Float64Array;
  readonly slope: Float64Array;
  /** Magnitude of the largest slope, and of the sum of all. */
  steepest: number;
  total: number;
  totalRe: number;
}

function newPoint(size: number): Point {
  const one = (): Float64Array => new Float64Array(size);
  return { re: one(), im: one(), slopeRe: one(), slope: one(), steepest: 0, total: 0, totalRe: 0 };
}

/** The angle by which all pivots together turn along a step, radians; undefined where it is too long for one of them. */
function followed(from: Point, to: Point, step: number, size: number): number | undefined {
  let sum = 0;
  for (let k = 0; k < size; k += 1) {
    if (step * Math.max(from.slope[k]!, to.slope[k]!) > MOST_SLOPE) return undefined;
    const [ar, ai, br, bi] = [from.re[k]!, from.im[k]!, to.re[k]!, to.im[k]!];
    const angle = Math.atan2(bi * ar - br * ai, br * ar + bi * ai);
    const expected = 0.5 * step * (from.slopeRe[k]! + to.slopeRe[k]!);
    if (Math.abs(angle) > SAFE_RADIANS || Math.abs(angle - expected) > APART_RADIANS) return undefined;
    sum += angle;
  }
  return sum;
}
