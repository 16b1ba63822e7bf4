import { UsageError } from '@neuroprint/core';
import { WEIGHT_MAPS, type WeightMap } from './weight-maps.ts';

/**
 * ml: a conventional network, v = Σ g·v_i, without any constraint. npml: the node rule of a circuit, v = Σ g·v_i / Σ g, and
 * λ·Σ_j (Σ_i g_ij − 1)² at every node. spml: the same with hidden activations that are even in v; λ at the output nodes
 * only, because an even activation does not see the sign of Σg.
 */
const PHYSICAL_MODES = ['ml', 'npml', 'spml'] as const;
export type PhysicalMode = (typeof PHYSICAL_MODES)[number];

export interface PhysicalOptions {
  readonly mode?: PhysicalMode;
  /** Neurons of each hidden layer; default [5, 4]. */
  readonly hidden?: readonly number[];
  /** λ, 0 or more; default 0.1. A conventional network has none. */
  readonly lambda?: number;
  readonly map?: WeightMap;
  /** Whether hidden activations are monotone (sigmoid) or a band-pass; default monotone. */
  readonly nonlinearity?: 'monotone' | 'band-pass';
  readonly seed?: number;
  /** Random starts, the best chosen by validation accuracy, then loss; default 3. */
  readonly restarts?: number;
  /** Most iterations of BFGS of one start; default 300. */
  readonly iterations?: number;
}

export type ResolvedPhysicalOptions = Required<PhysicalOptions>;

const PHYSICAL_DEFAULTS: ResolvedPhysicalOptions = {
  mode: 'npml',
  hidden: [5, 4],
  lambda: 0.1,
  map: 'free',
  nonlinearity: 'monotone',
  seed: 0,
  restarts: 3,
  iterations: 300,
};

/** Defaults filled in and every option checked. Throws UsageError that names the option. */
export function resolvePhysicalOptions(options: PhysicalOptions): ResolvedPhysicalOptions {
  const resolved = { ...PHYSICAL_DEFAULTS, ...options };
  const { lambda, hidden, map, mode } = resolved;
  if (!(lambda >= 0 && Number.isFinite(lambda))) throw new UsageError(`lambda is ${lambda}, and it must be 0 or more.`);
  if (hidden.some((size) => !Number.isSafeInteger(size) || size < 1))
    throw new UsageError(`hidden is ${hidden.join(',')}, and every size must be a whole number of 1 or more.`);
  if (!WEIGHT_MAPS.includes(map))
    throw new UsageError(`map is ${map}, and it must be one of ${WEIGHT_MAPS.join(', ')}.`);
  if (!PHYSICAL_MODES.includes(mode))
    throw new UsageError(`mode is ${mode}, and it must be one of ${PHYSICAL_MODES.join(', ')}.`);
  for (const name of ['restarts', 'iterations'] as const)
    if (!Number.isSafeInteger(resolved[name]) || resolved[name] < 1)
      throw new UsageError(`${name} is ${resolved[name]}, and it must be a whole number of 1 or more.`);
  return resolved;
}
