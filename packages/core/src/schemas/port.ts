import { z } from 'zod';
import { type Artifact, artifactKind } from '../artifact.ts';
import {
  constraintSchema,
  nameSchema,
  nodeSchema,
  parameterNameSchema,
  parameterSchema,
  technologyNameSchema,
} from './common.ts';
import { curveTestSchema, featureSchema, layersSchema } from './surrogate.ts';

const elementSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('resistor'), nodes: z.tuple([nodeSchema, nodeSchema]), ohms: parameterNameSchema }),
  z.object({
    kind: z.literal('transistor'),
    drain: nodeSchema,
    gate: nodeSchema,
    source: nodeSchema,
    width: parameterNameSchema,
    length: parameterNameSchema,
  }),
]);

const spreadSchema = z.strictObject({ median: z.number(), p99: z.number(), largest: z.number() });

/**
 * PortModel: a stage at its ports. The current into a transistor's drain at v, with loads R_k to V_k, is
 * `Σ (v − V_k)/R_k + (W/L)·(v − v_s)·exp(mean + std·y)`, v_s its open source, y = MLP(standardised features, gate and drain
 * volts over v_s), one network for all transistors of the cell; which resistors and transistors there are follows from
 * `elements`. Inner drains carry no other current.
 */
export const PortModelKind = artifactKind('PortModel', 1, {
  technology: technologyNameSchema,
  cell: nameSchema,
  parameters: z.array(parameterSchema).min(1),
  constraints: z.array(constraintSchema),
  elements: z.array(elementSchema).min(1),
  supplyVolts: z.record(nameSchema, z.number()),
  features: z.array(featureSchema),
  featureMean: z.array(z.number()),
  featureStd: z.array(z.number()),
  /** Of gate and drain over the open source, in volts. */
  coordinates: z.array(z.strictObject({ mean: z.number(), std: z.number().positive() })).length(2),
  output: z.strictObject({ mean: z.number(), std: z.number().positive() }),
  layers: layersSchema,
  trainedOn: z.strictObject({ designs: z.int(), seed: z.int() }),
  /** On designs that decided nothing: the error of a loaded output's volts, ΔI/(∂I/∂v_out + |I|/1 V). */
  test: z.strictObject({ points: z.int(), rmsVolts: z.number(), p99Volts: z.number(), largestVolts: z.number() }),
  /**
   * Without a load, on designs of other samples: curves over the whole sweep, and per design the relative error of the power
   * averaged over inputs from 0 to 1 V and the largest one at an input, against that average.
   */
  unloadedTest: z
    .strictObject({
      rows: z.int(),
      curve: curveTestSchema,
      averageWatts: spreadSchema.optional(),
      watts: spreadSchema.optional(),
    })
    .optional(),
});

export type PortModelFile = Artifact<typeof PortModelKind>;
