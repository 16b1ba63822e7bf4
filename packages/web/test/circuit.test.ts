import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExactSolver, flatten } from '@neuroprint/circuit';
import { parseCaseTable } from '@neuroprint/core';
import { faultsOf, judgeFaults } from '@neuroprint/diagnosis';
import { openEngine, parseNetlist, simulateRows } from '@neuroprint/spice';
import { extractCircuit } from '@neuroprint/verifier';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  circuit,
  inputVolts,
  labels,
  netlistFolder,
  network,
  ROWS,
  TEMPLATES,
  technology,
} from '../../verifier/test/fixture.ts';
import { CircuitDesk } from '../src/session/circuit/desk.ts';
import { OpenCircuit } from '../src/session/circuit/open-circuit.ts';
import { evenRows } from '../src/session/circuit/score.ts';
import type { Changes, CircuitView } from '../src/session/circuit-view.ts';

const folder = netlistFolder();
const desk = new CircuitDesk(TEMPLATES);
/** One weight, and the stage behind it. */
const WEIGHT = 'r_l0_i1_c0';
const STAGE = 'act_l0_c0';
const NEAR = [0.4, 0.45];
let view: CircuitView;

beforeAll(async () => {
  view = await desk.circuit(folder);
});

/** The outputs by the plain solver, at other values of one component. */
function outputsAt(component: string, value: number, values: readonly number[]): number[] {
  const flat = flatten(circuit, technology);
  const solver = new ExactSolver(flat);
  solver.setValues(Float64Array.from(flat.components, (one) => (one.name === component ? value : one.value)));
  const state = solver.newState(1);
  solver.solveRow(Float64Array.from(values), 0, state);
  return circuit.outputs.map((node) => state[flat.unknowns.indexOf(node)]!);
}

function nominalOf(component: string): number {
  return view.devices.flatMap(({ values }) => values).find((one) => one.component === component)!.value;
}

describe('a circuit that is open', () => {
  it('is described in the names of its table, with what every weight came to', () => {
    expect(view.inputs.map(({ name, minimumVolts, maximumVolts }) => [name, minimumVolts, maximumVolts])).toEqual([
      ['left', 0, 1],
      ['right', 0, 1],
    ]);
    expect(view.outputs.map(({ name }) => name)).toEqual(['low', 'high']);
    const weight = view.devices.find(({ name }) => name === WEIGHT)!;
    expect(weight.origin).toBe('Layer 0: right → neuron 0 (low)');
    // 5e-7 of 1e-6 + 5e-7 + 2e-7 siemens, through the falling stage
    expect(weight.weight!.trained).toBeCloseTo(-5 / 17, 12);
    expect(weight.weight!.printed).toBeCloseTo(-5 / 17, 12);
    expect(weight.values).toEqual([
      {
        component: WEIGHT,
        parameter: 'ohms',
        unit: 'ohms',
        value: 2e6,
        printable: [technology.crossbar.minOhms, technology.crossbar.maxOhms],
      },
    ]);
  });

  it('has at every case the volts that were promised, to a nanovolt, and their decision', async () => {
    const text = readFileSync(join(folder, 'expected.csv'), 'utf8');
    const expected = parseCaseTable('expected.csv', text, circuit);
    const places = view.nodes.map((node) => expected.nodes.indexOf(node));
    for (let k = 0; k < ROWS; k += 1) {
      const row = await desk.caseRow(k);
      const solved = await desk.solve(row.values, {});
      places.forEach((at, i) => {
        expect(Math.abs(solved.volts[i]! - expected.volts[k * expected.nodes.length + at]!)).toBeLessThan(1e-9);
      });
      expect(solved.decision).toBe(solved.outputVolts[0]! >= solved.outputVolts[1]! ? 0 : 1);
      expect(row.label).toBe(circuit.classes[labels[k]!]);
      expect(row.sourceRow).toBe(k + 1);
    }
  });

  it('with values changed by hand has the volts that ngspice finds for its netlist', async () => {
    const changes: Changes = {
      [WEIGHT]: 3e5,
      [`${STAGE}.${view.devices.find(({ name }) => name === STAGE)!.values[0]!.parameter}`]: 1e5,
    };
    const text = await desk.netlist(changes);
    const changed = extractCircuit(parseNetlist(text, 'changed.cir'), circuit, technology);
    const engine = await openEngine('embedded');
    try {
      const { nodes, volts } = await simulateRows(engine, changed, technology, inputVolts);
      for (let k = 0; k < ROWS; k += 1) {
        const solved = await desk.solve([...inputVolts.subarray(2 * k, 2 * k + 2)], changes);
        view.nodes.forEach((node, i) => {
          expect(Math.abs(solved.volts[i]! - volts[k * nodes.length + nodes.indexOf(node)]!)).toBeLessThan(1e-6);
        });
      }
    } finally {
      await engine.close();
    }
  });

  it('asks ngspice about one row, and says how far it is off', async () => {
    const checked = await desk.check(NEAR, { [WEIGHT]: 3e5 });
    expect(checked.engine).toMatch(/^ngspice \d/);
    expect(checked.nodes).toBe(view.nodes.length);
    expect(checked.maxErrorVolts).toBeLessThan(1e-6);
    expect(checked.agrees).toBe(true);
    expect(view.nodes).toContain(checked.worstNode);
  });

  it('holds inputs beyond their range at its ends, and says what they are', async () => {
    const solved = await desk.solve([-1, 2], {});
    expect(solved.inputVolts).toEqual([0, 1]);
    expect(solved.inputWords).toEqual(['0', '1']);
  });

  it('says how many rows are right and how many decide otherwise once a value is changed', async () => {
    const flat = flatten(circuit, technology);
    const before = judgeFaults({ flat, outputs: circuit.outputs, inputVolts, labels }, []).accuracy;
    expect(view.score).toEqual({ rows: ROWS, right: before * ROWS, moved: 0, unsolved: 0, rmse: undefined });
    const extreme = await desk.judge({ r_l0_i0_c0: 1e12 });
    const { accuracy } = judgeFaults(
      { flat, outputs: circuit.outputs, inputVolts, labels },
      faultsOf(flat).filter(({ name }) => name === 'r_l0_i0_c0 open'),
    ).faults[0]!;
    expect(extreme.right).toBe(accuracy * ROWS);
    expect(extreme.moved).toBeGreaterThan(0);
  });
});

