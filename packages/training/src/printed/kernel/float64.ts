import { CURVE_LENGTH } from '@neuroprint/circuit';
import type { Line } from '@neuroprint/numeric';
import { BLOCK_ROWS, type Block } from '../rows.ts';
import { type PrintedSeries, stageCount } from '../series.ts';
import { addCurve, type LayerSeries } from './layer-series.ts';
import type { ExampleLoop } from './loop.ts';
import { crossEntropy, type LossSums, squaredError } from './loss.ts';
import { createTensors, type LayerShape, type LayerTensors, type NetworkTensors } from './tensors.ts';

/*
 * One layer of one print on a block of rows, in float64 with sums in a fixed order: the oracle of assembly/kernel.ts.
 * Voltages lie column by column, [features × rows], so that the loops over rows are long and their constants stay in
 * registers. The equations are those of ExampleLoop.
 */

/** What forward leaves for backward, in columns of `capacity` rows or fewer. */
export interface LayerTrace {
  readonly capacity: number;
  /** tanh of the falling stages [inputs × rows]; unset for an input that no column needs inverted. */
  readonly fallingTanh: Float64Array;
  /** Node voltages z and the activations' tanh [neurons × rows]. */
  readonly node: Float64Array;
  readonly activationTanh: Float64Array;
  /** Output volts y [neurons × rows]. */
  readonly output: Float64Array;
}

export function createTrace(capacity: number, inputs: number, neurons: number): LayerTrace {
  return {
    capacity,
    fallingTanh: new Float64Array(inputs * capacity),
    node: new Float64Array(neurons * capacity),
    activationTanh: new Float64Array(neurons * capacity),
    output: new Float64Array(neurons * capacity),
  };
}

/** tanh((v − η₃)·η₄) of a column. 1 − 2/(e^2u + 1) errs by 1e-16 absolutely and needs no branch at ±∞. */
function tanhColumn(
  v: Float64Array,
  at: number,
  rows: number,
  eta3: number,
  eta4: number,
  out: Float64Array,
  outAt: number,
): void {
  const slope = 2 * eta4;
  for (let r = 0; r < rows; r += 1) out[outAt + r] = 1 - 2 / (Math.exp((v[at + r]! - eta3) * slope) + 1);
}

function isInverted(layer: LayerTensors, input: number): boolean {
  for (let k = 0; k < layer.neurons; k += 1) if (layer.inverted[input * layer.neurons + k] === 1) return true;
  return false;
}

/** Fills `trace` from input volts `x` [inputs × rows]; `series` has the noise in it, and gets the curves. */
export function layerForward(
  layer: LayerTensors,
  draw: number,
  x: Float64Array,
  rows: number,
  trace: LayerTrace,
  series?: LayerSeries,
): void {
  const { inputs, neurons, weights, inverted, falling, activation } = layer;
  const { fallingTanh, node, activationTanh, output } = trace;
  for (let k = 0; k < neurons; k += 1) node.fill(layer.offsets[draw * neurons + k]!, k * rows, (k + 1) * rows);
  for (let i = 0; i < inputs; i += 1) {
    const eta = (draw * inputs + i) * 4;
    const [eta1, eta2] = [falling[eta]!, falling[eta + 1]!];
    const xAt = i * rows;
    if (isInverted(layer, i)) {
      tanhColumn(x, xAt, rows, falling[eta + 2]!, falling[eta + 3]!, fallingTanh, xAt);
      if (series !== undefined) addCurve(series, i, x, xAt, rows);
    }
    for (let k = 0; k < neurons; k += 1) {
      const w = weights[(draw * inputs + i) * neurons + k]!;
      if (w === 0) continue;
      const zAt = k * rows;
      if (inverted[i * neurons + k] === 1) {
        const constant = -w * eta1;
        const factor = -w * eta2;
        for (let r = 0; r < rows; r += 1) node[zAt + r]! += constant + factor * fallingTanh[xAt + r]!;
        if (series !== undefined) for (let r = 0; r < rows; r += 1) node[zAt + r]! += w * series.volts[xAt + r]!;
      } else {
        for (let r = 0; r < rows; r += 1) node[zAt + r]! += w * x[xAt + r]!;
      }
    }
  }
  if (layer.linear) output.set(node.subarray(0, neurons * rows));
  for (let k = 0; k < neurons && !layer.linear; k += 1) {
    const eta = (draw * neurons + k) * 4;
    const [eta1, eta2] = [activation[eta]!, activation[eta + 1]!];
    const at = k * rows;
    tanhColumn(node, at, rows, activation[eta + 2]!, activation[eta + 3]!, activationTanh, at);
    for (let r = 0; r < rows; r += 1) output[at + r] = eta1 + eta2 * activationTanh[at + r]!;
    if (series === undefined) continue;
    addCurve(series, inputs + k, node, at, rows);
    for (let r = 0; r < rows; r += 1) output[at + r]! += series.volts[(inputs + k) * rows + r]!;
  }
}

