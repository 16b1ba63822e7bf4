import { idealVoltages, type Technology } from '@neuroprint/circuit';
import {
  type ColumnsInVolts,
  featureMatrix,
  type InputRange,
  inputRanges,
  type Regression,
  toVoltageRows,
  UsageError,
} from '@neuroprint/core';
import { type SurrogateContent, SurrogateModel } from '@neuroprint/surrogate';
import { type DenseLayer, evaluatePerceptron, printPerceptron } from '@neuroprint/training';
import type { Model } from './model.ts';

/** What networks are made of. */
export interface Ground {
  readonly technology: Technology;
  readonly falling: SurrogateContent;
  readonly activation: SurrogateContent;
}

/** The inputs of a network: the features of the table, or volts as they are. */
export function inputsOf(
  { data, layers }: Model,
  { inputVolts: volts }: Technology,
  inputVolts: ColumnsInVolts | undefined,
): InputRange[] {
  if (data !== undefined) return inputRanges(data, { volts, columnsInVolts: inputVolts, beyondShare: 0 });
  return layers![0]!.weights.map((_, i) => ({
    ...{ name: `x${i}`, ...volts },
    ...{ minimumVolts: volts.minimum, maximumVolts: volts.maximum },
  }));
}

/** The mapped layers of a model as a printed network; in regression with the line that reads its output. */
export function printModel(
  model: Model,
  layers: readonly DenseLayer[],
  inputs: readonly InputRange[],
  { technology, falling, activation }: Ground,
  relativeSpread: number,
) {
  const { data, target } = model;
  const curves = { falling: SurrogateModel.of(falling), activation: SurrogateModel.of(activation) };
  const print = (wanted: readonly DenseLayer[]) => printPerceptron(wanted, inputs, technology, curves, relativeSpread);
  if (data === undefined || target === undefined) return { ...print(layers), task: undefined };
  const predictions = evaluatePerceptron(layers, featureMatrix(data));
  const [low, high] = [predictions.reduce((a, b) => Math.min(a, b)), predictions.reduce((a, b) => Math.max(a, b))];
  const last = layers.at(-1)!;
  // the middle of what is predicted belongs in the middle of the stage, where its curve is a line
  const centred = { ...last, biases: last.biases.map((b) => b - (low + high) / 2) };
  const printed = print([...layers.slice(0, -1), last.activation === 'none' ? centred : last]);
  const { volts, labels } = toVoltageRows(data, inputs, [target], 'all');
  const outputs = idealVoltages(
    { layers: printed.layers, biasVolts: technology.bias.volts },
    volts,
    labels.length,
  ).outputs.at(-1)!;
  return { ...printed, task: lineOf(target, outputs, predictions) };
}

/** The line from volts to predictions with the least squares. Throws UsageError where nothing is predicted. */
function lineOf(target: string, volts: Float64Array, predictions: Float64Array): Regression {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [v, p] = [mean(volts), mean(predictions)];
  const square = volts.reduce((sum, value) => sum + (value - v) ** 2, 0);
  const product = volts.reduce((sum, value, i) => sum + (value - v) * (predictions[i]! - p), 0);
  const unitsPerVolt = product / square;
  if (!(unitsPerVolt > 0 && Number.isFinite(unitsPerVolt)))
    throw new UsageError(
      'The printed output does not follow what the model predicts: its columns keep too little of their slope.',
      'Add --distil.',
    );
  return { kind: 'regression', target, unitsPerVolt, interceptUnits: p - unitsPerVolt * v };
}
