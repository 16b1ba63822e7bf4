/** Part of a sweep: volts and currents in the order of the file. */
export interface Branch {
  readonly volts: Float64Array;
  readonly amperes: Float64Array;
  readonly lines: readonly number[];
}

/** A way back shorter than this share of the sweep is a point out of order and no turn. */
const TURN = 0.2;

/** The rows of every way there or back, in order; a digitised point or two out of order make no turn. */
export function branchesOf(volts: Float64Array): number[][] {
  const span = volts.reduce((m, v) => Math.max(m, v), -Infinity) - volts.reduce((m, v) => Math.min(m, v), Infinity);
  const turns: number[] = [];
  let direction = 0;
  let extreme = 0;
  for (let i = 1; i < volts.length; i += 1) {
    const way = volts[i]! - volts[extreme]!;
    if (direction === 0) {
      if (Math.abs(way) > TURN * span) {
        direction = Math.sign(way);
        extreme = i;
      }
    } else if (way * direction >= 0) extreme = i;
    else if (Math.abs(way) > TURN * span) {
      turns.push(extreme);
      direction = -direction;
      extreme = i;
    }
  }
  const edges = [0, ...turns.map((turn) => turn + 1), volts.length];
  return edges.slice(1).map((end, k) => Array.from({ length: end - edges[k]! }, (_, j) => edges[k]! + j));
}

/** The curve of one branch as a function of its volts, linear between its points; NaN outside. */
export function interpolate(volts: ArrayLike<number>, values: ArrayLike<number>, at: number): number {
  const n = volts.length;
  const rising = volts[n - 1]! >= volts[0]!;
  for (let i = 1; i < n; i += 1) {
    const [a, b] = [volts[i - 1]!, volts[i]!];
    if (rising ? at < a || at > b : at > a || at < b) continue;
    return b === a ? values[i]! : values[i - 1]! + ((values[i]! - values[i - 1]!) * (at - a)) / (b - a);
  }
  return Number.NaN;
}

/** How far apart two branches are in volts: the median over currents that both have. */
export function hysteresisVolts(there: Branch, back: Branch): number {
  const logs = (branch: Branch): Float64Array => branch.amperes.map((i) => Math.log(Math.max(Math.abs(i), 1e-18)));
  const [a, b] = [logs(there), logs(back)];
  const low = Math.max(Math.min(...a), Math.min(...b));
  const high = Math.min(Math.max(...a), Math.max(...b));
  const differences = Array.from({ length: 21 }, (_, k) => low + ((high - low) * (k + 10)) / 40)
    .map((level) => crossing(there.volts, a, level) - crossing(back.volts, b, level))
    .filter(Number.isFinite)
    .sort((x, y) => x - y);
  return Math.abs(differences[Math.floor(differences.length / 2)] ?? 0);
}

/** Volts at which values first cross a level. */
function crossing(volts: Float64Array, values: Float64Array, level: number): number {
  for (let i = 1; i < volts.length; i += 1) {
    const [a, b] = [values[i - 1]! - level, values[i]! - level];
    if (a * b <= 0 && a !== b) return volts[i - 1]! + ((volts[i]! - volts[i - 1]!) * a) / (a - b);
  }
  return Number.NaN;
}

/** The mean of both ways at the volts of the first, where both have been. */
export function meanOfBranches(there: Branch, back: Branch): Branch {
  const kept = [...there.volts.keys()]
    .map((i) => ({ i, other: interpolate(back.volts, back.amperes, there.volts[i]!) }))
    .filter(({ other }) => Number.isFinite(other));
  return {
    volts: Float64Array.from(kept, ({ i }) => there.volts[i]!),
    amperes: Float64Array.from(kept, ({ i, other }) => (there.amperes[i]! + other) / 2),
    lines: kept.map(({ i }) => there.lines[i]!),
  };
}
