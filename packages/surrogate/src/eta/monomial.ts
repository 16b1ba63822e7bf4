import { ConstraintError, parseConstraint } from '@neuroprint/core';

/** logConstant + Σ exponents_k·ln ω_k, over the parameters in their order; ω in SI base units. */
export interface LogMonomial {
  readonly exponents: readonly number[];
  readonly logConstant: number;
}

/**
 * The log-slack ln(left/right) of a constraint such as `R1/R2>R3/R4` or `R*W/L>20000`: it holds where this is positive.
 * Throws ConstraintError for a name that is no parameter.
 */
export function logSlack(constraint: string, names: readonly string[]): LogMonomial {
  const { exponents, logConstant } = parseConstraint(constraint);
  for (const name of exponents.keys())
    if (!names.includes(name)) throw new ConstraintError(constraint, `there is no parameter ${name}`);
  return { exponents: names.map((name) => exponents.get(name) ?? 0), logConstant };
}
