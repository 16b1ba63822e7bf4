import { Draws, type SampleCurves, type SampleTable, type SurrogateTest } from '@neuroprint/core';
import { heldOutOf } from './error-bar.ts';
import { compareEta, rangeOf } from './evaluate.ts';
import { type FeatureSet, featureMatrix, featureSets } from './features.ts';
import { type FitPlan, type FitResult, type FitRows, type Fitter, fitMlp } from './fit.ts';
import { storedLayers } from './layers.ts';
import { type SurrogateContent, SurrogateModel } from './model.ts';
import { checkTable } from './sample-table.ts';
import { type Column, columnScale, scaleRows } from './scaling.ts';
import type { CellTopology } from './topology.ts';

interface TrainProgress {
  /** What is being tried, such as `conductance ratios, 40 + 40 units`. */
  readonly trial: string;
  /** Mean squared error of the standardised outputs on the validation rows. */
  readonly validationError: number;
}

export interface TrainOptions {
  /** Decides split, starting weights and batches: the same seed and table give the same bytes. */
  readonly seed: number;
  /** The cell's netlist, from which the best features follow; training guesses and compares without it. */
  readonly topology?: CellTopology;
  /** The only choice of features, for a comparison; default: the best of featureSets. */
  readonly features?: FeatureSet;
  /** Does the fit that counts in place of our own engine; see tfjsFitter. */
  readonly fit?: Fitter;
  readonly onProgress?: (progress: TrainProgress) => void;
}

export interface TrainedSurrogate {
  readonly surrogate: SurrogateContent;
  readonly test: SurrogateTest;
  /** The rows that decided nothing. */
  readonly testRows: TableRows;
}

/** Some rows of a table; see SampleTable. */
export interface TableRows {
  readonly values: Float64Array;
  readonly eta: Float64Array;
  readonly curves?: SampleCurves;
}

/** A set of more features must be this many times better than a smaller set to be chosen. */
const WORTH_MORE_FEATURES = 0.3;
/** A short fit that compares features, and the fit that counts. */
const SCOUT = { hidden: 16, rows: 2000, adamSteps: 1500, bfgsIterations: 150 };
const FULL = { rows: Infinity, adamSteps: 6500, bfgsIterations: 2200 };

/**
 * Units of each hidden layer: about two residuals for every weight, and at most 24, or 32 for more than two features:
 * BFGS makes more of many iterations than of many units.
 */
function hiddenUnits(rows: number, features: number): number {
  return Math.min(features > 2 ? 32 : 24, Math.max(12, 4 * Math.round(Math.sqrt(rows / 2) / 4)));
}

/**
 * Trains η̂(ω) on samples of one cell. TableRows are split by the seed into 80 % training, 10 % validation (choice of
 * features, early stopping, error bars) and 10 % test rows, which decide nothing and give `test`.
 * Throws UsageError for a table that cannot be learnt from; see checkTable.
 */
export function trainSurrogate(table: SampleTable, options: TrainOptions): TrainedSurrogate {
  const rows = table.eta.length / 4;
  checkTable(table);
  const split = splitRows(table, options.seed);
  const sets = options.features
    ? [options.features]
    : featureSets(table.parameters, table.constraints, options.topology);
  let chosen = sets[0]!;
  let error = Infinity;
  for (const set of sets) {
    const { validationError } = fitTrial(table, split, set, SCOUT, { ...options, fit: fitMlp });
    if (validationError < error * (error === Infinity ? 1 : WORTH_MORE_FEATURES)) {
      [chosen, error] = [set, validationError];
    }
  }
  const { surrogate } = fitTrial(
    table,
    split,
    chosen,
    { ...FULL, hidden: hiddenUnits(rows, chosen.features.length) },
    options,
  );
  const test = testOn(surrogate, split.test);
  const heldOut = heldOutOf(surrogate, split.valid.values, split.valid.eta);
  return { surrogate: { ...surrogate, test, heldOut }, test, testRows: split.test };
}

interface Split {
  readonly train: TableRows;
  readonly valid: TableRows;
  readonly test: TableRows;
}

function splitRows(table: SampleTable, seed: number): Split {
  const rows = table.eta.length / 4;
  const order = new Draws(seed, 'surrogate-split').permutation(0, rows);
  const tenth = Math.max(1, Math.round(rows / 10));
  const take = (from: number, to: number): TableRows => {
    const chosen = order.subarray(from, to);
    const { curves } = table;
    return {
      values: gather(table.values, table.parameters.length, chosen),
      eta: gather(table.eta, 4, chosen),
      ...(curves && {
        curves: {
          points: curves.points,
          inputVolts: gather(curves.inputVolts, curves.points, chosen),
          volts: gather(curves.volts, curves.points, chosen),
          ...(curves.watts && { watts: gather(curves.watts, curves.points, chosen) }),
        },
      }),
    };
  };
  return { test: take(0, tenth), valid: take(tenth, 2 * tenth), train: take(2 * tenth, rows) };
}

function gather(data: Float64Array, width: number, rows: Int32Array): Float64Array {
  const out = new Float64Array(rows.length * width);
  rows.forEach((from, to) => {
    out.set(data.subarray(from * width, (from + 1) * width), to * width);
  });
  return out;
}

