import type { Line } from '@neuroprint/numeric';
import { type PrintedFaults, type StageKind, stick, stickBackward } from './broken.ts';
import { Float64Loop } from './kernel/float64.ts';
import { hasSimd } from './kernel/kernel.ts';
import type { ExampleLoop, KernelName } from './kernel/loop.ts';
import { newSums } from './kernel/loss.ts';
import { SimdLoop } from './kernel/simd.ts';
import type { Architecture, Parameters } from './layer/parameters.ts';
import { normalise, normaliseBackward, printedMagnitude } from './layer/weights.ts';
import type { Block } from './rows.ts';
import { createStages, type Stages } from './stages.ts';
import { type PrintedVariation, withValueFactors } from './variation.ts';

export interface Evaluation {
  /** Mean over draws and rows: nats of the bounded loss, or squared errors as shares of the targets' variance. */
  readonly loss: number;
  /** Share of right decisions, mean over draws and rows; NaN where rows have targets. */
  readonly accuracy: number;
  /** The same of each draw. */
  readonly accuracyByDraw: Float64Array;
  /** The line that would have read these rows best; absent where they have no targets. */
  readonly line?: Line;
}

const KINDS = ['falling', 'activation'] as const;

/** Kernel by name; `auto` is the fastest that this machine has. */
export type KernelChoice = KernelName | 'auto';

/**
 * The fast model of `draws` prints of a network on given rows: ideal crossbar, unloaded stages with the surrogate's η.
 * Buffers are made once; an evaluation allocates nothing in its loops and visits one print at a time.
 */
export class PrintedModel {
  readonly architecture: Architecture;
  readonly draws: number;
  readonly blocks: readonly Block[];
  readonly #loop: ExampleLoop;
  /** Σg of every column of a layer [draws × neurons]. */
  readonly #totals: readonly Float64Array[];
  readonly #falling: Stages;
  readonly #activation: Stages;
  readonly #correct: Float64Array;
  /** Magnitudes of the last print in units of the range, layer by layer, and the factors of its conductances. */
  readonly #printed: readonly Float64Array[];
  readonly #factors: Float64Array[] = [];
  /** Its broken parts. */
  #faults: PrintedFaults | undefined;

  /** @param kernel whose arithmetic gives the stages' η, by default the loop's */
  constructor(
    architecture: Architecture,
    draws: number,
    blocks: readonly Block[],
    loop: ExampleLoop = new Float64Loop(architecture.shapes, draws, blocks),
    kernel: KernelName = loop.kernel,
  ) {
    this.architecture = architecture;
    this.draws = draws;
    this.blocks = blocks;
    this.#loop = loop;
    const { shapes } = architecture;
    const stages = (kind: StageKind) => {
      const places = shapes.map(({ inputs, neurons }) => (kind === 'falling' ? inputs : neurons));
      const own = architecture.share === 'neuron';
      return createStages(kind, architecture[kind], { draws, places, own }, kernel);
    };
    this.#falling = stages('falling');
    this.#activation = stages('activation');
    this.#totals = shapes.map(({ neurons }) => new Float64Array(draws * neurons));
    this.#correct = new Float64Array(draws);
    this.#printed = shapes.map(({ inputs, neurons }) => new Float64Array((inputs + 2) * neurons));
  }

