import type { ArtifactContent, SurrogateKind } from '@neuroprint/core';
import { UsageError } from '@neuroprint/core';
import { Mlp } from '@neuroprint/numeric';
import { layersFit } from './layers.ts';
import { TrustRegion } from './trust-region.ts';

/** What a surrogate.json holds, before kind, version and checksum. */
export type SurrogateContent = ArtifactContent<typeof SurrogateKind>;

/**
 * η̂(ω) for many rows at once, with gradients. Features and scalings are linear in ln ω and in the outputs, so they are
 * folded into the first and the last layer: (floor, η̂₂, η̂₃, η̂₄) = exp-where-log(MLP(ln ω)), η̂₁ = floor + η̂₂. Buffers
 * are reused between calls.
 */
export class SurrogateModel {
  readonly surrogate: SurrogateContent;
  /** The order of the columns of values, in ohms and metres. */
  readonly parameterNames: readonly string[];
  readonly trustRegion: TrustRegion;
  readonly #mlp: Mlp;
  readonly #logOutput: readonly boolean[];
  #eta = new Float64Array(0);
  #rows = 0;
  #outputGradient = new Float64Array(0);

  private constructor(surrogate: SurrogateContent) {
    this.surrogate = surrogate;
    this.parameterNames = surrogate.parameters.map((parameter) => parameter.name);
    this.trustRegion = new TrustRegion(surrogate);
    this.#mlp = fold(surrogate);
    this.#logOutput = surrogate.outputs.map((output) => output.log);
  }

  /** Throws UsageError where the surrogate's matrices do not fit together. */
  static of(surrogate: SurrogateContent): SurrogateModel {
    checkShapes(surrogate);
    return new SurrogateModel(surrogate);
  }

  /**
   * η [rows × 4] of component values [rows × parameters] in ohms and metres; a new array. Takes the place of the last
   * forward. Throws OutsideTrustRegionError that names row, component and bound where a row is outside of what was sampled.
   */
  predict(values: Float64Array, rows: number): Float64Array {
    this.assertInside(values.subarray(0, rows * this.parameterNames.length));
    const logs = values.slice(0, rows * this.parameterNames.length);
    for (let i = 0; i < logs.length; i += 1) logs[i] = Math.log(logs[i]!);
    return this.forward(logs, rows).slice();
  }

  /** η [rows × 4] of natural logarithms of component values [rows × parameters]; overwritten by the next call. */
  forward(logValues: Float64Array, rows: number): Float64Array {
    const outputs = this.#mlp.forward(logValues, rows);
    if (this.#eta.length < rows * 4) {
      this.#eta = new Float64Array(rows * 4);
      this.#outputGradient = new Float64Array(rows * 4);
    }
    const eta = this.#eta;
    for (let k = 0; k < 4; k += 1) {
      const log = this.#logOutput[k]!;
      for (let i = k; i < rows * 4; i += 4) eta[i] = log ? Math.exp(outputs[i]!) : outputs[i]!;
    }
    for (let i = 0; i < rows * 4; i += 4) eta[i] = eta[i]! + eta[i + 1]!;
    this.#rows = rows;
    return eta.subarray(0, rows * 4);
  }

  /**
   * Pulls d/dη [rows × 4] back to d/d ln ω [rows × parameters], which is overwritten; for the rows of the last forward.
   */
  backward(etaGradient: Float64Array, logGradient: Float64Array): void {
    const gradient = this.#outputGradient;
    const [log1, log2, log3, log4] = this.#logOutput;
    const eta = this.#eta;
    for (let i = 0; i < this.#rows * 4; i += 4) {
      const down = etaGradient[i]!;
      gradient[i] = log1 ? down * (eta[i]! - eta[i + 1]!) : down;
      gradient[i + 1] = (down + etaGradient[i + 1]!) * (log2 ? eta[i + 1]! : 1);
      gradient[i + 2] = etaGradient[i + 2]! * (log3 ? eta[i + 2]! : 1);
      gradient[i + 3] = etaGradient[i + 3]! * (log4 ? eta[i + 3]! : 1);
    }
    this.#mlp.backward(gradient, { inputs: logGradient });
  }

  /** Whether all rows are where the surrogate was trained; see TrustRegion. */
  isInside(values: Float64Array, relativeSpread = 0): boolean {
    return this.trustRegion.isInside(values, relativeSpread);
  }

  /** Throws OutsideTrustRegionError that names row, component and bound; see TrustRegion. */
  assertInside(values: Float64Array, relativeSpread = 0): void {
    this.trustRegion.assertInside(values, relativeSpread);
  }
}

function checkShapes(surrogate: SurrogateContent): void {
  const fits = layersFit(surrogate.layers, surrogate.features.length, 4);
  const scaled = [surrogate.featureMean, surrogate.featureStd].every(
    (list) => list.length === surrogate.features.length,
  );
  if (fits && scaled) return;
  throw new UsageError(
    `The surrogate of ${surrogate.technology}/${surrogate.cell} has matrices that do not fit together.`,
    'Train it again.',
  );
}

/** The Mlp from ln ω to the outputs before exp. */
function fold(surrogate: SurrogateContent): Mlp {
  const { parameters, features, featureMean, featureStd, layers, outputs } = surrogate;
  const mlp = new Mlp([parameters.length, ...layers.map((layer) => layer.biases.length)]);
  layers.forEach((layer, l) => {
    const target = mlp.layers[l]!;
    layer.biases.forEach((bias, o) => {
      const row = layer.weights[o]!;
      let folded = bias;
      if (l === 0) {
        row.forEach((weight, f) => {
          folded -= (weight * featureMean[f]!) / featureStd[f]!;
          parameters.forEach(({ name }, p) => {
            target.weights[o * parameters.length + p]! +=
              (weight / featureStd[f]!) * (features[f]!.exponents[name] ?? 0);
          });
        });
      } else target.weights.set(row, o * row.length);
      target.biases[o] = folded;
    });
    if (l < layers.length - 1) return;
    outputs.forEach(({ mean, std }, o) => {
      for (let i = 0; i < target.inputs; i += 1) target.weights[o * target.inputs + i]! *= std;
      target.biases[o] = target.biases[o]! * std + mean;
    });
  });
  return mlp;
}
