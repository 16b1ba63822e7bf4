import { type CurveTable, tableOf } from './kernel/curveTable.ts';
import type { KernelName } from './kernel/loop.ts';
import { KernelMemory } from './kernel/module.ts';
import type { StageSpace } from './layer/components.ts';
import type { LayerParameters } from './layer/parameters.ts';
import type { LayerFactors } from './variation.ts';

export type StageKind = 'falling' | 'activation';

/**
 * All instances of one cell in all layers and prints: what the surrogate is asked in one call. The instances of a layer
 * share ln ω, each with factors of its own.
 */
export interface Stages {
  /** ln ω of each layer without variation, of the last print. */
  readonly shared: readonly Float64Array[];
  /** Writes η [instances × 4], layer after layer. */
  print(parameters: readonly LayerParameters[], variation: readonly LayerFactors[], eta: Float64Array): void;
  /** ∂f/∂η [instances × 4] of the last print → ∂f/∂ free numbers of each layer, written into `gradient`. */
  collect(
    etaGradient: Float64Array,
    parameters: readonly LayerParameters[],
    gradient: readonly LayerParameters[],
  ): void;
}

/** @param instances of each layer, over all prints */
export function createStages(
  kind: StageKind,
  space: StageSpace,
  instances: readonly number[],
  kernel: KernelName,
): Stages {
  const table = kernel === 'simd' ? tableOf(space.curve) : undefined;
  return table === undefined
    ? new SurrogateStages(kind, space, instances)
    : new TabulatedStages(kind, space, instances, table);
}

/** Asks the surrogate itself, in float64: the oracle, and the way for surrogates of many features. */
class SurrogateStages implements Stages {
  readonly shared: readonly Float64Array[];
  readonly #kind: StageKind;
  readonly #space: StageSpace;
  readonly #rows: number;
  readonly #logs: Float64Array;
  readonly #logGradient: Float64Array;
  /** Views of the above by layer. */
  readonly #logsOf: readonly Float64Array[];
  readonly #logGradientOf: readonly Float64Array[];

  constructor(kind: StageKind, space: StageSpace, instances: readonly number[]) {
    this.#kind = kind;
    this.#space = space;
    this.#rows = instances.reduce((sum, count) => sum + count, 0);
    this.#logs = new Float64Array(this.#rows * space.size);
    this.#logGradient = new Float64Array(this.#rows * space.size);
    this.#logsOf = split(this.#logs, instances, space.size);
    this.#logGradientOf = split(this.#logGradient, instances, space.size);
    this.shared = instances.map(() => new Float64Array(space.size));
  }

