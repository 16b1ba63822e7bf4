import { SensitivitySolver } from '@neuroprint/verifier';
import type { SensitivityView } from '../circuit-view.ts';
import type { OpenCircuit } from './open-circuit.ts';
import { evenRows, rowsOf } from './score.ts';

/** Numbers that margins are differentiated into: rows · components. */
const MOST_NUMBERS = 4_000_000;
const PERCENT = 0.01;
/** How far a value is moved to see whether the decision holds, and in which steps. */
const FARTHEST = 100;
const STEP = 10 ** (1 / 16);
const HALVINGS = 20;

/** How far the margins move with every component: volts for 1 % of it, mean and largest over rows. */
export interface MarginSensitivity {
  readonly mean: Float64Array;
  readonly largest: Float64Array;
  readonly rows: number;
}

/** Margins over the cases, or as many of them as fit; undefined in regression. */
export function marginSensitivity(open: OpenCircuit, values: Float64Array): MarginSensitivity | undefined {
  const { circuit, technology, cases, flat, judged } = open;
  if (judged.line !== undefined) return undefined;
  const width = flat.components.length;
  const chosen = evenRows(cases.rows, Math.max(1, Math.floor(MOST_NUMBERS / width)));
  const inputs = rowsOf(cases.inputVolts, flat.inputs.length, chosen);
  const solver = new SensitivitySolver(circuit, technology, inputs, chosen.length);
  const { byComponent } = solver.at(values);
  const [mean, largest] = [new Float64Array(width), new Float64Array(width)];
  byComponent.forEach((s, i) => {
    const k = i % width;
    const volts = PERCENT * Math.abs(s);
    mean[k]! += volts / chosen.length;
    largest[k] = Math.max(largest[k]!, volts);
  });
  return { mean, largest, rows: chosen.length };
}

/** How outputs, decision and margins answer to every component of a device. */
export function sensitivityOf(
  open: OpenCircuit,
  device: string,
  inputVolts: Float64Array,
  values: Float64Array,
  margins: MarginSensitivity | undefined,
): SensitivityView[] {
  const decision = open.row(inputVolts, values).decision;
  const gradients = open.gradientsAt(inputVolts, values);
  return open.flat.components.flatMap((component, k) => {
    if (component.device !== device) return [];
    const decisionAt = (value: number): number | undefined => {
      try {
        return open.row(inputVolts, values.with(k, value)).decision;
      } catch {
        return undefined;
      }
    };
    const value = values[k]!;
    const end = (step: number): number | undefined =>
      decision === undefined ? undefined : endOf(value, step, (at) => decisionAt(at) === decision);
    return [
      {
        component: component.name,
        outputVoltsPerPercent: gradients.map((gradient) => PERCENT * value * gradient[k]!),
        holds: [end(1 / STEP), end(STEP)],
        margins: margins && { mean: margins.mean[k]!, largest: margins.largest[k]!, rows: margins.rows },
      },
    ];
  });
}

/** How far a value may go in steps of this factor until something no longer holds. */
function endOf(value: number, step: number, holds: (value: number) => boolean): number | undefined {
  let good = value;
  for (let at = value * step; at <= value * FARTHEST && at >= value / FARTHEST; at *= step) {
    if (!holds(at)) {
      let bad = at;
      for (let i = 0; i < HALVINGS; i += 1) {
        const middle = Math.sqrt(good * bad);
        if (holds(middle)) good = middle;
        else bad = middle;
      }
      return good;
    }
    good = at;
  }
  return undefined;
}
