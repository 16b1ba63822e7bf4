import type { LayerShape } from '../kernel/tensors.ts';
import type { StageSpace } from './components.ts';
import type { ConductanceRange, NodeRule } from './weights.ts';

/** What a network is before training: layer sizes, node rule, what its stages may be made of, what can be printed. */
export interface Architecture {
  readonly shapes: readonly LayerShape[];
  readonly nodeRule: NodeRule;
  readonly conductances: ConductanceRange;
  readonly falling: StageSpace;
  readonly activation: StageSpace;
  /** Whether component values are trained (`fixed` activation: they stay at their start). */
  readonly learned: boolean;
}

/** ln τ of the output temperature stays within 0..ln 60. */
const MAX_LOG_TEMPERATURE = Math.log(60);

/** The trainable numbers of a layer, as views into the flat vector. */
export interface LayerParameters {
  /** θ: signed conductances in units of the range, [(inputs + 2) × neurons]; rows: inputs, bias, pull-down. */
  readonly theta: Float64Array;
  /** Free numbers of the falling and of the activation stage's component values; shared by the layer. */
  readonly falling: Float64Array;
  readonly activation: Float64Array;
}

/**
 * All trainable numbers of a network in one flat vector, which is what an optimiser steps: per layer θ, falling stage,
 * activation stage; last ln τ, the temperature by which output volts become logits. The gradient has the same shape.
 */
export class Parameters {
  readonly flat: Float64Array;
  readonly layers: readonly LayerParameters[];

  constructor(architecture: Architecture) {
    const { shapes, falling, activation } = architecture;
    const sizes = shapes.map(({ inputs, neurons }) => (inputs + 2) * neurons + falling.size + activation.size);
    this.flat = new Float64Array(sizes.reduce((sum, size) => sum + size, 1));
    let at = 0;
    const take = (size: number): Float64Array => {
      at += size;
      return this.flat.subarray(at - size, at);
    };
    this.layers = shapes.map(({ inputs, neurons }) => ({
      theta: take((inputs + 2) * neurons),
      falling: take(falling.size),
      activation: take(activation.size),
    }));
  }

  get logTemperature(): number {
    return this.flat[this.flat.length - 1]!;
  }

  set logTemperature(value: number) {
    this.flat[this.flat.length - 1] = Math.min(MAX_LOG_TEMPERATURE, Math.max(0, value));
  }
}
