import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Draws, type PortTable, type SampleTable } from '@neuroprint/core';
import { expect, test } from 'vitest';
import { readPort, writePort } from '../src/files.ts';
import { type PortContent, PortModel } from '../src/port/port.ts';
import { evaluatePort } from '../src/port/port-evaluate.ts';
import { PortNetworkError, solvePortNetwork } from '../src/port/port-network.ts';
import { hasPortModel, portStructure } from '../src/port/port-structure.ts';
import { trainPort } from '../src/port/port-train.ts';
import { inverterPorts, inverterTable, SPACE, TOPOLOGY } from './inverters.ts';

const SUPPLY = { vdd: 1, vss: -2 };

/** The published falling stage: source and gate on dividers. */
const FALLING = [
  { kind: 'resistor', nodes: ['vdd', 'src'], ohms: 'R1' },
  { kind: 'resistor', nodes: ['src', 'vss'], ohms: 'R2' },
  { kind: 'resistor', nodes: ['gate', 'vss'], ohms: 'R3' },
  { kind: 'resistor', nodes: ['in', 'gate'], ohms: 'R4' },
  { kind: 'resistor', nodes: ['vdd', 'out'], ohms: 'R5' },
  { kind: 'transistor', drain: 'out', gate: 'gate', source: 'src', width: 'W', length: 'L' },
] as const;

/** Two inverters in a row. */
const RISING = [
  { kind: 'resistor', nodes: ['vdd', 'mid'], ohms: 'R1' },
  { kind: 'transistor', drain: 'mid', gate: 'in', source: '0', width: 'W1', length: 'L1' },
  { kind: 'resistor', nodes: ['vdd', 'out'], ohms: 'R2' },
  { kind: 'transistor', drain: 'out', gate: 'mid', source: '0', width: 'W2', length: 'L2' },
] as const;

const BREAKS = [-3, -1, 0, 0.5, 1, 3];

/** A port model with a random channel, which conducts the better the higher its gate is. */
function randomPort(elements: PortContent['elements'], seed: number): PortModel {
  const names = [...new Set(elements.flatMap((e) => (e.kind === 'resistor' ? [e.ohms] : [e.width, e.length])))];
  const draws = new Draws(seed, 'random port');
  const size = BREAKS.length + 2;
  const coefficients = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => -13 + 0.8 * i + 0.2 * j + 0.2 * draws.normal(i, j)),
  );
  return PortModel.of({
    inputHashes: {},
    technology: 'egt',
    cell: 'cell',
    parameters: names.map((name) =>
      name.startsWith('R')
        ? { name, unit: 'ohms', min: 1, max: 1e7, scale: 'log' }
        : { name, unit: 'metres', min: 1e-6, max: 1e-3, scale: 'log' },
    ),
    constraints: [],
    elements,
    supplyVolts: SUPPLY,
    channel: { gateSourceVolts: BREAKS, gateDrainVolts: BREAKS, coefficients },
    trainedOn: { designs: 0, seed },
    test: { points: 0, rmsVolts: 0, p99Volts: 0, largestVolts: 0 },
  });
}

const VALUES: Readonly<Record<string, number>> = {
  ...{ R1: 200, R2: 90, R3: 2e5, R4: 1e5, R5: 1e5, W: 4e-4, L: 3e-5 },
  ...{ W1: 4e-5, L1: 5e-5, W2: 6e-5, L2: 4e-5 },
};

const CELLS = [
  { name: 'a falling stage with dividers', elements: FALLING, values: VALUES },
  { name: 'two inverters in a row', elements: RISING, values: { ...VALUES, R1: 1e5, R2: 2e5 } },
];

