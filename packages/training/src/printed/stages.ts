import type { StageKind } from './broken.ts';
import { type EtaTable, etaTable } from './kernel/eta-table.ts';
import { KernelMemory } from './kernel/kernel.ts';
import type { KernelName } from './kernel/loop.ts';
import type { StageSpace } from './layer/components.ts';
import type { LayerParameters } from './layer/parameters.ts';
import type { LayerFactors } from './variation.ts';

/** How many instances of a cell there are: `draws` prints of `places` in each layer. `own`: each place has its own values. */
export interface StageLayout {
  readonly draws: number;
  readonly places: readonly number[];
  readonly own: boolean;
}

/**
 * All instances of one cell in all layers and prints: what the surrogate is asked in one call. The instances of a place
 * (or of all places of a layer) share ln ω, each with factors of its own.
 */
export interface Stages {
  /** ln ω without variation, of the last print: of each layer [sets × parameters], as in LayerParameters. */
  readonly shared: readonly Float64Array[];
  /** Writes η [instances × 4], layer after layer. */
  print(parameters: readonly LayerParameters[], variation: readonly LayerFactors[], eta: Float64Array): void;
  /** Adds ∂f/∂ free numbers, from ∂f/∂η [instances × 4] of the last print, to `gradient`. */
  collect(
    etaGradient: Float64Array,
    parameters: readonly LayerParameters[],
    gradient: readonly LayerParameters[],
  ): void;
}

export function createStages(kind: StageKind, space: StageSpace, layout: StageLayout, kernel: KernelName): Stages {
  const table = kernel === 'simd' ? etaTable(space.curve) : undefined;
  return table === undefined
    ? new SurrogateStages(kind, space, layout)
    : new TabulatedStages(kind, space, layout, table);
}

/** Numbers of each layer and the instances of each layer. */
function sizesOf({ draws, places, own }: StageLayout, width: number) {
  const instances = places.map((count) => draws * count);
  return { instances, shared: places.map((count) => new Float64Array(width * (own ? count : 1))) };
}

/** ln ω of every set of a layer. */
function fillShared(space: StageSpace, free: Float64Array, shared: Float64Array): void {
  const { size } = space;
  if (free.length === size) {
    space.logsAt(free, shared);
    return;
  }
  for (let at = 0; at < free.length; at += size) {
    space.logsAt(free.subarray(at, at + size), shared.subarray(at, at + size));
  }
}