/**
 * From ∂f/∂y [neurons × rows] (overwritten by ∂f/∂z) adds to `gradient` at `draw`; writes ∂f/∂x [inputs × rows] into
 * `inputGradient` unless it is undefined (the first layer's inputs are data). `scratch` holds one column.
 */
export function layerBackward(
  layer: LayerTensors,
  draw: number,
  x: Float64Array,
  rows: number,
  trace: LayerTrace,
  outputGradient: Float64Array,
  gradient: LayerTensors,
  inputGradient: Float64Array | undefined,
  scratch: Float64Array,
  series?: LayerSeries,
): void {
  activationBackward(layer, draw, rows, trace, outputGradient, gradient, series);
  const { inputs, neurons, weights, inverted, falling } = layer;
  const nodeGradient = outputGradient;
  for (let i = 0; i < inputs; i += 1) {
    const eta = (draw * inputs + i) * 4;
    const [eta1, eta2] = [falling[eta]!, falling[eta + 1]!];
    const xAt = i * rows;
    if (inputGradient !== undefined) inputGradient.fill(0, xAt, xAt + rows);
    const inverts = isInverted(layer, i);
    if (inverts) scratch.fill(0, 0, rows);
    for (let k = 0; k < neurons; k += 1) {
      const at = (draw * inputs + i) * neurons + k;
      const w = weights[at]!;
      const zAt = k * rows;
      let sum = 0;
      let product = 0;
      if (inverted[i * neurons + k] === 1) {
        for (let r = 0; r < rows; r += 1) {
          const dz = nodeGradient[zAt + r]!;
          sum += dz;
          product += dz * trace.fallingTanh[xAt + r]!;
          scratch[r]! += w * dz;
        }
        gradient.weights[at]! -= eta1 * sum + eta2 * product;
        if (series !== undefined)
          for (let r = 0; r < rows; r += 1) gradient.weights[at]! += nodeGradient[zAt + r]! * series.volts[xAt + r]!;
      } else if (inputGradient === undefined) {
        for (let r = 0; r < rows; r += 1) product += nodeGradient[zAt + r]! * x[xAt + r]!;
        gradient.weights[at]! += product;
      } else {
        for (let r = 0; r < rows; r += 1) {
          const dz = nodeGradient[zAt + r]!;
          product += dz * x[xAt + r]!;
          inputGradient[xAt + r]! += w * dz;
        }
        gradient.weights[at]! += product;
      }
    }
    if (!inverts) continue;
    fallingBackward(layer, draw, i, x, rows, trace, gradient, inputGradient, scratch);
    if (inputGradient === undefined || series === undefined) continue;
    for (let r = 0; r < rows; r += 1) inputGradient[xAt + r]! += scratch[r]! * series.slopes[xAt + r]!;
  }
}

