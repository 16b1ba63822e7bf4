import { accuracy, describeOrigin, type FlatCircuit, type Technology } from '@neuroprint/circuit';
import type { Blame, CaseTable } from '@neuroprint/core';
import { type Engine, simulateVariants } from '@neuroprint/spice';
import { compareVoltages } from './compare.ts';
import { ExactRows } from './exactRows.ts';
import type { ExtractedCircuit } from './extract.ts';
import { withValues } from './monteCarlo.ts';
import { type Sensitivity, SensitivitySolver } from './sensitivity.ts';

const TIGHTEST = 12;
const CORNER_PASSES = 4;
/** Decisions whose own worst corner ngspice simulates. */
const SIMULATED_ROWS = 5;
/** Variance of a uniform number in −1..1. */
const UNIFORM_VARIANCE = 1 / 3;

type Parts = Omit<Blame, 'steps'>;

/**
 * Which component is to blame, to first order. A decision with margin m and sensitivities S_k has under uniform variation of
 * relative spread s the standard deviation σ = s·√(Σ S_k²/3) and flips with probability Φ(−m/σ); a component's part of that
 * is S_k²/Σ S_j². Summed over the rows these parts are its share of the expected flips. The worst corner puts every component
 * to an end of its spread by the sign of the sensitivities, looks again from there, and is checked in ngspice.
 */
export async function blame(
  engine: Engine,
  circuit: ExtractedCircuit,
  technology: Technology,
  cases: CaseTable,
  classes: readonly string[],
  relativeSpread: number,
): Promise<Parts> {
  const solver = new SensitivitySolver(circuit, technology, cases.inputVolts, cases.rows);
  const { flat, rows } = solver;
  const nominal = solver.at(solver.nominal);
  const width = flat.components.length;
  const flips = flipsOf(nominal, rows, width, relativeSpread);
  const share = new Float64Array(width);
  const sum = new Float64Array(width);
  const most = new Float64Array(width);
  for (let row = 0; row < rows; row += 1) {
    const own = nominal.byComponent.subarray(row * width, (row + 1) * width);
    const total = own.reduce((all, s) => all + s * s, 0);
    own.forEach((s, k) => {
      if (total > 0) share[k]! += (flips.probability[row]! * s * s) / total;
      sum[k]! += Math.abs(s);
      most[k] = Math.max(most[k]!, Math.abs(s));
    });
  }
  const expectedFlips = flips.probability.reduce((all, p) => all + p, 0);
  const components = flat.components.map((component, k) => ({
    name: component.name,
    origin: describeOrigin(component.origin),
    share: expectedFlips > 0 ? share[k]! / expectedFlips : 0,
    meanVoltsPerPercent: (0.01 * sum[k]!) / rows,
    maxVoltsPerPercent: 0.01 * most[k]!,
  }));
  return {
    relativeSpread,
    expectedFlips,
    components: components.sort((a, b) => b.share - a.share || b.meanVoltsPerPercent - a.meanVoltsPerPercent),
    decisions: tightest(nominal, flips, flat, classes),
    worstCorner: await worstCorner(engine, circuit, technology, cases, solver, nominal, flips, relativeSpread),
  };
}

interface Flips {
  readonly stdVolts: Float64Array;
  readonly probability: Float64Array;
}

function flipsOf({ marginVolts, byComponent }: Sensitivity, rows: number, width: number, spread: number): Flips {
  const stdVolts = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const squares = byComponent.subarray(row * width, (row + 1) * width).reduce((all, s) => all + s * s, 0);
    stdVolts[row] = spread * Math.sqrt(squares * UNIFORM_VARIANCE);
  }
  return {
    stdVolts,
    probability: marginVolts.map((m, row) => (stdVolts[row] === 0 ? 0 : normalTail(m / stdVolts[row]!))),
  };
}

/** 1 − Φ(z) for z ≥ 0 (Abramowitz and Stegun 26.2.17, error below 1e-7). */
export function normalTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)) * poly;
}

