import { NeuroprintError } from './files/errors.ts';

/** A constraint's text cannot be understood, or it names something that is no parameter. */
export class ConstraintError extends NeuroprintError {
  override readonly exitCode = 2;
  readonly constraint: string;

  constructor(constraint: string, message: string) {
    super(`constraint "${constraint}": ${message}`, 'Write it like R1>R2, R1/R2>R3/R4 or R*W/L>20000.');
    this.constraint = constraint;
  }
}

/** One factor of a product: a parameter or a positive number, multiplied (+1) or divided by (−1). */
type Factor = { readonly of: string | number; readonly power: 1 | -1 };

/**
 * A monomial inequality `left > right`, ω in SI base units. In logarithms it is a half space:
 * Σ exponent_k·ln ω_k + logConstant > 0, where the sum is ln(left/right).
 */
export interface Constraint {
  readonly text: string;
  readonly left: readonly Factor[];
  readonly right: readonly Factor[];
  /** Net exponent of each parameter in left/right; a parameter that cancels is absent. */
  readonly exponents: ReadonlyMap<string, number>;
  readonly logConstant: number;
}

/** Parses `R1/R2>R3/R4`. Throws ConstraintError for other text and for numbers that are not positive. */
export function parseConstraint(text: string): Constraint {
  const sides = text.split('>');
  if (sides.length !== 2) throw new ConstraintError(text, 'must have exactly one ">"');
  const [left, right] = sides.map((side) => parseProduct(text, side)) as [Factor[], Factor[]];
  const exponents = new Map<string, number>();
  let logConstant = 0;
  for (const [side, sign] of [
    [left, 1],
    [right, -1],
  ] as const) {
    for (const { of, power } of side) {
      if (typeof of === 'number') logConstant += sign * power * Math.log(of);
      else exponents.set(of, (exponents.get(of) ?? 0) + sign * power);
    }
  }
  for (const [name, exponent] of exponents) if (exponent === 0) exponents.delete(name);
  return { text, left, right, exponents, logConstant };
}

function parseProduct(text: string, side: string): Factor[] {
  return side.split(/(?=[*/])/).map((part, i) => {
    const power = part.startsWith('/') ? -1 : 1;
    const term = (/^[*/]/.test(part) ? part.slice(1) : part).trim();
    if (i === 0 && part !== '' && /^[*/]/.test(part))
      throw new ConstraintError(text, `nothing stands before ${part[0]}`);
    if (/^[A-Z]\w*$/.test(term)) return { of: term, power };
    if (!/^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(term))
      throw new ConstraintError(text, `"${term}" is no parameter or number`);
    const number = Number(term);
    if (!(number > 0 && Number.isFinite(number)))
      throw new ConstraintError(text, `${term} must be positive and finite`);
    return { of: number, power };
  });
}

/** ln(left/right) for component values by name: positive where the constraint holds. */
export function constraintSlack(constraint: Constraint, values: Readonly<Record<string, number>>): number {
  let slack = constraint.logConstant;
  for (const [name, exponent] of constraint.exponents)
    slack += exponent * Math.log(valueNamed(constraint, values, name));
  return slack;
}

/** Whether `left > right` holds when both sides are computed in float64 from left to right, as a reader would do it. */
export function constraintHolds(constraint: Constraint, values: Readonly<Record<string, number>>): boolean {
  const product = (factors: readonly Factor[]) =>
    factors.reduce((sofar, { of, power }) => {
      const factor = typeof of === 'number' ? of : valueNamed(constraint, values, of);
      return power === 1 ? sofar * factor : sofar / factor;
    }, 1);
  return product(constraint.left) > product(constraint.right);
}

function valueNamed(constraint: Constraint, values: Readonly<Record<string, number>>, name: string): number {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) throw new ConstraintError(constraint.text, `there is no parameter ${name}`);
  return value;
}
