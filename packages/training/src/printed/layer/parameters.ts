import type { Line } from '@neuroprint/numeric';
import type { StageFaults } from '../broken.ts';
import type { LayerShape } from '../kernel/tensors.ts';
import type { CellWidths, StageSpace } from './components.ts';
import type { ConductanceRange } from './weights.ts';

/** What has stages with component values of its own: the whole network, each layer, or each place in a layer. */
export const SHARES = ['net', 'layer', 'neuron'] as const;
export type Share = (typeof SHARES)[number];

/** What a network is before training: layer sizes, what its stages may be made of, what can be printed. */
export interface Architecture {
  readonly shapes: readonly LayerShape[];
  readonly conductances: ConductanceRange;
  /** Volts of the bias row of every crossbar. */
  readonly biasVolts: number;
  readonly falling: StageSpace;
  readonly activation: StageSpace;
  /** Whether component values are trained (`fixed` activation: they stay at their start). */
  readonly learned: boolean;
  readonly share: Share;
  /** What broken parts make of stages. */
  readonly faults: StageFaults;
  /** Whether the one output has a target and is read by a line. */
  readonly isRead?: boolean;
  /** Measured strengths of transistors as spreads of widths, by parameter of each cell. */
  readonly widths?: CellWidths | undefined;
}

/** ln τ of the output temperature, τ in 1 over the bias volts, stays within 0..ln 60. */
const MAX_LOG_TEMPERATURE = Math.log(60);

/** The trainable numbers of a layer, as views into the flat vector. */
export interface LayerParameters {
  /** θ: signed conductances in units of the range, [(inputs + 2) × neurons]; rows: inputs, bias, pull-down. */
  readonly theta: Float64Array;
  /**
   * Free numbers of the component values of the falling and of the activation stages [sets × parameters]: one set that
   * serves all places of the layer, or one for each input (falling) and neuron (activation). Shared by the net, all
   * layers see the same memory.
   */
  readonly falling: Float64Array;
  readonly activation: Float64Array;
}

/**
 * All trainable numbers of a network in one flat vector, which is what an optimiser steps: per layer θ, falling stage,
 * activation stage; then, where the output has a target, the line that it is read by (set, not stepped: its gradient is 0); last ln τ, the temperature by which output volts, as shares of the bias, become logits. The gradient has the same shape.
 */
export class Parameters {
  readonly flat: Float64Array;
  readonly layers: readonly LayerParameters[];

  constructor(architecture: Architecture) {
    const { shapes, falling, activation, share, isRead = false } = architecture;
    const own = share === 'neuron';
    const stages = ({ inputs, neurons }: LayerShape) =>
      [falling.size * (own ? inputs : 1), activation.size * (own ? neurons : 1)] as const;
    const sizes = shapes.map((shape, l) => {
      const [first, second] = share === 'net' && l > 0 ? [0, 0] : stages(shape);
      return (shape.inputs + 2) * shape.neurons + first + second;
    });
    this.flat = new Float64Array(sizes.reduce((sum, size) => sum + size, isRead ? 3 : 1));
    if (isRead) this.flat[this.flat.length - 2] = 1;
    let at = 0;
    const take = (size: number): Float64Array => {
      at += size;
      return this.flat.subarray(at - size, at);
    };
    const layers: LayerParameters[] = [];
    for (const shape of shapes) {
      const theta = take((shape.inputs + 2) * shape.neurons);
      const shared = share === 'net' ? layers[0] : undefined;
      const [first, second] = stages(shape);
      layers.push({ theta, falling: shared?.falling ?? take(first), activation: shared?.activation ?? take(second) });
    }
    this.layers = layers;
  }

  /** The line by which an output with a target is read. */
  get line(): Line {
    return [this.flat[this.flat.length - 3]!, this.flat[this.flat.length - 2]!];
  }

  set line([intercept, slope]: Line) {
    this.flat[this.flat.length - 3] = intercept;
    this.flat[this.flat.length - 2] = slope;
  }

  get logTemperature(): number {
    return this.flat[this.flat.length - 1]!;
  }

  set logTemperature(value: number) {
    this.flat[this.flat.length - 1] = Math.min(MAX_LOG_TEMPERATURE, Math.max(0, value));
  }
}
