import { toleranceVolts } from '@neuroprint/circuit';
import { openEngine, simulateRows } from '@neuroprint/spice';
import { compareVoltages } from '@neuroprint/verifier';
import type { Changes, CheckedRow } from '../circuit-view.ts';
import type { OpenCircuit } from './open-circuit.ts';

/** Simulates one row, with values changed by hand, in the embedded ngspice. Throws where it finds no operating point. */
export async function checkRow(open: OpenCircuit, inputVolts: Float64Array, changes: Changes): Promise<CheckedRow> {
  const engine = await openEngine('embedded');
  try {
    const simulated = await simulateRows(engine, open.circuitWith(changes), open.technology, inputVolts);
    const { volts } = open.row(inputVolts, open.valuesWith(changes));
    const { maxErrorVolts, worst } = compareVoltages(simulated, { nodes: open.flat.unknowns, rows: 1, volts });
    const { version } = engine;
    const agrees = maxErrorVolts <= toleranceVolts(open.technology);
    return { engine: `ngspice ${version}`, nodes: volts.length, maxErrorVolts, worstNode: worst.node, agrees };
  } finally {
    await engine.close();
  }
}
