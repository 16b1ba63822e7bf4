import { z } from 'zod';
import { type Artifact, artifactKind } from '../files/artifact.ts';
import { budgetSchema } from './budget.ts';
import { technologyNameSchema, variationSchemaFields } from './common.ts';
import { errorSpreadSchema, targetScoreSchema, taskSchema } from './task.ts';

/** Metal lines of a layout as resistors, and how far they move a circuit's voltages. */
export const linesSchema = z.strictObject({
  /** Nodes beside those of the netlist, and resistors between them. */
  nodes: z.int(),
  resistors: z.int(),
  /** Between nets, where lines cross. */
  crossingFarads: z.number(),
  /** The largest difference of a node's volts from those without lines, over the cases, and the node. */
  largestShiftVolts: z.number(),
  node: z.string(),
});

/** One rung of the error ladder: what a pass cost or won. Accuracies are of test rows; null where there was no data, and in regression. */
export const rungSchema = z.strictObject({
  step: z.string(),
  accuracy: z.number().nullable(),
  underVariation: z.strictObject(variationSchemaFields).nullable(),
  /** In regression, where there was data: the error of test rows, and that of printed copies. */
  regression: targetScoreSchema.extend({ underVariation: errorSpreadSchema.nullable() }).optional(),
  /** Root mean square difference of the output volts from those of the trained network. */
  rmsVoltsFromNetwork: z.number(),
  /** Share of rows that are decided as the trained network decides them; null in regression. */
  decisionAgreement: z.number().nullable(),
  resistors: z.int(),
  transistors: z.int(),
  /** Mean static power over the rows; null for the ideal network, which has none. */
  watts: z.number().nullable(),
  /** Of a circuit with the metal of its layout: what lines do to it. */
  lines: linesSchema.optional(),
});

const calibrationSchema = z.strictObject({
  seed: z.int(),
  steps: z.int(),
  draws: z.int(),
  relativeSpread: z.number(),
  /** Who solved the circuits: the two differ by rounding, so the same bytes on another machine need the same one. */
  solver: z.enum(['simd', 'typescript']).optional(),
  bestStep: z.int(),
  trainRows: z.int(),
  validRows: z.int(),
  history: z.array(
    z.strictObject({
      step: z.int(),
      trainLoss: z.number(),
      validLoss: z.number(),
      /** Absent in regression, which has the root mean square error in units of the target instead. */
      validAccuracy: z.number().optional(),
      validRmse: z.number().optional(),
      score: z.number(),
    }),
  ),
});

/** Manifest: what a compile made, from what, and what every step cost. */
export const ManifestKind = artifactKind('Manifest', 2, {
  name: z.string(),
  neuroprint: z.string(),
  technology: technologyNameSchema,
  /** What the outputs mean; absent: classification. */
  task: taskSchema.optional(),
  components: z.strictObject({
    resistors: z.int(),
    crossbarResistors: z.int(),
    transistors: z.int(),
    opamps: z.int(),
  }),
  /** Σ W·L of the transistor channels. */
  areaSquareMetres: z.number(),
  /** Ink on the paper: channels, and resistors by their sheet resistance. */
  printedSquareMetres: z.strictObject({ transistors: z.number(), resistors: z.number() }),
  watts: z.number(),
  /** What the network may take, and the power that 95 % of its printed copies keep to by the exact solver. */
  budget: budgetSchema.extend({ copyWatts: z.number(), inverters: z.int() }).optional(),
  /** Static watts of every layer by block, mean over the cases. */
  wattsByLayer: z.array(
    z.strictObject({ crossbar: z.number(), falling: z.number(), activation: z.number(), opamps: z.number() }),
  ),
  /**
   * How the output of a regression network is read: the line is `task`, fitted to so many training rows of so many printed copies, or the network's
   * own where there were none (0); and the inner resistance of the output over the cases, by which a meter draws it down.
   */
  reading: z
    .strictObject({
      fittedRows: z.int(),
      fittedCopies: z.int(),
      outputOhms: z.strictObject({ minimum: z.number(), maximum: z.number() }).optional(),
    })
    .optional(),
  /** Volts between the largest output and the second, over the cases: what a reader of the circuit has to resolve. Absent in regression. */
  marginVolts: z.strictObject({ p5: z.number(), median: z.number() }).optional(),
  cases: z.strictObject({ count: z.int(), from: z.enum(['test rows', 'generated inputs']), clippedCells: z.int() }),
  /** Preferred numbers of the resistances; null: the technology's steps. */
  series: z.enum(['E12', 'E24', 'E96']).nullable(),
  /**
   * What every pass of the compiler did, in words and in order; `changed` counts the values, devices or files that it changed or made, and is
   * absent in manifests of earlier versions.
   */
  passes: z.array(z.strictObject({ name: z.string(), note: z.string(), changed: z.int().optional() })),
  ladder: z.array(rungSchema),
  calibration: calibrationSchema.optional(),
  /** Numbers of the technology that nobody has given. */
  assumed: z.array(z.string()),
  /** SHA-256 by file name. */
  files: z.record(z.string(), z.string()),
});

export type Manifest = Artifact<typeof ManifestKind>;
export type Lines = Readonly<z.infer<typeof linesSchema>>;
export type Rung = Manifest['ladder'][number];
export type Calibration = NonNullable<Manifest['calibration']>;
