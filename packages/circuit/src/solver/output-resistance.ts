import { type Circuit, formatEngineering, formatPercent } from '@neuroprint/core';
import { componentValues, flatten } from '../ir/flatten.ts';
import type { Technology } from '../technology/technology.ts';
import { ExactSolver } from './exact-solver.ts';

/** Inner resistance of an output, over some rows. A meter of R ohms reads v·R/(R + it) where v stands without one. */
export interface OutputResistance {
  readonly minimumOhms: number;
  readonly maximumOhms: number;
}

const GROUND = '0';
/** A row whose output is nearer to ground says nothing of what draws it there. */
const LEAST_VOLTS = 1e-3;
/** Rows that are asked at most. */
const ROWS = 32;

/**
 * What a meter sees at the first output: ∂v/∂G of a conductance G = 0 from there to ground is −v·R, by the adjoint of the exact circuit.
 * `inputVolts` is row-major [rows × inputs]. Undefined where no row has an output that can be told from ground.
 */
export function outputResistance(
  circuit: Pick<Circuit, 'inputs' | 'outputs' | 'devices'>,
  technology: Technology,
  inputVolts: Float64Array,
): OutputResistance | undefined {
  const node = circuit.outputs[0]!;
  const meter: Circuit['devices'][number] = {
    kind: 'resistor',
    name: 'meter',
    nodes: [node, GROUND],
    ohms: Number.POSITIVE_INFINITY,
    origin: { role: 'pull-down', layer: 0 },
  };
  const flat = flatten({ inputs: circuit.inputs, devices: [...circuit.devices, meter] }, technology);
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const output = flat.unknowns.indexOf(node);
  const { component } = flat.resistors.at(-1)!;
  const rows = Math.min(ROWS, inputVolts.length / circuit.inputs.length);
  const volts = solver.newState(rows);
  const byNode = new Float64Array(solver.size);
  byNode[output] = 1;
  const found: number[] = [];
  for (let row = 0; row < rows; row += 1) {
    if (!solver.solveRow(inputVolts, row, volts)) continue;
    const v = volts[row * solver.size + output]!;
    if (Math.abs(v) < LEAST_VOLTS) continue;
    const byValue = new Float64Array(flat.components.length);
    solver.addGradient(byNode, byValue);
    found.push(-byValue[component]! / v);
  }
  if (found.length === 0) return undefined;
  return { minimumOhms: Math.min(...found), maximumOhms: Math.max(...found) };
}

/** The input resistance of the usual hand-held meter. */
const METER_OHMS = 1e7;

/** `412 to 430 kΩ: a meter of 10 MΩ reads 4.0 to 4.1 % less than stands there without it`. */
export function resistanceInWords({ minimumOhms, maximumOhms }: OutputResistance): string {
  const range = (low: string, high: string): string => (low === high ? low : `${low} to ${high}`);
  const ohms = (value: number): string => formatEngineering(value, 'Ω');
  const lost = (value: number): string => formatPercent(value / (value + METER_OHMS));
  return `${range(ohms(minimumOhms), ohms(maximumOhms))}: a meter of ${ohms(METER_OHMS)} reads ${range(lost(minimumOhms), lost(maximumOhms))} less than stands there without it`;
}
