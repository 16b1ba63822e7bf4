import { choleskyFactor, choleskySolve } from '@neuroprint/numeric';
import type { StageEntries } from '../../vector.ts';
import type { PrintGrid } from './grid.ts';
import type { Metric } from './metric.ts';
import type { PrintedValue, PrintedValues } from './printed-values.ts';

/** What keeps the compensating changes small enough for the metric to hold: a share of its mean diagonal. */
const RIDGE = 1e-3;
/** Values that are rounded together; of larger circuits each column by itself. */
const LARGEST_BLOCK = 700;
const MOST_SWEEPS = 20;
/** How far from its own place a value of a stage may go, in printable values, so that the stage keeps its constraints. */
const FARTHEST = 3;

/** The ways in which the values of a circuit are rounded to printable ones, stages within their constraints. */
export class Rounding {
  readonly #list: readonly PrintedValue[];
  readonly #values: Float64Array;
  readonly #stages: readonly StageEntries[];
  readonly #grid: PrintGrid;
  /** The printable values of every entry, ascending; what is chosen are indices into them. */
  readonly #printable: readonly Float64Array[];

  constructor(printed: PrintedValues, grid: PrintGrid) {
    this.#list = printed.list;
    this.#values = printed.values();
    this.#stages = printed.stages;
    this.#grid = grid;
    this.#printable = this.#list.map((range) => grid.values(range));
  }

