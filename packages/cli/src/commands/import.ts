import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadTechnology } from '@neuroprint/circuit';
import {
  featureMatrix,
  formatPercent,
  formatUnits,
  OutputInUseError,
  readArtifact,
  regressionOf,
  TrainedNetworkKind,
  UsageError,
  writeFileAtomic,
} from '@neuroprint/core';
import { renderTrainingReport } from '@neuroprint/report';
import { readSurrogate } from '@neuroprint/surrogate';
import { ACTIVATION_CELL, FALLING_CELL } from '@neuroprint/training';
import { TEMPLATES } from '#host';
import { type ArgumentsOf, defineCommand, type Outcome } from '../command.ts';
import { checkMapping, compareOnTable, layerAnswers } from '../import/agreement.ts';
import { distil } from '../import/distil.ts';
import { type Model, openRequested } from '../import/model.ts';
import { inputsOf, printModel } from '../import/print.ts';
import { judged, nameOf, originOf, scoresInWords, writeNetwork } from '../import/result.ts';
import {
  flag,
  flagOf,
  hiddenSizes,
  number,
  overwriteOption,
  ownSeedOption,
  parsed,
  required,
  surrogatesOption,
  technologyOption,
  text,
  whole,
} from '../options.ts';
import { inputVoltsOption, tableOptions } from '../table-options.ts';

const options = {
  onnx: required(text('ONNX file: of a perceptron with tanh or sigmoid layers, or with --distil of any model')),
  out: required(text('File to write, such as network.json')),
  data: text('CSV table: its feature ranges and classes; without it inputs are volts'),
  ...tableOptions,
  'input-volts': inputVoltsOption,
  target: text('Regression: numeric column that the one output predicts'),
  threshold: number('One output: from this value on it means the second class; a sigmoid has 0.5'),
  classes: text('Names of the classes in the order of the outputs, apart by commas'),
  distil: flag('Run the model in onnxruntime, and train a network to do as it does'),
  rows: whole('With --distil: rows within the ranges of the table that the model is asked too', { min: 0, max: 1e6 }),
  hidden: parsed(
    text('With --distil: neurons of each hidden layer; those of the model where its layers are a start, else 6'),
    hiddenSizes,
  ),
  epochs: whole('With --distil: most epochs of one start', { min: 1, max: 1e6 }),
  restarts: whole('With --distil: starts, the best continue', { min: 1, max: 10_000 }),
  draws: whole('With --distil: printed copies in every step', { min: 1, max: 10_000 }),
  'power-price': number('With --distil: what each e-fold of static power costs, in nats; as in train unless given', {
    min: 0,
    max: 10,
  }),
  seed: ownSeedOption,
  'minimum-agreement': number('Test rows that the network must decide as the model does; below it the exit code is 3', {
    min: 0,
    max: 1,
    default: 0.9,
  }),
  variation: number('Spread that component values must leave room for', { min: 0, max: 0.99, default: 0.1 }),
  technology: technologyOption,
  surrogates: surrogatesOption,
  overwrite: overwriteOption,
} as const;
type Arguments = ArgumentsOf<typeof options>;

/** `neuroprint import`: a model in, a network that can be compiled, or trained on from, out. */
export const importNetworkCommand = defineCommand({
  options,
  examples: [
    ['$0 import --onnx iris.onnx --data iris.csv --out network.json', 'A start for train --start-from'],
    [
      '$0 import --onnx forest.onnx --data iris.csv --distil --out network.json',
      'A network that decides as a forest does',
    ],
  ],
  run: async (argv) => {
    const used = [argv.out, ...(argv.distil ? [pageOf(argv.out)] : [])].find(existsSync);
    if (used !== undefined && !argv.overwrite)
      throw new OutputInUseError(used, 'the file exists', 'Name another file with --out, or add --overwrite.');
    if (!argv.distil)
      for (const name of ['rows', 'hidden', 'epochs', 'restarts', 'draws', 'seed', 'powerPrice'] as const)
        if (argv[name] !== undefined) throw new UsageError(`${flagOf(name)} is for a training.`, 'Add --distil.');
    const model = await openRequested(argv);
    return argv.distil ? distilled(argv, model) : mapped(argv, model);
  },
});

