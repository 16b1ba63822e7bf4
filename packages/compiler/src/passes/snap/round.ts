import type { DesignPolytope } from '@neuroprint/circuit';
import { choleskyFactor, choleskySolve } from '@neuroprint/numeric';
import type { StageEntries } from '../../vector.ts';
import type { PrintGrid } from './grid.ts';
import type { PrintedValue } from './printed-values.ts';

/** What keeps the compensating changes small enough for the metric to hold: a share of its mean diagonal. */
const RIDGE = 1e-3;
/** Variables that are rounded together; of larger circuits each column by itself. */
const LARGEST_BLOCK = 700;
const MOST_SWEEPS = 20;

/** Each value by itself to the printable one next to it, stages within their constraints. Indices into the lists of printable values. */
export function roundEach(
  list: readonly PrintedValue[],
  values: Float64Array,
  grid: PrintGrid,
  stages: readonly StageEntries[],
): Int32Array {
  const chosen = Int32Array.from(list, (variable, v) => grid.nearest(variable, values[v]!));
  for (const stage of stages) keepConstraints(chosen, list, values, grid, stage);
  return chosen;
}

/**
 * All values to printable ones so that ½·δᵀ·M·δ stays small, δ the changes of their logarithms: one after the other, those that rounding
 * can hurt most first, the error of each compensated by those that are still free (as Hassibi and Stork, "Optimal brain surgeon", 1993, do
 * for pruning); then single steps on the grid for as long as one helps.
 */
export function roundTogether(
  list: readonly PrintedValue[],
  values: Float64Array,
  metric: Float64Array,
  grid: PrintGrid,
  stages: readonly StageEntries[],
): Int32Array {
  const chosen = new Int32Array(list.length);
  for (const block of blocksOf(list)) roundBlock(block, list, values, metric, grid, chosen);
  for (const stage of stages) keepConstraints(chosen, list, values, grid, stage);
  descend(list, values, metric, grid, stages, chosen);
  return chosen;
}

function blocksOf(list: readonly PrintedValue[]): number[][] {
  if (list.length <= LARGEST_BLOCK) return [[...list.keys()]];
  const blocks = new Map<string, number[]>();
  list.forEach(({ slot, column }, v) => {
    const key = `${slot.layer} ${slot.where === 'falling' ? `falling ${slot.at}` : column}`;
    blocks.set(key, [...(blocks.get(key) ?? []), v]);
  });
  return [...blocks.values()];
}

function roundBlock(
  block: readonly number[],
  list: readonly PrintedValue[],
  values: Float64Array,
  metric: Float64Array,
  grid: PrintGrid,
  chosen: Int32Array,
): void {
  const n = block.length;
  const inverse = inverseOf(block, list.length, metric);
  const logs = Float64Array.from(block, (v) => Math.log(values[v]!));
  const free = new Set(block.keys());
  const harm = block.map((v) => {
    const printable = grid.values(list[v]!);
    const at = grid.nearest(list[v]!, values[v]!);
    const step = Math.log(printable[Math.min(at + 1, printable.length - 1)]! / printable[Math.max(at - 1, 0)]!);
    return step * step * metric[v * list.length + v]!;
  });
  for (const k of [...block.keys()].sort((a, b) => harm[b]! - harm[a]! || a - b)) {
    const variable = list[block[k]!]!;
    const at = grid.nearest(variable, Math.exp(logs[k]!));
    chosen[block[k]!] = at;
    free.delete(k);
    const pivot = inverse[k * n + k]!;
    const error = (Math.log(grid.values(variable)[at]!) - logs[k]!) / pivot;
    for (const i of free) {
      const factor = inverse[i * n + k]!;
      logs[i]! += error * factor;
      for (const j of free) inverse[i * n + j]! -= (factor * inverse[k * n + j]!) / pivot;
    }
  }
}

