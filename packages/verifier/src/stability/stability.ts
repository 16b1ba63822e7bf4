import {
  componentValues,
  ExactSolver,
  type FlatCircuit,
  isStableForAnyCapacitances,
  type Stability,
  stabilityOf,
  variationOf,
  variedValues,
  worstNode,
} from '@neuroprint/circuit';
import { Draws, describeVariation, type StabilityReport, type Variation } from '@neuroprint/core';
import { type Engine, simulatePoles } from '@neuroprint/spice';
import { type CopyTask, staysAt } from '../copies/copies.ts';
import { otherOperatingPoints } from './operating-points.ts';
import { settle } from './settle.ts';

/** Rows that are linearised: those with the lowest and highest voltage of each output, and a sample. */
const LINEARISED_ROWS = 48;
/** Rows from which transients start, and at which other operating points are looked for. */
const SIMULATED_ROWS = 3;
const COPIES = 50;
/** Stands in where nobody has given a capacitance: signs of real parts are told then, and no times. */
const STAND_IN_FARADS = 1e-12;
/** `.pz` did not end in three minutes on 1,926 nodes: it is not asked of larger circuits than these, of which one pole alone is known. */
const MOST_PZ_NODES = 1500;
/** A mode has decayed to 1 % after so many time constants. */
const TO_ONE_PERCENT = Math.log(100);

export interface StabilityCases {
  readonly inputVolts: Float64Array;
  readonly rows: number;
}

/**
 * Whether a circuit stays at its operating points. Eigenvalues of the linearised circuit at a sample of rows; where no loop through
 * gates amplifies at any of them it is stable whatever its capacitances, and that is all. Elsewhere other operating points are
 * looked for by both solvers, transients in ngspice from rest and from both rails must end at the operating point, and the
 * poles of `.pz` stand beside the eigenvalues. `outputs` are nodes of `flat`; copies have component values that
 * vary (what is in series with their stages is left out).
 */
export async function checkStability(
  engine: Engine,
  flat: FlatCircuit,
  cases: StabilityCases,
  outputs: readonly string[],
  variation: number | Variation,
): Promise<StabilityReport> {
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const state = solver.newState(cases.rows);
  const failed = new Set(solver.solve(cases.inputVolts, cases.rows, state));
  const outputNodes = outputs.map((node) => flat.unknowns.indexOf(node));
  const rows = chooseRows(state, solver.size, outputNodes, cases.rows).filter((row) => !failed.has(row));
  const { nodeFarads, assumed } = flat.technology;
  const farads = nodeFarads ?? STAND_IN_FARADS;

  let forAnyCapacitances = true;
  let worst: { readonly row: number; readonly stability: Stability; readonly node: string } | undefined;
  let slowestSeconds = 0;
  for (const row of rows) {
    solver.solveRow(cases.inputVolts, row, state);
    const isStructural = isStableForAnyCapacitances(solver);
    forAnyCapacitances &&= isStructural;
    if (isStructural && nodeFarads === undefined) continue;
    const stability = stabilityOf(solver, farads);
    slowestSeconds = Math.max(slowestSeconds, stability.slowestSeconds);
    if (worst === undefined || stability.largestRealPart > worst.stability.largestRealPart)
      worst = { row, stability, node: worstNode(solver, farads) };
  }
  const times = nodeFarads !== undefined && worst?.stability.stable === true ? slowestSeconds : null;
  const common = {
    rows: rows.length,
    forAnyCapacitances,
    nodeFarads: nodeFarads ?? null,
    assumed: assumed.some((name) => name === 'nodeFarads' || name === 'opamp.gainBandwidthHertz'),
    largestRealPart: nodeFarads === undefined ? null : (worst?.stability.largestRealPart ?? null),
    worst: worst === undefined ? null : { case: worst.row, node: worst.node },
    slowestSeconds: times,
    settlingSeconds: times === null ? null : TO_ONE_PERCENT * times,
    eigenvalues:
      worst === undefined
        ? []
        : Array.from(worst.stability.eigenvalues.real, (re, i): [number, number] => [
            re,
            worst.stability.eigenvalues.imaginary[i]!,
          ]),
  };
  if (forAnyCapacitances || worst === undefined)
    return {
      ...common,
      verdict: 'stable',
      reason: `no loop amplifies at any of ${rows.length} rows: stable whatever the capacitances`,
      poles: null,
      operatingPoints: { starts: 0, elsewhere: 0, maxDifferenceVolts: 0 },
      transients: null,
      copies: null,
    };

  const { stability } = worst;
  const simulated = [worst.row, ...rows.filter((row) => row !== worst.row)].slice(0, SIMULATED_ROWS);
  const operatingPoints = await otherOperatingPoints(engine, solver, cases.inputVolts, simulated, state);
  const transients = await settle(engine, flat, cases.inputVolts, simulated, state, stability, farads, outputNodes);
  const copies = unstableCopies(solver, cases.inputVolts, worst.row, state, farads, variation);
  return {
    ...common,
    ...judge(stability, worst.node, worst.row, operatingPoints, transients),
    poles:
      solver.size > MOST_PZ_NODES
        ? null
        : await comparePoles(engine, flat, cases.inputVolts, worst.row, state, stability, farads),
    operatingPoints,
    transients: {
      count: transients.count,
      elsewhere: transients.elsewhere,
      maxDifferenceVolts: transients.maxDifferenceVolts,
      waveform: { ...transients.waveform, nodes: [...outputs] },
    },
    copies,
  };
}

