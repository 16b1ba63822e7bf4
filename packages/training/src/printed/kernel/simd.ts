import { CURVE_LENGTH } from '@neuroprint/circuit';
import type { Line } from '@neuroprint/numeric';
import type { Block } from '../rows.ts';
import { type PrintedSeries, stageCount } from '../series.ts';
import { KernelMemory, padded, type plainKernel } from './kernel.ts';
import type { ExampleLoop } from './loop.ts';
import { type LossSums, newSums, squaredError } from './loss.ts';
import { entriesLength, type LayerShape, type NetworkTensors, tensorsIn, tensorsLength } from './tensors.ts';

/** Rows that the kernel takes in one go. */
const GROUP_ROWS = 16;
/** Bytes of the kernel's notes for an input or neuron. */
const PLAN_BYTES = 16;

/** What the kernel knows of a layer, as the words that assembly/network.ts reads. */
const LAYER_WORDS = [
  ...(['inputs', 'neurons', 'linear', 'weights', 'offsets', 'falling', 'activation', 'inverted'] as const),
  ...(['fallingTanh', 'node', 'activationTanh', 'output', 'outputGradient'] as const),
  ...(['weightGradient', 'offsetGradient', 'fallingGradient', 'activationGradient'] as const),
  ...(['seriesVolts', 'seriesSlopes'] as const),
] as const;

/** A block in the kernel's memory, by address. */
interface LoadedBlock {
  readonly rows: number;
  /** Without the padding. */
  readonly realRows: number;
  readonly volts: number;
  /** Where the labels are, or the targets themselves. */
  readonly labels: number | Float64Array;
  readonly weights: Float32Array;
}

/** What a layer leaves in the kernel's memory for its gradient, by address; columns of float32. */
interface LayerMemory {
  readonly fallingTanh: number;
  readonly node: number;
  readonly activationTanh: number;
  readonly output: number;
  readonly outputGradient: number;
  /** The last two as they can be read here. */
  readonly views: { readonly output: Float32Array; readonly outputGradient: Float32Array };
}

/** What a layer has in series with its stages, falling ones first. */
interface SeriesMemory {
  /** [draws × stages × CURVE_LENGTH] */
  readonly curves: Float64Array;
  /** Columns of float32 [stages × rows]. */
  readonly volts: Float32Array;
  readonly slopes: number;
}

/** The loop in WebAssembly SIMD: examples in float32, tensors, gradients and sums over blocks in float64. */
export class SimdLoop implements ExampleLoop {
  readonly kernel = 'simd';
  readonly tensors: NetworkTensors;
  readonly gradients: NetworkTensors;
  readonly #memory: KernelMemory;
  readonly #blocks: readonly LoadedBlock[];
  readonly #layers: readonly LayerMemory[];
  readonly #sums: Float64Array;
  readonly #plan: number;
  /** LAYER_WORDS of every layer. */
  readonly #words: Int32Array;
  /** Of each layer; empty where the loop was made without. */
  readonly #seriesMemory: readonly SeriesMemory[];
  readonly #noise: Float64Array;
  #series: PrintedSeries | undefined;
  #line: Line = [0, 1];

