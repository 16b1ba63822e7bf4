import { beforeAll, describe, expect, it } from 'vitest';
import { measureProcesses, type ProcessRow } from '../bench/src/processes.ts';

let rows: Readonly<Record<string, ProcessRow>>;
beforeAll(async () => {
  ({ rows } = await measureProcesses({ designs: 200, epochs: 60, restarts: 2 }));
}, 300_000);

describe('a process that differs from egt in its supply, from cells through training and compiling to a verified netlist', () => {
  it('is egt to the bit where the supply has another name', () => {
    const { bias, ...row } = rows['egt-vpos']!;
    expect(bias).toEqual({ node: 'vpos', volts: 1 });
    expect({ ...row, bias: rows.egt!.bias }).toEqual(rows.egt);
  });

  it.each(['egt', 'egt-vpos', 'egt-low'])('keeps its promises: %s', (name) => {
    const row = rows[name]!;
    expect(row.lvs).toEqual({ matches: true, differences: [] });
    expect(row.maxErrorVolts).toBeLessThan(1e-7);
    // stages load each other, in every process alike
    expect(row.loadedRmsVolts / row.bias.volts).toBeLessThan(0.1);
    expect(row.damp!.rmsVolts).toBeLessThan(5e-3);
    expect(row.damp!.decisionsKept).toBe(1);
    expect(row.decisionsKept).toBeGreaterThan(0.95);
    expect(row.networkAccuracy).toBeGreaterThan(0.85);
  });

  it('learns at 0.8 V as well as at 1 V', () => {
    expect(rows['egt-low']!.bias.volts).toBe(0.8);
    expect(rows['egt-low']!.ngspiceAccuracy).toBeGreaterThan(rows.egt!.ngspiceAccuracy - 0.05);
  });
});
