import { BatchSolver, componentValues, ExactSolver, type FlatCircuit } from '@neuroprint/circuit';
import { type Fault, withFault } from '@neuroprint/diagnosis';

/** What a start by a low-rank update saves, over all faults of crossbar resistors and rows. */
export interface LowRank {
  readonly faults: number;
  /** Newton steps of a fault and row: from the good circuit's volts, and from their update. */
  readonly stepsFromGood: number;
  readonly stepsFromUpdate: number;
  /** Processor seconds: solving from the good volts; making the updates; solving from them. */
  readonly secondsFromGood: number;
  readonly secondsOfUpdates: number;
  readonly secondsFromUpdate: number;
}

/**
 * A fault of one resistor changes the Jacobian by Δg·u·uᵀ, so that one Newton step on the faulty circuit is, by Sherman and Morrison on the good
 * circuit's inverse, v − y·Δg·(v_a − v_b)/(1 + Δg·(y_a − y_b)) with y = J⁻¹·u. Compares Newton on the kernel from there and from v itself.
 */
export function lowRankStarts(
  flat: FlatCircuit,
  faults: readonly Fault[],
  inputVolts: Float64Array,
  rows: number,
): LowRank {
  const size = flat.unknowns.length;
  const values = componentValues(flat);
  const exact = new ExactSolver(flat);
  exact.setValues(values);
  const good = exact.newState(rows);
  const inverses = Array.from({ length: rows }, (_, row) => {
    exact.solveRow(inputVolts, row, good);
    return inverse(exact.jacobian(), size);
  });
  const nodes = [...flat.unknowns, ...flat.driven];
  const supplies = flat.supplyVolts.length;
  const own = faults.flatMap((fault) => {
    const at = flat.components.findIndex(({ name, parameter }) => parameter === 'ohms' && name === fault.components[0]);
    if (at < 0 || !['open', 'short', 'factor'].includes(fault.kind)) return [];
    const ohms = withFault(flat, fault).components.at(-1)!.value;
    const [a, b] = fault.nodes.map((node) => nodes.indexOf(node));
    return [{ at, ohms, a: a!, b: b!, siemens: 1 / ohms - 1 / values[at]! }];
  });
  const updated = own.map(() => good.slice());
  const secondsOfUpdates = timed(() => {
    for (const [k, { a, b, siemens }] of own.entries())
      for (let row = 0; row < rows; row += 1) {
        const at = row * size;
        const voltsOf = (node: number): number => {
          if (node < size) return good[at + node]!;
          const driven = node - size;
          return driven < supplies
            ? flat.supplyVolts[driven]!
            : inputVolts[row * flat.inputs.length + driven - supplies]!;
        };
        const inv = inverses[row]!;
        const y = (i: number): number =>
          i >= size ? 0 : (a < size ? inv[i * size + a]! : 0) - (b < size ? inv[i * size + b]! : 0);
        const by = (siemens * (voltsOf(a) - voltsOf(b))) / (1 + siemens * (y(a) - y(b)));
        for (let i = 0; i < size; i += 1) updated[k]![at + i]! -= by * y(i);
      }
  });
  const solver = new BatchSolver(flat);
  const solve = (starts: readonly Float64Array[]) => {
    const before = solver.iterations;
    const seconds = timed(() => {
      for (const [k, { at, ohms }] of own.entries()) {
        solver.setValues(values.with(at, ohms));
        solver.solve(inputVolts, rows, starts[k]!);
      }
    });
    return { seconds, steps: (solver.iterations - before) / (own.length * rows) };
  };
  const fromGood = solve(own.map(() => good.slice()));
  const fromUpdate = solve(updated);
  return {
    faults: own.length,
    stepsFromGood: fromGood.steps,
    stepsFromUpdate: fromUpdate.steps,
    secondsFromGood: fromGood.seconds,
    secondsOfUpdates,
    secondsFromUpdate: fromUpdate.seconds,
  };
}

function timed(work: () => void): number {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
}

/** A⁻¹ by Gauss and Jordan with pivoting. */
function inverse(matrix: Float64Array, size: number): Float64Array {
  const a = matrix.slice();
  const out = Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  const both = [a, out];
  for (let k = 0; k < size; k += 1) {
    let pivot = k;
    for (let i = k + 1; i < size; i += 1) if (Math.abs(a[i * size + k]!) > Math.abs(a[pivot * size + k]!)) pivot = i;
    for (const m of both)
      for (let j = 0; j < size; j += 1) {
        const held = m[k * size + j]!;
        m[k * size + j] = m[pivot * size + j]!;
        m[pivot * size + j] = held;
      }
    const scale = 1 / a[k * size + k]!;
    for (const m of both) for (let j = 0; j < size; j += 1) m[k * size + j]! *= scale;
    for (let i = 0; i < size; i += 1) {
      const by = a[i * size + k]!;
      if (i !== k && by !== 0)
        for (const m of both) for (let j = 0; j < size; j += 1) m[i * size + j]! -= by * m[k * size + j]!;
    }
  }
  return out;
}