/** Where printed copies must be watched: nowhere, if the circuit is stable whatever its capacitances. */
export function watchedRow({ forAnyCapacitances, worst, nodeFarads }: StabilityReport): CopyTask['watched'] {
  if (forAnyCapacitances || worst === null) return undefined;
  return { row: worst.case, farads: nodeFarads ?? STAND_IN_FARADS };
}

function judge(
  stability: Stability,
  node: string,
  row: number,
  points: StabilityReport['operatingPoints'],
  transients: { readonly count: number; readonly elsewhere: number; readonly restless: number },
): Pick<StabilityReport, 'verdict' | 'reason'> {
  if (!stability.stable)
    return {
      verdict: 'unstable',
      reason: `at case ${row} it leaves its operating point: an eigenvalue is ${stability.largestRealPart.toPrecision(3)} /s, and ${node} runs away`,
    };
  if (transients.restless > 0)
    return {
      verdict: 'unstable',
      reason: `${transients.restless} of ${transients.count} transients do not come to rest`,
    };
  if (points.elsewhere > 0 || transients.elsewhere > 0)
    return {
      verdict: 'latching',
      reason: `there are several operating points: ${points.elsewhere} of ${points.starts} starts and ${transients.elsewhere} of ${transients.count} transients lead elsewhere`,
    };
  return {
    verdict: 'stable',
    reason: `every eigenvalue has a negative real part, ${points.starts} starts find the same operating points, and ${transients.count} transients end there`,
  };
}

/** Rows with the lowest and highest voltage of every output, then a random sample, the same every time; in this order. */
function chooseRows(state: Float64Array, size: number, outputs: readonly number[], rows: number): number[] {
  const extreme = outputs.flatMap((node) => {
    let [low, high] = [0, 0];
    for (let row = 1; row < rows; row += 1) {
      if (state[row * size + node]! < state[low * size + node]!) low = row;
      if (state[row * size + node]! > state[high * size + node]!) high = row;
    }
    return [low, high];
  });
  return [...new Set([...extreme, ...new Draws(0, 'linearised rows').permutation(0, rows)])].slice(0, LINEARISED_ROWS);
}

/** The variation as reports have it. */
function lawOf(variation: number | Variation): { readonly relativeSpread: number; readonly law: string } {
  const model = variationOf(variation);
  return { relativeSpread: model.relativeSpread, law: describeVariation(model) };
}

/** Printed copies that are unstable at one row; one without an operating point counts. */
function unstableCopies(
  solver: ExactSolver,
  inputVolts: Float64Array,
  row: number,
  nominal: Float64Array,
  farads: number,
  variation: number | Variation,
): StabilityReport['copies'] {
  const { flat } = solver;
  const values = componentValues(flat);
  const varied = values.slice();
  const draws = new Draws(0, 'stability');
  let unstable = 0;
  for (let copy = 0; copy < COPIES; copy += 1) {
    variedValues(flat, values, draws, copy, variation, varied);
    solver.setValues(varied);
    if (!staysAt(solver, inputVolts, nominal, { row, farads })) unstable += 1;
  }
  solver.setValues(values);
  return { draws: COPIES, ...lawOf(variation), unstable };
}

async function comparePoles(
  engine: Engine,
  flat: FlatCircuit,
  inputVolts: Float64Array,
  row: number,
  state: Float64Array,
  stability: Stability,
  farads: number,
): Promise<StabilityReport['poles']> {
  const [inputs, size] = [flat.inputs.length, flat.unknowns.length];
  const volts = Float64Array.from([
    ...state.subarray(row * size, (row + 1) * size),
    ...flat.supplyVolts,
    ...inputVolts.subarray(row * inputs, (row + 1) * inputs),
  ]);
  const { real, imaginary } = await simulatePoles(engine, flat, farads, volts);
  const ours = stability.eigenvalues;
  const isFound = (i: number): boolean => {
    const [re, im] = [ours.real[i]!, ours.imaginary[i]!];
    return real.some(
      (pole, k) => Math.hypot(pole - re, Math.abs(imaginary[k]!) - Math.abs(im)) <= SAME_POLE * Math.hypot(re, im),
    );
  };
  const found = Array.from(ours.real.keys()).filter(isFound).length;
  const most = real.reduce((largest, pole) => Math.max(largest, pole), Number.NEGATIVE_INFINITY);
  return {
    found,
    of: ours.real.length,
    relativeDifference:
      found < ours.real.length
        ? null
        : Math.abs(most - stability.largestRealPart) / Math.abs(stability.largestRealPart),
  };
}

/** An eigenvalue is found by `.pz` where a pole is as close as this share: it also finds poles that are none. */
const SAME_POLE = 1e-4;
