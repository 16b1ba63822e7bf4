import { type Draws, type NetworkLayer, UsageError } from '@neuroprint/core';
import { createVariation } from './evaluate.ts';
import { Float64Loop } from './kernel/float64.ts';
import { type Architecture, Parameters } from './layer/parameters.ts';
import { printedMagnitude, project } from './layer/weights.ts';
import { PrintedModel } from './model.ts';
import { type Block, countRows } from './rows.ts';

/** Largest |θ| at the start, in units of the conductance range. */
const START_MAGNITUDE = 2;
/** Bias and pull-down beyond what centring needs, as a share of the column's conductances: room to move both ways. */
const SLACK = 0.15;
/** Output temperature at the start, in 1 over the bias volts. */
const START_TEMPERATURE = 8;
/** Where the node of a column without a stage starts, as a share of the bias volts. */
const CENTRE = 0.5;
/** A column's node is centred within these shares of the bias volts; an η₃ outside them cannot be reached by a mean of ground and bias. */
const CENTRE_SHARES = [0.05, 0.95] as const;

/**
 * A start from which training moves: signed conductances at random, stages at their typical values, and each column's
 * bias and pull-down such that its mean over the data lies in the middle of its activation. A column that saturates
 * has no gradient, and random bias saturates most of them. `restart` picks the random numbers.
 */
export function startParameters(
  architecture: Architecture,
  blocks: readonly Block[],
  random: Draws,
  restart: number,
): Parameters {
  const { shapes, conductances, falling, activation } = architecture;
  const parameters = new Parameters(architecture);
  parameters.logTemperature = Math.log(START_TEMPERATURE);
  let minor = 0;
  parameters.layers.forEach((layer, l) => {
    const { inputs, neurons } = shapes[l]!;
    for (let at = 0; at < inputs * neurons; at += 1, minor += 1) {
      layer.theta[at] = START_MAGNITUDE * (2 * random.uniform(restart, minor) - 1);
    }
    layer.theta.fill(1, inputs * neurons);
    falling.startAll(layer.falling);
    activation.startAll(layer.activation);
  });
  const exact = createVariation(architecture, 1, 0);
  const loop = new Float64Loop(shapes, 1, blocks);
  const model = new PrintedModel(architecture, 1, blocks, loop);
  shapes.forEach(({ inputs, neurons }, l) => {
    model.print(parameters, exact);
    centre(model, loop, parameters, l);
    project(parameters.layers[l]!.theta, inputs, neurons, conductances);
  });
  return parameters;
}

/** Noise of every further start from given layers, in units of the conductance range. */
const START_NOISE = 0.1;

/**
 * Given layers as a start; start `restart` with so many times START_NOISE on every conductance that is there. With stages
 * that are shared, the first of a layer's (or of the net's) counts. Throws UsageError where the layers do not fit.
 */
export function parametersOf(
  architecture: Architecture,
  start: readonly NetworkLayer[],
  random: Draws,
  restart: number,
): Parameters {
  const { shapes, conductances } = architecture;
  const parameters = new Parameters(architecture);
  parameters.logTemperature = Math.log(START_TEMPERATURE);
  let minor = 0;
  parameters.layers.forEach((layer, l) => {
    const { inputs, neurons } = shapes[l]!;
    const given = start[l];
    const siemens = given?.conductancesSiemens.flat() ?? [];
    if (given === undefined || siemens.length !== layer.theta.length || start.length !== shapes.length) {
      throw new UsageError(
        `The network to start from has other layers than ${shapes.map((shape) => `${shape.inputs}-${shape.neurons}`).join(', ')}.`,
        'Start from a network for a table with as many features and classes.',
      );
    }
    siemens.forEach((value, at) => {
      const noise = restart * START_NOISE * random.normal(restart, minor);
      minor += 1;
      layer.theta[at] = value === 0 ? 0 : value / conductances.unitSiemens + noise;
    });
    // a linear layer has no activation stages, and theirs then count for nothing
    for (const [kind, stages] of [
      ['falling', given.fallingStages],
      ['activation', given.activationStages],
    ] as const) {
      const space = architecture[kind];
      for (let set = 0; set * space.size < layer[kind].length; set += 1) {
        const stage = stages[set] ?? stages[0];
        if (stage !== undefined) layer[kind].set(space.freeOf(stage.values), set * space.size);
      }
    }
    project(layer.theta, inputs, neurons, conductances);
  });
  return parameters;
}

/** Sets bias and pull-down of layer l; the layers before it are centred already. */
function centre(model: PrintedModel, loop: Float64Loop, parameters: Parameters, l: number): void {
  const { shapes, conductances, biasVolts } = model.architecture;
  const { inputs, neurons } = shapes[l]!;
  const means = meanSources(model, loop, l);
  const { theta } = parameters.layers[l]!;
  for (let k = 0; k < neurons; k += 1) {
    // in units of the bias volts
    let [current, total] = [0, 0];
    for (let i = 0; i < inputs; i += 1) {
      const value = theta[i * neurons + k]!;
      const g = printedMagnitude(value, conductances);
      total += g;
      current += g * ((value < 0 ? means.inverted[i]! : means.direct[i]!) / biasVolts);
    }
    const midpoint = shapes[l]!.linear === true ? CENTRE : model.eta(l, 'activation')[k * 4 + 2]! / biasVolts;
    const target = Math.min(CENTRE_SHARES[1], Math.max(CENTRE_SHARES[0], midpoint));
    // Σg with bias and pull-down: the least that puts the mean on target with neither of them negative, and slack
    const least = Math.max(current / target, (total - current) / (1 - target));
    const sum = least + SLACK * total;
    theta[inputs * neurons + k] = target * sum - current;
    theta[(inputs + 1) * neurons + k] = (1 - target) * sum - (total - current);
  }
}

/** Mean volts of each input of layer l over the data, direct and through its falling stage. */
function meanSources(model: PrintedModel, loop: Float64Loop, l: number) {
  const { blocks } = model;
  const { inputs } = model.architecture.shapes[l]!;
  const eta = model.eta(l, 'falling');
  const rows = countRows(blocks);
  const direct = new Float64Array(inputs);
  const inverted = new Float64Array(inputs);
  for (const block of blocks) {
    const x = loop.layerOutputs(0, block, l);
    for (let i = 0; i < inputs; i += 1) {
      for (let r = 0; r < block.rows; r += 1) {
        const v = x[i * block.rows + r]!;
        direct[i]! += v / rows;
        inverted[i]! -= (eta[i * 4]! + eta[i * 4 + 1]! * Math.tanh((v - eta[i * 4 + 2]!) * eta[i * 4 + 3]!)) / rows;
      }
    }
  }
  return { direct, inverted };
}
