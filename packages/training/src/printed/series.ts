import { addSmoothCurve, CURVE_LENGTH, seriesAmplitude, seriesParts, WAVE_PERIOD, WAVES } from '@neuroprint/circuit';
import type { Draws, Variation } from '@neuroprint/core';
import { fillUniform } from './kernel/random.ts';
import type { LayerShape } from './kernel/tensors.ts';
import { BLOCK_ROWS } from './rows.ts';

/** Random numbers of the parts begin here in a print's draws, so far apart. */
const NUMBERS_OF_PART = 2 ** 28;

/** Stages of a layer: one for each input (falling), then one for each neuron (activation). */
export function stageCount({ inputs, neurons }: LayerShape): number {
  return inputs + neurons;
}

/**
 * What `draws` prints have in series with the outputs of their stages, in volts: smooth curves of the stage's input, and noise
 * that is new for every row. Refilled in place.
 */
export class PrintedSeries {
  /** Of each layer [draws × stages × CURVE_LENGTH]; see curveAt. */
  readonly curves: readonly Float64Array[];
  /** Volts over which a curve repeats. */
  readonly periodVolts: number;
  readonly hasNoise: boolean;
  readonly #draws: number;
  readonly #smooth: readonly { readonly volts: number; readonly first: number }[];
  readonly #noise: readonly { readonly volts: number; readonly first: number }[];
  /** Stages in the layers before each, and in all. */
  readonly #before: readonly number[];
  readonly #stages: number;
  readonly #numbers: Float64Array;
  #random: Draws | undefined;
  #major = 0;

  constructor(shapes: readonly LayerShape[], draws: number, model: Variation, biasVolts: number) {
    this.periodVolts = WAVE_PERIOD * biasVolts;
    const parts = seriesParts(model).map((part, p) => ({
      kind: part.kind,
      volts: seriesAmplitude(part, biasVolts),
      first: (p + 1) * NUMBERS_OF_PART,
    }));
    this.#smooth = parts.filter(({ kind }) => kind === 'smooth');
    this.#noise = parts.filter(({ kind }) => kind === 'noise');
    this.#draws = draws;
    this.hasNoise = this.#noise.length > 0;
    this.curves = shapes.map((shape) => new Float64Array(draws * stageCount(shape) * CURVE_LENGTH));
    this.#stages = shapes.reduce((sum, shape) => sum + stageCount(shape), 0);
    this.#before = shapes.map((_, l) => shapes.slice(0, l).reduce((sum, shape) => sum + stageCount(shape), 0));
    this.#numbers = new Float64Array(this.#smooth.length > 0 ? draws * this.#stages * 2 * WAVES : 0);
  }

  /** New draws: the random numbers of `random` at `major`. */
  fill(random: Draws, major: number): void {
    this.#random = random;
    this.#major = major;
    for (const curves of this.curves) curves.fill(0);
    for (const { volts, first } of this.#smooth) {
      fillUniform(random, major, this.#numbers, first);
      let number = 0;
      for (const curves of this.curves) {
        for (let at = 0; at < curves.length; at += CURVE_LENGTH, number += 2 * WAVES)
          addSmoothCurve(volts, (k) => this.#numbers[number + k]!, curves, at);
      }
    }
  }

  /** Writes the noise of layer l of a print at the rows of a block [stages × rows]. */
  noise(l: number, draw: number, block: number, out: Float64Array, rows: number): void {
    out.fill(0);
    if (this.#random === undefined) return;
    for (const { volts, first } of this.#noise) {
      const stages = (block * this.#draws + draw) * this.#stages + this.#before[l]!;
      const numbers = noiseNumbers.subarray(0, rows);
      for (let s = 0; s * rows < out.length; s += 1) {
        fillUniform(this.#random, this.#major, numbers, first + (stages + s) * BLOCK_ROWS);
        for (let r = 0; r < rows; r += 1) out[s * rows + r]! += volts * (numbers[r]! - 0.5);
      }
    }
  }
}

const noiseNumbers = new Float64Array(BLOCK_ROWS);
