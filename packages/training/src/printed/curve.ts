import type { Surrogate } from '@neuroprint/core';
/**
 * What training needs of a surrogate: η = f(ln ω), with its gradient. `SurrogateModel` of @neuroprint/surrogate is one.
 * η₁..η₃ in volts, η₄ in 1/volts; ω in ohms and metres, in the order of `parameterNames`.
 */
export interface CurveModel {
  /** What it was trained as; absent for a curve in closed form. */
  readonly surrogate?: Pick<Surrogate, 'technology' | 'cell' | 'parameters' | 'constraints' | 'features'>;
  readonly parameterNames: readonly string[];
  /** `logValues` [rows × parameters] → η [rows × 4]. What it returns is overwritten by the next call. */
  forward(logValues: Float64Array, rows: number): Float64Array;
  /** ∂f/∂η [rows × 4] of the last forward → ∂f/∂ln ω [rows × parameters], written into `logGradient`. */
  backward(etaGradient: Float64Array, logGradient: Float64Array): void;
}
