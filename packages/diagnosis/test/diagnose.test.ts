import { componentValues, ExactSolver, type FlatCircuit, flatten, variedValues } from '@neuroprint/circuit';
import { Draws, type Variation } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { hypothesis } from '../src/diagnose/hypothesis.ts';
import { Latent } from '../src/diagnose/latent.ts';
import { type Fault, faultsOf, nextMeasurement, type SheetCells, SheetDiagnosis, withFault } from '../src/index.ts';
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

function printed(copy: number, broken: readonly Fault[]): FlatCircuit {
  const nominal = componentValues(flat);
  const values = nominal.slice();
  variedValues(flat, nominal, draws, copy, 0.1, values);
  const components = flat.components.map((component, k) => ({ ...component, value: values[k]! }));
  return broken.reduce(withFault, { ...flat, components });
}

/** The volts of a circuit at cells. */
function volts(circuit: FlatCircuit, { inputVolts: applied, rows, cells }: SheetCells): Float64Array {
  const solver = new ExactSolver(circuit);
  solver.setValues(componentValues(circuit));
  const state = solver.newState(rows);
  expect(solver.solve(applied, rows, state)).toEqual([]);
  return Float64Array.from(cells, ({ row, node }) => state[row * solver.size + circuit.unknowns.indexOf(node)]!);
}

/** The volts of a printed copy with faults as a meter reads them. */
function measured(copy: number, broken: readonly Fault[]): Float64Array {
  return volts(printed(copy, broken), sheet).map((v, i) => v + METER * draws.normal(1000 + copy, i));
}

describe('what printing leaves to chance', () => {
  it.each([0.1, { kind: 'lognormal', relativeSpread: 0.1, commonShare: 0.3, gradientShare: 0.2 }] as const)(
    'has derivatives of the volts that are those of small steps, under %o',
    (variation) => {
      const latent = new Latent(flat, variation);
      const { model } = hypothesis(flat, latent, sheet, [faultNamed('r_l0_i0_c0 x2')]);
      const z = Float64Array.from({ length: latent.count }, (_, k) => 0.5 * draws.normal(5, k));
      const cells = sheet.cells.length;
      const [here, jacobian] = [new Float64Array(cells), new Float64Array(cells * latent.count)];
      model.at(z, here, jacobian);
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

  it.each<[number | Variation, RegExp]>([
    [0, /Nothing varies/],
    [{ kind: 'uniform', relativeSpread: 0.1, stuckOpen: 0.01 }, /stuck resistors/],
    [
      { kind: 'uniform', relativeSpread: 0.1, nonIdealities: [{ kind: 'noise', volts: 0.01 }] },
      /in series with stages/,
    ],
  ])('refuses a variation that it cannot weigh: %o', (variation, message) => {
    expect(() => new Latent(flat, variation)).toThrow(message);
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
    const twisted = measured(1, []).map((v, i) => (i % 3 === 0 ? v : 0.5 * (v + 0.5)));
    expect(diagnosis.diagnose(twisted).verdict).toBe('unexplained');
  });

  it('counts faults as one that the cells cannot tell apart', () => {
    const group = diagnosis.groups.find((alike) => alike.some(({ name }) => name === 'neg_l0_i0.drive gate open'))!;
    expect(group.map(({ name }) => name)).toContain('neg_l0_i0.drive no channel');
    expect(diagnosis.groups.flat()).toHaveLength(faults.length);
  });

  it('finds the same twice', () => {
    const read = measured(30, [faultNamed('r_l0_i1_c0 open')]);
    const once = diagnosis.diagnose(read).candidates.map(({ probability }) => probability);
    expect(diagnosis.diagnose(read).candidates.map(({ probability }) => probability)).toEqual(once);
  });
});

describe('the next measurement', () => {
  const few = { ...sheet, rows: 2, cells: sheet.cells.filter(({ row }) => row < 2) };
  const inputs = inputVolts.slice(0, 2 * flat.inputs.length);
  const request = { flat, faults, sheet: { ...few, inputVolts: inputs }, variation: 0.1, meterVolts: METER };
  const diagnosis = new SheetDiagnosis(request);

  it('tells the candidates apart as it says: the true one reads what it expects, the other does not', () => {
    const broken = faultNamed('neg_l0_i0.drive gate open');
    const read = measured(20, [broken]).slice(0, few.cells.length);
    const next = nextMeasurement(request, diagnosis.latent, diagnosis.diagnose(read))!;
    expect(next.sigmas).toBeGreaterThan(2);
    const [one, other] = next.apart;
    const isTrue = [one, other].find(({ faults: [fault] }) => fault?.name === broken.name)!;
    const at = { inputVolts: Float64Array.from(next.inputVolts), rows: 1, cells: [{ row: 0, node: next.node }] };
    const [reading] = volts(printed(20, [broken]), at);
    expect(Math.abs(reading! - isTrue.volts)).toBeLessThan(4 * isTrue.stdVolts);
    expect(Math.abs(one.volts - other.volts)).toBeCloseTo(next.sigmas * Math.hypot(one.stdVolts, other.stdVolts), 9);
  });

  it('is none where one candidate alone is left', () => {
    const found = diagnosis.diagnose(
      measured(20, [faultNamed('neg_l0_i0.drive gate open')]).slice(0, few.cells.length),
    );
    const one = {
      ...found,
      probabilityGood: 0,
      candidates: [{ ...found.candidates[0]!, probability: 1, alike: [found.candidates[0]!.alike[0]!] }],
    };
    expect(nextMeasurement(request, diagnosis.latent, one)).toBeUndefined();
  });
});