  print(parameters: readonly LayerParameters[], variation: readonly LayerFactors[], eta: Float64Array): void {
    const width = this.#space.size;
    this.shared.forEach((shared, l) => {
      this.#space.logsAt(parameters[l]![this.#kind], shared);
      const logs = this.#logsOf[l]!;
      const factors = variation[l]![this.#kind];
      for (let i = 0; i < logs.length; i += 1) logs[i] = shared[i % width]! + factors[i]!;
    });
    eta.set(this.#space.curve.forward(this.#logs, this.#rows));
  }

  collect(
    etaGradient: Float64Array,
    parameters: readonly LayerParameters[],
    gradient: readonly LayerParameters[],
  ): void {
    const width = this.#space.size;
    this.#space.curve.backward(etaGradient, this.#logGradient);
    const sum = new Float64Array(width);
    this.shared.forEach((shared, l) => {
      sum.fill(0);
      const logGradient = this.#logGradientOf[l]!;
      for (let i = 0; i < logGradient.length; i += 1) sum[i % width]! += logGradient[i]!;
      this.#space.backward(parameters[l]![this.#kind], shared, sum, gradient[l]![this.#kind]);
    });
  }
}

/** Interpolates in the surrogate's table, in WebAssembly. */
class TabulatedStages implements Stages {
  readonly shared: readonly Float64Array[];
  readonly #kind: StageKind;
  readonly #space: StageSpace;
  readonly #table: CurveTable;
  readonly #instances: readonly number[];
  readonly #memory: KernelMemory;
  readonly #grid: number;
  readonly #exponents: number;
  readonly #bases: Float64Array;
  readonly #scratch: number;
  readonly #factors: readonly Float64Array[];
  readonly #slopes: readonly number[];
  readonly #eta: Float64Array;
  readonly #sums: Float64Array;
  readonly #logGradient: Float64Array;

  constructor(kind: StageKind, space: StageSpace, instances: readonly number[], table: CurveTable) {
    const rows = instances.reduce((sum, count) => sum + count, 0);
    const features = table.axes.length;
    const numbers = rows * (space.size + 4 + 2 * features) + 2 * space.size + 4 + 4 * instances.length;
    const memory = new KernelMemory(table.grid.byteLength + 8 * numbers + 512);
    this.#kind = kind;
    this.#space = space;
    this.#table = table;
    this.#instances = instances;
    this.#memory = memory;
    const grid = memory.float32(table.grid.length);
    grid.set(table.grid);
    this.#grid = grid.byteOffset;
    const exponents = memory.float64(features * space.size);
    table.axes.forEach((axis, f) => {
      exponents.set(axis.exponents, f * space.size);
    });
    this.#exponents = exponents.byteOffset;
    this.#bases = memory.float64(2);
    this.#sums = memory.float64(2);
    this.#scratch = memory.take(256);
    this.#factors = instances.map((count) => memory.float64(count * space.size));
    this.#slopes = instances.map((count) => memory.take(count * features * 16));
    this.#eta = memory.float64(rows * 4);
    this.shared = instances.map(() => new Float64Array(space.size));
    this.#logGradient = new Float64Array(space.size);
  }

  print(parameters: readonly LayerParameters[], variation: readonly LayerFactors[], eta: Float64Array): void {
    const { axes, step } = this.#table;
    let row = 0;
    this.#instances.forEach((count, l) => {
      const shared = this.shared[l]!;
      this.#space.logsAt(parameters[l]![this.#kind], shared);
      axes.forEach(({ exponents, low }, f) => {
        let feature = -low;
        for (let p = 0; p < exponents.length; p += 1) feature += exponents[p]! * shared[p]!;
        this.#bases[f] = feature / step;
      });
      const factors = this.#factors[l]!;
      factors.set(variation[l]![this.#kind]);
      this.#memory.kernel.interpolate(
        this.#grid,
        axes[0]!.count,
        axes[1]?.count ?? 0,
        1 / step,
        this.#bases.byteOffset,
        this.#exponents,
        shared.length,
        factors.byteOffset,
        count,
        this.#eta.byteOffset + 32 * row,
        this.#slopes[l]!,
        this.#scratch,
      );
      row += count;
    });
    eta.set(this.#eta);
  }

  collect(
    etaGradient: Float64Array,
    parameters: readonly LayerParameters[],
    gradient: readonly LayerParameters[],
  ): void {
    const { axes } = this.#table;
    this.#eta.set(etaGradient);
    let row = 0;
    this.#instances.forEach((count, l) => {
      const from = this.#eta.byteOffset + 32 * row;
      this.#memory.kernel.pullBack(axes.length, count, from, this.#slopes[l]!, this.#sums.byteOffset);
      this.#logGradient.fill(0);
      axes.forEach(({ exponents }, f) => {
        for (let p = 0; p < exponents.length; p += 1) this.#logGradient[p]! += exponents[p]! * this.#sums[f]!;
      });
      this.#space.backward(parameters[l]![this.#kind], this.shared[l]!, this.#logGradient, gradient[l]![this.#kind]);
      row += count;
    });
  }
}

function split(all: Float64Array, instances: readonly number[], width: number): Float64Array[] {
  let at = 0;
  return instances.map((count) => {
    at += count * width;
    return all.subarray(at - count * width, at);
  });
}