/** (M + ridge)⁻¹ of a block, row-major. */
function inverseOf(block: readonly number[], size: number, metric: Float64Array): Float64Array {
  const n = block.length;
  const matrix = new Float64Array(n * n);
  let trace = 0;
  for (const v of block) trace += metric[v * size + v]!;
  const ridge = (RIDGE * trace) / n || 1;
  block.forEach((v, i) => {
    block.forEach((w, j) => {
      matrix[i * n + j] = metric[v * size + w]! + (i === j ? ridge : 0);
    });
  });
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

/** Single steps on the grid while one of them lowers δᵀ·(M + ridge)·δ, constraints kept. */
function descend(
  list: readonly PrintedValue[],
  values: Float64Array,
  metric: Float64Array,
  grid: PrintGrid,
  stages: readonly StageEntries[],
  chosen: Int32Array,
): void {
  const n = list.length;
  let trace = 0;
  for (let v = 0; v < n; v += 1) trace += metric[v * n + v]!;
  const ridge = (RIDGE * trace) / n;
  const stageOf = stageLookup(stages);
  const delta = Float64Array.from(list, (variable, v) => Math.log(grid.values(variable)[chosen[v]!]! / values[v]!));
  const slope = new Float64Array(n);
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j < n; j += 1) slope[i]! += (metric[i * n + j]! + (i === j ? ridge : 0)) * delta[j]!;
  for (let sweep = 0, moved = true; moved && sweep < MOST_SWEEPS; sweep += 1) {
    moved = false;
    for (let v = 0; v < n; v += 1) {
      const printable = grid.values(list[v]!);
      for (const to of [chosen[v]! - 1, chosen[v]! + 1]) {
        if (to < 0 || to >= printable.length) continue;
        const by = Math.log(printable[to]! / printable[chosen[v]!]!);
        const change = 2 * slope[v]! * by + (metric[v * n + v]! + ridge) * by * by;
        if (change >= -1e-15 || !allows(stageOf.get(v), list, chosen, grid, v, to)) continue;
        chosen[v] = to;
        for (let j = 0; j < n; j += 1) slope[j]! += (metric[j * n + v]! + (j === v ? ridge : 0)) * by;
        moved = true;
        break;
      }
    }
  }
}

/** The stage that each stage variable belongs to. */
function stageLookup(stages: readonly StageEntries[]): ReadonlyMap<number, StageEntries> {
  return new Map(
    stages.flatMap((stage) => stage.space.parameters.map((_, k) => [stage.first + k, stage] as [number, StageEntries])),
  );
}

/** Whether the stage of variable `v` stays within its constraints when that variable takes the printable value number `to`. */
function allows(
  stage: StageEntries | undefined,
  list: readonly PrintedValue[],
  chosen: Int32Array,
  grid: PrintGrid,
  v: number,
  to: number,
): boolean {
  if (stage === undefined) return true;
  return stage.space.contains(
    stage.space.parameters.map((_, k) => {
      const w = stage.first + k;
      return grid.values(list[w]!)[w === v ? to : chosen[w]!]!;
    }),
  );
}

/**
 * Where a stage's printable values break its constraints: of all combinations of neighbours that keep them the one that is nearest to what
 * was wanted (in log).
 */
function keepConstraints(
  chosen: Int32Array,
  list: readonly PrintedValue[],
  values: Float64Array,
  grid: PrintGrid,
  { first, space }: StageEntries,
): void {
  const lists = space.parameters.map((_, k) => grid.values(list[first + k]!));
  if (space.contains(lists.map((printable, k) => printable[chosen[first + k]!]!))) return;
  for (let reach = 1; reach <= 3; reach += 1) {
    const best = nearestInside(
      lists,
      reach,
      chosen.subarray(first, first + lists.length),
      values.subarray(first),
      space,
    );
    if (best === undefined) continue;
    chosen.set(best, first);
    return;
  }
}

function nearestInside(
  lists: readonly Float64Array[],
  reach: number,
  around: Int32Array,
  values: Float64Array,
  space: DesignPolytope,
): Int32Array | undefined {
  const width = 2 * reach + 1;
  let best: Int32Array | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (let n = 0; n < width ** lists.length; n += 1) {
    let rest = n;
    let distance = 0;
    const candidate = new Int32Array(lists.length);
    const tried = lists.map((printable, k) => {
      const at = Math.min(printable.length - 1, Math.max(0, around[k]! + (rest % width) - reach));
      rest = Math.floor(rest / width);
      candidate[k] = at;
      distance += Math.log(printable[at]! / values[k]!) ** 2;
      return printable[at]!;
    });
    if (distance < bestDistance && space.contains(tried)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
