import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExactSolver, flatten, type Technology } from '@neuroprint/circuit';
import {
  type CircuitLike,
  inspectEngines,
  renderNetlist,
  renderTestbench,
  SimulationError,
  simulateRows,
  simulateVariants,
} from '@neuroprint/spice';
import { describe, expect, it } from 'vitest';
import { randomCircuit, randomRows, TECHNOLOGIES, technologyOf } from './circuits.ts';
import { describeEngines, largestDifference } from './engines.ts';

const ROWS = 31;

function exactVolts(circuit: CircuitLike, technology: Technology, rows: Float64Array): Float64Array {
  const flat = flatten(circuit, technology);
  const solver = new ExactSolver(flat);
  solver.setValues(Float64Array.from(flat.components, (component) => component.value));
  const count = rows.length / circuit.inputs.length;
  const state = solver.newState(count);
  solver.solve(rows, count, state);
  return state;
}

describeEngines('all rows in one sweep', (engine) => {
  it.each(TECHNOLOGIES)('agree with the exact solver at every node, %s', async (name) => {
    const technology = technologyOf(name);
    for (const seed of [1, 2, 3]) {
      const circuit = randomCircuit(technology, [4, 3, 3], seed);
      const rows = randomRows(ROWS, 4, seed);
      const result = await simulateRows(engine(), circuit, technology, rows);
      expect(result.rows).toBe(ROWS);
      expect(result.nodes).toContain('xact_l0_c1.mid');
      expect(result.nodes).toContain('out_2');
      expect(result.nodes).not.toContain('vdd');
      expect(largestDifference(result.volts, exactVolts(circuit, technology, rows))).toBeLessThan(1e-8);
    }
  });

  it.each(TECHNOLOGIES)('take the power of the exact solver by their own currents, %s', async (name) => {
    const technology = technologyOf(name);
    const circuit = randomCircuit(technology, [4, 3], 5);
    const rows = randomRows(5, 4, 5);
    const { watts } = await simulateRows(engine(), circuit, technology, rows);
    const solver = new ExactSolver(flatten(circuit, technology));
    solver.setValues(Float64Array.from(solver.flat.components, (component) => component.value));
    if (circuit.devices.some(({ kind }) => kind === 'opamp')) {
      expect(watts).toBeUndefined();
      return;
    }
    const state = solver.newState(5);
    for (let row = 0; row < 5; row += 1) {
      solver.solveRow(rows, row, state);
      expect(watts![row]! / solver.power()).toBeCloseTo(1, 4);
    }
  });

  it('work for a single row', async () => {
    const technology = technologyOf('egt');
    const circuit = randomCircuit(technology, [3, 2], 4);
    const rows = randomRows(1, 3, 4);
    const result = await simulateRows(engine(), circuit, technology, rows);
    expect(largestDifference(result.volts, exactVolts(circuit, technology, rows))).toBeLessThan(1e-8);
  });

  it('may be more than one run holds', async () => {
    const technology = technologyOf('egt');
    const circuit = randomCircuit(technology, [2, 1], 6);
    const rows = randomRows(5003, 2, 6);
    const result = await simulateRows(engine(), circuit, technology, rows);
    expect(result.rows).toBe(5003);
    expect(largestDifference(result.volts, exactVolts(circuit, technology, rows))).toBeLessThan(1e-8);
  });

  it('name the row that has no operating point', async () => {
    const technology = technologyOf('egt');
    const circuit = randomCircuit(technology, [3, 2], 4);
    const broken: CircuitLike = {
      ...circuit,
      devices: circuit.devices.map((device, i) =>
        device.kind === 'stage' && i === 0
          ? {
              ...device,
              values: Object.fromEntries(Object.keys(device.values).map((key) => [key, key === 'W' ? 1e306 : 1e-5])),
            }
          : device,
      ),
    };
    await expect(simulateRows(engine(), broken, technology, randomRows(2, 3, 4))).rejects.toThrow(SimulationError);
  });

  it('follow the altered components of every variant', async () => {
    const technology = technologyOf('egt-date23');
    const circuit = randomCircuit(technology, [4, 3, 3], 5);
    const rows = randomRows(5, 4, 5);
    const variants = [5, 6, 7].map((seed) => ({
      ...circuit,
      devices: randomCircuit(technology, [4, 3, 3], seed).devices.map((device, i) => {
        const original = circuit.devices[i]!;
        return device.kind === 'resistor' && original.kind === 'resistor' ? { ...original, ohms: device.ohms } : device;
      }),
    }));
    let k = 0;
    for await (const { volts } of simulateVariants(engine(), circuit, technology, rows, variants)) {
      const exact = exactVolts({ ...circuit, devices: sameNodes(circuit, variants[k]!) }, technology, rows);
      expect(largestDifference(volts, exact)).toBeLessThan(1e-8);
      k += 1;
    }
    expect(k).toBe(3);
  });
});

/** The connections of one circuit with the values of another. */
function sameNodes(circuit: CircuitLike, values: CircuitLike): CircuitLike['devices'] {
  return circuit.devices.map((device, i) => {
    const other = values.devices[i]!;
    if (device.kind === 'resistor' && other.kind === 'resistor') return { ...device, ohms: other.ohms };
    if (device.kind === 'stage' && other.kind === 'stage') return { ...device, values: other.values };
    throw new Error('another topology');
  });
}

const binary = (await inspectEngines()).find(({ name }) => name === 'ngspice')!;

describe('the testbench', () => {
  it.skipIf(!binary.usable)('run by hand prints the outputs of every row (needs ngspice on the PATH)', () => {
    const technology = technologyOf('egt-date23');
    const circuit = randomCircuit(technology, [4, 3, 3], 1);
    const rows = randomRows(ROWS, 4, 1);
    const folder = mkdtempSync(join(tmpdir(), 'testbench-'));
    try {
      writeFileSync(join(folder, 'netlist.cir'), renderNetlist(circuit, technology));
      writeFileSync(join(folder, 'testbench.cir'), renderTestbench(circuit, technology, rows));
      const printed = execFileSync(binary.path!, ['-b', 'testbench.cir'], {
        cwd: folder,
        encoding: 'utf8',
        stdio: 'pipe',
      });
      const table = printed
        .split('\n')
        .filter((line) => /^\d+\t/.test(line))
        .map((line) => line.trim().split(/\s+/).slice(2).map(Number));
      const flat = flatten(circuit, technology);
      const exact = exactVolts(circuit, technology, rows);
      const expected = Array.from({ length: ROWS }, (_, row) =>
        circuit.outputs.map((node) => exact[row * flat.unknowns.length + flat.unknowns.indexOf(node)]!),
      );
      expect(table).toHaveLength(ROWS);
      expect(largestDifference(Float64Array.from(table.flat()), Float64Array.from(expected.flat()))).toBeLessThan(1e-8);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
