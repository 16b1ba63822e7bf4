import type { Block } from '../rows.ts';
import type { ExampleLoop } from './loop.ts';
import type { LossSums } from './loss.ts';
import { KernelMemory, padded } from './module.ts';
import { entriesLength, type LayerShape, type NetworkTensors, tensorsIn, tensorsLength } from './tensors.ts';

/** Rows that the kernel takes in one go. */
const GROUP_ROWS = 16;

/** A block in the kernel's memory, by address. */
interface LoadedBlock {
  readonly rows: number;
  readonly volts: number;
  readonly labels: number;
  readonly weights: number;
}

/** What a layer leaves in the kernel's memory for its gradient, by address; columns of float32. */
interface LayerMemory {
  readonly fallingTanh: number;
  readonly node: number;
  readonly activationTanh: number;
  readonly output: number;
  readonly outputGradient: number;
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

  constructor(shapes: readonly LayerShape[], draws: number, blocks: readonly Block[]) {
    const rows = Math.max(...blocks.map((block) => paddedRows(block.rows)));
    const widest = Math.max(...shapes.flatMap(({ inputs, neurons }) => [inputs, neurons]));
    const tensorBytes = 2 * (8 * tensorsLength(shapes, draws) + entriesLength(shapes) + 32);
    const traceBytes = shapes.reduce((sum, { inputs, neurons }) => sum + 4 * rows * (inputs + 4 * neurons), 0);
    const dataBytes = blocks.reduce((sum, block) => sum + 4 * paddedRows(block.rows) * (shapes[0]!.inputs + 2), 0);
    const memory = new KernelMemory(tensorBytes + traceBytes + dataBytes + padded(12 * widest) + 64);
    const tensors = () =>
      tensorsIn(memory.float64(tensorsLength(shapes, draws)), memory.uint8(entriesLength(shapes)), shapes, draws);
    this.#memory = memory;
    this.tensors = tensors();
    this.gradients = tensors();
    this.#sums = memory.float64(3);
    this.#plan = memory.take(12 * widest);
    this.#layers = shapes.map(({ inputs, neurons }) => {
      const columns = (count: number) => memory.take(4 * rows * count);
      return {
        fallingTanh: columns(inputs),
        node: columns(neurons),
        activationTanh: columns(neurons),
        output: columns(neurons),
        outputGradient: columns(neurons),
      };
    });
    this.#blocks = blocks.map((block) => load(memory, block, shapes[0]!.inputs));
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
    for (let draw = 0; draw < correctByDraw.length; draw += 1) {
      const before = total[2]!;
      for (let b = first; b < last; b += 1) {
        const { rows, labels, weights, volts } = this.#blocks[b]!;
        for (let l = 0; l < this.#layers.length; l += 1) this.#forward(l, draw, rows, volts);
        kernel.crossEntropy(
          classes,
          rows,
          end.output,
          labels,
          weights,
          temperature,
          scale,
          exponent,
          total.byteOffset,
          end.outputGradient,
        );
        if (gradientScale === undefined) continue;
        for (let l = this.#layers.length - 1; l >= 0; l -= 1) this.#backward(l, draw, rows, volts);
      }
      correctByDraw[draw]! += total[2]! - before;
    }
    sums.loss += total[0]!;
    sums.temperatureGradient += total[1]!;
    sums.correct += total[2]!;
  }

  #forward(l: number, draw: number, rows: number, volts: number): void {
    const { inputs, neurons, weights, offsets, falling, activation, inverted } = this.tensors.layers[l]!;
    const { fallingTanh, node, activationTanh, output } = this.#layers[l]!;
    this.#memory.kernel.forward(
      inputs,
      neurons,
      rows,
      this.#layers[l - 1]?.output ?? volts,
      weights.byteOffset + 8 * draw * inputs * neurons,
      offsets.byteOffset + 8 * draw * neurons,
      falling.byteOffset + 32 * draw * inputs,
      activation.byteOffset + 32 * draw * neurons,
      inverted.byteOffset,
      fallingTanh,
      node,
      activationTanh,
      output,
      this.#plan,
    );
  }

  #backward(l: number, draw: number, rows: number, volts: number): void {
    const { inputs, neurons, weights, falling, activation, inverted } = this.tensors.layers[l]!;
    const gradient = this.gradients.layers[l]!;
    const { fallingTanh, node, activationTanh, outputGradient } = this.#layers[l]!;
    const below = this.#layers[l - 1];
    const [entry, column] = [8 * draw * inputs * neurons, 8 * draw * neurons];
    const [fallingAt, activationAt] = [32 * draw * inputs, 32 * draw * neurons];
    this.#memory.kernel.backward(
      inputs,
      neurons,
      rows,
      below?.output ?? volts,
      weights.byteOffset + entry,
      falling.byteOffset + fallingAt,
      activation.byteOffset + activationAt,
      inverted.byteOffset,
      fallingTanh,
      node,
      activationTanh,
      outputGradient,
      gradient.weights.byteOffset + entry,
      gradient.offsets.byteOffset + column,
      gradient.falling.byteOffset + fallingAt,
      gradient.activation.byteOffset + activationAt,
      below?.outputGradient ?? 0,
      this.#plan,
    );
  }
}

/** Copies a block, padded with rows that belong to no class and weigh nothing. */
function load(memory: KernelMemory, block: Block, inputs: number): LoadedBlock {
  const rows = paddedRows(block.rows);
  const volts = memory.float32(rows * inputs);
  const labels = memory.int32(rows).fill(-1);
  const weights = memory.float32(rows);
  for (let i = 0; i < inputs; i += 1) {
    volts.set(block.volts.subarray(i * block.rows, (i + 1) * block.rows), i * rows);
  }
  labels.set(block.labels);
  weights.set(block.weights);
  return { rows, volts: volts.byteOffset, labels: labels.byteOffset, weights: weights.byteOffset };
}

function paddedRows(rows: number): number {
  return Math.ceil(rows / GROUP_ROWS) * GROUP_ROWS;
}