describe('how it answers to a component', () => {
  it('volts of the outputs for 1 % are those of a small step', async () => {
    for (const { component, outputVoltsPerPercent } of [
      ...(await desk.sensitivity(WEIGHT, NEAR, {})),
      ...(await desk.sensitivity(STAGE, NEAR, {})),
    ]) {
      const value = nominalOf(component);
      const [up, down] = [1.001, 0.999].map((factor) => outputsAt(component, factor * value, NEAR));
      outputVoltsPerPercent.forEach((volts, c) => {
        const step = (up![c]! - down![c]!) * 5;
        expect(Math.abs(volts - step), component).toBeLessThan(1e-9 + 1e-4 * Math.abs(step));
      });
    }
  });

  it('the decision holds within the values that are said, and turns just beyond them', async () => {
    const { decision } = await desk.solve(NEAR, {});
    const [sensitivity] = await desk.sensitivity('r_l0_i0_c0', NEAR, {});
    const ends = sensitivity!.holds.map((end, side) => [end, side === 0 ? 0.999 : 1.001] as const);
    expect(ends.some(([end]) => end !== undefined)).toBe(true);
    for (const [end, beyond] of ends) {
      if (end === undefined) continue;
      expect((await desk.solve(NEAR, { r_l0_i0_c0: end })).decision).toBe(decision);
      expect((await desk.solve(NEAR, { r_l0_i0_c0: end * beyond })).decision).not.toBe(decision);
    }
    expect(sensitivity!.margins).toMatchObject({ rows: ROWS });
    expect(sensitivity!.margins!.largest).toBeGreaterThanOrEqual(sensitivity!.margins!.mean);
  });

  it('each of its faults costs what fault-tolerance says, worst first', async () => {
    const flat = flatten(circuit, technology);
    for (const device of [WEIGHT, STAGE]) {
      const found = await desk.faults(device, NEAR, {});
      const single = judgeFaults({ flat, outputs: circuit.outputs, inputVolts, labels }, faultsOf(flat)).faults;
      const own = single.filter(({ fault }) => fault.components.some((part) => part.split('.')[0] === device));
      expect(found).toHaveLength(own.length);
      for (const { name, score } of found) {
        const same = own.find(({ fault }) => fault.name === `${device} ${name}` || fault.name === `${device}.${name}`)!;
        expect(score.right, name).toBe(same.accuracy * ROWS);
      }
      const right = found.map(({ score }) => score.right!);
      expect(right).toEqual(right.toSorted((a, b) => a - b));
    }
  });
});

