import { UsageError } from '@neuroprint/core';
import {
  choleskyFactor,
  choleskySolve,
  dominantMode,
  type Eigenvalues,
  eigenvalues,
  eigenvectorMagnitudes,
} from '@neuroprint/numeric';
import type { FlatCircuit } from '../ir/flatten.ts';
import type { ExactSolver } from './exact-solver.ts';
import { pencilOf, type RightmostPole, rightmostPole } from './rightmost-pole.ts';

/** How a circuit that is pushed off its operating point moves: back to it, or away. */
export interface Stability {
  /** Whether every eigenvalue has a negative real part. */
  readonly stable: boolean;
  /** Largest real part of all eigenvalues, 1/s. */
  readonly largestRealPart: number;
  /** Time constant of the slowest mode, seconds; infinite where the circuit is not stable. */
  readonly slowestSeconds: number;
  /** All eigenvalues, 1/s: the poles of the circuit; of a large one the one with the largest real part alone. */
  readonly eigenvalues: Eigenvalues;
}

/** Above so many nodes the slowest mode alone is looked for where no loop amplifies; where one does, all are found up to the second number, and the rightmost alone above. */
const SMALL = 250;
const MOST = 1500;

/**
 * Stability at the row that `solver` solved last. With capacitance C at every unknown node and the single pole of every op-amp,
 * C·dv_i/dt = −(current out of node i) and (1/ω_t)·dv_x/dt = (v₊ − v₋) − s(v_x), ω_t = 2π·gainBandwidthHertz; the poles are the
 * eigenvalues of this system, linearised; where lines cross, C is a matrix, and inner places of metal, which have no capacitance, are eliminated. An operating point alone says nothing: it is found as well where the circuit runs
 * away from it. Throws UsageError where nobody has given a capacitance, and where the poles of more than 1,500 nodes in which a loop amplifies cannot be counted.
 */
export function stabilityOf(solver: ExactSolver, nodeFarads = nodeFaradsOf(solver.flat)): Stability {
  const found = polesOf(solver, nodeFarads);
  const largestRealPart = found.real.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const stable = largestRealPart < 0;
  return {
    stable,
    largestRealPart,
    slowestSeconds: stable ? -1 / largestRealPart : Number.POSITIVE_INFINITY,
    eigenvalues: found,
  };
}

function polesOf(solver: ExactSolver, nodeFarads: number): Eigenvalues {
  const slowest = slowestMode(solver, nodeFarads, false);
  if (slowest !== undefined) return { real: Float64Array.of(-1 / slowest.eigenvalue), imaginary: new Float64Array(1) };
  if (netCount(solver) <= MOST) return eigenvalues(stateMatrix(solver, nodeFarads), netCount(solver));
  const { real, imaginary } = rightmostOf(solver, nodeFarads);
  return { real: Float64Array.of(real), imaginary: Float64Array.of(imaginary) };
}

/** `stabilityOf(…).stable`; of a large circuit in which a loop amplifies by one count of poles, without looking for any. */
export function isStable(solver: ExactSolver, nodeFarads = nodeFaradsOf(solver.flat)): boolean {
  if (netCount(solver) <= MOST || isStableForAnyCapacitances(solver)) return stabilityOf(solver, nodeFarads).stable;
  const count = pencilOf(solver, nodeFarads, netCount(solver))?.polesRightOf(0);
  return count === undefined ? refuse(solver) : count.poles === 0;
}

function rightmostOf(solver: ExactSolver, nodeFarads: number): RightmostPole {
  const pencil = pencilOf(solver, nodeFarads, netCount(solver));
  return (pencil && rightmostPole(pencil)) ?? refuse(solver);
}

function refuse(solver: ExactSolver): never {
  const hasOthers = solver.flat.sources.length > 0 || (solver.flat.capacitors ?? []).length > 0;
  throw new UsageError(
    `The poles of a circuit of ${netCount(solver).toLocaleString('en')} nodes in which a loop amplifies are not found: ${
      hasOthers
        ? `with series sources, or capacitances where lines cross, at most ${MOST.toLocaleString('en')} nodes`
        : 'the phase of its determinant cannot be followed safely'
    }.`,
    'Look at a part of it.',
  );
}

/**
 * The share that each unknown node has in the mode with the largest real part, |left · right| of its eigenvectors, the
 * largest 1: at the row that `solver` solved last. It names what runs away, or what is slow.
 */
export function participation(solver: ExactSolver, nodeFarads = nodeFaradsOf(solver.flat)): Float64Array {
  const size = netCount(solver);
  const slowest = slowestMode(solver, nodeFarads, false);
  const charges = slowest && slowestMode(solver, nodeFarads, true);
  if (slowest !== undefined && charges !== undefined)
    return largestOne(slowest.vector.subarray(0, size).map((value, i) => Math.abs(value * charges.vector[i]!)));
  if (size > MOST) return largestOne(rightmostOf(solver, nodeFarads).shares.subarray(0, size));
  const matrix = stateMatrix(solver, nodeFarads);
  const { real, imaginary } = eigenvalues(matrix, size);
  let at = 0;
  for (let i = 1; i < size; i += 1) if (real[i]! > real[at]!) at = i;
  const transposed = Float64Array.from(matrix, (_, k) => matrix[(k % size) * size + Math.floor(k / size)]!);
  const right = eigenvectorMagnitudes(matrix, size, real[at]!, imaginary[at]!);
  const left = eigenvectorMagnitudes(transposed, size, real[at]!, imaginary[at]!);
  return largestOne(right.map((value, i) => value * left[i]!));
}

function largestOne(shares: Float64Array): Float64Array {
  const most = shares.reduce((largest, value) => Math.max(largest, value), 0);
  return shares.map((value) => value / most);
}

