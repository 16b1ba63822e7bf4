import { z } from 'zod';
import { type Artifact, artifactKind } from '../files/artifact.ts';
import { constraintSchema, nameSchema, parameterSchema, simulatorSchema, technologyNameSchema } from './common.ts';

/**
 * The voltages at which a curve is simulated. `adaptive`: sinh-spaced around the point where the curve bends. `port`: the same
 * at each of the evenly spaced volts of `output`, at which the output is held; `points` are all of them. With `stagger`
 * both sweeps of design i are moved by frac(i/ρ) − ½ and frac(i/ρ²) − ½ steps, ρ = 1.3247… the plastic number (Roberts'
 * R2 sequence), so that the designs together leave no gaps.
 */
const sweepSchema = z.strictObject({
  kind: z.enum(['adaptive', 'uniform', 'port']),
  points: z.int().min(5),
  startVolts: z.number(),
  stopVolts: z.number(),
  output: z
    .strictObject({
      count: z.int().min(2),
      startVolts: z.number(),
      stopVolts: z.number(),
      stagger: z.boolean().optional(),
    })
    .optional(),
});

/** What is kept of every sweep point, one quantity after the other; files without the list have the first two of a curve. */
const quantitiesSchema = z.array(z.string().min(1)).min(2).optional();

const shardFields = {
  technology: technologyNameSchema,
  cell: nameSchema,
  /** SHA-256 of everything that decides the numbers: card, template, deck, sweep, parameters, sequence. */
  recipe: z.string(),
  simulator: simulatorSchema,
  firstIndex: z.int().min(0),
  count: z.int().min(1),
};

/**
 * SampleShard: the sidecar of an immutable block of rows. Data are little-endian float64: per row the component values
 * (ohms, metres), η₁..η₄, the rms residual of the fit in volts and the largest difference between the simulated curve
 * and the exact solver's in volts; then, in the curves file, per row the quantities of every sweep point: input volts,
 * output volts, and the power that all supplies and the input deliver; of a port sweep current into the output and volts
 * of inner drains, and no η. Failed rows hold NaN for η (and NaN for what could not be had at all), and say why here.
 */
export const SampleShardKind = artifactKind('SampleShard', 1, {
  ...shardFields,
  columns: z.array(z.string()).min(1),
  data: z.strictObject({ file: z.string(), sha256: z.string() }),
  curves: z.strictObject({ file: z.string(), sha256: z.string(), points: z.int() }),
  failures: z.array(z.strictObject({ index: z.int().min(0), reason: z.string() })),
});

/** Samples: `samples.json`, what a folder of shards was asked to be: η = fit(ngspice(ω_i)) for i in the index range. */
export const SamplesKind = artifactKind('Samples', 1, {
  ...shardFields,
  parameters: z.array(parameterSchema).min(1),
  constraints: z.array(constraintSchema),
  sequence: z.strictObject({ kind: z.literal('sobol-owen'), seed: z.int().min(0) }),
  sweep: sweepSchema,
  shardRows: z.int().min(1),
  quantities: quantitiesSchema,
});

export type Sweep = Readonly<z.infer<typeof sweepSchema>>;
export type SampleShard = Artifact<typeof SampleShardKind>;
export type Samples = Artifact<typeof SamplesKind>;
