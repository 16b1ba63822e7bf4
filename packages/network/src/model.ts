import {
  createTensors,
  createTrace,
  float64Kernel,
  type LayerKernel,
  type LayerTensors,
  type LayerTrace,
} from './kernel.ts';
import type { StageSpace } from './layer/components.ts';
import type { Architecture, Parameters } from './layer/parameters.ts';
import { normalise, normaliseBackward } from './layer/weights.ts';
import { crossEntropy, type LossSums } from './loss.ts';
import { BLOCK_ROWS, type Block, countRows } from './rows.ts';
import type { PrintedVariation } from './variation.ts';

interface LayerState {
  readonly tensors: LayerTensors;
  readonly gradients: LayerTensors;
  readonly trace: LayerTrace;
  readonly outputGradient: Float64Array;
  /** Σg [draws × neurons] */
  readonly totals: Float64Array;
}

/** All instances of one cell in all layers and draws: what the surrogate is asked in one call. */
interface StageState {
  readonly space: StageSpace;
  readonly rows: number;
  /** Instances of layer l start at row `first[l]`. */
  readonly first: readonly number[];
  readonly logs: Float64Array;
  readonly logGradient: Float64Array;
  readonly etaGradient: Float64Array;
  /** ln ω of each layer without variation. */
  readonly shared: readonly Float64Array[];
}

export interface Evaluation {
  /** Cross-entropy in nats, mean over draws and rows. */
  readonly loss: number;
  /** Share of right decisions, mean over draws and rows. */
  readonly accuracy: number;
  /** The same of each draw. */
  readonly accuracyByDraw: Float64Array;
}

/**
 * The fast model of `draws` prints of a network: ideal crossbar, unloaded stages with the surrogate's η.
 * Buffers are made once; a forward pass allocates nothing in its loops and visits one print at a time.
 */
export class PrintedModel {
  readonly architecture: Architecture;
  readonly draws: number;
  readonly #kernel: LayerKernel;
  readonly #layers: readonly LayerState[];
  readonly #falling: StageState;
  readonly #activation: StageState;
  readonly #scratch = new Float64Array(BLOCK_ROWS);

