import { cellTable, findCell, type Technology } from '@neuroprint/circuit';
import { Draws, type NetworkLayer, stopwatch, summariseCopies, summariseMargins, UsageError } from '@neuroprint/core';
import { LOSS_WEIGHT, margins, minimiseBfgs } from '@neuroprint/numeric';
import type { NetworkContent, TrainingProblem } from '../printed/problem.ts';
import { BLOCK_ROWS, type Block, blocksOf } from '../printed/rows.ts';
import { CellActivation } from './activation.ts';
import { type PhysicalLayer, PhysicalModel, type PrintedCopy } from './kirchhoff-model.ts';
import { resolvePhysicalOptions } from './kirchhoff-options.ts';
import { printedCopies } from './printed-copies.ts';
import { startOf } from './starts.ts';
import { entriesOf } from './weight-maps.ts';

/** What a network of op-amp circuits is made for. */
export type CircuitProblem = Omit<TrainingProblem, 'falling' | 'activation'>;

/** The cells of hidden layers; the last layer is always of sigmoid stages. */
export const HIDDEN_CELLS = ['sigmoid', 'evensigmoid', 'bandpass'] as const;
export type HiddenCell = (typeof HIDDEN_CELLS)[number];

export interface CircuitOptions {
  /** Neurons of each hidden layer; default [5, 4]. */
  readonly hidden?: readonly number[];
  readonly cell?: HiddenCell;
  /** λ of λ·Σ_j (Σ_i g_ij − 1)², 0 or more; default 0.1. */
  readonly lambda?: number;
  /** Whether λ counts at every node, or at the output nodes only; default all. */
  readonly penalised?: 'all' | 'outputs';
  /** Σg of every column is kept at this share of Σ|g| or more; default 0.2. At 0 or below nothing keeps the circuit stable. */
  readonly leastShare?: number;
  /** Every component varies by this share; default 0.1. */
  readonly variation?: number;
  /** Printed copies that training sees, the same ones throughout; default 4. */
  readonly draws?: number;
  readonly seed?: number;
  /** Random starts, the best by validation under variation; default 3. */
  readonly restarts?: number;
  /** Most iterations of BFGS of one start; default 400. */
  readonly iterations?: number;
}

export interface CircuitResult {
  readonly network: NetworkContent;
  readonly iterations: number;
  /** Of the start that was kept: mean loss and accuracy of the validation rows over copies, at iterations counted through all starts. */
  readonly history: readonly { readonly epoch: number; readonly validLoss: number; readonly validAccuracy: number }[];
  readonly cpuSeconds: number;
  /** Σg/Σ|g| of every column, layer by layer: how far it is from running away. */
  readonly shares: readonly (readonly number[])[];
}

const DEFAULTS = {
  hidden: [5, 4],
  cell: 'sigmoid',
  lambda: 0.1,
  penalised: 'all',
  leastShare: 0.2,
  variation: 0.1,
  draws: 4,
  seed: 0,
  restarts: 3,
  iterations: 400,
} as const satisfies Required<CircuitOptions>;

const VALIDATION_DRAWS = 8;
const REPORT_DRAWS = 100;
const PATIENCE = 60;
/** Conductances of a start, times 1/√inputs: the cells are steep, so less is needed than with the mathematical sigmoid. */
const START_SPREAD = 1;
/** Weight of (least share − share)² of a column whose Σg is too small. */
const SHARE_WEIGHT = 100;
/** ln T of the cross-entropy at the start. */
const START_LOG_TEMPERATURE = Math.log(8);

function resolve(options: CircuitOptions): Required<CircuitOptions> {
  const resolved = { ...DEFAULTS, ...options };
  const { lambda, hidden, restarts, iterations, variation, leastShare, draws, cell } = resolved;
  resolvePhysicalOptions({ lambda, hidden, restarts, iterations });
  if (!(variation >= 0 && variation < 1))
    throw new UsageError(`variation is ${variation}, and it must be from 0 to below 1.`);
  if (!(leastShare > -1 && leastShare < 1))
    throw new UsageError(`leastShare is ${leastShare}, and it must be between −1 and 1.`);
  if (!Number.isSafeInteger(draws) || draws < 1)
    throw new UsageError(`draws is ${draws}, and it must be a whole number of 1 or more.`);
  if (!HIDDEN_CELLS.includes(cell))
    throw new UsageError(`cell is ${cell}, and it must be one of ${HIDDEN_CELLS.join(', ')}.`);
  return resolved;
}

/**
 * Trains a network that compiles to a circuit with op-amps: signed conductances with the rule v = Σ g·v_i / Σ g, and the exact curves of
 * the technology's cells as activations. Minimises the mean cross-entropy of softmax(T·v) over the unvaried network and some printed
 * copies by BFGS, with λ·Σ(Σg − 1)² and a wall that keeps Σg at its least share of Σ|g|. What is best on the validation
 * rows, under copies of its own, is kept. Throws UsageError where options, data and technology do not fit.
 */
