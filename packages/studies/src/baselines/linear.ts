import { Draws } from '@neuroprint/core';
import { argmax, crossEntropy, minimiseLbfgs } from '@neuroprint/numeric';

/** Rows of a split, row-major [rows × inputs], in volts. */
export interface LabelledRows {
  readonly volts: Float64Array;
  readonly labels: Int32Array;
}

/** The class of x is the largest of W·x + b: `weights` row-major [classes × inputs], `biases` [classes]. */
export interface LinearClassifier {
  readonly weights: Float64Array;
  readonly biases: Float64Array;
}

export interface Shape {
  readonly inputs: number;
  readonly classes: number;
}

/** Share of the rows that a linear classifier decides rightly. */
export function linearAccuracy({ weights, biases }: LinearClassifier, shape: Shape, rows: LabelledRows): number {
  const scores = new Float64Array(shape.classes);
  let correct = 0;
  for (let r = 0; r < rows.labels.length; r += 1) {
    scoresOf(weights, biases, shape, rows.volts, r, scores);
    if (argmax(scores) === rows.labels[r]) correct += 1;
  }
  return correct / rows.labels.length;
}

/** The class that all rows are decided as, where it is one. */
export function onlyClassOf(
  { weights, biases }: LinearClassifier,
  shape: Shape,
  parts: readonly LabelledRows[],
): number | undefined {
  const scores = new Float64Array(shape.classes);
  const decided = new Set<number>();
  for (const rows of parts)
    for (let r = 0; r < rows.labels.length; r += 1) {
      scoresOf(weights, biases, shape, rows.volts, r, scores);
      decided.add(argmax(scores));
    }
  return decided.size === 1 ? [...decided][0] : undefined;
}

/** Mean of the rows of every class, [classes × inputs]. */
export function classMeans(shape: Shape, { volts, labels }: LabelledRows): Float64Array {
  const { inputs, classes } = shape;
  const means = new Float64Array(classes * inputs);
  const counts = new Float64Array(classes);
  labels.forEach((label, r) => {
    counts[label]! += 1;
    for (let i = 0; i < inputs; i += 1) means[label * inputs + i]! += volts[r * inputs + i]!;
  });
  return means.map((sum, at) => sum / Math.max(1, counts[Math.floor(at / inputs)]!));
}

/**
 * The nearest class mean, argmin_c Σ_i s_i²·(x_i − m_ci)², as a linear classifier: the L2 readout without anything before it.
 * `scales` are the s_i; 1 where they are absent.
 */
export function nearestMean(shape: Shape, train: LabelledRows, scales?: Float64Array): LinearClassifier {
  const { inputs } = shape;
  const means = classMeans(shape, train);
  const weights = means.map((mean, at) => mean * (scales?.[at % inputs] ?? 1) ** 2);
  return { weights, biases: halfNorms(shape, weights, means) };
}

/** −½·w_c·m_c for every class. */
function halfNorms({ inputs, classes }: Shape, weights: Float64Array, means: Float64Array): Float64Array {
  return Float64Array.from({ length: classes }, (_, c) => {
    let sum = 0;
    for (let i = 0; i < inputs; i += 1) sum -= 0.5 * weights[c * inputs + i]! * means[c * inputs + i]!;
    return sum;
  });
}

const ITERATIONS = 300;
/** Iterations without a lower validation loss before a fit ends. */
const PATIENCE = 30;

/**
 * The nearest class mean after the best linear map z = A·x onto as many numbers as there are classes: A minimises the
 * cross-entropy of softmax_c(−½·|A·(x − m_c)|²) (Mensink et al., "Distance-based image classification: generalizing to new
 * classes at near-zero cost", 2013), by L-BFGS, the iterate with the lowest validation loss kept.
 */
export function mappedNearestMean(shape: Shape, train: LabelledRows, valid: LabelledRows): LinearClassifier {
  const { inputs, classes } = shape;
  const means = classMeans(shape, train);
  const centre = Float64Array.from({ length: inputs }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < classes; c += 1) sum += means[c * inputs + i]! / classes;
    return sum;
  });
  // one direction per class, towards its mean, so long that a distance between means counts
  const start = means.map((mean, at) => 8 * (mean - centre[at % inputs]!));
  const mapped = new Float64Array(classes * classes);
  const [scores, slopes] = [new Float64Array(classes), new Float64Array(classes)];
  const loss = ({ volts, labels }: LabelledRows, map: Float64Array, gradient?: Float64Array): number => {
    let total = 0;
    for (let r = 0; r < labels.length; r += 1) {
      for (let c = 0; c < classes; c += 1) {
        let norm = 0;
        for (let k = 0; k < classes; k += 1) {
          let sum = 0;
          for (let i = 0; i < inputs; i += 1)
            sum += map[k * inputs + i]! * (volts[r * inputs + i]! - means[c * inputs + i]!);
          mapped[c * classes + k] = sum;
          norm += sum * sum;
        }
        scores[c] = -0.5 * norm;
      }
      total += crossEntropy(scores, labels[r]!, 1, slopes) / labels.length;
      if (gradient === undefined) continue;
      for (let c = 0; c < classes; c += 1) {
        const share = slopes[c]! / labels.length;
        for (let k = 0; k < classes; k += 1) {
          const factor = -share * mapped[c * classes + k]!;
          for (let i = 0; i < inputs; i += 1)
            gradient[k * inputs + i]! += factor * (volts[r * inputs + i]! - means[c * inputs + i]!);
        }
      }
    }
    return total;
  };
  const map = minimise(
    (x, gradient) => loss(train, x, gradient),
    (x) => loss(valid, x),
    start,
  );
  const weights = new Float64Array(classes * inputs);
  for (let c = 0; c < classes; c += 1) {
    for (let k = 0; k < classes; k += 1) {
      let sum = 0;
      for (let i = 0; i < inputs; i += 1) sum += map[k * inputs + i]! * means[c * inputs + i]!;
      for (let i = 0; i < inputs; i += 1) weights[c * inputs + i]! += sum * map[k * inputs + i]!;
    }
  }
  return { weights, biases: halfNorms(shape, weights, means) };
}

