import { BatchSolver, CURVE_LENGTH, componentValues, type Technology, WAVE_PERIOD } from '@neuroprint/circuit';
import type { CaseTable } from '@neuroprint/core';
import { flatOf, type Subject } from '../subject.ts';
import type { Sensitivity } from './sensitivity.ts';

/** By which share of the bias a stage's output is moved to see what a margin makes of it. */
const PROBE_SHARE = 1e-4;

/** How every margin answers to volts in series with every stage, row-major [rows × stages], by central differences. */
export function stageSensitivities(
  circuit: Subject,
  technology: Technology,
  cases: CaseTable,
  { decided, runnerUp }: Sensitivity,
): { readonly stages: readonly string[]; readonly byStage: Float64Array } {
  const flat = flatOf(circuit, technology, { series: true });
  const biasVolts = technology.bias.volts;
  const probe = PROBE_SHARE * biasVolts;
  const solver = new BatchSolver(flat);
  solver.setValues(componentValues(flat));
  const start = solver.newState(cases.rows);
  solver.solve(cases.inputVolts, cases.rows, start);
  const outputs = circuit.outputs.map((node) => flat.unknowns.indexOf(node));
  const count = flat.sources.length;
  const byStage = new Float64Array(cases.rows * count);
  for (let stage = 0; stage < count; stage += 1) {
    for (const volts of [probe, -probe]) {
      const curves = new Float64Array(count * CURVE_LENGTH);
      curves[stage * CURVE_LENGTH] = volts;
      solver.setSeries({
        curves,
        periodVolts: WAVE_PERIOD * biasVolts,
        reachVolts: probe,
        atRow: (_, out) => out.fill(0),
      });
      const state = start.slice();
      solver.solve(cases.inputVolts, cases.rows, state);
      for (let row = 0; row < cases.rows; row += 1) {
        const at = (c: number): number => state[row * solver.size + outputs[c]!]!;
        byStage[row * count + stage]! += (at(decided[row]!) - at(runnerUp[row]!)) / (2 * volts);
      }
    }
  }
  return { stages: flat.sources.map(({ stage }) => stage), byStage };
}
