import type { Line } from '@neuroprint/numeric';
import type { PrintedSeries } from '../series.ts';
import type { LossSums } from './loss.ts';
import type { NetworkTensors } from './tensors.ts';

/** `simd`: float32 in WebAssembly. `float64`: plain TypeScript, the oracle, and what runs where there is no SIMD. */
export type KernelName = 'simd' | 'float64';

/**
 * The inner loop of training: examples through all prints of a network, forward and backward. Per layer and print
 *
 *   z_k = Σ_i w_ik·s_ik + b_k,   s_ik = x_i, or inv_i(x_i) = −(η₁ + η₂·tanh((x_i − η₃)·η₄)) where the entry is inverted
 *   y_k = η₁ + η₂·tanh((z_k − η₃)·η₄)
 *
 * with y_k = z_k in a linear layer;
 * s_ik of an inverted entry and y_k with what is in series with the stage added to it.
 *
 * Node rule, quantisation, normalisation by Σ|g|, variation and the surrogates are all in `tensors` already
 * (layer/weights.ts, model.ts), so a loop is everything that a faster kernel has to replace. Its rows are given once.
 */
export interface ExampleLoop {
  readonly kernel: KernelName;
  /** What the next run reads. */
  readonly tensors: NetworkTensors;
  /** Where a run with gradient adds ∂f/∂tensors; `inverted` means nothing here. */
  readonly gradients: NetworkTensors;
  /** How the output is read where it has a target, in the next runs. */
  setLine(line: Line): void;
  /** What is in series with the stages in the next runs; undefined: nothing. */
  setSeries(series: PrintedSeries | undefined): void;
  /**
   * Runs rows of the blocks `first` to before `last` through every print and adds to `sums`; the number of right
   * decisions of each print is added to `correctByDraw`. With `gradientScale` s, f = s·Σ loss is differentiated.
   * `exponent` is that of the loss (loss.ts).
   */
  run(
    first: number,
    last: number,
    temperature: number,
    gradientScale: number | undefined,
    exponent: number,
    sums: LossSums,
    correctByDraw: Float64Array,
  ): void;
}