/** ∂f/∂y → ∂f/∂z in place, and the gradients of the activations' η and of the offsets. */
function activationBackward(
  layer: LayerTensors,
  draw: number,
  rows: number,
  trace: LayerTrace,
  outputGradient: Float64Array,
  gradient: LayerTensors,
  series: LayerSeries | undefined,
): void {
  for (let k = 0; k < layer.neurons; k += 1) {
    if (layer.linear) {
      let sum = 0;
      for (let at = k * rows; at < (k + 1) * rows; at += 1) sum += outputGradient[at]!;
      gradient.offsets[draw * layer.neurons + k]! += sum;
      continue;
    }
    const eta = (draw * layer.neurons + k) * 4;
    const eta2 = layer.activation[eta + 1]!;
    const eta3 = layer.activation[eta + 2]!;
    const eta4 = layer.activation[eta + 3]!;
    const at = k * rows;
    let [d1, d2, d4, dz, past] = [0, 0, 0, 0, 0];
    for (let r = 0; r < rows; r += 1) {
      const dy = outputGradient[at + r]!;
      const t = trace.activationTanh[at + r]!;
      const inner = dy * eta2 * (1 - t * t);
      d1 += dy;
      d2 += dy * t;
      d4 += inner * (trace.node[at + r]! - eta3);
      dz += inner;
      outputGradient[at + r] = inner * eta4;
      if (series === undefined) continue;
      const around = dy * series.slopes[layer.inputs * rows + at + r]!;
      past += around;
      outputGradient[at + r]! += around;
    }
    gradient.activation[eta]! += d1;
    gradient.activation[eta + 1]! += d2;
    gradient.activation[eta + 2]! -= dz * eta4;
    gradient.activation[eta + 3]! += d4;
    gradient.offsets[draw * layer.neurons + k]! += dz * eta4 + past;
  }
}

/** `scratch` holds ∂f/∂inv_i [rows]: the gradient of the stage's η, and of its input where that is wanted. */
function fallingBackward(
  layer: LayerTensors,
  draw: number,
  input: number,
  x: Float64Array,
  rows: number,
  trace: LayerTrace,
  gradient: LayerTensors,
  inputGradient: Float64Array | undefined,
  scratch: Float64Array,
): void {
  const eta = (draw * layer.inputs + input) * 4;
  const eta2 = layer.falling[eta + 1]!;
  const eta3 = layer.falling[eta + 2]!;
  const eta4 = layer.falling[eta + 3]!;
  const at = input * rows;
  let [d1, d2, d3, d4] = [0, 0, 0, 0];
  for (let r = 0; r < rows; r += 1) {
    const dv = -scratch[r]!;
    const t = trace.fallingTanh[at + r]!;
    const inner = dv * eta2 * (1 - t * t);
    d1 += dv;
    d2 += dv * t;
    d3 += inner;
    d4 += inner * (x[at + r]! - eta3);
    if (inputGradient !== undefined) inputGradient[at + r]! += inner * eta4;
  }
  gradient.falling[eta]! += d1;
  gradient.falling[eta + 1]! += d2;
  gradient.falling[eta + 2]! -= d3 * eta4;
  gradient.falling[eta + 3]! += d4;
}

/** The loop in plain float64. It can also be asked for the volts of its layers. */
export class Float64Loop implements ExampleLoop {
  readonly kernel = 'float64';
  readonly tensors: NetworkTensors;
  readonly gradients: NetworkTensors;
  readonly #blocks: readonly Block[];
  readonly #traces: readonly LayerTrace[];
  readonly #outputGradients: readonly Float64Array[];
  readonly #scratch = new Float64Array(BLOCK_ROWS);
  readonly #shapes: readonly LayerShape[];
  #series: PrintedSeries | undefined;
  #line: Line = [0, 1];
  /** Volts and slopes of each layer on the present block. */
  #layerSeries: readonly LayerSeries[] = [];

