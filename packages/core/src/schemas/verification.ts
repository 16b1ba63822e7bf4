import { z } from 'zod';
import { type Artifact, artifactKind } from '../files/artifact.ts';
import { simulatorSchema } from './common.ts';
import { linesSchema, rungSchema } from './manifest.ts';
import { stabilitySchema } from './stability.ts';
import { errorSpreadSchema, regressionSchema, targetScoreSchema } from './task.ts';

const share = z.number().min(0).max(1);

/** How many printed copies are good, and what ngspice says to them; of accuracies and of errors. */
const yieldFields = {
  yield: share,
  yieldInterval: z.tuple([share, share]),
  /** Copies by their accuracy, or in regression by their error: bins in ascending order, `to` not included but in the last. */
  histogram: z.array(z.strictObject({ from: z.number(), to: z.number(), copies: z.int() })).optional(),
  /** Copies that leave their operating point at the row where the circuit is nearest to it; they are not good. Where none can, absent. */
  unstableDraws: z.int().optional(),
  /** Copies that ngspice simulated too, every row and every node. */
  simulatedDraws: z.int(),
  /** Copies that it was given and in which it found no operating point of some row; the exact solver's are stable. */
  unsimulatedDraws: z.int().optional(),
  /** Largest difference of any node between exact solver and ngspice over these copies and all rows. */
  maxErrorVolts: z.number(),
  /** Static power of these copies by ngspice's own currents: their mean, and the 95th percentile. */
  power: z.strictObject({ meanWatts: z.number(), p95Watts: z.number() }).optional(),
};

/** Share of the decisions of a printed copy that are those of the model which the network was made from. */
const asModelSchema = z.strictObject({ mean: share, std: z.number(), p5: share });

/** The same of network, circuit and ngspice. */
const modelAgreementSchema = z.strictObject({
  file: z.string(),
  network: share,
  circuit: share,
  ngspice: share,
  copies: asModelSchema.optional(),
});

/**
 * How far the predictions of network, circuit and ngspice are from those of a model, each read by its own line: root mean square, in units of the
 * target.
 */
const modelDistanceSchema = z.strictObject({
  file: z.string(),
  network: z.number(),
  circuit: z.number(),
  ngspice: z.number(),
});

const monteCarloSchema = z.strictObject({
  /** Copies that were solved; fewer than `requestedDraws` where the interval was narrow enough before. */
  draws: z.int(),
  requestedDraws: z.int(),
  relativeSpread: z.number(),
  /** How copies differ, in words, such as `uniform 10 %`. */
  law: z.string().optional(),
  seed: z.int(),
  meanAccuracy: share,
  stdAccuracy: z.number(),
  p5Accuracy: share,
  minAccuracy: share,
  /** Share of printed circuits with at least `yieldAccuracy`, and its 95 % Wilson interval. */
  yieldAccuracy: share,
  ...yieldFields,
  /** Decisions of these copies that differ between the two, ties apart. */
  decisionsDiffering: z.int(),
  ties: z.int(),
  /** Where the model that the network was made from is known. */
  asModel: asModelSchema.optional(),
});

/** Monte Carlo of a regression network: errors are root mean square errors of the test rows of a copy, in units of the target. */
const errorMonteCarloSchema = z.strictObject({
  ...errorSpreadSchema.shape,
  requestedDraws: z.int(),
  seed: z.int(),
  max: z.number(),
  /** Share of printed circuits with at most `yieldRmse`, and its 95 % Wilson interval. */
  yieldRmse: z.number(),
  ...yieldFields,
});

/** What a verification says of a regression network: how its output is read, and how far it is off on the cases. */
const regressionReportSchema = z.strictObject({
  ...regressionSchema.omit({ kind: true }).shape,
  /** Null where the cases have no targets. */
  network: targetScoreSchema.nullable(),
  circuit: targetScoreSchema.nullable(),
  ngspice: targetScoreSchema.nullable(),
  monteCarlo: errorMonteCarloSchema.optional(),
});

/** Printed copies as their resistors age; accuracies over the days, and at those that were asked for in ngspice too. */
const ageingReportSchema = z.strictObject({
  law: z.enum(['power', 'logarithm', 'saturating']),
  /** Beyond the last of these days the law is only continued. */
  measuredDays: z.tuple([z.number(), z.number()]),
  limitAccuracy: share,
  points: z.array(z.strictObject({ days: z.number(), meanAccuracy: share, p5Accuracy: share })).min(1),
  /** The day at which the mean accuracy falls below the limit; null where it holds as far as was looked. */
  failsAtDay: z.number().nullable(),
  asked: z.array(
    z.strictObject({
      days: z.number(),
      extrapolated: z.boolean(),
      ...monteCarloSchema.omit({ law: true, histogram: true }).shape,
    }),
  ),
});