test.each(CELLS)('the derivatives of $name equal finite differences', ({ elements, values }) => {
  const model = randomPort(elements, 4);
  const names = model.parameterNames;
  const logs = Float64Array.from(names, (name) => Math.log(values[name]!));
  const volts = { input: Float64Array.of(0.37), output: Float64Array.of(0.55) };
  const quantities = {
    amperes: () => model.currents(logs, volts.input, volts.output),
    volts: () => model.unloaded(logs, volts.input).volts,
    watts: () => model.unloaded(logs, volts.input).watts,
  };
  for (const [name, at] of Object.entries(quantities)) {
    const here = at();
    const scale = Math.abs(here.value[0]!);
    const check = (x: Float64Array, i: number, derivative: number) => {
      const held = x[i]!;
      x[i] = held + 1e-4;
      const above = at().value[0]!;
      x[i] = held - 1e-4;
      const below = at().value[0]!;
      x[i] = held;
      expect(Math.abs(derivative - (above - below) / 2e-4), name).toBeLessThan(1e-6 * scale);
    };
    check(volts.input, 0, here.byInput[0]!);
    names.forEach((_, k) => {
      check(logs, k, here.byLog[k]!);
    });
    if ('byOutput' in here) check(volts.output, 0, (here.byOutput as Float64Array)[0]!);
  }
});

test.each(CELLS)('without a load no current flows out of $name', ({ elements, values }) => {
  const model = randomPort(elements, 5);
  const logs = Float64Array.from(model.parameterNames, (name) => Math.log(values[name]!));
  const input = Float64Array.of(0.4);
  const { volts } = model.unloaded(logs, input);
  expect(Math.abs(model.currents(logs, input, volts.value).value[0]!)).toBeLessThan(1e-12);
});

test('the power of an inverter is what its supply delivers', () => {
  const inverter = [RISING[0], RISING[1]].map((e) => JSON.parse(JSON.stringify(e).replaceAll('mid', 'out')));
  const model = randomPort(inverter, 6);
  const logs = Float64Array.from(model.parameterNames, (name) => Math.log({ ...VALUES, R1: 1e5 }[name]!));
  const { volts, watts } = model.unloaded(logs, Float64Array.of(0.4));
  expect(watts.value[0]).toBeCloseTo((1 - volts.value[0]!) / 1e5, 12);
});

test('the current into a gate divider is that of its resistors in a row', () => {
  const model = randomPort(FALLING, 7);
  const logs = Float64Array.from(model.parameterNames, (name) => Math.log(VALUES[name]!));
  const { value, byInput } = model.inputCurrents(logs, Float64Array.of(0.4));
  expect(value[0]).toBeCloseTo((0.4 + 2) / 3e5, 12);
  expect(byInput[0]).toBeCloseTo(1 / 3e5, 12);
});

test('a network of two loaded stages has no current left at any node', () => {
  const model = randomPort(RISING, 8);
  const values = Float64Array.from(model.parameterNames, (name) => ({ ...VALUES, R1: 1e5, R2: 2e5 })[name]!);
  const resistors = [
    { nodes: ['x', 'z'] as const, ohms: 3e5 },
    { nodes: ['vdd', 'z'] as const, ohms: 6e5 },
    { nodes: ['a', 'b'] as const, ohms: 2e5 },
  ];
  const stages = [
    { model, values, input: 'z', output: 'a' },
    { model, values, input: 'a', output: 'b' },
  ];
  const volts = solvePortNetwork({ resistors, stages, heldVolts: { '0': 0, vdd: 1, x: 0.3 } });
  expect([...volts.keys()].sort()).toEqual(['a', 'b', 'z']);
  expect(volts.get('z')).toBeCloseTo((0.3 / 3e5 + 1 / 6e5) / (1 / 3e5 + 1 / 6e5), 9);
  const into = model.currents(values.map(Math.log), Float64Array.of(volts.get('a')!), Float64Array.of(volts.get('b')!));
  expect(into.value[0]).toBeCloseTo((volts.get('a')! - volts.get('b')!) / 2e5, 12);
});

test('a network with a floating node is refused', () => {
  const resistors = [{ nodes: ['x', 'y'] as const, ohms: 1e5 }];
  expect(() => solvePortNetwork({ resistors, stages: [], heldVolts: { '0': 0 } })).toThrow(PortNetworkError);
});

const TRAINED = trainPort(inverterPorts(60), { ...TOPOLOGY, supplyVolts: { vdd: 1 } }, { seed: 1, biasVolts: 1 });