  constructor(architecture: Architecture, draws: number, kernel: LayerKernel = float64Kernel) {
    this.architecture = architecture;
    this.draws = draws;
    this.#kernel = kernel;
    const { shapes } = architecture;
    this.#falling = createStages(
      architecture.falling,
      draws,
      shapes.map(({ inputs }) => inputs),
    );
    this.#activation = createStages(
      architecture.activation,
      draws,
      shapes.map(({ neurons }) => neurons),
    );
    this.#layers = shapes.map(({ inputs, neurons }, l) => ({
      tensors: createTensors(draws, inputs, neurons),
      gradients: {
        ...createTensors(draws, inputs, neurons),
        falling: layerRows(this.#falling, l, this.#falling.etaGradient, 4),
        activation: layerRows(this.#activation, l, this.#activation.etaGradient, 4),
      },
      trace: createTrace(BLOCK_ROWS, inputs, neurons),
      outputGradient: new Float64Array(neurons * BLOCK_ROWS),
      totals: new Float64Array(draws * neurons),
    }));
  }

  /** Makes the prints of these parameters under these variation factors; everything below then speaks of them. */
  print(parameters: Parameters, variation: PrintedVariation): void {
    const { conductances, nodeRule } = this.architecture;
    this.#printStages(this.#falling, parameters, variation, 'falling');
    this.#printStages(this.#activation, parameters, variation, 'activation');
    this.#layers.forEach(({ tensors, totals }, l) => {
      normalise(
        parameters.layers[l]!.theta,
        variation.layers[l]!.conductances,
        conductances,
        nodeRule,
        tensors,
        totals,
      );
    });
  }

  #printStages(
    state: StageState,
    parameters: Parameters,
    variation: PrintedVariation,
    which: 'falling' | 'activation',
  ): void {
    const width = state.space.size;
    state.shared.forEach((shared, l) => {
      state.space.logsAt(parameters.layers[l]![which], shared);
      const logs = layerRows(state, l, state.logs, width);
      const factors = variation.layers[l]![which];
      for (let i = 0; i < logs.length; i += 1) logs[i] = shared[i % width]! + factors[i]!;
    });
    const eta = state.space.curve.forward(state.logs, state.rows);
    this.#layers.forEach(({ tensors }, l) => {
      tensors[which].set(eta.subarray(state.first[l]! * 4, state.first[l]! * 4 + tensors[which].length));
    });
  }

  /** Output volts [classes × rows] of one print on one block; valid until the next call. */
  outputs(draw: number, block: Block): Float64Array {
    return this.layerOutputs(draw, block, this.#layers.length);
  }

  /** Output volts of the first `count` layers [neurons × rows]; with 0 the inputs themselves. */
  layerOutputs(draw: number, block: Block, count: number): Float64Array {
    let x = block.volts;
    for (let l = 0; l < count; l += 1) {
      const { tensors, trace } = this.#layers[l]!;
      this.#kernel.forward(tensors, draw, x, block.rows, trace);
      x = trace.output;
    }
    return x;
  }

  /** η of the stages of layer l [draws × instances × 4]. */
  eta(l: number, which: 'falling' | 'activation'): Float64Array {
    return this.#layers[l]!.tensors[which];
  }

  /** ln ω of the stages of layer l without variation. */
  componentLogs(l: number, which: 'falling' | 'activation'): Float64Array {
    return (which === 'falling' ? this.#falling : this.#activation).shared[l]!;
  }

  /** Loss and accuracy of the prints. */
  evaluate(parameters: Parameters, variation: PrintedVariation, blocks: readonly Block[]): Evaluation {
    return this.#run(parameters, variation, blocks, undefined);
  }

  /** The same, and ∂loss/∂parameters, written into `gradient`. */
  evaluateWithGradient(
    parameters: Parameters,
    variation: PrintedVariation,
    blocks: readonly Block[],
    gradient: Parameters,
  ): Evaluation {
    return this.#run(parameters, variation, blocks, gradient);
  }

  #run(
    parameters: Parameters,
    variation: PrintedVariation,
    blocks: readonly Block[],
    gradient: Parameters | undefined,
  ): Evaluation {
    this.print(parameters, variation);
    if (gradient !== undefined) this.#clearGradients();
    const rows = countRows(blocks);
    const weight = 1 / (rows * this.draws);
    const temperature = Math.exp(parameters.logTemperature);
    const last = this.#layers[this.#layers.length - 1]!;
    const sums: LossSums = { loss: 0, correct: 0, temperatureGradient: 0 };
    const accuracyByDraw = new Float64Array(this.draws);
    for (let draw = 0; draw < this.draws; draw += 1) {
      const before = sums.correct;
      for (const block of blocks) {
        const output = this.outputs(draw, block);
        const classes = last.tensors.neurons;
        crossEntropy(output, block.labels, classes, temperature, weight, sums, last.outputGradient);
        if (gradient !== undefined) this.#backward(draw, block);
      }
      accuracyByDraw[draw] = (sums.correct - before) / rows;
    }
    if (gradient !== undefined) {
      this.#collect(parameters, variation, gradient);
      gradient.flat[gradient.flat.length - 1] = sums.temperatureGradient * weight * temperature;
    }
    return { loss: sums.loss * weight, accuracy: sums.correct * weight, accuracyByDraw };
  }

  #backward(draw: number, block: Block): void {
    for (let l = this.#layers.length - 1; l >= 0; l -= 1) {
      const { tensors, trace, outputGradient, gradients } = this.#layers[l]!;
      const below = this.#layers[l - 1];
      const x = below === undefined ? block.volts : below.trace.output;
      const dx = below?.outputGradient;
      this.#kernel.backward(tensors, draw, x, block.rows, trace, outputGradient, gradients, dx, this.#scratch);
    }
  }

  #clearGradients(): void {
    for (const { gradients } of this.#layers) {
      gradients.weights.fill(0);
      gradients.offsets.fill(0);
    }
    this.#falling.etaGradient.fill(0);
    this.#activation.etaGradient.fill(0);
  }

  #collect(parameters: Parameters, variation: PrintedVariation, gradient: Parameters): void {
    gradient.flat.fill(0);
    this.#layers.forEach(({ tensors, totals, gradients }, l) => {
      const { theta } = parameters.layers[l]!;
      const factors = variation.layers[l]!.conductances;
      const thetaGradient = gradient.layers[l]!.theta;
      normaliseBackward(theta, factors, this.architecture.nodeRule, tensors, totals, gradients, thetaGradient);
    });
    if (!this.architecture.learned) return;
    if (this.architecture.nodeRule === 'inverter') collectStages(this.#falling, parameters, gradient, 'falling');
    collectStages(this.#activation, parameters, gradient, 'activation');
  }
}

function createStages(space: StageSpace, draws: number, instances: readonly number[]): StageState {
  const first: number[] = [];
  let rows = 0;
  for (const count of instances) {
    first.push(rows);
    rows += draws * count;
  }
  return {
    space,
    rows,
    first,
    logs: new Float64Array(rows * space.size),
    logGradient: new Float64Array(rows * space.size),
    etaGradient: new Float64Array(rows * 4),
    shared: instances.map(() => new Float64Array(space.size)),
  };
}

/** The part of a [rows × width] array that belongs to layer l. */
function layerRows(state: StageState, l: number, array: Float64Array, width: number): Float64Array {
  return array.subarray(state.first[l]! * width, (state.first[l + 1] ?? state.rows) * width);
}

function collectStages(
  state: StageState,
  parameters: Parameters,
  gradient: Parameters,
  which: 'falling' | 'activation',
): void {
  const { space } = state;
  space.curve.backward(state.etaGradient, state.logGradient);
  const sum = new Float64Array(space.size);
  state.shared.forEach((shared, l) => {
    sum.fill(0);
    const logGradient = layerRows(state, l, state.logGradient, space.size);
    for (let i = 0; i < logGradient.length; i += 1) sum[i % space.size]! += logGradient[i]!;
    space.backward(parameters.layers[l]![which], shared, sum, gradient.layers[l]![which]);
  });
}
