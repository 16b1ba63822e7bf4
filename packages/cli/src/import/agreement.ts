import { idealVoltages, scoreOutputs, type Technology } from '@neuroprint/circuit';
import {
  Draws,
  featureMatrix,
  InputFileError,
  type InputRange,
  inputVolts,
  type Labels,
  type Regression,
  toVoltageRows,
} from '@neuroprint/core';
import { accuracy, decisions } from '@neuroprint/numeric';
import { evaluatePerceptron, featuresOf } from '@neuroprint/training';
import type { Model } from './model.ts';

/** Rows that a model without a table is asked. */
const ASKED_ROWS = 1000;
/** Mapped layers and the model differ by the rounding of float32: in a row in a hundred at most, and in regression by this share of the range. */
const LEAST_MAPPED = 0.99;
const MOST_OFF = 1e-2;
/** Where the model rounds between its layers, they may differ more. */
const LEAST_ROUNDED = 0.9;

/** How often mapped layers do as the model in onnxruntime does; undefined where that is not installed. */
export interface MappingCheck {
  readonly rows: number;
  readonly agreement: number;
}

/** Asks the model itself what was made of it. Throws InputFileError where it says something else. */
export async function checkMapping(
  file: string,
  { layers, ask, data, target, remarks, examined }: Model,
  inputs: readonly InputRange[],
): Promise<MappingCheck | undefined> {
  if (ask === undefined || layers === undefined) return undefined;
  const features = data ? featureMatrix(data) : featuresOf(inputs, anywhere(inputs, ASKED_ROWS));
  const rows = features.length / inputs.length;
  const said = await ask(features, rows);
  const own = layerAnswers({ layers, target }, features);
  const agreement = target === undefined ? accuracy(own, said) : near(own, said);
  const least = (examined.mapped?.rounded ?? []).length > 0 ? LEAST_ROUNDED : LEAST_MAPPED;
  if (agreement >= least) return { rows, agreement };
  throw new InputFileError(
    { file },
    `was not understood: its layers as they were read do as onnxruntime does in ${(100 * agreement).toFixed(1)} % of ${rows} rows${remarks.length > 0 ? ` (${remarks.join('; ')})` : ''}`,
    'Add --distil and --data, and a network is trained to do as the model does.',
  );
}

/** What mapped layers say of features: classes, or numbers. */
export function layerAnswers({ layers, target }: Pick<Model, 'layers' | 'target'>, features: Float64Array): Labels {
  const outputs = evaluatePerceptron(layers!, features);
  return target === undefined ? decisions(outputs, layers!.at(-1)!.biases.length) : outputs;
}

/** Share of predictions that are the same up to rounding. */
function near(own: Labels, said: Labels): number {
  const range = Math.max(...said) - Math.min(...said);
  return [...own].filter((value, i) => Math.abs(value - said[i]!) <= MOST_OFF * (range || 1)).length / own.length;
}

function anywhere(inputs: readonly InputRange[], rows: number): Float64Array {
  const volts = new Float64Array(rows * inputs.length);
  new Draws(0, 'rows to ask a model').fillUniform(0, volts);
  return volts.map((share, i) => {
    const { minimum, maximum } = inputVolts(inputs[i % inputs.length]!);
    return minimum + share * (maximum - minimum);
  });
}

/** How model and network do on a table: against its classes or targets, and against each other on the test rows. */
export function compareOnTable(
  { data, classes }: Model,
  answers: Labels,
  network: Parameters<typeof idealVoltages>[0] & { readonly task?: Regression | undefined },
  inputs: readonly InputRange[],
  technology: Technology,
) {
  const named = { classes: [...classes], ...(network.task && { task: network.task }) };
  const part = (rows: 'all' | 'test') => {
    const { volts, labels, sourceRows } = toVoltageRows(data!, inputs, classes, rows);
    const outputs = idealVoltages(network, volts, labels.length, technology).outputs.at(-1)!;
    const said =
      answers instanceof Int32Array
        ? Int32Array.from(sourceRows, (row) => answers[row]!)
        : Float64Array.from(sourceRows, (row) => answers[row]!);
    return { labels, said, score: (against: Labels) => scoreOutputs(named, outputs, against) };
  };
  const [all, test] = [part('all'), part('test')];
  const alike = test.score(test.said);
  if (network.task === undefined)
    return {
      model: accuracy(all.said, all.labels as Int32Array),
      network: all.score(all.labels).accuracy!,
      agreement: alike.accuracy!,
    };
  const rms = Math.sqrt(
    [...all.said].reduce((sum, value, i) => sum + (value - all.labels[i]!) ** 2, 0) / all.said.length,
  );
  return { model: rms, network: all.score(all.labels).regression!.rmse, agreement: alike.regression!.rmse };
}
