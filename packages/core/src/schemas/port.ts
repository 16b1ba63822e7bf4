import { z } from 'zod';
import { type Artifact, artifactKind } from '../files/artifact.ts';
import {
  constraintSchema,
  nameSchema,
  nodeSchema,
  parameterNameSchema,
  parameterSchema,
  technologyNameSchema,
} from './common.ts';
import { curveTestSchema } from './surrogate.ts';

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
 * PortModel: a stage at its ports. The current into a transistor's drain at v, with loads R_k to V_k, is `Σ (v − V_k)/R_k + I`,
 * `I = (W/L)·(v − v_s)·exp(y)`. Its source is at `v_s = v_0 + r·I`, v_0 and r the open volts and the resistance of the divider it
 * hangs on (r = 0 on a supply). y is one cubic spline for all transistors of the cell, of the gate's volts over source and over
 * drain; which resistors and transistors there are follows from `elements`. Inner drains carry no other current.
 */
export const PortModelKind = artifactKind('PortModel', 2, {
  technology: technologyNameSchema,
  cell: nameSchema,
  parameters: z.array(parameterSchema).min(1),
  constraints: z.array(constraintSchema),
  elements: z.array(elementSchema).min(1),
  supplyVolts: z.record(nameSchema, z.number()),
  /** y = Σ c_ij·B_i(v_gs)·B_j(v_gd), cubic B-splines over ascending breaks in volts; straight on outside them. */
  channel: z.strictObject({
    gateSourceVolts: z.array(z.number()).min(2),
    gateDrainVolts: z.array(z.number()).min(2),
    /** One row for each basis function of v_gs: two more than breaks. */
    coefficients: z.array(z.array(z.number()).min(4)).min(4),
  }),
  trainedOn: z.strictObject({ designs: z.int(), seed: z.int() }),
  /** On designs that decided nothing: the error of a loaded output's volts, ΔI/(∂I/∂v_out + |I|/bias). */
  test: z.strictObject({ points: z.int(), rmsVolts: z.number(), p99Volts: z.number(), largestVolts: z.number() }),
  /**
   * Without a load, on designs of other samples: curves over the whole sweep, and per design the relative error of the power
   * averaged over the inputs that stages see and the largest one at an input, against that average.
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
