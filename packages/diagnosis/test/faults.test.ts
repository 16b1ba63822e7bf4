import { componentValues, ExactSolver, type FlatCircuit, flatten } from '@neuroprint/circuit';
import { type Engine, openEngine, simulateFlat } from '@neuroprint/spice';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withFault } from '../src/faults/apply.ts';
import { FaultSolver } from '../src/faults/fault-solver.ts';
import { faultsOf } from '../src/faults/list.ts';
import { neighboursByRowAndColumn } from '../src/faults/neighbours.ts';
import { solveFaults } from '../src/faults/solve.ts';
import { egt, network, randomRows } from './circuits.ts';

const flat = flatten(network([2, 2, 2]), egt);
const faults = faultsOf(flat);
const byName = new Map(faults.map((fault) => [fault.name, fault]));

/** Each row from a cold start, by the solver that is the oracle. */
function oracle(circuit: FlatCircuit, inputVolts: Float64Array): Float64Array {
  const solver = new ExactSolver(circuit);
  solver.setValues(componentValues(circuit));
  const rows = inputVolts.length / circuit.inputs.length;
  const state = solver.newState(rows);
  for (let row = 0; row < rows; row += 1) solver.solveRow(inputVolts, row, state);
  return state;
}

describe('the list of faults', () => {
  it('has four of every resistor, five of every transistor, the neighbouring lines and the contacts', () => {
    const lines = neighboursByRowAndColumn(flat).length;
    expect(faults).toHaveLength(4 * flat.resistors.length + 5 * flat.transistors.length + lines + 2);
    expect(byName.size).toBe(faults.length);
    expect([...byName.keys()].filter((name) => /r_l0_i0_c1|act_l0_c1.drive2/.test(name))).toEqual([
      'r_l0_i0_c1 open',
      'r_l0_i0_c1 short',
      'r_l0_i0_c1 x2',
      'r_l0_i0_c1 x0.5',
      'act_l0_c1.drive2 gate open',
      'act_l0_c1.drive2 drain-source short',
      'act_l0_c1.drive2 gate-drain short',
      'act_l0_c1.drive2 gate-source short',
      'act_l0_c1.drive2 no channel',
    ]);
    expect(byName.get('ground contact')).toMatchObject({ kind: 'contact', nodes: ['0'], ohms: 10e3 });
  });

  it('shorts lines that lie side by side, and no two supplies', () => {
    expect(neighboursByRowAndColumn(flat).map((pair) => pair.join(' '))).toEqual(
      expect.arrayContaining(['z_l0_c0 z_l0_c1', 'z_l1_c0 z_l1_c1']),
    );
    expect(neighboursByRowAndColumn(flat)).not.toContainEqual(['vdd', '0']);
    expect(faultsOf(flat, { neighbours: [['in0', 'y_l1_c1']] }).filter(({ kind }) => kind === 'lines shorted')).toEqual(
      [
        {
          name: 'in0, y_l1_c1 lines shorted',
          kind: 'lines shorted',
          components: [],
          nodes: ['in0', 'y_l1_c1'],
          ohms: 1,
        },
      ],
    );
  });

  it('has what the technology adds, under names of their own', () => {
    const leaky = {
      ...egt,
      faults: [
        { kind: 'gate-source short', ohms: 1e5 },
        { kind: 'factor', factor: 3 },
      ] as const,
    };
    const names = faultsOf({ ...flat, technology: leaky }).map(({ name }) => name);
    expect(names).toContain('act_l0_c1.drive2 gate-source short 100000 ohms');
    expect(names).toContain('r_l0_i0_c1 x3');
    expect(names).toHaveLength(faults.length + flat.transistors.length + flat.resistors.length);
  });

  it('refuses a fault of a part that the circuit does not have', () => {
    const fault = { name: 'r9 open', kind: 'open', components: ['r9'], nodes: [] } as const;
    expect(() => withFault(flat, fault)).toThrow(/names r9, and the circuit has no such part/);
  });
});