/**
 * The slowest mode of a large circuit in which no loop amplifies, without a dense matrix: with J of the currents, J·v = μ⁻¹·C·v and the
 * largest μ its time constant. `transposed`: the mode of C·J⁻ᵀ, which has the left eigenvector. Undefined for small circuits, and where
 * that mode is no real one.
 */
function slowestMode(solver: ExactSolver, nodeFarads: number, transposed: boolean) {
  const size = netCount(solver);
  if (size <= SMALL) return undefined;
  const { flat } = solver;
  return flat.sources.length === 0 && isStableForAnyCapacitances(solver)
    ? dominantMode((x, out) => {
        if (!transposed) solver.solveLinearised(charged(flat, size, nodeFarads, x), out, false);
        else {
          const solved = new Float64Array(x.length);
          solver.solveLinearised(x, solved, true);
          out.set(charged(flat, size, nodeFarads, solved));
        }
      }, solver.size)
    : undefined;
}

/** C·x: a capacitance at every net, none at the inner places of metal, and those between nodes. */
function charged({ capacitors = [] }: FlatCircuit, nets: number, nodeFarads: number, x: Float64Array): Float64Array {
  const out = x.map((value, node) => (node < nets ? nodeFarads * value : 0));
  for (const { nodes, farads } of capacitors) {
    const [a, b] = nodes;
    const [va, vb] = [a < nets ? x[a]! : 0, b < nets ? x[b]! : 0];
    if (a < nets) out[a]! += farads * (va - vb);
    if (b < nets) out[b]! += farads * (vb - va);
  }
  return out;
}

/** The node with the largest participation in the slowest mode, or in the one that runs away. */
export function worstNode(solver: ExactSolver, nodeFarads = nodeFaradsOf(solver.flat)): string {
  const shares = participation(solver, nodeFarads);
  return solver.flat.unknowns[shares.indexOf(1)]!;
}

/**
 * Whether the circuit is stable at the row solved last whatever the capacitances of its nodes: J is an H-matrix with a positive
 * diagonal, so C⁻¹·J has eigenvalues with positive real parts for every positive C (Berman and Plemmons, Nonnegative Matrices in
 * the Mathematical Sciences, ch. 6). That is so where no loop through gates amplifies. Sufficient, not necessary; op-amps,
 * whose gain is in loops always, are never stable by this.
 */
export function isStableForAnyCapacitances(solver: ExactSolver): boolean {
  return solver.flat.opamps.length === 0 && solver.isHMatrix();
}

/** The unknown nodes that have a capacitance. */
function netCount({ size, flat }: ExactSolver): number {
  return size - (flat.metalNodes ?? 0);
}

/** dv/dt = A·v around the operating point. */
function stateMatrix(solver: ExactSolver, nodeFarads: number): Float64Array {
  const { flat } = solver;
  const size = netCount(solver);
  const matrix = withoutMetal(solver.jacobian(), solver.size, size);
  const unityRadians = 2 * Math.PI * (flat.technology.opamp?.gainBandwidthHertz ?? 0);
  const outputs = new Set(flat.opamps.map(({ output }) => output));
  const crossings = (flat.capacitors ?? []).filter(({ nodes }) => nodes.some((node) => node < size));
  if (crossings.length > 0 && outputs.size > 0)
    throw new UsageError('The capacitances of crossings are not counted in circuits with op-amps.');
  if (crossings.length === 0) {
    for (let row = 0; row < size; row += 1) {
      const factor = outputs.has(row) ? unityRadians : -1 / nodeFarads;
      for (let column = 0; column < size; column += 1) matrix[row * size + column]! *= factor;
    }
    return matrix;
  }
  const farads = new Float64Array(size * size);
  for (let k = 0; k < size; k += 1) farads[k * size + k] = nodeFarads;
  for (const { nodes, farads: one } of crossings)
    for (const [a, b] of [nodes, [nodes[1], nodes[0]] as const]) {
      if (a >= size) continue;
      farads[a * size + a]! += one;
      if (b < size) farads[a * size + b]! -= one;
    }
  if (!choleskyFactor(farads, size)) throw new Error('a matrix of capacitances is not positive definite');
  const column = new Float64Array(size);
  for (let k = 0; k < size; k += 1) {
    for (let row = 0; row < size; row += 1) column[row] = -matrix[row * size + k]!;
    choleskySolve(farads, size, column);
    for (let row = 0; row < size; row += 1) matrix[row * size + k] = column[row]!;
  }
  return matrix;
}

/** The first `kept` rows and columns of a matrix after the others, which hold no charge, are eliminated. */
function withoutMetal(matrix: Float64Array, size: number, kept: number): Float64Array {
  if (kept === size) return matrix;
  for (let k = size - 1; k >= kept; k -= 1) {
    const columns: number[] = [];
    for (let j = 0; j < k; j += 1) if (matrix[k * size + j] !== 0) columns.push(j);
    for (let i = 0; i < k; i += 1) {
      const factor = matrix[i * size + k]! / matrix[k * size + k]!;
      if (factor !== 0) for (const j of columns) matrix[i * size + j]! -= factor * matrix[k * size + j]!;
    }
  }
  const out = new Float64Array(kept * kept);
  for (let row = 0; row < kept; row += 1) out.set(matrix.subarray(row * size, row * size + kept), row * kept);
  return out;
}

function nodeFaradsOf({ technology }: FlatCircuit): number {
  if (technology.nodeFarads === undefined)
    throw new UsageError(
      `The technology ${technology.name} gives no capacitance of a node.`,
      'Give technology.json "nodeFarads", with its source or as assumed.',
    );
  return technology.nodeFarads;
}
