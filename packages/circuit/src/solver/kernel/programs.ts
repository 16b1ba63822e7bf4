import type { Block } from './blocks.ts';

/** Addresses of matrix entries by where they are stored, and of right sides, steps and λ by their places. */
interface Addresses {
  entry(slot: number): number;
  right(place: number): number;
  step(place: number): number;
  lambda(place: number): number;
}

/**
 * A block's elimination as addresses. `factor`: per pivot where it and a second one with the same pattern stand (0: none), and its entries below (where it is symmetric those right of it) and what they change (0 and a list, or where
 * the first stands if they stand one after the other); `back`: the columns right of it from the last pivot to the first; `transposed`: both
 * transposed, where it is symmetric the first alone. Entries right of a pivot stand behind it. `outer`: entries by other blocks with their equation's λ and their unknown's.
 */
export function eliminationPrograms(
  { first: base, plan, isSymmetric, slots, outer }: Block,
  at: Addresses,
): Readonly<Record<'factor' | 'back' | 'transposed' | 'outer', readonly number[]>> {
  const { size, start, columns, diagonal } = plan;
  const entry = (slot: number): number => at.entry(slots[slot]!);
  // rows with an entry below each pivot, and where it is stored
  const below: [row: number, slot: number][][] = Array.from({ length: size }, () => []);
  if (!isSymmetric)
    for (let row = 0; row < size; row += 1)
      for (let slot = start[row]!; slot < diagonal[row]!; slot += 1) below[columns[slot]!]!.push([row, slot]);
  /** Whether the next pivot has the columns right of this one, but itself, and the same rows below. */
  const isLikeNext = (k: number): boolean => {
    if (k + 1 >= size) return false;
    const right = columns.subarray(diagonal[k]! + 1, start[k + 1]!);
    const next = columns.subarray(diagonal[k + 1]! + 1, start[k + 2]!);
    if (right[0] !== k + 1 || right.length !== next.length + 1 || next.some((column, i) => column !== right[i + 1]))
      return false;
    if (isSymmetric) return true;
    const [rows, nextRows] = [below[k]!, below[k + 1]!];
    return (
      rows[0]?.[0] === k + 1 &&
      rows.length === nextRows.length + 1 &&
      nextRows.every(([row], i) => row === rows[i + 1]![0])
    );
  };
  let paired = -1;
  const factor: number[] = [];
  const back: number[] = [];
  const transposed: number[] = [];
  const backTransposed: number[] = [];
  for (let k = 0; k < size; k += 1) {
    const [first, end] = [diagonal[k]! + 1, start[k + 1]!];
    const changed = isSymmetric
      ? Array.from(columns.subarray(first, end), (row, i) => [row, first + i] as const)
      : below[k]!;
    if (k === paired) continue;
    // a pivot that is like the one before it joins it
    const isPair = isLikeNext(k);
    if (isPair) paired = k + 1;
    const skipped = isPair ? 1 : 0;
    factor.push(entry(diagonal[k]!), changed.length - skipped, end - first - skipped);
    factor.push(isPair ? entry(diagonal[k + 1]!) : 0);
    for (const [row, slot] of changed) {
      if (isPair && row === k + 1) continue;
      const targets: number[] = [];
      let target = isSymmetric ? diagonal[row]! : slot + 1;
      for (let source = isSymmetric ? slot : first + skipped; source < end; source += 1) {
        while (columns[target]! < columns[source]!) target += 1;
        targets.push(target);
      }
      const isOneRun = targets.length > 0 && targets.at(-1)! - targets[0]! === targets.length - 1;
      factor.push(entry(slot), at.right(base + row), isOneRun ? entry(targets[0]!) : 0);
      if (!isOneRun) for (const one of targets) factor.push(entry(one));
    }
  }
  for (let k = 0; k < size; k += 1) {
    const [first, end] = [diagonal[k]! + 1, start[k + 1]!];
    transposed.push(entry(diagonal[k]!), end - first);
    for (let slot = first; slot < end; slot += 1) transposed.push(at.step(base + columns[slot]!));
  }
  for (let k = size - 1; k >= 0; k -= 1) {
    const [first, end] = [diagonal[k]! + 1, start[k + 1]!];
    back.push(entry(diagonal[k]!), end - first);
    for (let slot = first; slot < end; slot += 1) back.push(at.step(base + columns[slot]!));
    backTransposed.push(below[k]!.length);
    for (const [row, slot] of below[k]!) backTransposed.push(at.step(base + row), entry(slot));
  }
  return {
    factor,
    back,
    transposed: isSymmetric ? transposed : [...transposed, ...backTransposed],
    outer: outer.flatMap(([row, column, slot]) => [at.lambda(row), at.lambda(column), at.entry(slot)]),
  };
}
