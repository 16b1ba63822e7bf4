import { z } from 'zod';
import { type Artifact, artifactKind } from '../files/artifact.ts';
import { nameSchema, nodeSchema, technologyNameSchema, valuesSchema } from './common.ts';
import { isNamedFor, NAMES_WANTED, taskSchema } from './task.ts';

/** What a device was made for: layer, row and column count from 0; what does not apply is absent. */
const originSchema = z.strictObject({
  role: z.enum(['crossbar', 'bias', 'pull-down', 'falling', 'activation', 'negative', 'feedback', 'drive', 'opamp']),
  layer: z.int().min(0),
  row: z.int().min(0).optional(),
  column: z.int().min(0).optional(),
});

const resistorSchema = z.strictObject({
  kind: z.literal('resistor'),
  name: nameSchema,
  nodes: z.tuple([nodeSchema, nodeSchema]),
  ohms: z.number().positive(),
  origin: originSchema,
});

/** An instance of a technology's cell; supplies are connected by the cell itself. */
const stageDeviceSchema = z.strictObject({
  kind: z.literal('stage'),
  name: nameSchema,
  cell: nameSchema,
  input: nodeSchema,
  output: nodeSchema,
  values: valuesSchema,
  origin: originSchema,
});

/**
 * An operational amplifier, supplied by its own rails. `ideal`: gain so high that nothing of it is seen; `gain`: the
 * technology's finite gain; `rails`: that gain and outputs that stay within the technology's op-amp supplies.
 */
const opampSchema = z.strictObject({
  kind: z.literal('opamp'),
  name: nameSchema,
  model: z.enum(['ideal', 'gain', 'rails']),
  plus: nodeSchema,
  minus: nodeSchema,
  output: nodeSchema,
  origin: originSchema,
});

const deviceSchema = z.discriminatedUnion('kind', [resistorSchema, stageDeviceSchema, opampSchema]);

const circuitKind = artifactKind('Circuit', 1, {
  name: z.string().min(1),
  technology: technologyNameSchema,
  inputs: z.array(nodeSchema).min(1),
  outputs: z.array(nodeSchema).min(1),
  /** Names of the outputs: the classes, or in regression the target alone. */
  classes: z.array(z.string()),
  /** What the outputs mean; absent: classification. */
  task: taskSchema.optional(),
  devices: z.array(deviceSchema).min(1),
});

/**
 * Circuit: Σ currents into every node = 0. Inputs are driven by ideal sources, outputs are observed;
 * the class is the output with the largest voltage, or the target is read from the one output by the line of the task.
 */
export const CircuitKind = {
  ...circuitKind,
  schema: circuitKind.schema.refine(isNamedFor, { message: NAMES_WANTED, path: ['classes'] }),
};

export type Origin = Readonly<z.infer<typeof originSchema>>;
export type Circuit = Artifact<typeof CircuitKind>;
export type Device = Circuit['devices'][number];
export type StageDevice = Extract<Device, { kind: 'stage' }>;
export type OpampDevice = Extract<Device, { kind: 'opamp' }>;