/** The page about a training, beside its network. */
function pageOf(out: string): string {
  return `${out.replace(/\.json$/i, '')}.html`;
}

/** The weights of a model as conductances. */
async function mapped(argv: Arguments, model: Model): Promise<Outcome> {
  const layers = model.layers!;
  const technology = loadTechnology(TEMPLATES, argv.technology);
  const surrogate = (cell: string) =>
    readSurrogate(join(argv.surrogates, technology.name, cell), { technology: technology.name, cell });
  const inputs = inputsOf(model, technology, argv.inputVolts);
  const ground = { technology, falling: surrogate(FALLING_CELL), activation: surrogate(ACTIVATION_CELL) };
  const { task, gains, inverterRmsVolts, ...printed } = printModel(model, layers, inputs, ground, argv.variation);
  const checked = await checkMapping(argv.onnx, model, inputs);
  const answers = model.data && layerAnswers(model, featureMatrix(model.data));
  const made = { layers: [...printed.layers], biasVolts: technology.bias.volts, ...(task && { task }) };
  const found = answers && compareOnTable(model, answers, made, inputs, technology);
  const name = nameOf(argv);
  writeNetwork(argv, model, {
    ...{ name, inputs, ...made, technology: technology.name, classes: [...model.classes] },
    variation: { kind: 'uniform', relativeSpread: argv.variation },
    inputHashes: { 'technology.json': technology.hash },
    model: originOf(argv, model, answers, found?.agreement),
  });
  return judged(argv, model, found?.agreement, checked, {
    result: {
      layers: layers.map(({ weights, biases, activation: kind }) => ({
        inputs: weights.length,
        neurons: biases.length,
        activation: kind,
      })),
      gains,
      inverterRmsVolts,
      accuracy: found ?? null,
    },
    lines: [
      `${name}: ${[inputs.length, ...layers.map(({ biases }) => biases.length)].join('-')}, ${layers.map(({ activation: kind }) => kind).join(', ')}`,
      ...gains.map(
        (gain, l) =>
          `layer ${l}    keeps ${formatPercent(gain)} of its slope; inverters ${(1000 * inverterRmsVolts[l]!).toFixed(0)} mV rms from straight lines`,
      ),
      ...(found === undefined ? [] : [scoresInWords(model, found)]),
    ],
    last: `written    ${argv.out}; a start: train --start-from ${argv.out}`,
  });
}

/** A network that was trained to do as the model does. */
async function distilled(argv: Arguments, model: Model): Promise<Outcome> {
  const { network, agreement, answers, drawn, epochs, history, bestRestart, isFromLayers } = await distil(model, argv);
  const { inputs, layers, task } = network;
  const technology = loadTechnology(TEMPLATES, argv.technology);
  const found = compareOnTable(model, answers, { ...network, task: regressionOf(network) }, inputs, technology);
  const { underVariation } = agreement!;
  writeNetwork(argv, model, {
    ...network,
    name: nameOf(argv),
    model: originOf(argv, model, answers, found.agreement, underVariation),
  });
  const page = pageOf(argv.out);
  const { html } = await renderTrainingReport({
    network: readArtifact(argv.out, TrainedNetworkKind),
    history: history.filter(({ restart }) => restart === bestRestart),
    technology,
  });
  writeFileAtomic(page, html);
  const shape = [inputs.length, ...layers.map(({ conductancesSiemens }) => conductancesSiemens[0]!.length)].join('-');
  const starts = isFromLayers ? "the model's own layers" : 'random starts';
  const value = (share: number) => (task === undefined ? formatPercent(share) : formatUnits(share));
  const { refusal } = model.examined;
  return judged(argv, model, found.agreement, undefined, {
    result: { shape, epochs, drawnRows: drawn, accuracy: found, underVariation },
    lines: [
      `${nameOf(argv)}: ${shape} distilled from ${basename(argv.onnx)}: ${epochs} epochs from ${starts}, on the table and ${drawn} rows within its ranges`,
      ...(refusal === undefined ? [] : [`not mapped ${refusal}`]),
      scoresInWords(model, found),
      `printed    ${task === undefined ? 'alike' : 'RMSE'} ${value(underVariation.mean)} ± ${value(underVariation.std)} on the test rows (${underVariation.draws} copies)`,
    ],
    last: `written    ${argv.out}, ${page}`,
  });
}