  /** Makes the prints of these parameters under these variation factors; everything below then speaks of them. */
  print(parameters: Parameters, variation: PrintedVariation): void {
    const { conductances, biasVolts } = this.architecture;
    this.#loop.setSeries(variation.series);
    this.#falling.print(parameters.layers, variation.layers, this.#loop.tensors.falling);
    this.#activation.print(parameters.layers, variation.layers, this.#loop.tensors.activation);
    this.#faults = variation.faults;
    for (const [l, stuck] of (this.#faults?.layers ?? []).entries())
      for (const kind of KINDS) stick(kind, stuck[kind], this.#loop.tensors.layers[l]![kind]);
    this.#loop.tensors.layers.forEach((tensors, l) => {
      const { theta } = parameters.layers[l]!;
      const printed = this.#printed[l]!;
      for (let at = 0; at < theta.length; at += 1) printed[at] = printedMagnitude(theta[at]!, conductances);
      const { conductances: drawn } = variation.layers[l]!;
      this.#factors[l] = withValueFactors(variation.model, drawn, printed, conductances);
      normalise(theta, printed, this.#factors[l]!, tensors, this.#totals[l]!, biasVolts);
    });
  }

  /** η of the stages of layer l [draws × instances × 4]. */
  eta(l: number, which: 'falling' | 'activation'): Float64Array {
    return this.#loop.tensors.layers[l]![which];
  }

  /** ln ω of the stages of layer l without variation [sets × parameters]. */
  componentLogs(l: number, which: 'falling' | 'activation'): Float64Array {
    return (which === 'falling' ? this.#falling : this.#activation).shared[l]!;
  }

  /** Loss and accuracy of the prints on blocks `first` to before `last` (all by default). */
  evaluate(
    parameters: Parameters,
    variation: PrintedVariation,
    exponent = 0,
    first = 0,
    last = this.blocks.length,
  ): Evaluation {
    return this.#run(parameters, variation, first, last, exponent, undefined);
  }

  /** The same for blocks `first` to before `last` (all by default), and ∂loss/∂parameters, written into `gradient`. `exponent` is that of the loss. */
  evaluateWithGradient(
    parameters: Parameters,
    variation: PrintedVariation,
    gradient: Parameters,
    first = 0,
    last = this.blocks.length,
    exponent = 0,
  ): Evaluation {
    return this.#run(parameters, variation, first, last, exponent, gradient);
  }

  #run(
    parameters: Parameters,
    variation: PrintedVariation,
    first: number,
    last: number,
    exponent: number,
    gradient: Parameters | undefined,
  ): Evaluation {
    this.print(parameters, variation);
    let rows = 0;
    for (let b = first; b < last; b += 1) rows += this.blocks[b]!.rows;
    const weight = 1 / (rows * this.draws);
    const temperature = Math.exp(parameters.logTemperature) / this.architecture.biasVolts;
    const sums = newSums();
    if (this.architecture.isRead === true) this.#loop.setLine(parameters.line);
    if (gradient !== undefined) this.#loop.gradients.all.fill(0);
    this.#correct.fill(0);
    this.#loop.run(
      first,
      last,
      temperature,
      gradient === undefined ? undefined : weight,
      exponent,
      sums,
      this.#correct,
    );
    if (gradient !== undefined) {
      this.#collect(parameters, gradient);
      gradient.flat[gradient.flat.length - 1] = sums.temperatureGradient * weight * temperature;
    }
    return {
      loss: sums.loss * weight,
      accuracy: sums.correct * weight,
      accuracyByDraw: this.#correct.map((correct) => correct / rows),
      ...(this.architecture.isRead === true ? { line: sums.read.line() } : {}),
    };
  }

  #collect(parameters: Parameters, gradient: Parameters): void {
    const { tensors, gradients } = this.#loop;
    const { learned, biasVolts } = this.architecture;
    gradient.flat.fill(0);
    tensors.layers.forEach((layer, l) => {
      const { theta } = parameters.layers[l]!;
      const factors = this.#factors[l]!;
      const thetaGradient = gradient.layers[l]!.theta;
      normaliseBackward(theta, factors, layer, this.#totals[l]!, gradients.layers[l]!, thetaGradient, biasVolts);
    });
    if (!learned) return;
    for (const [l, stuck] of (this.#faults?.layers ?? []).entries())
      for (const kind of KINDS) stickBackward(kind, stuck[kind], gradients.layers[l]![kind]);
    this.#falling.collect(gradients.falling, parameters.layers, gradient.layers);
    this.#activation.collect(gradients.activation, parameters.layers, gradient.layers);
  }
}

/**
 * The loop of the kernel that is asked for, with room for what is in series with the stages where that is said. Throws Error where `simd` is asked for and cannot run here.
 */
export function createLoop(
  architecture: Architecture,
  draws: number,
  blocks: readonly Block[],
  kernel: KernelChoice,
  hasSeries = false,
): ExampleLoop {
  const simd = kernel === 'simd' || (kernel === 'auto' && hasSimd());
  return simd
    ? new SimdLoop(architecture.shapes, draws, blocks, hasSeries)
    : new Float64Loop(architecture.shapes, draws, blocks);
}