test('a port model learns the loaded output of an inverter to a millivolt, and its free curve and power with it', () => {
  expect(TRAINED.test.points).toBeGreaterThan(500);
  expect(TRAINED.test.rmsVolts).toBeLessThan(1e-3);
  const table = inverterTable(50);
  const free = evaluatePort(PortModel.of(TRAINED), withPower(table), -1, { minimum: 0, maximum: 1 });
  expect(free.curve.p99).toBeLessThan(2e-3);
  expect(free.averageWatts!.largest).toBeLessThan(0.01);
});

/** The power of an inverter, known from its curve. */
function withPower({ curves, ...table }: SampleTable): SampleTable {
  const { points } = curves!;
  const watts = curves!.volts.map((p, i) => (1 + p) / table.values[Math.floor(i / points) * 3]!);
  return { ...table, curves: { ...curves!, watts } };
}

test('the same seed gives the same port model', () => {
  const again = () => trainPort(inverterPorts(50), { ...TOPOLOGY, supplyVolts: { vdd: 1 } }, { seed: 2, biasVolts: 1 });
  expect(JSON.stringify(again())).toBe(JSON.stringify(again()));
});

test('a port model is read back as it was, and refused where its spline is none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'neuroprint-port-'));
  try {
    writePort(folder, TRAINED);
    expect(readPort(folder).port).toMatchObject(TRAINED);
    const broken = (channel: Partial<PortContent['channel']>) => {
      writePort(folder, { ...TRAINED, channel: { ...TRAINED.channel, ...channel } });
      return () => readPort(folder);
    };
    expect(broken({ coefficients: TRAINED.channel.coefficients.slice(1) })).toThrow(
      /port\.json.* coefficients are given/,
    );
    expect(broken({ gateDrainVolts: [...TRAINED.channel.gateDrainVolts].reverse() })).toThrow(
      /breaks of a spline ascend/,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('transistors that never conduct teach nothing', () => {
  const ports = inverterPorts(50);
  const loads = ports.outputVolts.map((v, i) => (v - 1) / ports.values[3 * Math.floor(i / ports.points)]!);
  const topology = { ...TOPOLOGY, supplyVolts: { vdd: 1 } };
  expect(() => trainPort({ ...ports, outputAmperes: loads }, topology, { seed: 0, biasVolts: 1 })).toThrow(
    /conduct at \d+ points/,
  );
});

test('cells that are no cascade are refused with the reason', () => {
  expect(hasPortModel({ elements: RISING, supplyVolts: SUPPLY })).toBe(true);
  expect(hasPortModel({ elements: RISING.slice(0, 2), supplyVolts: SUPPLY })).toBe(false);
  const opamp = { kind: 'opamp', plus: 'in', minus: 'out', output: 'out' } as const;
  const chain = { kind: 'resistor', nodes: ['out', 'far'], ohms: 'R9' } as const;
  expect(() => portStructure({ elements: [...RISING, opamp], supplyVolts: SUPPLY })).toThrow(/holds an op-amp/);
  expect(() => portStructure({ elements: [...RISING, chain], supplyVolts: SUPPLY })).toThrow(/a load of out leads/);
  expect(() => portStructure({ elements: RISING.slice(0, 2), supplyVolts: SUPPLY })).toThrow(/out is not one drain/);
});

test('too few designs and samples of another cell are refused', () => {
  const topology = { ...TOPOLOGY, supplyVolts: { vdd: 1 } };
  const few: PortTable = inverterPorts(20);
  expect(() => trainPort(few, topology, { seed: 0, biasVolts: 1 })).toThrow(/at least 50 designs, and there are 20/);
  const other = { ...inverterTable(50), cell: 'ptanh' };
  expect(() => evaluatePort(PortModel.of(TRAINED), other, -1, { minimum: 0, maximum: 1 })).toThrow(/egt\/ptanh/);
  const { curves: _, ...plain } = inverterTable(50);
  expect(() => evaluatePort(PortModel.of(TRAINED), plain, -1, { minimum: 0, maximum: 1 })).toThrow(/have no curves/);
  expect(SPACE.cell).toBe(TRAINED.cell);
});
