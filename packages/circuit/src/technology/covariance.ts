import { choleskyFactor } from '@neuroprint/numeric';

/** What a covariance without any room may lack by rounding, in units of its own variances. */
const ROUNDING = 1e-9;

/** L of covariance = L·Lᵀ, lower triangular, to one part in 10⁹ of each variance; undefined where the matrix is no covariance. `against` has the variances that rounding is counted in, its own unless they are given. */
export function covarianceRoot(
  covariance: readonly (readonly number[])[],
  against = covariance,
): number[][] | undefined {
  const size = covariance.length;
  // in units of standard deviations, so that parameters of all sizes count alike
  const std = against.map((row, i) => Math.sqrt(Math.max(0, row[i]!)));
  const matrix = Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    return covariance[i]![j]! / ((std[i]! || 1) * (std[j]! || 1)) + (i === j ? ROUNDING : 0);
  });
  if (!choleskyFactor(matrix, size)) return undefined;
  return covariance.map((_, i) => covariance.map((__, j) => (j > i ? 0 : std[i]! * matrix[i * size + j]!)));
}