  constructor(shapes: readonly LayerShape[], draws: number, blocks: readonly Block[]) {
    this.#shapes = shapes;
    this.#blocks = blocks;
    this.tensors = createTensors(shapes, draws);
    this.gradients = createTensors(shapes, draws);
    this.#traces = shapes.map(({ inputs, neurons }) => createTrace(BLOCK_ROWS, inputs, neurons));
    this.#outputGradients = shapes.map(({ neurons }) => new Float64Array(neurons * BLOCK_ROWS));
  }

  run(
    first: number,
    last: number,
    temperature: number,
    gradientScale: number | undefined,
    exponent: number,
    sums: LossSums,
    correctByDraw: Float64Array,
  ): void {
    const layers = this.tensors.layers;
    const classes = layers.at(-1)!.neurons;
    const outputGradient = this.#outputGradients.at(-1)!;
    for (let draw = 0; draw < correctByDraw.length; draw += 1) {
      const before = sums.correct;
      for (let b = first; b < last; b += 1) {
        const block = this.#blocks[b]!;
        const output = this.printOutputs(draw, b);
        const scale = gradientScale ?? 0;
        if (block.labels instanceof Int32Array)
          crossEntropy(output, block, classes, temperature, scale, exponent, sums, outputGradient);
        else squaredError(output, block, this.#line, scale, sums, outputGradient);
        if (gradientScale !== undefined) this.#backward(draw, block);
      }
      correctByDraw[draw]! += sums.correct - before;
    }
  }

  setLine(line: Line): void {
    this.#line = line;
  }

  setSeries(series: PrintedSeries | undefined): void {
    this.#series = series;
  }

  /** Output volts [outputs × rows] of one print on block `b`, with what is in series with its stages; valid until the next call. */
  printOutputs(draw: number, b: number): Float64Array {
    const block = this.#blocks[b]!;
    this.#beginSeries(draw, b, block.rows);
    return this.layerOutputs(draw, block, this.tensors.layers.length);
  }

  /** Output volts [neurons × rows] of the first `count` layers of one print, valid until the next call; with 0 the inputs. */
  layerOutputs(draw: number, block: Block, count: number): Float64Array {
    let x = block.volts;
    for (let l = 0; l < count; l += 1) {
      layerForward(this.tensors.layers[l]!, draw, x, block.rows, this.#traces[l]!, this.#layerSeries[l]);
      x = this.#traces[l]!.output;
    }
    return x;
  }

  /** What the last call of layerOutputs has left of layer `l`, in columns of the block's rows. */
  trace(l: number): LayerTrace {
    return this.#traces[l]!;
  }

  /** The noise of a print on a block; the curves come where the inputs of the stages are known. */
  #beginSeries(draw: number, block: number, rows: number): void {
    const series = this.#series;
    if (series === undefined) {
      this.#layerSeries = [];
      return;
    }
    this.#layerSeries = this.#shapes.map((shape, l) => {
      const stages = stageCount(shape);
      const volts = new Float64Array(stages * rows);
      series.noise(l, draw, block, volts, rows);
      const at = draw * stages * CURVE_LENGTH;
      const curves = series.curves[l]!.subarray(at, at + stages * CURVE_LENGTH);
      return { curves, periodVolts: series.periodVolts, volts, slopes: new Float64Array(stages * rows) };
    });
  }

  #backward(draw: number, block: Block): void {
    for (let l = this.#traces.length - 1; l >= 0; l -= 1) {
      layerBackward(
        this.tensors.layers[l]!,
        draw,
        this.#traces[l - 1]?.output ?? block.volts,
        block.rows,
        this.#traces[l]!,
        this.#outputGradients[l]!,
        this.gradients.layers[l]!,
        this.#outputGradients[l - 1],
        this.#scratch,
        this.#layerSeries[l],
      );
    }
  }
}