function tightest(nominal: Sensitivity, flips: Flips, flat: FlatCircuit, classes: readonly string[]) {
  const width = flat.components.length;
  return [...nominal.marginVolts.keys()]
    .sort((a, b) => flips.probability[b]! - flips.probability[a]! || a - b)
    .slice(0, TIGHTEST)
    .map((row) => {
      const own = nominal.byComponent.subarray(row * width, (row + 1) * width);
      const worst = own.reduce((best, s, k) => (Math.abs(s) > Math.abs(own[best]!) ? k : best), 0);
      return {
        case: row,
        decision: classes[nominal.decided[row]!]!,
        runnerUp: classes[nominal.runnerUp[row]!]!,
        marginVolts: nominal.marginVolts[row]!,
        stdVolts: flips.stdVolts[row]!,
        flipProbability: flips.probability[row]!,
        component: flat.components[worst]!.name,
      };
    });
}

async function worstCorner(
  engine: Engine,
  circuit: ExtractedCircuit,
  technology: Technology,
  cases: CaseTable,
  solver: SensitivitySolver,
  nominal: Sensitivity,
  flips: Flips,
  spread: number,
): Promise<Parts['worstCorner']> {
  const { rows, flat } = solver;
  const { labels } = cases;
  let worst = { values: solver.nominal, kept: rows, right: Number.POSITIVE_INFINITY };
  let weights = nominal.marginVolts.map((m, row) => density(m, flips.stdVolts[row]!));
  let here = nominal;
  for (let pass = 0; pass < CORNER_PASSES; pass += 1) {
    const values = solver.valuesAt(against(here, weights, flat.components.length), spread);
    const decided = solver.decisions(values);
    const kept = decided.filter((d, row) => d === nominal.decided[row]).length;
    const right = labels === undefined ? kept : Math.round(accuracy(decided, labels) * rows);
    if (right < worst.right || (right === worst.right && kept < worst.kept)) worst = { values, kept, right };
    here = solver.at(values, nominal);
    weights = here.marginVolts.map((m, row) => density(m, flips.stdVolts[row]!));
  }
  const own = ownCorners(solver, nominal, spread);
  const order = [...own.keys()].sort((a, b) => own[a]!.marginVolts - own[b]!.marginVolts || a - b);
  const checked = [worst.values, ...order.slice(0, SIMULATED_ROWS).map((row) => own[row]!.values)];
  return {
    accuracy: labels === undefined ? null : worst.right / rows,
    decisionsKept: worst.kept / rows,
    guaranteed: own.filter(({ marginVolts }) => marginVolts > 0).length / rows,
    simulatedCorners: checked.length,
    maxErrorVolts: await simulatedError(engine, circuit, technology, cases, flat, checked),
  };
}

/** How near a decision is to flipping: the density of the normal law at margin 0. */
function density(marginVolts: number, stdVolts: number): number {
  return stdVolts === 0 ? 0 : Math.exp(-0.5 * (marginVolts / stdVolts) ** 2) / stdVolts;
}

/** For every component the end of its spread that lowers the weighted margins. */
function against({ byComponent }: Sensitivity, weights: Float64Array, width: number): Float64Array {
  const sum = new Float64Array(width);
  byComponent.forEach((s, i) => {
    sum[i % width]! += weights[Math.floor(i / width)]! * s;
  });
  return sum.map((s) => -Math.sign(s));
}

/** Each decision at the corner that its own sensitivities point to. */
function ownCorners(solver: SensitivitySolver, nominal: Sensitivity, spread: number) {
  const width = solver.flat.components.length;
  return Array.from({ length: solver.rows }, (_, row) => {
    const own = nominal.byComponent.subarray(row * width, (row + 1) * width);
    const values = solver.valuesAt(
      own.map((s) => -Math.sign(s)),
      spread,
    );
    const volts = solver.outputsOf(values, row);
    const first = nominal.decided[row]!;
    const others = volts.filter((_, c) => c !== first);
    return { values, marginVolts: volts[first]! - Math.max(...others) };
  });
}

async function simulatedError(
  engine: Engine,
  circuit: ExtractedCircuit,
  technology: Technology,
  cases: CaseTable,
  flat: FlatCircuit,
  corners: readonly Float64Array[],
): Promise<number> {
  const variants = corners.map((values) => withValues(circuit, flat.components, values));
  const exact = new ExactRows(circuit, technology, cases);
  let largest = 0;
  let done = 0;
  for await (const simulated of simulateVariants(engine, circuit, technology, cases.inputVolts, variants)) {
    largest = Math.max(largest, compareVoltages(simulated, exact.at(corners[done]!)).maxErrorVolts);
    done += 1;
  }
  return largest;
}
