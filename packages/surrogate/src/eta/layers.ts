import type { Surrogate } from '@neuroprint/core';
import { Mlp } from '@neuroprint/numeric';

type Layers = Surrogate['layers'];

/** Whether matrices follow each other from `inputs` columns to `outputs` rows. */
export function layersFit(layers: Layers, inputs: number, outputs: number): boolean {
  let width = inputs;
  return (
    layers.every(({ weights, biases }) => {
      const fits = weights.length === biases.length && weights.every((row) => row.length === width);
      width = biases.length;
      return fits;
    }) && width === outputs
  );
}

/** Parameters of an Mlp as layers to store. */
export function storedLayers(sizes: readonly number[], parameters: Float64Array): Layers {
  return new Mlp(sizes, { parameters }).layers.map(({ inputs, outputs, weights, biases }) => ({
    weights: Array.from({ length: outputs }, (_, o) => [...weights.subarray(o * inputs, (o + 1) * inputs)]),
    biases: [...biases],
  }));
}
