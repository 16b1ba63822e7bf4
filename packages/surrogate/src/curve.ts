import { UsageError } from '@neuroprint/core';
import type { Mlp } from '@neuroprint/numeric';
import { standardFeatures } from './features.ts';
import { layersOf } from './layers.ts';
import { type SurrogateContent, SurrogateModel } from './model.ts';

/** Inputs of the correction beside the features: tanh(u), asinh(u) and v. */
export const COORDINATES = 3;

/**
 * The whole transfer curve of a design: the ptanh of η̂ and what a curve differs by from it (see SurrogateKind), with
 * gradients. p(v) is v_out of a rising cell and −v_out of a falling one, in volts. Buffers are reused between calls.
 */
export class CurveSurrogate {
  readonly model: SurrogateModel;
  readonly #mlp: Mlp;
  readonly #volts: number;
  /** [features × parameters]: ∂ standardised feature/∂ ln ω. */
  readonly #linear: Float64Array;
  #rows = 0;
  #points = 0;
  #inputVolts: Float64Array = new Float64Array(0);
  #eta: Float64Array = new Float64Array(0);
  #curve: Float64Array = new Float64Array(0);

  private constructor(surrogate: SurrogateContent, correction: NonNullable<SurrogateContent['correction']>) {
    const { features, featureStd, parameters } = surrogate;
    this.model = SurrogateModel.of(surrogate);
    this.#mlp = layersOf(correction.layers, features.length + COORDINATES);
    this.#volts = correction.volts;
    this.#linear = Float64Array.from(
      features.flatMap(({ exponents }, f) => parameters.map(({ name }) => (exponents[name] ?? 0) / featureStd[f]!)),
    );
  }

  /** Throws UsageError where the surrogate was trained without curves, or its matrices do not fit together. */
  static of(surrogate: SurrogateContent): CurveSurrogate {
    if (surrogate.correction === undefined) {
      throw new UsageError(
        `The surrogate of ${surrogate.technology}/${surrogate.cell} was trained on η alone and knows no curves.`,
        'Train it on a folder that sample wrote.',
      );
    }
    return new CurveSurrogate(surrogate, surrogate.correction);
  }

  /**
   * p(v) [rows × points] of ln ω [rows × parameters] at `inputVolts` [rows × points], which is kept until backward; the
   * result is overwritten by the next call.
   */
  forward(logValues: Float64Array, inputVolts: Float64Array, rows: number): Float64Array {
    const points = inputVolts.length / rows;
    const { surrogate } = this.model;
    const width = surrogate.features.length;
    const eta = this.model.forward(logValues, rows);
    const allFeatures = standardFeatures(surrogate, logValues, rows);
    const inputs = new Float64Array(rows * points * (width + COORDINATES));
    const curve = new Float64Array(rows * points);
    for (let row = 0, at = 0; row < rows; row += 1) {
      const [eta1, eta2, eta3, eta4] = eta.subarray(row * 4, row * 4 + 4) as unknown as number[];
      const features = allFeatures.subarray(row * width, (row + 1) * width);
      for (let i = row * points; i < (row + 1) * points; i += 1, at += width + COORDINATES) {
        const v = inputVolts[i]!;
        const u = (v - eta3!) * eta4!;
        const t = Math.tanh(u);
        inputs.set(features, at);
        inputs[at + width] = t;
        inputs[at + width + 1] = Math.asinh(u);
        inputs[at + width + 2] = v;
        curve[i] = eta1! + eta2! * t;
      }
    }
    const corrections = this.#mlp.forward(inputs, rows * points);
    for (let i = 0; i < curve.length; i += 1) curve[i] = curve[i]! + this.#volts * corrections[i]!;
    [this.#rows, this.#points, this.#inputVolts, this.#eta, this.#curve] = [rows, points, inputVolts, eta, curve];
    return this.#curve;
  }

  /** Pulls d/dp [rows × points] of the last forward back to d/d ln ω and d/dv, which are overwritten. */
  backward(curveGradient: Float64Array, logGradient: Float64Array, inputGradient: Float64Array): void {
    const [rows, points] = [this.#rows, this.#points];
    const width = this.model.surrogate.features.length;
    const parameters = this.#linear.length / width;
    const byInput = new Float64Array(rows * points * (width + COORDINATES));
    this.#mlp.backward(
      curveGradient.map((gradient) => gradient * this.#volts),
      { inputs: byInput },
    );
    const etaGradient = new Float64Array(rows * 4);
    const byFeature = new Float64Array(rows * width);
    for (let row = 0, at = 0; row < rows; row += 1) {
      const k = row * 4;
      const [, eta2, eta3, eta4] = this.#eta.subarray(k, k + 4) as unknown as number[];
      for (let i = row * points; i < (row + 1) * points; i += 1, at += width + COORDINATES) {
        const gradient = curveGradient[i]!;
        const from = this.#inputVolts[i]! - eta3!;
        const u = from * eta4!;
        const t = Math.tanh(u);
        const byU =
          (gradient * eta2! + byInput[at + width]!) * (1 - t * t) + byInput[at + width + 1]! / Math.sqrt(1 + u * u);
        etaGradient[k] = etaGradient[k]! + gradient;
        etaGradient[k + 1] = etaGradient[k + 1]! + gradient * t;
        etaGradient[k + 2] = etaGradient[k + 2]! - byU * eta4!;
        etaGradient[k + 3] = etaGradient[k + 3]! + byU * from;
        inputGradient[i] = byU * eta4! + byInput[at + width + 2]!;
        for (let f = 0; f < width; f += 1) byFeature[row * width + f]! += byInput[at + f]!;
      }
    }
    this.model.backward(etaGradient, logGradient);
    for (let row = 0; row < rows; row += 1) {
      for (let f = 0; f < width; f += 1) {
        for (let p = 0; p < parameters; p += 1)
          logGradient[row * parameters + p]! += byFeature[row * width + f]! * this.#linear[f * parameters + p]!;
      }
    }
  }
}
