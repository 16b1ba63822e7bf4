import type { Draws } from '@neuroprint/core';
import { fillUniform } from './kernel/random.ts';
import type { LayerShape } from './kernel/tensors.ts';

/** The factors of one layer: every printed instance draws for itself. */
export interface LayerFactors {
  /** 1 + s·u of every conductance [draws × (inputs + 2) × neurons]; rows: inputs, bias, pull-down. */
  readonly conductances: Float64Array;
  /** ln(1 + s·u) of every component of every falling stage [draws × inputs × parameters]. */
  readonly falling: Float64Array;
  /** ln(1 + s·u) of every component of every activation stage [draws × neurons × parameters]. */
  readonly activation: Float64Array;
}

/**
 * Uniform variation: every conductance and every component value of every instance is multiplied by 1 + s·u,
 * u uniform in [−1, 1]. One object holds `draws` prints of a network and is refilled in place.
 */
export class PrintedVariation {
  readonly draws: number;
  readonly relativeSpread: number;
  readonly layers: readonly LayerFactors[];
  readonly #all: Float64Array;
  readonly #conductances: number;

  /** Starts as `draws` exact prints (all factors 1). */
  constructor(
    shapes: readonly LayerShape[],
    parameters: { readonly falling: number; readonly activation: number },
    draws: number,
    relativeSpread: number,
  ) {
    this.draws = draws;
    this.relativeSpread = relativeSpread;
    const sizes = shapes.map(({ inputs, neurons }) => ({
      conductances: draws * (inputs + 2) * neurons,
      falling: draws * inputs * parameters.falling,
      activation: draws * neurons * parameters.activation,
    }));
    this.#conductances = sizes.reduce((sum, size) => sum + size.conductances, 0);
    const components = sizes.reduce((sum, size) => sum + size.falling + size.activation, 0);
    this.#all = new Float64Array(this.#conductances + components);
    this.#all.fill(1, 0, this.#conductances);
    let at = 0;
    const take = (size: number): Float64Array => {
      at += size;
      return this.#all.subarray(at - size, at);
    };
    const conductances = sizes.map((size) => take(size.conductances));
    this.layers = sizes.map((size, l) => ({
      conductances: conductances[l]!,
      falling: take(size.falling),
      activation: take(size.activation),
    }));
  }

  /** New draws: the random numbers of `random` at `major`. */
  fill(random: Draws, major: number): this {
    const all = this.#all;
    fillUniform(random, major, all);
    const s = this.relativeSpread;
    for (let i = 0; i < this.#conductances; i += 1) all[i] = 1 + s * (2 * all[i]! - 1);
    for (let i = this.#conductances; i < all.length; i += 1) all[i] = Math.log(1 + s * (2 * all[i]! - 1));
    return this;
  }
}
