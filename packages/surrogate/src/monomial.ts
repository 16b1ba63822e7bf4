import { UsageError } from '@neuroprint/core';

/** logConstant + Σ exponents_k·ln ω_k, over the parameters in their order; ω in SI base units. */
export interface LogMonomial {
  readonly exponents: readonly number[];
  readonly logConstant: number;
}

/**
 * The log-slack ln(left/right) of a constraint such as `R1/R2>R3/R4` or `R*W/L>20000`: it holds where this is positive.
 * Throws UsageError for a name that is no parameter.
 */
export function logSlack(constraint: string, names: readonly string[]): LogMonomial {
  const exponents = names.map(() => 0);
  let logConstant = 0;
  constraint.split('>').forEach((side, i) => {
    for (const [, operator, term] of side.matchAll(/([*/]?)([^*/]+)/g)) {
      const power = (i === 0 ? 1 : -1) * (operator === '/' ? -1 : 1);
      if (/^\d/.test(term!)) logConstant += power * Math.log(Number(term));
      else if (names.includes(term!)) exponents[names.indexOf(term!)]! += power;
      else throw new UsageError(`The constraint ${constraint} names ${term}, which is no parameter.`);
    }
  });
  return { exponents, logConstant };
}