describe('its drawings', () => {
  it('have every device where one can point at it', async () => {
    const schematic = await desk.drawing('schematic', 'none', {});
    const layout = await desk.drawing('layout', 'none', {});
    for (const drawing of [schematic, layout]) {
      const svg = 'svg' in drawing ? drawing.svg : '';
      const drawn = new Set([...svg.matchAll(/ data-device="([^".]+)/g)].map(([, device]) => device));
      expect(drawn).toEqual(new Set(circuit.devices.map(({ name }) => name)));
    }
  });

  it('show the values that are tried, and what is sensitive', async () => {
    const changed = await desk.drawing('schematic', 'none', { [WEIGHT]: 123e3 });
    expect('svg' in changed && changed.svg.replaceAll('\u00a0', ' ')).toMatch(/>123 kΩ<[\s\S]*changed by hand/);
    const shaded = await desk.drawing('schematic', 'sensitivity', {});
    expect('svg' in shaded && shaded.svg).toContain('of margin for 1 %');
    const layout = await desk.drawing('layout', 'sensitivity', {});
    expect('svg' in layout && layout.svg).toContain('of margin for 1 %');
  });
});

describe('in regression', () => {
  const task = { kind: 'regression', target: 'height', interceptUnits: 10, unitsPerVolt: 2 } as const;
  const ports = { ...circuit, outputs: ['y_l0_c0'], classes: ['height'], task };
  const solver = new ExactSolver(flatten(ports, technology));
  const cases = {
    rows: 2,
    inputVolts: inputVolts.slice(0, 4),
    labels: Float64Array.of(10.5, 11),
    sourceRows: Int32Array.of(1, 2),
    nodes: solver.flat.unknowns,
    volts: new Float64Array(2 * solver.size),
  };

  it('an output means its target by the line, and the error is in its unit', () => {
    const open = new OpenCircuit(ports, { ...network, classes: ['height'], task }, technology, cases);
    const errors = [0, 1].map((k) => {
      const { prediction, decision, outputVolts } = open.row(inputVolts.slice(2 * k, 2 * k + 2), open.nominal);
      expect(decision).toBeUndefined();
      expect(prediction).toBe(10 + 2 * outputVolts[0]!);
      return prediction! - cases.labels[k]!;
    });
    const { rmse, right, moved } = open.judge(open.nominal);
    expect(rmse).toBeCloseTo(Math.hypot(...errors) / Math.sqrt(2), 9);
    expect([right, moved]).toEqual([undefined, undefined]);
  });
});

describe('what cannot be', () => {
  it.each<[string, () => Promise<unknown>, string]>([
    ['nothing open', () => new CircuitDesk(TEMPLATES).solve([0, 0], {}), 'No circuit is open'],
    ['an unknown component', () => desk.solve(NEAR, { r_none: 1 }), 'no component r_none'],
    ['a value below 0', () => desk.judge({ [WEIGHT]: -1 }), `${WEIGHT} cannot be -1: a value is a number above 0`],
    ['a value that is no number', () => desk.netlist({ [WEIGHT]: Number.NaN }), `${WEIGHT} cannot be NaN`],
    ['too few inputs', () => desk.solve([0.5], {}), 'takes 2 numbers, and was given 0.5'],
    ['an input that is no number', () => desk.solve([0.5, Number.NaN], {}), 'was given 0.5, NaN'],
    ['a row that is not there', () => desk.caseRow(ROWS), `has ${ROWS} rows, and no row ${ROWS}`],
    ['a folder without a manifest', () => desk.circuit(mkdtempSync(join(tmpdir(), 'empty-'))), 'netlist.cir'],
  ])('%s is refused', async (_, ask, message) => {
    await expect(ask()).rejects.toThrow(message);
  });

  it('a folder whose circuit.json was edited is refused, and the circuit that was open stays', async () => {
    const edited = netlistFolder();
    writeFileSync(join(edited, 'circuit.json'), '{}');
    await expect(desk.circuit(edited)).rejects.toThrow('is not the file that was compiled');
    expect((await desk.solve(NEAR, {})).outputVolts).toHaveLength(2);
  });
});

it('a netlist whose value was edited is what is played with', async () => {
  const other = new CircuitDesk(TEMPLATES);
  const edited = await other.circuit(netlistFolder((text) => text.replace(/^(r_l0_i1_c0 \S+ \S+) \S+/m, '$1 7e5')));
  expect(edited.devices.find(({ name }) => name === WEIGHT)!.values[0]!.value).toBe(7e5);
});

it('long tables are judged on rows that are spread over them', () => {
  expect([...evenRows(10, 4)]).toEqual([0, 2, 5, 7]);
  expect([...evenRows(3, 4)]).toEqual([0, 1, 2]);
});