  /** Each value by itself to the printable one next to it. */
  each(): Float64Array {
    const chosen = Int32Array.from(this.#list, (range, v) => this.#grid.nearest(range, this.#values[v]!));
    this.#keepConstraints(chosen);
    return this.#chosenValues(chosen);
  }

  /**
   * All values to printable ones so that ½·δᵀ·M·δ stays small, δ the changes of their logarithms: one after the other, those that rounding
   * can hurt most first, the error of each compensated by those that are still free (as Hassibi and Stork, "Optimal brain surgeon", 1993, do
   * for pruning); then single steps on the grid for as long as one helps.
   */
  together(metric: Metric): Float64Array {
    const chosen = new Int32Array(this.#list.length);
    for (const block of this.#blocks()) this.#roundBlock(block, metric, chosen);
    this.#keepConstraints(chosen);
    this.#descend(metric, chosen);
    return this.#chosenValues(chosen);
  }

  #chosenValues(chosen: Int32Array): Float64Array {
    return Float64Array.from(chosen, (at, v) => this.#printable[v]![at]!);
  }

  #blocks(): number[][] {
    if (this.#list.length <= LARGEST_BLOCK) return [[...this.#list.keys()]];
    const blocks = new Map<string, number[]>();
    this.#list.forEach(({ slot, column }, v) => {
      const key = `${slot.layer} ${slot.where === 'falling' ? `falling ${slot.at}` : column}`;
      blocks.set(key, [...(blocks.get(key) ?? []), v]);
    });
    return [...blocks.values()];
  }

  #roundBlock(block: readonly number[], metric: Metric, chosen: Int32Array): void {
    const n = block.length;
    const own = metric.block(block);
    const inverse = inverseOf(own, n);
    const logs = Float64Array.from(block, (v) => Math.log(this.#values[v]!));
    const harm = block.map((v, k) => {
      const printable = this.#printable[v]!;
      const at = this.#grid.nearest(this.#list[v]!, this.#values[v]!);
      const step = Math.log(printable[Math.min(at + 1, printable.length - 1)]! / printable[Math.max(at - 1, 0)]!);
      return step * step * own[k * n + k]!;
    });
    const order = Int32Array.from(block.keys()).sort((a, b) => harm[b]! - harm[a]! || a - b);
    for (const [done, k] of order.entries()) {
      const v = block[k]!;
      const at = this.#grid.nearest(this.#list[v]!, Math.exp(logs[k]!));
      chosen[v] = at;
      const free = order.subarray(done + 1);
      const pivot = inverse[k * n + k]!;
      const error = (Math.log(this.#printable[v]![at]!) - logs[k]!) / pivot;
      for (const i of free) {
        const factor = inverse[i * n + k]!;
        logs[i]! += error * factor;
        for (const j of free) inverse[i * n + j]! -= (factor * inverse[k * n + j]!) / pivot;
      }
    }
  }

  /** Single steps on the grid while one of them lowers δᵀ·(M + ridge)·δ, constraints kept. */
  #descend(metric: Metric, chosen: Int32Array): void {
    const n = this.#list.length;
    const diagonal = Float64Array.from({ length: n }, (_, v) => metric.of(v, v));
    const ridge = (RIDGE * diagonal.reduce((sum, one) => sum + one, 0)) / n;
    const stageOf = new Map<number, StageEntries>();
    for (const stage of this.#stages)
      for (let k = 0; k < stage.space.dimensions; k += 1) stageOf.set(stage.first + k, stage);
    const delta = this.#chosenValues(chosen).map((value, v) => Math.log(value / this.#values[v]!));
    const product = new Float64Array(metric.lines);
    delta.forEach((by, v) => {
      metric.move(product, v, by);
    });
    for (let sweep = 0, moved = true; moved && sweep < MOST_SWEEPS; sweep += 1) {
      moved = false;
      for (let v = 0; v < n; v += 1) {
        const printable = this.#printable[v]!;
        const from = chosen[v]!;
        const slope = metric.slope(product, v) + ridge * delta[v]!;
        for (const to of [from - 1, from + 1]) {
          if (to < 0 || to >= printable.length) continue;
          const by = Math.log(printable[to]! / printable[from]!);
          const change = 2 * slope * by + (diagonal[v]! + ridge) * by * by;
          if (change >= -1e-15) continue;
          chosen[v] = to;
          const stage = stageOf.get(v);
          if (stage !== undefined && !this.#isAllowed(stage, chosen)) {
            chosen[v] = from;
            continue;
          }
          metric.move(product, v, by);
          delta[v]! += by;
          moved = true;
          break;
        }
      }
    }
  }

  #isAllowed({ first, space }: StageEntries, chosen: Int32Array): boolean {
    return space.contains(space.parameters.map((_, k) => this.#printable[first + k]![chosen[first + k]!]!));
  }

  /**
   * Where a stage's printable values break its constraints: of all combinations of neighbours that keep them the one that is nearest to what
   * was wanted (in log).
   */
  #keepConstraints(chosen: Int32Array): void {
    for (const stage of this.#stages) {
      let best = this.#isAllowed(stage, chosen) ? chosen : undefined;
      for (let reach = 1; best === undefined && reach <= FARTHEST; reach += 1)
        best = this.#nearestInside(stage, reach, chosen);
      if (best !== undefined) chosen.set(best);
    }
  }

  #nearestInside(stage: StageEntries, reach: number, around: Int32Array): Int32Array | undefined {
    const { first, space } = stage;
    const width = 2 * reach + 1;
    const candidate = around.slice();
    let best: Int32Array | undefined;
    let bestDistance = Number.POSITIVE_INFINITY;
    for (let n = 0; n < width ** space.dimensions; n += 1) {
      let rest = n;
      let distance = 0;
      for (let v = first; v < first + space.dimensions; v += 1) {
        const printable = this.#printable[v]!;
        candidate[v] = Math.min(printable.length - 1, Math.max(0, around[v]! + (rest % width) - reach));
        rest = Math.floor(rest / width);
        distance += Math.log(printable[candidate[v]!]! / this.#values[v]!) ** 2;
      }
      if (distance >= bestDistance || !this.#isAllowed(stage, candidate)) continue;
      best = candidate.slice();
      bestDistance = distance;
    }
    return best;
  }
}

/** (M + ridge)⁻¹, row-major [n × n]. */
function inverseOf(metric: Float64Array, n: number): Float64Array {
  const matrix = metric.slice();
  let trace = 0;
  for (let i = 0; i < n; i += 1) trace += metric[i * n + i]!;
  const ridge = (RIDGE * trace) / n || 1;
  for (let i = 0; i < n; i += 1) matrix[i * n + i]! += ridge;
  choleskyFactor(matrix, n);
  const inverse = new Float64Array(n * n);
  const unit = new Float64Array(n);
  for (let j = 0; j < n; j += 1) {
    unit.fill(0);
    unit[j] = 1;
    choleskySolve(matrix, n, unit);
    for (let i = 0; i < n; i += 1) inverse[i * n + j] = unit[i]!;
  }
  return inverse;
}