/** Accuracy against one thing that moves as a whole. `value` is relative, in volts, ohms or degrees Celsius, as `unit` says. */
const cornerSchema = z.strictObject({
  factor: z.enum(['supply', 'resistance', 'threshold', 'source resistance', 'temperature']),
  unit: z.enum(['relative', 'volts', 'ohms', 'celsius']),
  points: z.array(z.strictObject({ value: z.number(), accuracy: share.nullable(), agreement: share })).min(1),
  /** Where the accuracy falls below `limitAccuracy`, going down and up from nominal; null where it holds as far as was swept. */
  fails: z.strictObject({ below: z.number().nullable(), above: z.number().nullable() }),
  limitAccuracy: share,
  /** Values at which the circuit has several states, or leaves its operating points: no solver is right about it there. */
  notStable: z
    .array(z.strictObject({ value: z.number(), verdict: z.enum(['unstable', 'latching']), reason: z.string() }))
    .optional(),
  /** The outermost values at which it is stable in ngspice: largest difference of any node from the exact solver. */
  simulatedPoints: z.int(),
  maxErrorVolts: z.number(),
});

const componentBlameSchema = z.strictObject({
  name: z.string(),
  /** What the component was made for, in words. */
  origin: z.string(),
  /** Share of the expected flips of decisions that this component's variation causes; all shares add up to 1. Below 0 where it varies against others. */
  share: z.number(),
  /** Mean and largest |change of a decision's margin| when the component changes by 1 %, or the output of a stage by 10 mV. */
  meanVoltsPerPercent: z.number(),
  maxVoltsPerPercent: z.number(),
});

const blameSchema = z.strictObject({
  relativeSpread: z.number(),
  /** The variation in words, and what of it is not in the figures below, with the reason. */
  law: z.string().optional(),
  leftOut: z.array(z.string()).optional(),
  /** Decisions that variation is expected to flip, to first order. */
  expectedFlips: z.number(),
  /** Ranked: the worst first. */
  components: z.array(componentBlameSchema),
  /** The tightest decisions: margin, its standard deviation under variation, and the chance that it flips. */
  decisions: z.array(
    z.strictObject({
      case: z.int(),
      decision: z.string(),
      runnerUp: z.string(),
      marginVolts: z.number(),
      stdVolts: z.number(),
      flipProbability: share,
      /** What moves it most. */
      component: z.string(),
    }),
  ),
  /** Every component at one end of its spread, the ends chosen by the signs of the sensitivities. */
  worstCorner: z.strictObject({
    accuracy: share.nullable(),
    decisionsKept: share,
    /** Decisions that no corner which the sensitivities point to can flip, each tried at its own. */
    guaranteed: share,
    simulatedCorners: z.int(),
    maxErrorVolts: z.number(),
  }),
  /** From the trained network to print: what every step changes. */
  steps: z.array(
    z.strictObject({
      step: z.string(),
      cause: z.string(),
      accuracy: share.nullable(),
      /** Root mean square distance of the outputs from the network's; null where nothing was recorded. */
      rmsVoltsFromNetwork: z.number().nullable(),
    }),
  ),
});

const specificationSchema = z.strictObject({
  file: z.string(),
  passes: z.boolean(),
  lines: z.array(
    z.strictObject({
      name: z.string(),
      line: z.int(),
      limit: z.number(),
      measured: z.number().nullable(),
      passes: z.boolean(),
      message: z.string(),
    }),
  ),
});

/** What holds of every circuit that does what its network promised, asked for or not; see `promises` of the verifier. */
const promisesSchema = z.strictObject({
  kept: z.boolean(),
  lines: z.array(
    z.strictObject({
      name: z.string(),
      limit: z.number(),
      measured: z.number(),
      kept: z.boolean(),
      message: z.string(),
    }),
  ),
});

/** The polygons of layout.gds, read back as a circuit, against the netlist's text. */
const layoutCheckSchema = z.strictObject({
  file: z.string(),
  matches: z.boolean(),
  differences: z.array(z.string()),
  nets: z.int(),
  resistors: z.int(),
  transistors: z.int(),
  /** Largest share by which a resistance, and a width or length, is off. */
  worstOhms: z.number(),
  worstMetres: z.number(),
  /** Files of the layout that are not those of the compile. */
  changed: z.array(z.strictObject({ file: z.string(), how: z.enum(['edited', 'missing', 'not from compile']) })),
});

/** The netlist with the metal lines of that layout, in ngspice and by the exact solver; by this alone where it has too many nodes. */
const laidOutSchema = linesSchema.extend({
  /** Between the two, over all nodes, those of the lines too; null where ngspice was not asked. */
  maxErrorVolts: z.number().nullable(),
  accuracy: z.number().nullable(),
  regression: targetScoreSchema.optional(),
  rmsVoltsFromNetwork: z.number(),
  /** Share of cases decided as by the network; null in regression. */
  decisionAgreement: z.number().nullable(),
  /** Cases that lines decide otherwise than the circuit without them. */
  decisionsMoved: z.int(),
});

/** What test-patterns and fault-tolerance have found of the same netlist; what was not asked of it is absent. */
const faultFactsSchema = z.strictObject({
  /** Share of the single faults that the test patterns reveal. */
  coverage: share.optional(),
  /** Of the cases, under the worst single fault, and the mean over all. */
  leastAccuracy: share.optional(),
  worstFault: z.string().optional(),
  meanAccuracy: share.optional(),
});