describe('a circuit with a fault', () => {
  const at = (circuit: FlatCircuit, node: string, volts: Float64Array) => volts[circuit.unknowns.indexOf(node)]!;
  const solved = (name: string) => {
    const circuit = withFault(flat, byName.get(name)!);
    const volts = oracle(circuit, Float64Array.of(0.7, 0.3));
    return (node: string) => at(circuit, node, volts);
  };

  it('has the volts of its ends together where they are shorted', () => {
    expect(
      Math.abs(
        solved('z_l0_c0, z_l0_c1 lines shorted')('z_l0_c0') - solved('z_l0_c0, z_l0_c1 lines shorted')('z_l0_c1'),
      ),
    ).toBeLessThan(1e-5);
    expect(solved('act_l0_c1.drive2 drain-source short')('y_l0_c1')).toBeLessThan(1e-4);
  });

  it('has its stage at the supply where the transistor has no channel or no gate', () => {
    for (const what of ['no channel', 'gate open', 'gate-source short'])
      expect(solved(`act_l1_c0.drive2 ${what}`)('y_l1_c0')).toBeCloseTo(1, 3);
  });

  it('has the fault on top of the values of its copy', () => {
    const copy = { ...flat, components: flat.components.map((one) => ({ ...one, value: 1.1 * one.value })) };
    const good = copy.components.find(({ name }) => name === 'r_l0_i0_c1')!.value;
    const faulty = withFault(copy, byName.get('r_l0_i0_c1 x2')!);
    expect(faulty.components.at(-1)!.value).toBe(2 * good);
  });

  it('loses voltage at a contact that resists', () => {
    const circuit = withFault(flat, byName.get('vdd contact')!);
    const volts = oracle(circuit, Float64Array.of(0.7, 0.3));
    expect(at(circuit, 'vdd_contact', volts)).toBeLessThan(0.99);
    expect(at(circuit, 'vdd_contact', volts)).toBeGreaterThan(0.1);
  });
});

describe('all faults at once', () => {
  it('have the volts that each has by itself, from a cold start, whatever the circuit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const circuit = flatten(network([2, 1, 2], seed), egt);
        const list = faultsOf(circuit);
        const inputs = randomRows(2, 2, seed);
        solveFaults(circuit, list, inputs).forEach((volts, k) => {
          const faulty = withFault(circuit, list[k]!);
          const exact = oracle(faulty, inputs);
          volts.forEach((v, i) => {
            const row = Math.floor(i / circuit.unknowns.length);
            const node = i % circuit.unknowns.length;
            expect(Math.abs(v - exact[row * faulty.unknowns.length + node]!), list[k]!.name).toBeLessThan(1e-9);
          });
        });
      }),
      { numRuns: 4, seed: 1 },
    );
  });

  it('are solved on a printed copy too, where those before leave nothing behind', () => {
    const solver = new FaultSolver(flat, faults);
    const values = componentValues(flat);
    const copy = values.map((value, k) => value * (0.9 + 0.2 * ((k * 7) % 11) * 0.1));
    const inputs = randomRows(1, 2, 3);
    solver.setCopy(values);
    for (const k of faults.keys()) solver.solve(k, inputs, 1, new Float64Array(solver.size).fill(Number.NaN));
    solver.setCopy(copy);
    const printed = { ...flat, components: flat.components.map((one, k) => ({ ...one, value: copy[k]! })) };
    for (const [k, fault] of faults.entries()) {
      const state = new Float64Array(solver.size).fill(Number.NaN);
      expect(solver.solve(k, inputs, 1, state)).toEqual([]);
      const exact = oracle(withFault(printed, fault), inputs);
      for (const [i, v] of state.entries()) expect(Math.abs(v - exact[i]!), fault.name).toBeLessThan(1e-9);
    }
  });

  describe('in ngspice', () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await openEngine('auto');
    });
    afterAll(() => engine.close());

    it('are the same circuits, one of every kind', async () => {
      const some = [...new Map(faults.map((fault) => [fault.kind, fault])).values()];
      const inputs = randomRows(3, 2);
      const ours = solveFaults(flat, some, inputs);
      for (const [k, fault] of some.entries()) {
        const circuit = withFault(flat, fault);
        const { volts } = await simulateFlat(engine, circuit, inputs);
        ours[k]!.forEach((v, i) => {
          const [row, node] = [Math.floor(i / flat.unknowns.length), i % flat.unknowns.length];
          expect(Math.abs(v - volts[row * circuit.unknowns.length + node]!), fault.name).toBeLessThan(1e-6);
        });
      }
    });
  });
});
