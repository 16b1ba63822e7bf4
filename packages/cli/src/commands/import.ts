import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { idealVoltages, loadTechnology, type Technology } from '@neuroprint/circuit';
import {
  type Dataset,
  formatPercent,
  type InputRange,
  inputRanges,
  OutputInUseError,
  sha256OfFile,
  TrainedNetworkKind,
  toVoltageRows,
  UsageError,
  writeArtifact,
} from '@neuroprint/core';
import { accuracy, decisions } from '@neuroprint/numeric';
import { readSurrogate, SurrogateModel } from '@neuroprint/surrogate';
import {
  ACTIVATION_CELL,
  type DenseLayer,
  evaluatePerceptron,
  FALLING_CELL,
  printPerceptron,
  readPerceptron,
} from '@neuroprint/training';
import { type ArgumentsOf, defineCommand, outcome } from '../command.ts';
import { number, overwriteOption, required, surrogatesOption, technologyOption, text } from '../options.ts';
import { TEMPLATES } from '../paths.ts';
import { readClasses, tableOptions } from '../table-options.ts';

const options = {
  onnx: required(text('ONNX file of a perceptron with tanh or sigmoid layers')),
  out: required(text('File to write, such as network.json')),
  data: text('CSV table: its feature ranges and classes; without it inputs are volts'),
  ...tableOptions,
  classes: text('Names of the classes in the order of the outputs, apart by commas'),
  variation: number('Spread that component values must leave room for', { min: 0, max: 0.99, default: 0.1 }),
  technology: technologyOption,
  surrogates: surrogatesOption,
  overwrite: overwriteOption,
} as const;
type Arguments = ArgumentsOf<typeof options>;

/** Feature ranges and class names: of the table, or volts as they are and numbered classes. */
function meaningOf(
  argv: Arguments,
  perceptron: readonly DenseLayer[],
  data: Dataset | undefined,
  { inputVolts: volts }: Technology,
) {
  const count = perceptron.at(-1)!.biases.length;
  const classes = argv.classes?.split(',') ?? data?.classNames ?? Array.from({ length: count }, (_, k) => `class${k}`);
  if (classes.length !== count) {
    throw new UsageError(
      `The model has ${count} outputs, and there are ${classes.length} classes.`,
      'Name the classes in the order of the outputs with --classes.',
    );
  }
  const inputs: InputRange[] =
    data === undefined
      ? perceptron[0]!.weights.map((_, i) => ({
          ...{ name: `x${i}`, ...volts },
          ...{ minimumVolts: volts.minimum, maximumVolts: volts.maximum },
        }))
      : inputRanges(data, volts);
  return { classes, inputs };
}

/** How often model and network are right on the table, and how often they decide alike. */
function compare(
  perceptron: readonly DenseLayer[],
  network: Parameters<typeof idealVoltages>[0],
  data: Dataset,
  inputs: readonly InputRange[],
  classes: readonly string[],
) {
  const rows = toVoltageRows(data, inputs, classes, 'all');
  const own = decisions(evaluatePerceptron(perceptron, data.features), classes.length);
  const printed = decisions(idealVoltages(network, rows.volts, rows.labels.length).outputs.at(-1)!, classes.length);
  return {
    model: accuracy(own, rows.labels),
    network: accuracy(printed, rows.labels),
    agreement: accuracy(printed, own),
  };
}

/** `neuroprint import`: an ONNX perceptron in, a network that can be compiled, or trained on from, out. */
export const importNetworkCommand = defineCommand({
  options,
  examples: [['$0 import --onnx iris.onnx --data iris.csv --out network.json', 'A start for train --start-from']],
  run: (argv) => {
    if (existsSync(argv.out) && !argv.overwrite) {
      throw new OutputInUseError(argv.out, 'the file exists', 'Name another file with --out, or add --overwrite.');
    }
    const perceptron = readPerceptron(argv.onnx);
    const technology = loadTechnology(TEMPLATES, argv.technology);
    const surrogate = (cell: string) =>
      readSurrogate(join(argv.surrogates, technology.name, cell), { technology: technology.name, cell });
    const [falling, activation] = [surrogate(FALLING_CELL), surrogate(ACTIVATION_CELL)];
    const data = argv.data === undefined ? undefined : readClasses(argv.data, argv);
    const { classes, inputs } = meaningOf(argv, perceptron, data, technology);
    const curves = { falling: SurrogateModel.of(falling), activation: SurrogateModel.of(activation) };
    const printed = printPerceptron(perceptron, inputs, technology, curves, argv.variation);
    const name = basename(argv.onnx).replace(/\.onnx$/i, '');
    writeArtifact(argv.out, TrainedNetworkKind, {
      inputHashes: {
        [basename(argv.onnx)]: sha256OfFile(argv.onnx),
        'technology.json': technology.hash,
        ...(data === undefined ? {} : { [basename(data.file)]: data.sha256 }),
      },
      name,
      technology: technology.name,
      inputs,
      biasVolts: technology.bias.volts,
      classes: [...classes],
      layers: [...printed.layers],
      variation: { kind: 'uniform', relativeSpread: argv.variation },
    });
    const found =
      data === undefined
        ? undefined
        : compare(perceptron, { layers: printed.layers, biasVolts: technology.bias.volts }, data, inputs, classes);
    const shape = [inputs.length, ...perceptron.map(({ biases }) => biases.length)].join('-');
    const { gains, inverterRmsVolts } = printed;
    return outcome(
      {
        name,
        layers: perceptron.map(({ weights, biases, activation: kind }) => ({
          inputs: weights.length,
          neurons: biases.length,
          activation: kind,
        })),
        gains,
        inverterRmsVolts,
        accuracy: found ?? null,
        out: argv.out,
      },
      [
        `${name}: ${shape}, ${perceptron.map(({ activation: kind }) => kind).join(', ')}`,
        ...gains.map(
          (gain, l) =>
            `layer ${l}    keeps ${formatPercent(gain)} of its slope; inverters ${(1000 * inverterRmsVolts[l]!).toFixed(0)} mV rms from straight lines`,
        ),
        ...(found === undefined
          ? []
          : [
              `accuracy   model ${formatPercent(found.model)}, network ${formatPercent(found.network)}, alike ${formatPercent(found.agreement)}`,
            ]),
        `written    ${argv.out}; a start: train --start-from ${argv.out}`,
      ],
    );
  },
});