  /** @param hasSeries whether it makes room for what is in series with the stages; `module` is the build of the kernel, by default the fastest */
  constructor(
    shapes: readonly LayerShape[],
    draws: number,
    blocks: readonly Block[],
    hasSeries = false,
    module?: typeof plainKernel,
  ) {
    const rows = Math.max(...blocks.map((block) => paddedRows(block.rows)));
    const widest = Math.max(...shapes.flatMap(({ inputs, neurons }) => [inputs, neurons]));
    const tensorBytes = 2 * (8 * tensorsLength(shapes, draws) + entriesLength(shapes) + 32);
    const traceBytes = shapes.reduce((sum, { inputs, neurons }) => sum + 4 * rows * (inputs + 4 * neurons), 0);
    const dataBytes = blocks.reduce((sum, block) => sum + 4 * paddedRows(block.rows) * (shapes[0]!.inputs + 2), 0);
    const allStages = hasSeries ? shapes.reduce((sum, shape) => sum + stageCount(shape), 0) : 0;
    const seriesBytes = allStages * (8 * draws * CURVE_LENGTH + 8 * rows) + 48 * shapes.length;
    const memory = new KernelMemory(
      tensorBytes +
        traceBytes +
        dataBytes +
        seriesBytes +
        padded(PLAN_BYTES * widest) +
        padded(4 * LAYER_WORDS.length * shapes.length) +
        64,
      module,
    );
    const tensors = () =>
      tensorsIn(memory.float64(tensorsLength(shapes, draws)), memory.uint8(entriesLength(shapes)), shapes, draws);
    this.#memory = memory;
    this.tensors = tensors();
    this.gradients = tensors();
    this.#sums = memory.float64(3);
    this.#plan = memory.take(PLAN_BYTES * widest);
    this.#words = memory.int32(LAYER_WORDS.length * shapes.length);
    this.#noise = new Float64Array(allStages * rows);
    this.#seriesMemory = (hasSeries ? shapes : []).map((shape) => {
      const stages = stageCount(shape);
      return {
        curves: memory.float64(draws * stages * CURVE_LENGTH),
        volts: memory.float32(stages * rows),
        slopes: memory.take(4 * stages * rows),
      };
    });
    this.#layers = shapes.map(({ inputs, neurons }) => {
      const columns = (count: number) => memory.take(4 * rows * count);
      const traces = { fallingTanh: columns(inputs), node: columns(neurons), activationTanh: columns(neurons) };
      const views = { output: memory.float32(rows * neurons), outputGradient: memory.float32(rows * neurons) };
      const { output, outputGradient } = views;
      return { ...traces, output: output.byteOffset, outputGradient: outputGradient.byteOffset, views };
    });
    this.#blocks = blocks.map((block) => load(memory, block, shapes[0]!.inputs));
    this.#describe();
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
    const { kernel } = this.#memory;
    const total = this.#sums;
    const end = this.#layers.at(-1)!;
    const classes = this.tensors.layers.at(-1)!.neurons;
    const scale = gradientScale ?? 0;
    total.fill(0);
    // what the kernel has no code for: the rows of one column are few enough to be summed here
    const squares = newSums();
    for (let draw = 0; draw < correctByDraw.length; draw += 1) {
      const before = total[2]!;
      for (let b = first; b < last; b += 1) {
        const block = this.#blocks[b]!;
        const { rows, labels, weights, volts } = block;
        if (this.#series !== undefined) this.#beginSeries(this.#series, draw, b, block);
        this.#forward(draw, block);
        if (typeof labels === 'number')
          kernel.crossEntropy(
            classes,
            rows,
            end.output,
            labels,
            weights.byteOffset,
            temperature,
            scale,
            exponent,
            total.byteOffset,
            end.outputGradient,
          );
        else squaredError(end.views.output, { labels, weights }, this.#line, scale, squares, end.views.outputGradient);
        if (gradientScale === undefined) continue;
        kernel.backward(this.#words.byteOffset, this.#layers.length, draw, rows, volts, this.#plan);
      }
      correctByDraw[draw]! += total[2]! - before;
    }
    sums.loss += total[0]! + squares.loss;
    sums.temperatureGradient += total[1]!;
    sums.correct += total[2]! + squares.correct;
    sums.read.addAll(squares.read);
  }

  setLine(line: Line): void {
    this.#line = line;
  }

  /** Throws Error where the loop was made without room for it. */
  setSeries(series: PrintedSeries | undefined): void {
    if (series !== undefined && this.#seriesMemory.length === 0)
      throw new Error('this loop was made without room for volts in series with its stages');
    if (series !== this.#series) {
      this.#series = series;
      this.#describe();
    }
    series?.curves.forEach((curves, l) => {
      this.#seriesMemory[l]!.curves.set(curves);
    });
  }

  /** The noise of a print on a block; the curves come where the inputs of the stages are known. */
  #beginSeries(series: PrintedSeries, draw: number, b: number, { rows, realRows }: LoadedBlock): void {
    this.#seriesMemory.forEach(({ volts }, l) => {
      const stages = stageCount(this.tensors.layers[l]!);
      if (!series.hasNoise) {
        volts.fill(0, 0, stages * rows);
        return;
      }
      const noise = this.#noise.subarray(0, stages * realRows);
      series.noise(l, draw, b, noise, realRows);
      for (let s = 0; s < stages; s += 1) volts.set(noise.subarray(s * realRows, (s + 1) * realRows), s * rows);
    });
  }

  /** Adds the curves of stages `first` to before `last` of a layer, given the columns of their inputs. */
  #addCurves(l: number, draw: number, rows: number, first: number, last: number, columns: number): void {
    const { curves, volts, slopes } = this.#seriesMemory[l]!;
    const stages = stageCount(this.tensors.layers[l]!);
    for (let s = first; s < last; s += 1) {
      this.#memory.kernel.addCurve(
        curves.byteOffset + 8 * CURVE_LENGTH * (draw * stages + s),
        this.#series!.periodVolts,
        rows,
        columns + 4 * rows * (s - first),
        volts.byteOffset + 4 * rows * s,
        slopes + 4 * rows * s,
      );
    }
  }

  /** All layers; with volts in series one after the other, because these depend on what the layer finds at its inputs. */
  #forward(draw: number, { rows, volts }: LoadedBlock): void {
    const { kernel } = this.#memory;
    const count = this.#layers.length;
    const [at, plan] = [this.#words.byteOffset, this.#plan];
    if (this.#series === undefined) {
      kernel.forward(at, 0, count, draw, rows, volts, plan);
      return;
    }
    for (let l = 0; l < count; l += 1) {
      const { inputs, neurons, linear } = this.tensors.layers[l]!;
      const { node, output } = this.#layers[l]!;
      const series = this.#seriesMemory[l]!;
      this.#addCurves(l, draw, rows, 0, inputs, this.#layers[l - 1]?.output ?? volts);
      kernel.forward(at, l, l + 1, draw, rows, volts, plan);
      if (linear) continue;
      this.#addCurves(l, draw, rows, inputs, inputs + neurons, node);
      kernel.add(output, series.volts.byteOffset + 4 * rows * inputs, neurons * rows);
    }
  }

  /** What the kernel knows of the layers: sizes and addresses. */
  #describe(): void {
    this.tensors.layers.forEach((layer, l) => {
      const { inputs, neurons, linear, weights, offsets, falling, activation, inverted } = layer;
      const { fallingTanh, node, activationTanh, output, outputGradient } = this.#layers[l]!;
      const gradient = this.gradients.layers[l]!;
      const series = this.#series === undefined ? undefined : this.#seriesMemory[l]!;
      const known: Record<(typeof LAYER_WORDS)[number], number> = {
        ...{ inputs, neurons, linear: linear ? 1 : 0 },
        ...{ weights: weights.byteOffset, offsets: offsets.byteOffset },
        ...{ falling: falling.byteOffset, activation: activation.byteOffset, inverted: inverted.byteOffset },
        ...{ fallingTanh, node, activationTanh, output, outputGradient },
        ...{ weightGradient: gradient.weights.byteOffset, offsetGradient: gradient.offsets.byteOffset },
        ...{ fallingGradient: gradient.falling.byteOffset, activationGradient: gradient.activation.byteOffset },
        ...{ seriesVolts: series?.volts.byteOffset ?? 0, seriesSlopes: series?.slopes ?? 0 },
      };
      LAYER_WORDS.forEach((word, at) => {
        this.#words[l * LAYER_WORDS.length + at] = known[word];
      });
    });
  }
}

/** Copies a block, padded with rows that belong to no class, have the target 0, and weigh nothing. */
function load(memory: KernelMemory, block: Block, inputs: number): LoadedBlock {
  const rows = paddedRows(block.rows);
  const columns = block.volts;
  const volts = memory.float32(rows * inputs);
  const place = memory.int32(rows).fill(-1);
  const weights = memory.float32(rows);
  for (let i = 0; i < inputs; i += 1) {
    volts.set(columns.subarray(i * block.rows, (i + 1) * block.rows), i * rows);
  }
  weights.set(block.weights);
  if (block.labels instanceof Int32Array) place.set(block.labels);
  const targets = new Float64Array(rows);
  targets.set(block.labels);
  return {
    rows,
    realRows: block.rows,
    volts: volts.byteOffset,
    labels: block.labels instanceof Int32Array ? place.byteOffset : targets,
    weights,
  };
}

function paddedRows(rows: number): number {
  return Math.ceil(rows / GROUP_ROWS) * GROUP_ROWS;
}