export function trainCircuit(
  problem: CircuitProblem,
  options: CircuitOptions = {},
  onProgress?: (restart: number, iteration: number, validAccuracy: number) => void,
): CircuitResult {
  const spent = stopwatch();
  const resolved = resolve(options);
  const { hidden, lambda, leastShare, variation, seed, restarts, iterations: most } = resolved;
  const { technology } = problem;
  const [inputs, classes] = [problem.inputs.length, problem.classes.length];
  const sizes = [inputs, ...hidden, classes];
  const cells = sizes.slice(1).map((_, l) => findCell(technology, l === hidden.length ? 'sigmoid' : resolved.cell));
  const layers = sizes.slice(1).map((neurons, l): PhysicalLayer => {
    const cell = cells[l]!;
    const activation = new CellActivation(cell.name, cellTable(technology, cell, cell.typical));
    const counted = resolved.penalised === 'all' || l === hidden.length;
    return { inputs: sizes[l]!, neurons, map: 'free', rule: 'kirchhoff', activation, lambda: counted ? lambda : 0 };
  });
  const model = new PhysicalModel(layers, 'cross-entropy', BLOCK_ROWS, technology.bias.volts);
  const blocks = (part: 'train' | 'valid' | 'test') => blocksOf(problem[part], inputs, classes);
  const [train, valid, test] = [blocks('train'), blocks('valid'), blocks('test')];
  const copiesOf = (purpose: string, count: number): (PrintedCopy | undefined)[] =>
    variation === 0
      ? [undefined]
      : [undefined, ...printedCopies(layers, cells, technology, new Draws(seed, purpose), count, variation)];
  const copies = copiesOf('physical copies', resolved.draws);
  const judges = copiesOf('physical validation copies', VALIDATION_DRAWS);
  const random = new Draws(seed, 'physical-start');
  const history: (CircuitResult['history'][number] & { readonly restart: number })[] = [];
  let best = {
    score: Number.NEGATIVE_INFINITY,
    restart: 0,
    iteration: 0,
    x: new Float64Array(model.size) as Float64Array,
  };
  let iterations = 0;
  for (let restart = 0; restart < restarts; restart += 1) {
    let lowest = Number.POSITIVE_INFINITY;
    let since = 0;
    let iteration = 0;
    const consider = (x: Float64Array): boolean => {
      const inside = keptStable(layers, x, leastShare);
      let [loss, right] = [0, 0];
      for (const copy of judges) {
        const tally = model.evaluate(inside, valid, undefined, copy);
        loss += tally.loss / judges.length;
        right += tally.right / tally.rows / judges.length;
      }
      iteration += 1;
      since += 1;
      if (loss < lowest) [lowest, since] = [loss, 0];
      const score = right - LOSS_WEIGHT * loss;
      if (score > best.score) best = { score, restart, iteration: iterations + iteration, x: inside };
      history.push({ restart, epoch: iterations + iteration, validLoss: loss, validAccuracy: right });
      onProgress?.(restart, iteration, right);
      return since >= PATIENCE;
    };
    const start = startOf(layers, model.size, train, random, restart, {
      spread: START_SPREAD,
      centres: layers.map(({ activation }) => centreOf(activation, technology.bias.volts)),
      biasVolts: technology.bias.volts,
      // nothing holds Σg where λ does not count
      anySign: (layer) => layer.lambda === 0,
    });
    start[model.size - 1] = START_LOG_TEMPERATURE;
    consider(start);
    const result = minimiseBfgs(
      (x, gradient) => {
        gradient.fill(0);
        let total = shareWall(layers, x, leastShare, gradient);
        for (let k = 0; k < gradient.length; k += 1) gradient[k]! *= copies.length;
        for (const copy of copies) {
          const { loss, penalty } = model.evaluate(x, train, gradient, copy);
          total += (loss + penalty) / copies.length;
        }
        for (let k = 0; k < gradient.length; k += 1) gradient[k]! /= copies.length;
        return total;
      },
      start,
      { iterations: most, gradientTolerance: 1e-6, onIteration: (_, __, x) => consider(x) },
    );
    iterations += result.iterations;
  }
  const { x } = best;
  const accuracyOf = (rows: readonly Block[], copy?: PrintedCopy): number => {
    const { right, rows: count } = model.evaluate(x, rows, undefined, copy);
    return right / count;
  };
  const accuracy = { train: accuracyOf(train), valid: accuracyOf(valid), test: accuracyOf(test) };
  const reports = printedCopies(layers, cells, technology, new Draws(seed, 'test-variation'), REPORT_DRAWS, variation);
  const underVariation = summariseCopies(
    Float64Array.from(reports, (copy) => accuracyOf(test, copy)),
    variation,
  );
  model.set(x);
  const { cpuSeconds } = spent();
  return {
    network: {
      name: problem.name,
      technology: technology.name,
      inputs: problem.inputs,
      biasVolts: technology.bias.volts,
      classes: problem.classes,
      layers: exported(
        model,
        cells.map((cell) => ({ cell: cell.name, values: cell.typical })),
        technology,
      ),
      variation: { kind: 'uniform', relativeSpread: variation },
      training: {
        seed,
        epochs: iterations,
        bestEpoch: best.iteration,
        draws: resolved.draws,
        activation: 'fixed',
        share: 'layer',
        kernel: 'float64',
        ...problem.source,
      },
      metrics: { accuracy, underVariation, sensingMarginVolts: marginsOf(model, test, classes) },
      inputHashes: problem.inputHashes,
    },
    iterations,
    history: history.filter(({ restart }) => restart === best.restart).map(({ restart: _, ...at }) => at),
    cpuSeconds,
    shares: sharesOf(layers, x),
  };
}