/**
 * VerificationReport: max over cases and nodes of |v_ngspice − v_expected|, and what it means for the decisions.
 * A tie is a case whose two largest outputs are closer than twice the largest voltage error.
 */
export const VerificationReportKind = artifactKind('VerificationReport', 2, {
  netlist: z.string(),
  simulator: simulatorSchema,
  cases: z.int(),
  nodes: z.int(),
  /** The largest difference between two solvers that is not a fault, in volts: 10 µV for each volt of the bias. */
  toleranceVolts: z.number().optional(),
  maxErrorVolts: z.number(),
  p99ErrorVolts: z.number(),
  worst: z.strictObject({ case: z.int(), node: z.string(), expectedVolts: z.number(), simulatedVolts: z.number() }),
  /** Largest difference of each node over all cases, in volts. */
  nodeErrorVolts: z.record(z.string(), z.number()),
  /** Largest difference between ngspice and the exact solver on the text as it is: what is left is not the solvers' fault. */
  solverErrorVolts: z.number(),
  /** How the netlist's text differs from what was compiled. */
  netlistDifferences: z.array(z.string()),
  decisionAgreement: share.nullable(),
  ties: z.int(),
  accuracy: z.strictObject({ network: share.nullable(), circuit: share.nullable(), ngspice: share.nullable() }),
  /** Recall by class and its mean, where the cases have classes; null for a class without rows, and where there is no network. */
  byClass: z
    .strictObject({
      balancedAccuracy: z.strictObject({ network: share.nullable(), circuit: share, ngspice: share }),
      classes: z.array(
        z.strictObject({
          class: z.string(),
          rows: z.int(),
          network: share.nullable(),
          circuit: share.nullable(),
          ngspice: share.nullable(),
        }),
      ),
    })
    .optional(),
  /** In regression, where accuracies and decisions are null. */
  regression: regressionReportSchema.optional(),
  /** Mean static power of the text's circuit over the cases, and Σ W·L of its transistors. */
  watts: z.number(),
  /** The same power by ngspice's own currents; absent in reports of earlier versions, and with op-amps. */
  simulatedWatts: z.number().optional(),
  /** Σ W·L and the ink of the resistors, and how many falling stages there are; absent in reports of earlier versions. */
  printedSquareMetres: z.number().optional(),
  inverters: z.int().optional(),
  areaSquareMetres: z.number(),
  /** Volts between the largest output and the second, over the cases; absent in regression. */
  marginVolts: z.strictObject({ p5: z.number(), median: z.number() }).optional(),
  /** Rows simulated again, each alone and from a cold start. */
  coldStart: z.strictObject({ rows: z.int(), maxDifferenceVolts: z.number() }),
  /** The same rows in another simulator: largest difference of any node between the two. */
  secondSimulator: z
    .strictObject({ name: simulatorSchema.shape.name, version: z.string(), maxDifferenceVolts: z.number() })
    .optional(),
  /** The error ladder: the rungs that compile recorded, and what ngspice makes of the netlist; only for the cases of expected.csv. */
  ladder: z.array(rungSchema).optional(),
  stability: stabilitySchema.optional(),
  monteCarlo: monteCarloSchema.optional(),
  /** Of a network that import made: how often it all decides as the model does. */
  modelAgreement: modelAgreementSchema.optional(),
  /** The same in regression: how far they all are from what the model predicts. */
  modelDistance: modelDistanceSchema.optional(),
  corners: z.array(cornerSchema).optional(),
  ageing: ageingReportSchema.optional(),
  blame: blameSchema.optional(),
  /** Absent where the folder has no layout, and should have none. */
  layout: layoutCheckSchema.optional(),
  /** Absent where there is no layout that is the netlist. */
  laidOut: laidOutSchema.optional(),
  faults: faultFactsSchema.optional(),
  specification: specificationSchema.optional(),
  promises: promisesSchema.optional(),
});

export type VerificationReport = Artifact<typeof VerificationReportKind>;
export type MonteCarlo = NonNullable<VerificationReport['monteCarlo']>;
export type RegressionReport = NonNullable<VerificationReport['regression']>;
export type ErrorMonteCarlo = NonNullable<RegressionReport['monteCarlo']>;
export type Corner = NonNullable<VerificationReport['corners']>[number];
export type AgeingReport = NonNullable<VerificationReport['ageing']>;
export type LaidOutReport = NonNullable<VerificationReport['laidOut']>;
export type LayoutCheck = NonNullable<VerificationReport['layout']>;
export type Blame = NonNullable<VerificationReport['blame']>;
export type FaultFacts = NonNullable<VerificationReport['faults']>;
export type StabilityReport = NonNullable<VerificationReport['stability']>;
export type Promises = NonNullable<VerificationReport['promises']>;
export type SpecificationResult = NonNullable<VerificationReport['specification']>;
export type ModelAgreement = NonNullable<VerificationReport['modelAgreement']>;
export type ModelDistance = NonNullable<VerificationReport['modelDistance']>;