/** Multinomial logistic regression by L-BFGS, the iterate with the lowest validation loss kept. */
export function logisticRegression(shape: Shape, train: LabelledRows, valid: LabelledRows): LinearClassifier {
  const { inputs, classes } = shape;
  const weightCount = classes * inputs;
  const [scores, slopes] = [new Float64Array(classes), new Float64Array(classes)];
  const loss = ({ volts, labels }: LabelledRows, x: Float64Array, gradient?: Float64Array): number => {
    let total = 0;
    for (let r = 0; r < labels.length; r += 1) {
      scoresOf(x, x.subarray(weightCount), shape, volts, r, scores);
      total += crossEntropy(scores, labels[r]!, 1, slopes) / labels.length;
      if (gradient === undefined) continue;
      for (let c = 0; c < classes; c += 1) {
        const share = slopes[c]! / labels.length;
        for (let i = 0; i < inputs; i += 1) gradient[c * inputs + i]! += share * volts[r * inputs + i]!;
        gradient[weightCount + c]! += share;
      }
    }
    return total;
  };
  const x = minimise(
    (at, gradient) => loss(train, at, gradient),
    (at) => loss(valid, at),
    new Float64Array(weightCount + classes),
  );
  return { weights: x.subarray(0, weightCount), biases: x.subarray(weightCount) };
}

const PERCEPTRON_EPOCHS = 100;

/**
 * The multiclass perceptron: where a row is decided wrongly, it is added to the weights of its class and taken from those of the
 * class that won. The order of the rows is shuffled anew in every epoch; the epoch with the best validation accuracy is kept.
 */
export function perceptron(shape: Shape, train: LabelledRows, valid: LabelledRows, seed: number): LinearClassifier {
  const { inputs, classes } = shape;
  const random = new Draws(seed, 'perceptron');
  const weights = new Float64Array(classes * inputs);
  const biases = new Float64Array(classes);
  const scores = new Float64Array(classes);
  let best: LinearClassifier = { weights: weights.slice(), biases: biases.slice() };
  let bestAccuracy = linearAccuracy(best, shape, valid);
  for (let epoch = 0; epoch < PERCEPTRON_EPOCHS; epoch += 1) {
    let wrong = 0;
    for (const r of random.permutation(epoch, train.labels.length)) {
      scoresOf(weights, biases, shape, train.volts, r, scores);
      const [won, label] = [argmax(scores), train.labels[r]!];
      if (won === label) continue;
      wrong += 1;
      for (let i = 0; i < inputs; i += 1) {
        // centred on half the supply, or the bias would have to do all the work
        const x = train.volts[r * inputs + i]! - 0.5;
        weights[label * inputs + i]! += x;
        weights[won * inputs + i]! -= x;
      }
      const centred = (c: number, sign: number) => {
        biases[c]! += sign;
        for (let i = 0; i < inputs; i += 1) biases[c]! -= 0.5 * sign * (train.volts[r * inputs + i]! - 0.5);
      };
      centred(label, 1);
      centred(won, -1);
    }
    const accuracy = linearAccuracy({ weights, biases }, shape, valid);
    if (accuracy > bestAccuracy) {
      best = { weights: weights.slice(), biases: biases.slice() };
      bestAccuracy = accuracy;
    }
    if (wrong === 0) break;
  }
  return best;
}

function minimise(
  objective: (x: Float64Array, gradient: Float64Array) => number,
  validLoss: (x: Float64Array) => number,
  start: Float64Array,
): Float64Array {
  let best = start;
  let lowest = validLoss(start);
  let since = 0;
  minimiseLbfgs(
    (x, gradient) => {
      gradient.fill(0);
      return objective(x, gradient);
    },
    start,
    {
      iterations: ITERATIONS,
      gradientTolerance: 1e-7,
      onIteration: (_, __, x) => {
        const loss = validLoss(x);
        since += 1;
        if (loss < lowest) {
          [best, lowest, since] = [x.slice(), loss, 0];
        }
        return since >= PATIENCE;
      },
    },
  );
  return best;
}

function scoresOf(
  weights: Float64Array,
  biases: Float64Array,
  { inputs, classes }: Shape,
  volts: Float64Array,
  row: number,
  out: Float64Array,
): void {
  for (let c = 0; c < classes; c += 1) {
    let sum = biases[c]!;
    for (let i = 0; i < inputs; i += 1) sum += weights[c * inputs + i]! * volts[row * inputs + i]!;
    out[c] = sum;
  }
}