/** The input at which a curve has the middle of what it gives between ground and bias, the first from below. */
function centreOf(activation: PhysicalLayer['activation'], biasVolts: number): number {
  const volts = Float64Array.from({ length: 201 }, (_, k) => (k / 200) * biasVolts);
  const [out, slope] = [new Float64Array(201), new Float64Array(201)];
  activation.apply(volts, 201, out, slope);
  const middle = 0.5 * (Math.min(...out) + Math.max(...out));
  const at = out.findIndex((v, k) => k > 0 && (v - middle) * (out[k - 1]! - middle) <= 0);
  return volts[at]!;
}

/** Σg/Σ|g| of every column. */
function sharesOf(layers: readonly PhysicalLayer[], x: Float64Array): number[][] {
  let at = 0;
  return layers.map((layer) => {
    const first = at;
    at += entriesOf(layer);
    return Array.from({ length: layer.neurons }, (_, k) => {
      let [total, size] = [0, 0];
      for (let e = first + k; e < at; e += layer.neurons) {
        total += x[e]!;
        size += Math.abs(x[e]!);
      }
      return total / size;
    });
  });
}

/** SHARE_WEIGHT·Σ max(0, least − Σg/Σ|g|)² over the columns; its derivative is added to `gradient`. */
function shareWall(layers: readonly PhysicalLayer[], x: Float64Array, least: number, gradient: Float64Array): number {
  let wall = 0;
  let at = 0;
  const shares = sharesOf(layers, x);
  layers.forEach((layer, l) => {
    const end = at + entriesOf(layer);
    for (let k = 0; k < layer.neurons; k += 1) {
      const share = shares[l]![k]!;
      if (share >= least) continue;
      wall += SHARE_WEIGHT * (least - share) ** 2;
      let size = 0;
      for (let e = at + k; e < end; e += layer.neurons) size += Math.abs(x[e]!);
      const by = (-2 * SHARE_WEIGHT * (least - share)) / size;
      for (let e = at + k; e < end; e += layer.neurons) gradient[e]! += by * (1 - share * Math.sign(x[e]!));
    }
    at = end;
  });
  return wall;
}

/** The same numbers with the negative entries of a column scaled down until Σg is its least share of Σ|g|. */
function keptStable(layers: readonly PhysicalLayer[], x: Float64Array, least: number): Float64Array {
  const out = x.slice();
  let at = 0;
  for (const layer of layers) {
    const end = at + entriesOf(layer);
    for (let k = 0; k < layer.neurons; k += 1) {
      let [positive, negative] = [0, 0];
      for (let e = at + k; e < end; e += layer.neurons) {
        positive += Math.max(0, out[e]!);
        negative -= Math.min(0, out[e]!);
      }
      const allowed = (positive * (1 - least)) / (1 + least);
      if (negative <= allowed) continue;
      for (let e = at + k; e < end; e += layer.neurons) if (out[e]! < 0) out[e]! *= allowed / negative;
    }
    at = end;
  }
  return out;
}

/** Layers for network.json: every column scaled so that its largest conductance is a fifth of the largest printable one. */
function exported(
  model: PhysicalModel,
  stages: readonly NetworkLayer['activationStages'][number][],
  { crossbar: { minOhms, maxOhms } }: Technology,
): NetworkLayer[] {
  return model.conductances().map((g, l): NetworkLayer => {
    const { inputs, neurons } = model.layers[l]!;
    const largest = Array.from({ length: neurons }, (_, k) =>
      g.reduce((most, value, at) => (at % neurons === k ? Math.max(most, Math.abs(value)) : most), 0),
    );
    return {
      nodeRule: 'kirchhoff',
      conductancesSiemens: Array.from({ length: inputs + 2 }, (_, row) =>
        Array.from({ length: neurons }, (_, k) => {
          const share = g[row * neurons + k]! / largest[k]!;
          // below half the smallest that any scale can print there is no resistor
          return Math.abs(share) < (0.5 * minOhms) / maxOhms ? 0 : share / (5 * minOhms);
        }),
      ),
      activationStages: [stages[l]!],
      fallingStages: [],
    };
  });
}

function marginsOf(model: PhysicalModel, blocks: readonly Block[], classes: number) {
  return summariseMargins(
    blocks.flatMap((block) => {
      const outputs = model.forward(block);
      const rowMajor = Float64Array.from(
        { length: block.rows * classes },
        (_, i) => outputs[(i % classes) * block.rows + Math.floor(i / classes)]!,
      );
      return [...margins(rowMajor, classes)];
    }),
  );
}
