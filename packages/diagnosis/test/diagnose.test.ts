import { componentValues, ExactSolver, type FlatCircuit, flatten, variedValues } from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { hypothesis } from '../src/diagnose/hypothesis.ts';
import { Latent } from '../src/diagnose/latent.ts';
import { type Fault, faultsOf, type SheetCells, SheetDiagnosis, withFault } from '../src/index.ts';
import { network, egt as technology } from './circuits.ts';

const METER = 1e-3;
const circuit = network([3, 2], 1);
const flat = flatten(circuit, technology);
const faults = faultsOf(flat);
const draws = new Draws(11, 'diagnosis test');
const ROWS = 8;
const inputVolts = Float64Array.from({ length: ROWS * flat.inputs.length }, (_, i) => draws.uniform(0, i));
const sheetOf = (nodes: readonly string[]): SheetCells => ({
  inputVolts,
  rows: ROWS,
  cells: Array.from({ length: ROWS }, (_, row) => nodes.map((node) => ({ row, node }))).flat(),
});
const sheet = sheetOf(circuit.outputs);
const faultNamed = (name: string): Fault => faults.find((fault) => fault.name === name)!;

/** The volts of a printed copy with faults as a meter reads them. */
function measured(copy: number, broken: readonly Fault[], at: SheetCells = sheet): Float64Array {
  const nominal = componentValues(flat);
  const values = nominal.slice();
  variedValues(flat, nominal, draws, copy, 0.1, values);
  const printed: FlatCircuit = {
    ...flat,
    components: flat.components.map((component, k) => ({ ...component, value: values[k]! })),
  };
  const circuit = broken.reduce(withFault, printed);
  const solver = new ExactSolver(circuit);
  solver.setValues(componentValues(circuit));
  const state = solver.newState(ROWS);
  expect(solver.solve(inputVolts, ROWS, state)).toEqual([]);
  return Float64Array.from(
    at.cells,
    ({ row, node }, i) =>
      state[row * solver.size + circuit.unknowns.indexOf(node)]! + METER * draws.normal(1000 + copy, i),
  );
}

describe('what printing leaves to chance', () => {
  it.each([0.1, { kind: 'lognormal', relativeSpread: 0.1, commonShare: 0.3, gradientShare: 0.2 }] as const)(
    'has derivatives of the volts that are those of small steps, under %o',
    (variation) => {
      const latent = new Latent(flat, variation);
      const { model } = hypothesis(flat, latent, sheet, [faultNamed('r_l0_i0_c0 x2')]);
      const z = Float64Array.from({ length: latent.count }, (_, k) => 0.5 * draws.normal(5, k));
      const cells = sheet.cells.length;
      const [volts, jacobian] = [new Float64Array(cells), new Float64Array(cells * latent.count)];
      model.at(z, volts, jacobian);
      const [low, high] = [new Float64Array(cells), new Float64Array(cells)];
      for (let k = 0; k < latent.count; k += 1) {
        const step = 1e-5;
        model.at(z.with(k, z[k]! + step), high);
        model.at(z.with(k, z[k]! - step), low);
        for (let i = 0; i < cells; i += 1)
          expect(jacobian[i * latent.count + k]!).toBeCloseTo((high[i]! - low[i]!) / (2 * step), 5);
      }
    },
  );

  it('never takes a component out of a uniform spread', () => {
    const latent = new Latent(flat, 0.1);
    const nominal = componentValues(flat);
    const out = new Float64Array(nominal.length);
    for (const far of [-8, 8]) {
      latent.values(new Float64Array(latent.count).fill(far), out);
      flat.components.forEach(({ parameter }, k) => {
        const ratio = parameter === 'ohms' ? nominal[k]! / out[k]! : out[k]! / nominal[k]!;
        expect(ratio).toBeCloseTo(far < 0 ? 0.9 : 1.1, 9);
      });
    }
  });

  it.each([
    [0, /Nothing varies/],
    [{ kind: 'uniform', relativeSpread: 0.1, stuckOpen: 0.01 }, /stuck resistors/],
    [
      { kind: 'uniform', relativeSpread: 0.1, nonIdealities: [{ kind: 'noise', volts: 0.01 }] },
      /in series with stages/,
    ],
  ] as const)('refuses a variation that it cannot weigh: %o', (variation, message) => {
    expect(() => new Latent(flat, variation as never)).toThrow(message);
  });
});

describe('a diagnosis by the outputs alone', () => {
  const diagnosis = new SheetDiagnosis({ flat, faults, sheet, variation: 0.1, meterVolts: METER });

  it('says of good copies that they are within tolerance', () => {
    for (let copy = 0; copy < 5; copy += 1) {
      const { verdict, probabilityGood } = diagnosis.diagnose(measured(copy, []));
      expect(verdict).toBe('within tolerance');
      expect(probabilityGood).toBeGreaterThan(0.01);
    }
  });

  it('puts every fault that moves an output far into the first candidate', () => {
    for (const name of ['r_l0_i1_c0 open', 'act_l0_c0.R2 short', 'neg_l0_i0.drive gate open']) {
      const { verdict, candidates } = diagnosis.diagnose(measured(20, [faultNamed(name)]));
      expect(verdict).toBe('fault found');
      expect(candidates[0]!.alike.flat().map((fault) => fault.name)).toContain(name);
    }
  });

  it('has probabilities that sum to one', () => {
    const { probabilityGood, candidates } = diagnosis.diagnose(measured(20, [faultNamed('r_l0_i1_c0 x0.5')]));
    expect(candidates.reduce((sum, { probability }) => sum + probability, probabilityGood)).toBeCloseTo(1, 12);
  });

  it('says that no fault of the list explains volts that no circuit of it gives', () => {
    const volts = measured(1, []).map((v, i) => (i % 3 === 0 ? v : 0.5 * (v + 0.5)));
    expect(diagnosis.diagnose(volts).verdict).toBe('unexplained');
  });

  it('counts faults as one that the cells cannot tell apart', () => {
    const group = diagnosis.groups.find((alike) => alike.some(({ name }) => name === 'neg_l0_i0.drive gate open'))!;
    expect(group.map(({ name }) => name)).toContain('neg_l0_i0.drive no channel');
    expect(diagnosis.groups.flat()).toHaveLength(faults.length);
  });

  it('finds the same twice', () => {
    const volts = measured(30, [faultNamed('r_l0_i1_c0 open')]);
    const once = diagnosis.diagnose(volts).candidates.map(({ probability }) => probability);
    expect(diagnosis.diagnose(volts).candidates.map(({ probability }) => probability)).toEqual(once);
  });
});
