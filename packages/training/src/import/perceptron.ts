import { Mlp } from '@neuroprint/numeric';

/** activation(x·weights + biases); `weights` is [inputs × outputs]. The last layer of a classifier has none. */
export interface DenseLayer {
  readonly weights: readonly (readonly number[])[];
  readonly biases: readonly number[];
  readonly activation: 'tanh' | 'sigmoid' | 'none';
}

/** Outputs of the layers for row-major features, row-major. */
export function evaluatePerceptron(layers: readonly DenseLayer[], features: Float64Array): Float64Array {
  const sizes = [layers[0]!.weights.length, ...layers.map(({ biases }) => biases.length)];
  const mlp = new Mlp(sizes, { activation: layers.map(({ activation }) => activation) });
  mlp.layers.forEach((layer, l) => {
    const { weights, biases } = layers[l]!;
    weights.forEach((row, i) => {
      row.forEach((weight, k) => {
        layer.weights[k * layer.inputs + i] = weight;
      });
    });
    layer.biases.set(biases);
  });
  return mlp.forward(features, features.length / sizes[0]!);
}
