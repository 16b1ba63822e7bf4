import { Draws, type SurrogateTest, UsageError } from '@neuroprint/core';
import { Mlp } from '@neuroprint/numeric';
import { compareEta } from './evaluate.ts';
import { type FeatureSet, featureSets } from './features.ts';
import { type FitPlan, type FitResult, type FitRows, fitMlp } from './fit.ts';
import { type SurrogateContent, SurrogateModel } from './model.ts';
import { LEAST_ROWS, type SampleTable } from './sample-table.ts';
import { type Column, columnScale, scaleRows } from './scaling.ts';
import type { CellTopology } from './topology.ts';

export interface TrainProgress {
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
  readonly onProgress?: (progress: TrainProgress) => void;
}

export interface TrainedSurrogate {
  readonly surrogate: SurrogateContent;
  readonly test: SurrogateTest;
}

/** A set of more features must be this many times better than a smaller set to be chosen. */
const WORTH_MORE_FEATURES = 0.3;
/**
 * A short fit that compares features, and the fit that counts. Adam decides how low it comes, and is cheap; from where
 * it comes to rest L-BFGS gains another factor of three to ten in loss.
 */
const SCOUT = { hidden: 24, rows: 2000, adamEpochs: 60, lbfgsIterations: 100 };
const FULL = { rows: Infinity, adamEpochs: 300, lbfgsIterations: 1000 };

/** Units of each hidden layer: about two residuals for every weight, and no more than a smooth function needs. */
function hiddenUnits(rows: number): number {
  return Math.min(40, Math.max(12, 4 * Math.round(Math.sqrt(rows / 2) / 4)));
}

/**
 * Trains η̂(ω) on samples of one cell. Rows are split by the seed into 80 % training, 10 % validation (choice of
 * features and size, early stopping) and 10 % test rows, which decide nothing and give `test`.
 * Throws UsageError where there are fewer than 50 rows.
 */
export function trainSurrogate(table: SampleTable, options: TrainOptions): TrainedSurrogate {
  const rows = table.eta.length / 4;
  if (rows < LEAST_ROWS) {
    throw new UsageError(
      `A surrogate needs at least ${LEAST_ROWS} samples, and there are ${rows} of ${table.technology}/${table.cell}.`,
      'Sample more designs.',
    );
  }
  const split = splitRows(table, options.seed);
  const sets = featureSets(table.parameters, table.constraints, options.topology);
  let chosen = sets[0]!;
  let error = Infinity;
  for (const set of sets) {
    const { validationError } = fitTrial(table, split, set, SCOUT, options);
    if (validationError < error * (error === Infinity ? 1 : WORTH_MORE_FEATURES)) {
      [chosen, error] = [set, validationError];
    }
  }
  const { surrogate } = fitTrial(table, split, chosen, { ...FULL, hidden: hiddenUnits(rows) }, options);
  const test = testOn(surrogate, split.test);
  return { surrogate: { ...surrogate, test }, test };
}

interface Rows {
  readonly values: Float64Array;
  readonly eta: Float64Array;
}

interface Split {
  readonly train: Rows;
  readonly valid: Rows;
  readonly test: Rows;
}

function splitRows(table: SampleTable, seed: number): Split {
  const rows = table.eta.length / 4;
  const order = new Draws(seed, 'surrogate-split').permutation(0, rows);
  const tenth = Math.max(1, Math.round(rows / 10));
  const take = (from: number, to: number): Rows => {
    const chosen = order.subarray(from, to);
    return { values: gather(table.values, table.parameters.length, chosen), eta: gather(table.eta, 4, chosen) };
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
  const featuresOf = ({ values }: Rows) => featureMatrix(set, names, values);
  const trainFeatures = featuresOf(split.train);
  const width = set.features.length;
  const inputs: Column[] = set.features.map((_, k) => columnScale(trainFeatures, width, k, false));
  const trainTargets = withFloor(split.train.eta);
  const outputs: Column[] = [0, 1, 2, 3].map((k) => columnScale(trainTargets, 4, k, k === 1 || k === 3));
  const extremes = etaExtremes(split.train.eta);
  const rows = Math.min(plan.rows, split.train.eta.length / 4);
  const train: FitRows = {
    inputs: scaleRows(trainFeatures.subarray(0, rows * width), inputs),
    targets: scaleRows(trainTargets.subarray(0, rows * 4), outputs),
    rows,
  };
  const valid: FitRows = {
    inputs: scaleRows(featuresOf(split.valid), inputs),
    targets: scaleRows(withFloor(split.valid.eta), outputs),
    rows: split.valid.eta.length / 4,
  };
  const sizes = [width, plan.hidden, plan.hidden, 4];
  const trial = `${set.name}, ${plan.hidden} + ${plan.hidden} units`;
  const fit: FitResult = fitMlp(train, valid, { ...plan, sizes, seed: options.seed }, (validationError) =>
    options.onProgress?.({ trial, validationError }),
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
    layers: matrices(sizes, fit.parameters),
    outputs,
    ...extremes,
    trainedOn: { rows, validationRows: valid.rows, seed: options.seed },
    test: { rows: 0, mseNormalised: 0, r2: [0, 0, 0, 0], rmse: [0, 0, 0, 0] },
  };
  return { validationError: fit.validationError, surrogate: content };
}

function testOn(surrogate: SurrogateContent, rows: Rows): SurrogateTest {
  const predicted = SurrogateModel.of(surrogate).predict(rows.values, rows.eta.length / 4);
  return compareEta(predicted, rows.eta, surrogate.etaMin, surrogate.etaMax);
}

function featureMatrix(set: FeatureSet, names: readonly string[], values: Float64Array): Float64Array {
  const logs = values.map(Math.log);
  const rows = values.length / names.length;
  const width = set.features.length;
  const out = new Float64Array(rows * width);
  set.features.forEach(({ exponents }, f) => {
    const powers = names.map((name) => exponents[name] ?? 0);
    for (let row = 0; row < rows; row += 1) {
      let sum = 0;
      for (let k = 0; k < powers.length; k += 1) sum += powers[k]! * logs[row * powers.length + k]!;
      out[row * width + f] = sum;
    }
  });
  return out;
}

/** Rows of (η₁ − η₂, η₂, η₃, η₄): what the network learns; see SurrogateKind. */
function withFloor(eta: Float64Array): Float64Array {
  return eta.map((value, i) => (i % 4 === 0 ? value - eta[i + 1]! : value));
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

function matrices(sizes: readonly number[], parameters: Float64Array): SurrogateContent['layers'] {
  return new Mlp(sizes, parameters).layers.map(({ inputs, outputs, weights, biases }) => ({
    weights: Array.from({ length: outputs }, (_, o) => [...weights.subarray(o * inputs, (o + 1) * inputs)]),
    biases: [...biases],
  }));
}
