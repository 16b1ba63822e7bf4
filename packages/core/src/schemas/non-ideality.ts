import { z } from 'zod';
import type { DeepReadonly } from '../files/artifact.ts';

const share = z.number().min(0).max(1);
/** Beyond e^±10 a value is no value any more, and beyond ten times its bias no stage lives. */
const sigma = z.number().min(0).max(10);
/** How large what is in series with a stage is: in volts, or as a share of the process's bias. */
const amplitude = {
  volts: z.number().min(0).max(1000).optional(),
  biasShare: z.number().min(0).max(10).optional(),
};
const oneAmplitude = [
  (part: { volts?: number | undefined; biasShare?: number | undefined }) =>
    (part.volts === undefined) !== (part.biasShare === undefined),
  'its size is either volts or biasShare',
] as const;
/** Which components it falls on; crossbar resistors unless said otherwise. */
const components = z.enum(['crossbar', 'stages', 'all']).optional();

/**
 * One way in which a printed component misses its value g. Every component draws for itself, u uniform in 0..1,
 * z normal, ℓ Laplace with scale 1:
 *
 * - `uniform`      g·(1 + s·(2u − 1))
 * - `gaussian`     g·(1 + s·z)
 * - `laplace`      g·(1 + s·ℓ)
 * - `drift`        g·e^(s·z), log-normal drift
 * - `levels`       nearest of n levels, evenly from the smallest to the largest printable conductance, times 1 + s·z (write error)
 * - `multinomial`  g·0 with probability p₁, g·½ with p₂, g·1 with 1 − p₁ − p₂; 0 is an open resistor
 * - `mapping`      g·ratio(|g|/max |g| of the layer)·e^(s·z): a conductance curve that is not monotone, as measured
 *
 * s is `spread` (or `sigma`, of a logarithm), relative and without unit. A factor is never below 10⁻⁶. Two fall on stages as a
 * whole, as a voltage source in series with the stage's output, A in volts or as a share of the bias:
 *
 * - `noise`        A·(r − ½), r uniform in 0..1, new for every stage and row: additive activation noise
 * - `smooth`       A·(Rands(v_in) − ½), for every stage a smooth curve of its own that spans 0..1 while v_in goes from ground to the bias
 */
export const nonIdealitySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('uniform'), spread: z.number().min(0).lt(1), components }),
  z.strictObject({ kind: z.literal('gaussian'), spread: z.number().min(0).lt(1), components }),
  z.strictObject({ kind: z.literal('laplace'), spread: z.number().min(0).lt(1), components }),
  z.strictObject({ kind: z.literal('drift'), sigma, components }),
  z.strictObject({ kind: z.literal('levels'), levels: z.int().min(2), spread: z.number().min(0).lt(1) }),
  z
    .strictObject({ kind: z.literal('multinomial'), zero: share, half: share })
    .refine(({ zero, half }) => zero + half <= 1, 'zero and half (p1 and p2) together are more than 1'),
  z.strictObject({ kind: z.literal('mapping'), ratios: z.array(share).min(2), sigma }),
  z.strictObject({ kind: z.literal('noise'), ...amplitude }).refine(...oneAmplitude),
  z.strictObject({ kind: z.literal('smooth'), ...amplitude }).refine(...oneAmplitude),
]);

/** Lists of non-idealities by name, as in examples/non-idealities.json. */
export const nonIdealityPresetsSchema = z.record(
  z.string().regex(/^[a-z][a-z0-9-]*$/, 'a name is lower-case letters, digits and dashes'),
  z.array(nonIdealitySchema).min(1),
);

export type NonIdeality = DeepReadonly<z.infer<typeof nonIdealitySchema>>;
/** What is in series with a stage's output. */
export type SeriesPart = Extract<NonIdeality, { kind: 'noise' | 'smooth' }>;
/** What multiplies the value of a component. */
export type FactorPart = Exclude<NonIdeality, SeriesPart>;
