import { z } from 'zod';
import { type Artifact, artifactKind, type DeepReadonly } from '../files/artifact.ts';
import { ageingSchema } from './ageing.ts';
import { budgetSchema } from './budget.ts';
import { etaSchema, nameSchema, technologyNameSchema, valuesSchema, variationSchemaFields } from './common.ts';
import { nonIdealitySchema } from './non-ideality.ts';
import { errorSpreadSchema, isNamedFor, NAMES_WANTED, taskSchema } from './task.ts';

/**
 * A transistor stage: the cell of the technology, its component values, and the curve the surrogate promised for them. Without η
 * the network was trained with the exact curve of the cell.
 */
const stageSchema = z.strictObject({ cell: nameSchema, values: valuesSchema, eta: etaSchema.optional() });

/**
 * One layer. Rows of `conductancesSiemens`: the inputs, then the bias (`biasVolts`), then the pull-down (0 V); one column
 * per neuron. With the node rule `inverter`: v_z = (Σ₊ g·v + Σ₋ |g|·inv(v)) / Σ|g|; an entry's sign says whether it passes
 * the falling stage, bias and pull-down are never negative. With `kirchhoff`: v_z = Σ g·v / Σ g, any row signed. Zero is no
 * resistor. `activationStages` has one entry (shared by the layer) or one per column, and none where the columns are the outputs themselves, which
 * only the last layer of a regression network has; `fallingStages` one entry or one per input,
 * none with `kirchhoff`.
 */
const layerSchema = z.strictObject({
  nodeRule: z.enum(['inverter', 'kirchhoff']),
  conductancesSiemens: z.array(z.array(z.number()).min(1)).min(3),
  activationStages: z.array(stageSchema),
  fallingStages: z.array(stageSchema),
});

/**
 * How one print differs from the next: every conductance and every component of every instance is multiplied by its own
 * factor, of v with unit scale: 1 + s·v with v uniform in [−1, 1] (`uniform`) or normal and cut off at ±3 (`gaussian`),
 * or e^(s·v) with such a normal v (`lognormal`). What is absent is 0, or s.
 */
export const variationSchema = z.strictObject({
  kind: z.enum(['uniform', 'gaussian', 'lognormal']),
  /** s, unless the class has its own. */
  relativeSpread: z.number().min(0).lt(1),
  /** s of resistances and conductances, and of transistor widths and lengths. */
  resistorSpread: z.number().min(0).lt(1).optional(),
  transistorSpread: z.number().min(0).lt(1).optional(),
  /**
   * `measured`: parameters of every transistor's law differ by the covariance that the technology has (`transistors.KIND.spread`);
   * widths and lengths then vary only by a `transistorSpread`.
   */
  transistors: z.literal('measured').optional(),
  /** Share of the variance that all components of a class on one sheet have in common. */
  commonShare: z.number().min(0).max(1).optional(),
  /** Share of the variance that is linear in the place on the sheet, in a direction of its own for every sheet. */
  gradientShare: z.number().min(0).max(1).optional(),
  /** Probability that a resistor of a crossbar is an open circuit, and that it is a short one. */
  stuckOpen: z.number().min(0).lt(1).optional(),
  stuckShort: z.number().min(0).lt(1).optional(),
  /** Probability that a part is broken: a resistor open or short, a transistor off or with two of its terminals shorted. */
  faultRate: z.number().min(0).max(1).optional(),
  /** Further non-idealities, each with draws of its own, one after the other. */
  nonIdealities: z.array(nonIdealitySchema).optional(),
  /** Resistors grow, each by its own law, and a print is looked at on a day of its own. */
  ageing: ageingSchema.optional(),
});

const accuracySchema = z.strictObject({ train: z.number(), valid: z.number(), test: z.number() });

/** How often the network decides rightly when it is printed: spread, mean, std and 5th percentile over draws, test rows. */
const underVariationSchema = z.strictObject(variationSchemaFields);

/** Volts between the largest output and the second, over the test rows without variation. */
const sensingMarginSchema = z.strictObject({ p5: z.number(), median: z.number() });

/** How far a regression network is off: root mean square error in units of the target, correlation, and the error when it is printed (test rows). */
const regressionMetricsSchema = z.strictObject({
  rmse: accuracySchema,
  r: accuracySchema,
  underVariation: errorSpreadSchema,
});

/** A feature and the volts that it becomes: `minimum` is `minimumVolts` (absent: 0), `maximum` is `maximumVolts` (absent: 1). */
const inputSchema = z
  .strictObject({
    name: z.string(),
    minimum: z.number(),
    maximum: z.number(),
    minimumVolts: z.number().optional(),
    maximumVolts: z.number().optional(),
  })
  .refine(
    ({ minimumVolts = 0, maximumVolts = 1 }) => minimumVolts < maximumVolts,
    'minimumVolts must be below maximumVolts',
  )
  .refine(({ minimum, maximum }) => minimum !== maximum, 'minimum and maximum must differ');

/** Whether no name stands there twice. */
function areDifferent(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}

