import { z } from 'zod';
import { type Artifact, artifactKind } from '../artifact.ts';
import { constraintSchema, nameSchema, parameterNameSchema, parameterSchema, technologyNameSchema } from './common.ts';

const matrixSchema = z.array(z.array(z.number()));

/** How good a surrogate is on rows that neither training nor early stopping has seen. */
export const surrogateTestSchema = z.strictObject({
  rows: z.int(),
  /** Mean over rows and η of the squared error, each η scaled to 0..1 by the training table's extremes. */
  mseNormalised: z.number(),
  r2: z.array(z.number()).length(4),
  /** Root mean square error per η (volts, volts, volts, 1/volts). */
  rmse: z.array(z.number()).length(4),
});

/**
 * Surrogate: η̂ = scaling(MLP(standardise(features(ω)))). Features are logarithms of products of powers of ω:
 * feature_j = Σ_k exponent_jk·ln ω_k, so ratios such as ln(R1/R2) are features too.
 */
export const SurrogateKind = artifactKind('Surrogate', 1, {
  technology: technologyNameSchema,
  cell: nameSchema,
  parameters: z.array(parameterSchema).min(1),
  constraints: z.array(constraintSchema),
  features: z.array(z.strictObject({ name: z.string(), exponents: z.record(parameterNameSchema, z.number()) })).min(1),
  featureMean: z.array(z.number()),
  featureStd: z.array(z.number()),
  activation: z.enum(['silu']),
  /** Per layer weights [outputs][inputs] and biases [outputs]; the activation follows all but the last. */
  layers: z.array(z.strictObject({ weights: matrixSchema, biases: z.array(z.number()) })).min(1),
  /** The network's outputs are standardised; η_k = mean_k + std_k·output_k for η₁, η₃ and exp of that for η₂, η₄. */
  outputs: z.array(z.strictObject({ mean: z.number(), std: z.number(), log: z.boolean() })).length(4),
  /** Extremes of each η over the training rows: what mseNormalised is scaled by. */
  etaMin: z.array(z.number()).length(4),
  etaMax: z.array(z.number()).length(4),
  trainedOn: z.strictObject({ rows: z.int(), validationRows: z.int(), seed: z.int() }),
  test: surrogateTestSchema,
});

export type SurrogateTest = Readonly<z.infer<typeof surrogateTestSchema>>;
export type Surrogate = Artifact<typeof SurrogateKind>;