/** Adds ∂f/∂ free numbers of every set of a layer to `gradient`; `logGradient` is ∂f/∂ln ω [sets × parameters]. */
function addGradient(
  space: StageSpace,
  free: Float64Array,
  shared: Float64Array,
  logGradient: Float64Array,
  gradient: Float64Array,
): void {
  const { size } = space;
  const found = new Float64Array(size);
  for (let at = 0; at < free.length; at += size) {
    const [here, logs] = [free.subarray(at, at + size), shared.subarray(at, at + size)];
    space.backward(here, logs, logGradient.subarray(at, at + size), found);
    for (let k = 0; k < size; k += 1) gradient[at + k]! += found[k]!;
  }
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

  constructor(kind: StageKind, space: StageSpace, layout: StageLayout) {
    const { instances, shared } = sizesOf(layout, space.size);
    this.#kind = kind;
    this.#space = space;
    this.#rows = instances.reduce((sum, count) => sum + count, 0);
    this.#logs = new Float64Array(this.#rows * space.size);
    this.#logGradient = new Float64Array(this.#rows * space.size);
    this.#logsOf = split(this.#logs, instances, space.size);
    this.#logGradientOf = split(this.#logGradient, instances, space.size);
    this.shared = shared;
  }

  print(parameters: readonly LayerParameters[], variation: readonly LayerFactors[], eta: Float64Array): void {
    this.shared.forEach((shared, l) => {
      fillShared(this.#space, parameters[l]![this.#kind], shared);
      const logs = this.#logsOf[l]!;
      const factors = variation[l]![this.#kind];
      for (let i = 0; i < logs.length; i += 1) logs[i] = shared[i % shared.length]! + factors[i]!;
    });
    eta.set(this.#space.curve.forward(this.#logs, this.#rows));
  }

  collect(
    etaGradient: Float64Array,
    parameters: readonly LayerParameters[],
    gradient: readonly LayerParameters[],
  ): void {
    this.#space.curve.backward(etaGradient, this.#logGradient);
    this.shared.forEach((shared, l) => {
      const sums = new Float64Array(shared.length);
      const logGradient = this.#logGradientOf[l]!;
      for (let i = 0; i < logGradient.length; i += 1) sums[i % sums.length]! += logGradient[i]!;
      addGradient(this.#space, parameters[l]![this.#kind], shared, sums, gradient[l]![this.#kind]);
    });
  }
}

/** Instances that follow each other and share ln ω: what the kernel takes in one call. */
interface Run {
  readonly layer: number;
  /** Where its set begins in the layer's shared ln ω. */
  readonly set: number;
  readonly count: number;
  /** Addresses of its factors, η and slopes. */
  readonly factors: number;
  readonly eta: number;
  readonly slopes: number;
}

/** Interpolates in the surrogate's table, in WebAssembly. */
class TabulatedStages implements Stages {
  readonly shared: readonly Float64Array[];
  readonly #kind: StageKind;
  readonly #space: StageSpace;
  readonly #table: EtaTable;
  readonly #memory: KernelMemory;
  readonly #grid: number;
  readonly #exponents: number;
  readonly #bases: Float64Array;
  readonly #factors: readonly Float64Array[];
  readonly #runs: readonly Run[];
  readonly #eta: Float64Array;
  readonly #sums: Float64Array;
  readonly #logGradients: readonly Float64Array[];

  constructor(kind: StageKind, space: StageSpace, layout: StageLayout, table: EtaTable) {
    const { instances, shared } = sizesOf(layout, space.size);
    const rows = instances.reduce((sum, count) => sum + count, 0);
    const features = table.axes.length;
    const numbers = rows * (space.size + 4 + 2 * features) + 2 * space.size + 4 + 4 * instances.length;
    const memory = new KernelMemory(table.grid.byteLength + 8 * numbers + 512);
    this.#kind = kind;
    this.#space = space;
    this.#table = table;
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
    this.#factors = instances.map((count) => memory.float64(count * space.size));
    const slopes = instances.map((count) => memory.take(count * features * 16));
    this.#eta = memory.float64(rows * 4);
    this.shared = shared;
    this.#logGradients = shared.map((logs) => new Float64Array(logs.length));
    let row = 0;
    this.#runs = instances.flatMap((all, layer) => {
      const count = layout.own ? 1 : all;
      return Array.from({ length: all / count }, (_, i): Run => {
        row += count;
        return {
          layer,
          set: layout.own ? (i % layout.places[layer]!) * space.size : 0,
          count,
          factors: this.#factors[layer]!.byteOffset + 8 * space.size * i * count,
          eta: this.#eta.byteOffset + 32 * (row - count),
          slopes: slopes[layer]! + 16 * features * i * count,
        };
      });
    });
  }

  print(parameters: readonly LayerParameters[], variation: readonly LayerFactors[], eta: Float64Array): void {
    const { axes, step } = this.#table;
    this.shared.forEach((shared, l) => {
      fillShared(this.#space, parameters[l]![this.#kind], shared);
      this.#factors[l]!.set(variation[l]![this.#kind]);
    });
    for (const { layer, set, count, factors, eta: etaAt, slopes } of this.#runs) {
      const shared = this.shared[layer]!;
      for (let f = 0; f < axes.length; f += 1) {
        const { exponents, low } = axes[f]!;
        let feature = -low;
        for (let p = 0; p < exponents.length; p += 1) feature += exponents[p]! * shared[set + p]!;
        this.#bases[f] = feature / step;
      }
      this.#memory.kernel.interpolate(
        this.#grid,
        axes[0]!.count,
        axes[1]?.count ?? 0,
        1 / step,
        this.#bases.byteOffset,
        this.#exponents,
        this.#space.size,
        factors,
        count,
        etaAt,
        slopes,
      );
    }
    eta.set(this.#eta);
  }

  collect(
    etaGradient: Float64Array,
    parameters: readonly LayerParameters[],
    gradient: readonly LayerParameters[],
  ): void {
    const { axes } = this.#table;
    this.#eta.set(etaGradient);
    for (const sums of this.#logGradients) sums.fill(0);
    for (const { layer, set, count, eta, slopes } of this.#runs) {
      this.#memory.kernel.pullBack(axes.length, count, eta, slopes, this.#sums.byteOffset);
      const logGradient = this.#logGradients[layer]!;
      for (let f = 0; f < axes.length; f += 1) {
        const { exponents } = axes[f]!;
        for (let p = 0; p < exponents.length; p += 1) logGradient[set + p]! += exponents[p]! * this.#sums[f]!;
      }
    }
    this.shared.forEach((shared, l) => {
      const free = parameters[l]![this.#kind];
      addGradient(this.#space, free, shared, this.#logGradients[l]!, gradient[l]![this.#kind]);
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
