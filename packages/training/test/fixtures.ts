import { fileURLToPath } from 'node:url';
import { loadTechnology } from '@neuroprint/circuit';
import { Draws, type Variation, type VoltageRows } from '@neuroprint/core';
import type { SurrogateContent } from '@neuroprint/surrogate';
import type { CurveModel } from '../src/printed/curve.ts';
import { type Architecture, Parameters } from '../src/printed/layer/parameters.ts';
import type { TrainingProblem } from '../src/printed/problem.ts';

export const egt = loadTechnology(fileURLToPath(new URL('../../../spice-templates', import.meta.url)), 'egt');

/** Spread, and volts in series with every stage. */
export const uneven: Variation = {
  kind: 'uniform',
  relativeSpread: 0.1,
  nonIdealities: [
    { kind: 'noise', volts: 0.1 },
    { kind: 'smooth', volts: 0.2 },
  ],
};

/** Spread, and every tenth part broken. */
export const broken: Variation = { kind: 'uniform', relativeSpread: 0.1, faultRate: 0.1 };

/**
 * A closed form with the shape of the egt cells: with a = ln(R·W/L / 55 kΩ) of each inverter (parameters in threes),
 * η₃ falls and η₄ rises with a. Falling: from 1 V to 0 V; rising: from 0 V to 1 V.
 */
export class ClosedFormCurve implements CurveModel {
  readonly parameterNames: readonly string[];
  readonly #sign: number;
  #rows = 0;
  #eta = new Float64Array(0);

  constructor(cellName: 'negweight' | 'ptanh') {
    this.parameterNames = egt.cells[cellName]!.parameters.map(({ name }) => name);
    this.#sign = cellName === 'negweight' ? -1 : 1;
  }

  forward(logValues: Float64Array, rows: number): Float64Array {
    const width = this.parameterNames.length;
    this.#rows = rows;
    this.#eta = new Float64Array(rows * 4);
    for (let r = 0; r < rows; r += 1) {
      let a = 0;
      for (let i = 0; i < width; i += 3) {
        const [R, W, L] = logValues.subarray(r * width + i, r * width + i + 3);
        a += (R! + W! - L! - Math.log(55000)) / (width / 3);
      }
      this.#eta.set(
        [this.#sign * 0.5 + 0.02 * a, 0.45 * Math.exp(0.05 * a), 0.3 - 0.1 * a, 6 * Math.exp(0.3 * a)],
        r * 4,
      );
    }
    return this.#eta;
  }

  backward(etaGradient: Float64Array, logGradient: Float64Array): void {
    const width = this.parameterNames.length;
    for (let r = 0; r < this.#rows; r += 1) {
      const [g1, g2, g3, g4] = etaGradient.subarray(r * 4, r * 4 + 4);
      const a = 0.02 * g1! + 0.05 * this.#eta[r * 4 + 1]! * g2! - 0.1 * g3! + 0.3 * this.#eta[r * 4 + 3]! * g4!;
      for (let i = 0; i < width; i += 1) logGradient[r * width + i] = (a / (width / 3)) * (i % 3 === 2 ? -1 : 1);
    }
  }
}

/** Rows in the unit square; the class says whether x0 and x1 are on the same side of 0.5, with a gap between. */
function sameSideRows(count: number, seed: number): VoltageRows {
  const random = new Draws(seed, 'same-side');
  const volts = new Float64Array(count * 2);
  const labels = new Int32Array(count);
  for (let r = 0; r < count; r += 1) {
    const high = [random.uniform(r, 0) > 0.5, random.uniform(r, 1) > 0.5] as const;
    high.forEach((isHigh, i) => {
      volts[r * 2 + i] = (isHigh ? 0.65 : 0) + 0.35 * random.uniform(r, 2 + i);
    });
    labels[r] = high[0] === high[1] ? 1 : 0;
  }
  return { volts, labels, sourceRows: Int32Array.from(labels.keys()), clipped: 0 };
}

/** Exclusive or with noise: no network without a hidden layer solves it. */
export function exclusiveOr(rows = 80): TrainingProblem {
  return {
    name: 'exclusive-or',
    technology: egt,
    falling: new ClosedFormCurve('negweight'),
    activation: new ClosedFormCurve('ptanh'),
    inputs: ['x0', 'x1'].map((name) => ({ name, minimum: 0, maximum: 1 })),
    classes: ['different', 'same'],
    train: sameSideRows(rows, 1),
    valid: sameSideRows(40, 2),
    test: sameSideRows(60, 3),
    source: { dataset: 'exclusive-or', label: 'label', split: 'seed' },
    inputHashes: {},
  };
}

/** (f(x + h) − f(x − h))/(2h) for entry i of x, which is put back. */
export function centralDifference(x: Float64Array, i: number, f: () => number, h = 1e-5): number {
  const held = x[i]!;
  x[i] = held + h;
  const above = f();
  x[i] = held - h;
  const below = f();
  x[i] = held;
  return (above - below) / (2 * h);
}

export function fillWith(random: Draws, major: number, array: Float64Array, low: number, high: number): void {
  for (let i = 0; i < array.length; i += 1) array[i] = low + (high - low) * random.uniform(major, i);
}

/** θ away from the thresholds of printing, where the straight-through gradient is the true one. */
export function randomParameters(architecture: Architecture): Parameters {
  const random = new Draws(7, 'test');
  const parameters = new Parameters(architecture);
  fillWith(random, 1, parameters.flat, -1, 1);
  parameters.layers.forEach(({ theta }, l) => {
    const { inputs, neurons } = architecture.shapes[l]!;
    theta.forEach((value, at) => {
      const magnitude = 0.4 + 2 * Math.abs(value);
      theta[at] = value < 0 && at < inputs * neurons ? -0.4 * magnitude : magnitude;
    });
  });
  parameters.logTemperature = 2;
  return parameters;
}

/** An untrained surrogate of smooth curves over ln(R·W/L) of each inverter of the cell. */
export function surrogateOf(cellName: 'negweight' | 'ptanh'): SurrogateContent {
  const { parameters, constraints } = egt.cells[cellName]!;
  const random = new Draws(5, cellName);
  const features = cellName === 'negweight' ? [''] : ['1', '2'];
  const matrix = (major: number, rows: number, columns: number) =>
    Array.from({ length: rows }, (_, o) =>
      Array.from({ length: columns }, (_, i) => random.normal(major, o * columns + i) / Math.sqrt(columns)),
    );
  return {
    inputHashes: {},
    technology: 'egt',
    cell: cellName,
    parameters: [...parameters],
    constraints: [...constraints],
    features: features.map((index) => ({
      name: `ln(R${index}*W${index}/L${index})`,
      exponents: { [`R${index}`]: 1, [`W${index}`]: 1, [`L${index}`]: -1 },
    })),
    featureMean: features.map(() => 11.5),
    featureStd: features.map(() => 0.9),
    layers: [
      { weights: matrix(1, 16, features.length), biases: matrix(2, 1, 16)[0]! },
      { weights: matrix(3, 4, 16), biases: [0, 0, 0, 0] },
    ],
    outputs: [
      { mean: 0.1, std: 0.08, log: false },
      { mean: -0.8, std: 0.2, log: true },
      { mean: 0.4, std: 0.1, log: false },
      { mean: 2, std: 0.4, log: true },
    ],
    test: { rows: 100, mseNormalised: 0, r2: [1, 1, 1, 1], rmse: [0, 0, 0, 0] },
  } as unknown as SurrogateContent;
}
