import { type CurveTest, Draws, type SampleCurves } from '@neuroprint/core';
import { COORDINATES, CurveSurrogate } from './curve.ts';
import { curveDistances } from './curve-distance.ts';
import { standardFeatures } from './features.ts';
import { type FitRows, fitMlp } from './fit.ts';
import { storedLayers } from './layers.ts';
import { type SurrogateContent, SurrogateModel } from './model.ts';

/** Designs with their curves. */
export interface CurveRows {
  readonly values: Float64Array;
  readonly curves: SampleCurves;
}

type Correction = NonNullable<SurrogateContent['correction']>;

/** Points of each curve that are learnt; which ones is drawn anew for every design. */
const POINTS = 10;
const MOST_DESIGNS = 4000;
const PLAN = { adamSteps: 15_000, bfgsIterations: 500 };
const HIDDEN = 24;

/**
 * Learns what curves differ by from the ptanh of η̂: of the training designs some points each, all of equal weight (a
 * sweep has most of them where the curve bends).
 */
export function trainCorrection(
  surrogate: SurrogateContent,
  rows: { readonly train: CurveRows; readonly valid: CurveRows; readonly test: CurveRows },
  seed: number,
  onStep: (validationError: number) => void,
): Correction {
  const plain = fitRows(surrogate, rows.train, 1, new Draws(seed, 'surrogate-curve-points'));
  const volts = Math.sqrt(plain.targets.reduce((sum, t) => sum + t * t, 0) / plain.rows) || 1;
  const train = { ...plain, targets: plain.targets.map((t) => t / volts) };
  const valid = fitRows(surrogate, rows.valid, volts, new Draws(seed, 'surrogate-curve-validation'));
  const sizes = [surrogate.features.length + COORDINATES, HIDDEN, HIDDEN, 1];
  const { parameters } = fitMlp(train, valid, { ...PLAN, sizes, seed }, onStep);
  const layers = storedLayers(sizes, parameters);
  const unknown = { median: 0, p95: 0, p99: 0, largest: 0 };
  const corrected = { volts, layers, test: { rows: 0, corrected: unknown, ptanh: unknown } };
  const none = { ...corrected, layers: [{ weights: [new Array(sizes[0]!).fill(0)], biases: [0] }] };
  const test = {
    rows: rows.test.curves.volts.length / rows.test.curves.points,
    corrected: curveTest({ ...surrogate, correction: corrected }, rows.test),
    ptanh: curveTest({ ...surrogate, correction: none }, rows.test),
  };
  return { ...corrected, test };
}

/** Distance of the predicted curves from the simulated ones. */
export function curveTest(surrogate: SurrogateContent, { values, curves }: CurveRows): CurveTest {
  const rows = curves.volts.length / curves.points;
  return curveDistances(CurveSurrogate.of(surrogate).forward(values.map(Math.log), curves.inputVolts, rows), curves);
}

/** Points of curves as rows for fitMlp; targets are what the ptanh of η̂ leaves, in units of `unit` volts. */
function fitRows(surrogate: SurrogateContent, { values, curves }: CurveRows, unit: number, draws: Draws): FitRows {
  const { points, inputVolts, volts } = curves;
  const designs = Math.min(MOST_DESIGNS, volts.length / points);
  const width = surrogate.features.length;
  const rows = designs * POINTS;
  const inputs = new Float64Array(rows * (width + COORDINATES));
  const targets = new Float64Array(rows);
  const logs = values.slice(0, designs * surrogate.parameters.length).map(Math.log);
  const features = standardFeatures(surrogate, logs, designs);
  const eta = SurrogateModel.of(surrogate).forward(logs, designs);
  for (let row = 0; row < rows; row += 1) {
    const design = Math.floor(row / POINTS);
    const point = design * points + Math.floor(draws.uniform(design, row % POINTS) * points);
    const [eta1, eta2, eta3, eta4] = eta.subarray(design * 4, design * 4 + 4) as unknown as number[];
    const u = (inputVolts[point]! - eta3!) * eta4!;
    const t = Math.tanh(u);
    const at = row * (width + COORDINATES);
    inputs.set(features.subarray(design * width, (design + 1) * width), at);
    inputs[at + width] = t;
    inputs[at + width + 1] = Math.asinh(u);
    inputs[at + width + 2] = inputVolts[point]!;
    targets[row] = (volts[point]! - eta1! - eta2! * t) / unit;
  }
  return { inputs, targets, weights: new Float64Array(rows).fill(1), rows };
}