/** A model, how the network was made from it, and what it says of a table. */
const modelSchema = z.strictObject({
  file: z.string(),
  /** `mapped`: its weights became conductances; `distilled`: the network was trained to do as the model does. */
  made: z.enum(['mapped', 'distilled']),
  /** Share of the test rows that the network decides as the model does; in regression their root mean square difference, in units of the target. */
  agreement: z.number().optional(),
  /** The same over printed copies. */
  underVariation: z.strictObject(variationSchemaFields).optional(),
  /** What the model decides for every row of a table: places among the classes. Circuits are held against it. */
  table: z
    .strictObject({
      name: z.string(),
      sha256: z.string(),
      decisions: z.array(z.int().min(0)).optional(),
      /** In regression: what the model predicts for every row, in units of the target. */
      predictions: z.array(z.number()).optional(),
    })
    .optional(),
});

const networkKind = artifactKind('TrainedNetwork', 1, {
  name: z.string().min(1),
  technology: technologyNameSchema,
  inputs: z.array(inputSchema).min(1),
  /** Volts of the bias row in every layer; absent: 1. */
  biasVolts: z.number().positive().optional(),
  /** Names of the outputs: the classes, or in regression the target alone. */
  classes: z.array(z.string()),
  /** What the outputs mean; absent: classification. */
  task: taskSchema.optional(),
  layers: z.array(layerSchema).min(1),
  variation: variationSchema,
  /** What the circuit may take: compile keeps to it, and verify holds it against the netlist. */
  budget: budgetSchema.optional(),
  training: z
    .strictObject({
      seed: z.int(),
      epochs: z.int(),
      bestEpoch: z.int(),
      draws: z.int(),
      activation: z.enum(['learned', 'fixed']),
      /** Whose component values the stages have; layer where it is absent. */
      share: z.enum(['net', 'layer', 'neuron']).optional(),
      /** float32 in WebAssembly or float64; the same seed gives the same bits with the same kernel. */
      kernel: z.enum(['simd', 'float64']).optional(),
      dataset: z.string(),
      /** Column of the class, or of the target. */
      label: z.string(),
      split: z.string(),
      /** How the table was read where that was not the usual way. */
      reading: z
        .strictObject({
          missing: z.enum(['drop', 'impute']).optional(),
          missingValues: z.array(z.string()).optional(),
          leftOut: z.array(z.string()).optional(),
        })
        .optional(),
    })
    .optional(),
  metrics: z
    .strictObject({
      accuracy: accuracySchema,
      underVariation: underVariationSchema,
      sensingMarginVolts: sensingMarginSchema.optional(),
    })
    .optional(),
  /** The model from elsewhere that the network was made from, and decides like. */
  model: modelSchema.optional(),
  /** In place of `metrics` where the task is regression. */
  regressionMetrics: regressionMetricsSchema.optional(),
});

/** Whether every layer ends in activation stages, but for one whose column a line reads. */
function isStaged(network: Pick<z.infer<typeof networkKind.schema>, 'layers' | 'task'>): boolean {
  return network.layers.every(
    ({ activationStages, nodeRule }, l) =>
      activationStages.length > 0 ||
      (network.task?.kind === 'regression' && nodeRule === 'inverter' && l === network.layers.length - 1),
  );
}

/**
 * TrainedNetwork: the class of x is the output with the largest voltage of L_n(…L_1(scale(x))…), where a layer is the
 * node rule followed by its activation stages, where it has any; in regression the target is read from the one output by the line of the
 * task. The range of feature k becomes the volts of input k in a straight line, and is clipped to them.
 */
export const TrainedNetworkKind = {
  ...networkKind,
  schema: networkKind.schema
    .refine(isStaged, {
      message: 'only the last layer of a regression network may be without activation stages',
      path: ['layers'],
    })
    .refine(isNamedFor, { message: NAMES_WANTED, path: ['classes'] })
    .refine(({ classes }) => areDifferent(classes), { message: 'two classes have one name', path: ['classes'] })
    .refine(({ inputs }) => areDifferent(inputs.map(({ name }) => name)), {
      message: 'two inputs have one name',
      path: ['inputs'],
    }),
};

export type TrainedNetwork = Artifact<typeof TrainedNetworkKind>;
/** The volts of the bias row of a network's crossbars. */
export function biasVoltsOf({ biasVolts = 1 }: Pick<TrainedNetwork, 'biasVolts'>): number {
  return biasVolts;
}

/** Whether a layer's columns are its outputs themselves, without activation stages. */
export function isLinear({ activationStages }: Pick<NetworkLayer, 'activationStages'>): boolean {
  return activationStages.length === 0;
}

export type ModelOrigin = DeepReadonly<z.infer<typeof modelSchema>>;
export type NetworkLayer = TrainedNetwork['layers'][number];
export type Stage = NetworkLayer['activationStages'][number];
export type Variation = DeepReadonly<z.infer<typeof variationSchema>>;
export type AccuracyBySplit = Readonly<z.infer<typeof accuracySchema>>;
export type SensingMargin = Readonly<z.infer<typeof sensingMarginSchema>>;
export type UnderVariation = Readonly<z.infer<typeof underVariationSchema>>;
