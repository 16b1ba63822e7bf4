import { z } from 'zod';
import { type Artifact, artifactKind } from '../files/artifact.ts';
import { constraintSchema, nameSchema, parameterNameSchema, parameterSchema, technologyNameSchema } from './common.ts';

const matrixSchema = z.array(z.array(z.number()));

/** How good a surrogate is on rows that neither training nor early stopping has seen. */
const surrogateTestSchema = z.strictObject({
  rows: z.int(),
  /** Mean over rows and η of the squared error, each η scaled to 0..1 by the training table's extremes. */
  mseNormalised: z.number(),
  r2: z.array(z.number()).length(4),
  /** Root mean square error per η (volts, volts, volts, 1/volts). */
  rmse: z.array(z.number()).length(4),
});

const layersSchema = z.array(z.strictObject({ weights: matrixSchema, biases: z.array(z.number()) })).min(1);

const heldOutSchema = z.strictObject({
  /** [designs][features] */
  features: matrixSchema.min(1),
  /** [designs][4] in volts, volts, volts and 1/volts. */
  errors: matrixSchema.min(1),
});

/** Distance of curves from ngspice over the whole sweep, per design the rms by the trapezoid rule; in volts. */
export const curveTestSchema = z.strictObject({
  median: z.number(),
  p95: z.number(),
  p99: z.number(),
  largest: z.number(),
});

/** feature(ω) = Σ_k exponent_k·ln ω_k. */
const featureSchema = z.strictObject({
  name: z.string(),
  exponents: z.record(parameterNameSchema, z.number()),
});

/**
 * Surrogate: y = MLP(standardise(features(ω))), η̂₁ = floor + η̂₂. Features are logarithms of products of powers of ω:
 * feature_j = Σ_k exponent_jk·ln ω_k, so ratios such as ln(R1/R2) are features too. The floor η₁ − η₂ is learnt instead
 * of η₁, because it stays where it is when a curve that does not saturate makes η₁ and η₂ run away together.
 */
export const SurrogateKind = artifactKind('Surrogate', 1, {
  technology: technologyNameSchema,
  cell: nameSchema,
  parameters: z.array(parameterSchema).min(1),
  constraints: z.array(constraintSchema),
  features: z.array(featureSchema).min(1),
  featureMean: z.array(z.number()),
  featureStd: z.array(z.number()),
  activation: z.enum(['silu']),
  /** Per layer weights [outputs][inputs] and biases [outputs]; the activation follows all but the last. */
  layers: layersSchema,
  /** Floor, η₂, η₃, η₄ in this order: mean_k + std_k·y_k, or where `log` is set the exponential of that. */
  outputs: z.array(z.strictObject({ mean: z.number(), std: z.number(), log: z.boolean() })).length(4),
  /** Extremes of each η over the training rows: what mseNormalised is scaled by. */
  etaMin: z.array(z.number()).length(4),
  etaMax: z.array(z.number()).length(4),
  trainedOn: z.strictObject({ rows: z.int(), validationRows: z.int(), seed: z.int() }),
  test: surrogateTestSchema,
  /** Validation designs (standardised features) and |η̂ − η| there: the local error bars. */
  heldOut: heldOutSchema.optional(),
  /** Written by earlier versions, which learnt curves here; PortModel has them now. */
  correction: z.unknown().optional(),
});

export type CurveTest = Readonly<z.infer<typeof curveTestSchema>>;
export type SurrogateTest = Readonly<z.infer<typeof surrogateTestSchema>>;
export type Surrogate = Artifact<typeof SurrogateKind>;
