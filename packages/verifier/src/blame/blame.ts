import {
  describeOrigin,
  type FirstOrder,
  type FlatCircuit,
  firstOrder,
  type Technology,
  varianceParts,
  variationOf,
} from '@neuroprint/circuit';
import { type Blame, type CaseTable, describeVariation, type Variation } from '@neuroprint/core';
import { accuracy } from '@neuroprint/numeric';
import type { Engine } from '@neuroprint/spice';
import { compareVoltages } from '../compare.ts';
import { ExactRows } from '../exact-rows.ts';
import { printedSubject, type Subject, simulateSubjects, withValues } from '../subject.ts';
import { type Sensitivity, SensitivitySolver } from './sensitivity.ts';
import { stageSensitivities } from './stage-sensitivities.ts';

const TIGHTEST = 12;
const CORNER_PASSES = 4;
/** Decisions whose own worst corner ngspice simulates. */
const SIMULATED_ROWS = 5;

type Parts = Omit<Blame, 'steps'>;

/**
 * Which component is to blame, to first order. A decision with margin m and sensitivities S_k to relative changes δ_k has the standard
 * deviation σ = √(Σ S_j·S_k·cov(δ_j, δ_k)) (s·√(Σ S_k²/3) under independent uniform ones) and flips with probability Φ(−m/σ); a
 * component's part of that is S_k·Σ S_j·cov(δ_j, δ_k)/σ². So is that of a stage with volts in series with its output, named
 * `<stage>.out`. Summed over the rows these parts are its share of the expected flips. The worst corner puts every component
 * to an end of its spread by the sign of the sensitivities, looks again from there, and is checked in ngspice. `leftOut` says what
 * of the variation is not in it.
 */
export async function blame(
  engine: Engine,
  subject: Subject,
  technology: Technology,
  cases: CaseTable,
  classes: readonly string[],
  variation: number | Variation,
): Promise<Parts> {
  const model = variationOf(variation);
  const circuit = printedSubject(subject, technology, model);
  const solver = new SensitivitySolver(circuit, technology, cases.inputVolts, cases.rows);
  const { flat, rows } = solver;
  const nominal = solver.at(solver.nominal);
  const law = firstOrder(flat, model);
  const { stages, byStage } =
    law.stageVariance > 0
      ? stageSensitivities(circuit, technology, cases, nominal)
      : { stages: [], byStage: new Float64Array(0) };
  const sources = [
    ...flat.components.map(({ name, origin }) => ({ name, origin })),
    ...stages.map((name) => ({
      name: `${name}.out`,
      origin: ('devices' in circuit ? circuit.devices : []).find((device) => device.name === name)!.origin,
    })),
  ];
  const count = sources.length;
  const width = flat.components.length;
  const [share, sum, most] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  const stdVolts = new Float64Array(rows);
  const probability = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const byComponent = nominal.byComponent.subarray(row * width, (row + 1) * width);
    const ofStages = byStage.subarray(row * stages.length, (row + 1) * stages.length);
    const parts = varianceParts(law, byComponent, ofStages);
    const own = [...parts.components, ...parts.stages];
    stdVolts[row] = Math.sqrt(parts.total);
    probability[row] = parts.total === 0 ? 0 : normalTail(nominal.marginVolts[row]! / stdVolts[row]!);
    [...byComponent, ...ofStages].forEach((s, k) => {
      if (parts.total > 0) share[k]! += (probability[row]! * own[k]!) / parts.total;
      sum[k]! += Math.abs(s);
      most[k] = Math.max(most[k]!, Math.abs(s));
    });
  }
  const flips = { stdVolts, probability };
  const expectedFlips = flips.probability.reduce((all, p) => all + p, 0);
  const components = sources.map(({ name, origin }, k) => ({
    name,
    origin: describeOrigin(origin),
    share: expectedFlips > 0 ? share[k]! / expectedFlips : 0,
    meanVoltsPerPercent: (0.01 * sum[k]!) / rows,
    maxVoltsPerPercent: 0.01 * most[k]!,
  }));
  return {
    relativeSpread: model.relativeSpread,
    law: describeVariation(model),
    leftOut: [...law.leftOut],
    expectedFlips,
    components: components.sort((a, b) => b.share - a.share || b.meanVoltsPerPercent - a.meanVoltsPerPercent),
    decisions: tightest(nominal, flips, flat, classes),
    worstCorner: await worstCorner(engine, circuit, technology, cases, solver, nominal, flips, law),
  };
}

interface Flips {
  readonly stdVolts: Float64Array;
  readonly probability: Float64Array;
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
  circuit: Subject,
  technology: Technology,
  cases: CaseTable,
  solver: SensitivitySolver,
  nominal: Sensitivity,
  flips: Flips,
  law: FirstOrder,
): Promise<Parts['worstCorner']> {
  const { rows, flat } = solver;
  const { labels } = cases;
  let worst = { values: solver.nominal, kept: rows, right: Number.POSITIVE_INFINITY };
  let weights = nominal.marginVolts.map((m, row) => density(m, flips.stdVolts[row]!));
  let here = nominal;
  for (let pass = 0; pass < CORNER_PASSES; pass += 1) {
    const values = solver.valuesAt(against(here, weights, law));
    const decided = solver.decisions(values);
    const kept = decided.filter((d, row) => d === nominal.decided[row]).length;
    const right = labels === undefined ? kept : Math.round(accuracy(decided, labels) * rows);
    if (right < worst.right || (right === worst.right && kept < worst.kept)) worst = { values, kept, right };
    here = solver.at(values, nominal);
    weights = here.marginVolts.map((m, row) => density(m, flips.stdVolts[row]!));
  }
  const own = ownCorners(solver, nominal, law);
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

/** The same for the weighted sum of the margins. */
function against({ byComponent }: Sensitivity, weights: Float64Array, law: FirstOrder): Float64Array {
  const width = law.own.length;
  const sum = new Float64Array(width);
  byComponent.forEach((s, i) => {
    sum[i % width]! += weights[Math.floor(i / width)]! * s;
  });
  return endsAgainst(sum, law);
}

/** The factor of every component at the end of its spread that lowers what grows by these sensitivities. */
function endsAgainst(sensitivities: Float64Array, { low, high }: FirstOrder): Float64Array {
  return sensitivities.map((s, k) => (s > 0 ? low[k]! : s < 0 ? high[k]! : 1));
}

/** Each decision at the corner that its own sensitivities point to. */
function ownCorners(solver: SensitivitySolver, nominal: Sensitivity, law: FirstOrder) {
  const width = solver.flat.components.length;
  return Array.from({ length: solver.rows }, (_, row) => {
    const own = nominal.byComponent.subarray(row * width, (row + 1) * width);
    const values = solver.valuesAt(endsAgainst(own, law));
    const volts = solver.outputsOf(values, row);
    const first = nominal.decided[row]!;
    const others = volts.filter((_, c) => c !== first);
    return { values, marginVolts: volts[first]! - Math.max(...others) };
  });
}

async function simulatedError(
  engine: Engine,
  circuit: Subject,
  technology: Technology,
  cases: CaseTable,
  flat: FlatCircuit,
  corners: readonly Float64Array[],
): Promise<number> {
  const variants = corners.map((values) => withValues(circuit, flat.components, values));
  const exact = new ExactRows(circuit, technology, cases);
  let largest = 0;
  let done = 0;
  for await (const simulated of simulateSubjects(engine, circuit, technology, cases.inputVolts, variants)) {
    largest = Math.max(largest, compareVoltages(simulated, exact.at(corners[done]!)).maxErrorVolts);
    done += 1;
  }
  return largest;
}