type TrialPlan = Omit<FitPlan, 'sizes' | 'seed'> & { readonly hidden: number; readonly rows: number };

interface Trial {
  readonly validationError: number;
  readonly surrogate: SurrogateContent;
}

function fitTrial(table: SampleTable, split: Split, set: FeatureSet, plan: TrialPlan, options: TrainOptions): Trial {
  const names = table.parameters.map((parameter) => parameter.name);
  const featuresOf = ({ values, eta }: TableRows) =>
    featureMatrix(set.features, names, values.map(Math.log), eta.length / 4);
  const trainFeatures = featuresOf(split.train);
  const width = set.features.length;
  const inputs: Column[] = set.features.map((_, k) => columnScale(trainFeatures, width, k, false));
  const trainTargets = withFloor(split.train.eta);
  const outputs: Column[] = [0, 1, 2, 3].map((k) => columnScale(trainTargets, 4, k, k === 1 || k === 3));
  const extremes = etaExtremes(split.train.eta);
  const rows = Math.min(plan.rows, split.train.eta.length / 4);
  const weigh = errorWeights(outputs, extremes, split.train.eta);
  const train: FitRows = {
    inputs: scaleRows(trainFeatures.subarray(0, rows * width), inputs),
    targets: scaleRows(trainTargets.subarray(0, rows * 4), outputs),
    weights: weigh(split.train.eta.subarray(0, rows * 4)),
    rows,
  };
  const valid: FitRows = {
    inputs: scaleRows(featuresOf(split.valid), inputs),
    targets: scaleRows(withFloor(split.valid.eta), outputs),
    weights: weigh(split.valid.eta),
    rows: split.valid.eta.length / 4,
  };
  const sizes = [width, plan.hidden, plan.hidden, 4];
  const trial = `${set.name}, ${plan.hidden} + ${plan.hidden} units`;
  const fit: FitResult = (options.fit ?? fitMlp)(
    train,
    valid,
    { ...plan, sizes, seed: options.seed },
    (validationError) => options.onProgress?.({ trial, validationError }),
  );
  const content: SurrogateContent = {
    inputHashes: { samples: table.hash },
    technology: table.technology,
    cell: table.cell,
    parameters: table.parameters,
    constraints: table.constraints,
    features: set.features,
    featureMean: inputs.map((column) => column.mean),
    featureStd: inputs.map((column) => column.std),
    activation: 'silu',
    layers: storedLayers(sizes, fit.parameters),
    outputs,
    ...extremes,
    trainedOn: { rows, validationRows: valid.rows, seed: options.seed },
    test: { rows: 0, mseNormalised: 0, r2: [0, 0, 0, 0], rmse: [0, 0, 0, 0] },
  };
  return { validationError: fit.validationError, surrogate: content };
}

function testOn(surrogate: SurrogateContent, rows: TableRows): SurrogateTest {
  const predicted = SurrogateModel.of(surrogate).forward(rows.values.map(Math.log), rows.eta.length / 4);
  return compareEta(predicted, rows.eta, surrogate.etaMin, surrogate.etaMax);
}

/** TableRows of (η₁ − η₂, η₂, η₃, η₄): what the network learns; see SurrogateKind. */
function withFloor(eta: Float64Array): Float64Array {
  return eta.map((value, i) => (i % 4 === 0 ? value - eta[i + 1]! : value));
}

/**
 * Weights of the squared standardised errors: half of them alike, half as mseNormalised counts them, by
 * Σ_j (∂η_j/∂y_k / (max_j − min_j))² over its mean. A logarithmic output's error counts by the size of η, so the few
 * designs of a very steep or unsaturated curve count more.
 */
function errorWeights(
  outputs: readonly Column[],
  { etaMin, etaMax }: { readonly etaMin: readonly number[]; readonly etaMax: readonly number[] },
  trainEta: Float64Array,
): (eta: Float64Array) => Float64Array {
  const share = (k: number) => (outputs[k]!.std / rangeOf(etaMin[k]!, etaMax[k]!)) ** 2;
  // floor moves η₁; η₂ moves η₁ and η₂
  const factors = [share(0), share(1) + (outputs[1]!.std / rangeOf(etaMin[0]!, etaMax[0]!)) ** 2, share(2), share(3)];
  const squared = (eta: Float64Array) =>
    eta.map((value, i) => factors[i % 4]! * (outputs[i % 4]!.log ? value * value : 1));
  const mean = squared(trainEta).reduce((sum, value) => sum + value, 0) / trainEta.length;
  return (eta) => squared(eta).map((value) => 0.5 + (0.5 * value) / mean);
}

function etaExtremes(eta: Float64Array): { etaMin: number[]; etaMax: number[] } {
  const etaMin = [Infinity, Infinity, Infinity, Infinity];
  const etaMax = etaMin.map((value) => -value);
  eta.forEach((value, i) => {
    etaMin[i % 4] = Math.min(etaMin[i % 4]!, value);
    etaMax[i % 4] = Math.max(etaMax[i % 4]!, value);
  });
  return { etaMin, etaMax };
}
