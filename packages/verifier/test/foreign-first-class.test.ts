import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentValues } from '@neuroprint/circuit';
import { type Engine, openEngine, renderNetlist } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monteCarlo } from '../src/copies/monte-carlo.ts';
import { corners } from '../src/corners.ts';
import { ExactRows } from '../src/exact-rows.ts';
import { foreignJunitXml, foreignTestCases } from '../src/foreign/checks.ts';
import { readForeignCircuit } from '../src/foreign/circuit.ts';
import { readPortMap } from '../src/foreign/map.ts';
import { readSpecification, verifyForeign } from '../src/index.ts';
import { circuit, network, technology } from './fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'neuroprint-first-class-'));
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

let engine: Engine;
let embedded: Engine;
beforeAll(async () => {
  engine = await openEngine('auto');
  embedded = await openEngine('embedded');
});
afterAll(async () => {
  await engine.close();
  await embedded.close();
});

/** The column current of a crossbar across a sense resistor of 1 Ω. */
const SENSE = '* sense\nRa a col 10k\nRb b col 30k\nVm col s 0\nRs s 0 1\n';
/** Without the load of the sense resistor itself, at 0.1 and 0.2 V. */
const volts = 0.1 / 10e3 + 0.2 / 30e3;
const senseMap = (more: object = {}): string =>
  write('sense.json', JSON.stringify({ inputs: { a: 'a', b: 'b' }, outputs: { v: 's', i: 'i(Vm)' }, ...more }));

describe('tolerances of a netlist from elsewhere', () => {
  const run = (table: string, more: object = {}, tolerance?: { absolute?: number; relative?: number }) =>
    verifyForeign(
      {
        netlist: write('sense.cir', SENSE),
        map: senseMap(more),
        technology,
        expected: write('table.csv', table),
        tolerance,
      },
      engine,
    );
  const exact = `a,b,v,i\n0.1,0.2,${volts * (1 - 1e-4)},${volts * (1 - 1e-4)}\n`;
  const wrong = exact.replace(String(volts * (1 - 1e-4)), String(volts * 1.067));

  it('by default do not let a voltage of 17 µV pass that is 6.7 % wrong', async () => {
    expect((await run(exact)).judgement?.exceeding).toBe(0);
    const report = await run(wrong);
    expect(report.judgement?.exceeding).toBe(1);
    expect(foreignTestCases(report).filter(({ failure }) => failure !== undefined)).toHaveLength(1);
    expect(foreignJunitXml(report)).toMatch(/failures="1".*\n.*\n?/);
  });

  it('may be given in the map, and by the caller in its place', async () => {
    expect((await run(wrong, { tolerance: { relative: 0.1 } })).judgement?.exceeding).toBe(0);
    expect((await run(wrong, { tolerance: { relative: 0.1 } }, { relative: 0.01 })).judgement?.exceeding).toBe(1);
    expect((await run(wrong, {}, { absolute: 1e-5 })).judgement?.exceeding).toBe(0);
  });

  it('may stand in a specification', async () => {
    const specification = readSpecification(write('spec.yaml', 'toleranceRelative: 0.1\n'));
    const request = {
      netlist: write('sense.cir', SENSE),
      map: senseMap(),
      technology,
      expected: write('t.csv', wrong),
      specification,
    };
    expect((await verifyForeign(request, engine)).judgement?.exceeding).toBe(0);
  });

  it('find a cell that is 5 % off in a column of 32', async () => {
    const cells = (first: number): string =>
      Array.from({ length: 32 }, (_, row) => `R${row} in${row} col ${row === 0 ? first : 1e5}\n`).join('');
    const map = write(
      'column.json',
      JSON.stringify({
        inputs: Object.fromEntries(Array.from({ length: 32 }, (_, row) => [`x${row}`, `in${row}`])),
        outputs: { sum: 'col' },
      }),
    );
    const header = Array.from({ length: 32 }, (_, row) => `x${row}`).join(',');
    const inputs = Array.from({ length: 32 }, () => 0.1);
    const sum = 3.2 / 1e5 / (1 + 32 / 1e5);
    const expected = write('column.csv', `${header},sum\n${inputs.join(',')},${sum}\n`);
    const run = (first: number) =>
      verifyForeign(
        { netlist: write('column.cir', `* column\n${cells(first)}Rs col 0 1\n`), map, technology, expected },
        engine,
      );
    expect((await run(1e5)).judgement?.exceeding).toBe(0);
    expect((await run(1.05e5)).judgement?.exceeding).toBe(1);
  });
});

describe('what a netlist from elsewhere may be asked', () => {
  it('currents of 0 V sources and of inputs, as ngspice measures them', async () => {
    const sense = volts / (1 + 1 / 10e3 + 1 / 30e3);
    const currents = [(0.1 - sense) / 10e3, (0.2 - sense) / 30e3, sense];
    const expected = write('inputs.csv', `a,b,i(a),i(b),i(vm)\n0.1,0.2,${currents.join(',')}\n`);
    const report = await verifyForeign(
      { netlist: write('sense.cir', SENSE), map: senseMap(), technology, expected, tolerance: { relative: 1e-6 } },
      engine,
    );
    expect(report.judgement?.exceeding).toBe(0);
    expect(report.outputs.map(({ unit }) => unit)).toEqual(['V', 'A']);
  });

  it('its voltages alone, where the table expects nothing', async () => {
    const report = await verifyForeign(
      { netlist: write('sense.cir', SENSE), map: senseMap(), technology, expected: write('x.csv', 'a,b\n0.1,0.2\n') },
      engine,
    );
    expect(report.judgement).toBeUndefined();
    expect(report.outputValues[0]![0]).toBeCloseTo(1.6664e-5, 8);
    expect(report.accuracy).toEqual({ network: null, circuit: null, ngspice: null });
  });

  it('its accuracy from a column of labels, in the order of the map', async () => {
    const map = write('labels.json', '{"inputs": {"a": "a", "b": "b"}, "outputs": {"2": "p", "1": "q", "0": "z"}}');
    const netlist = write('labels.cir', '* three\nR1 a p 1k\nR2 p 0 1k\nR3 b q 1k\nR4 q 0 1k\nR5 a z 1k\nR6 z 0 100\n');
    const expected = write('labels.csv', 'a,b,label\n1,0,2\n0,1,1\n1,0,0\n0.5,1,1\n');
    const report = await verifyForeign({ netlist, map, technology, expected }, engine);
    expect(report.outputs.map(({ name }) => name)).toEqual(['2', '1', '0']);
    expect(report.accuracy.ngspice).toBe(0.75);
    expect(report.byClass?.classes.map((one) => [one.class, one.rows, one.network, one.ngspice])).toEqual([
      ['2', 1, null, 1],
      ['1', 2, null, 1],
      ['0', 1, null, 0],
    ]);
    expect(report.byClass?.balancedAccuracy.ngspice).toBeCloseTo(2 / 3, 12);
    const strange = write('strange.csv', 'a,b,label\n1,0,7\n');
    await expect(verifyForeign({ netlist, map, technology, expected: strange }, engine)).rejects.toThrow(
      /"7" \(row 1\) is no output of the map/,
    );
  });

  it('--strict refuses what would be left out', async () => {
    const request = { map: senseMap(), technology, expected: write('x.csv', 'a,b\n0.1,0.2\n'), strict: true };
    await verifyForeign({ ...request, netlist: write('plain.cir', SENSE) }, engine);
    await expect(
      verifyForeign({ ...request, netlist: write('more.cir', `${SENSE}.op\nC1 s 0 1n\n`) }, engine),
    ).rejects.toThrow(/more\.cir, row 6: \.op would be left out, and 1 more/);
  });

  it.each([
    ['a key twice', '{"inputs": {"a": "a", "a": "b"}, "outputs": {"o": "s"}}', /"a" stands twice in one object/],
    [
      'a supply of unknown volts',
      '{"inputs": {"a": "a"}, "outputs": {"o": "s"}, "supplies": {"v": "b"}}',
      /has no such supply/,
    ],
    [
      'a current that nothing measures',
      '{"inputs": {"a": "a", "b": "b"}, "outputs": {"o": "i(vx)"}}',
      /there is no current i\(vx\)/,
    ],
    [
      'places of an op-amp twice',
      '{"inputs": {"a": "a"}, "outputs": {"o": "s"}, "opamps": {"x": {"plus": 1, "minus": 1, "out": 2}}}',
      /must be three places/,
    ],
  ])('refuses a map with %s', async (_, text, message) => {
    const request = {
      netlist: write('sense.cir', SENSE),
      map: write('bad.json', text),
      technology,
      expected: write('x.csv', 'a,b\n0.1,0.2\n'),
    };
    await expect(verifyForeign(request, engine)).rejects.toThrow(message);
  });
});

describe('one of our own netlists read as if it were foreign', () => {
  const map = (): string =>
    write(
      'own.json',
      JSON.stringify({
        subckt: 'network',
        inputs: { left: circuit.inputs[0], right: circuit.inputs[1] },
        outputs: { low: circuit.outputs[0], high: circuit.outputs[1] },
        supplies: { vdd: 'vdd' },
      }),
    );
  const own = (): string => write('own.cir', renderNetlist(circuit, technology));
  const rows = Array.from({ length: 24 }, (_, i) => [0.1 + 0.03 * i, 0.8 - 0.025 * i] as const);
  const inputVolts = Float64Array.from(rows.flat());
  const labels = Int32Array.from(rows, ([a, b]) => (a > b ? 1 : 0));
  const table = (): string =>
    write(
      'labelled.csv',
      `left,right,label\n${rows.map(([a, b], i) => `${a},${b},${labels[i] === 1 ? 'high' : 'low'}`).join('\n')}\n`,
    );

  it('has the same supply corner and the same kind of yield, and both simulators agree', async () => {
    const exact = new ExactRows(circuit, technology, { inputVolts, rows: rows.length });
    const cases = {
      ...exact.at(componentValues(exact.solver.flat)),
      inputVolts,
      labels,
      sourceRows: Int32Array.from(rows.keys()),
    };
    const [ours] = await corners(engine, circuit, technology, cases, 0.6, { all: true });
    const report = await verifyForeign(
      {
        netlist: own(),
        map: map(),
        technology,
        network,
        expected: table(),
        second: embedded,
        corners: true,
        blame: true,
        monteCarlo: { draws: 20, variation: 0.1, seed: 3, yieldAccuracy: 0.6 },
        specification: readSpecification(write('limits.yaml', 'minimumMeanAccuracy: 0.01\nmaximumPowerWatts: 1\n')),
      },
      engine,
    );
    expect(report.corners?.[0]?.points.map(({ agreement }) => agreement)).toEqual(
      ours!.points.map(({ agreement }) => agreement),
    );
    expect(report.corners?.every(({ maxErrorVolts }) => maxErrorVolts < 1e-5)).toBe(true);
    expect(report.monteCarlo).toMatchObject({ draws: 20, simulatedDraws: 20, decisionsDiffering: 0 });
    expect(report.monteCarlo!.maxErrorVolts).toBeLessThan(1e-5);
    expect(report.blame!.worstCorner.maxErrorVolts).toBeLessThan(1e-5);
    expect(report.secondSimulator!.maxDifferenceVolts).toBeLessThan(1e-9);
    expect(report.specification!.lines.filter(({ passes }) => !passes)).toEqual([]);
    const same = await monteCarlo(engine, circuit, technology, cases, {
      draws: 20,
      variation: 0.1,
      seed: 3,
      yieldAccuracy: 0.6,
    });
    // other draws for the components, which are numbered otherwise; the mean is the same within their scatter
    expect(Math.abs(report.monteCarlo!.meanAccuracy - same.meanAccuracy)).toBeLessThan(0.15);
  });
});

describe('reading is linear', () => {
  it('in resistors on one node: four times as many take at most eight times as long', () => {
    const seconds = (count: number): number => {
      const lines = Array.from({ length: count }, (_, i) => `R${i} hub n${i % 50} ${1000 + i}`);
      const netlist = write(`hub-${count}.cir`, `* hub\n${lines.join('\n')}\nRx n0 out 1k\n`);
      const file = write('hub.json', '{"inputs": {"in": "hub"}, "outputs": {"out": "out"}}');
      const began = process.cpuUsage();
      const { flat } = readForeignCircuit(netlist, readPortMap(file, technology), technology);
      expect(flat.resistors).toHaveLength(count + 1);
      const { user, system } = process.cpuUsage(began);
      return (user + system) / 1e6;
    };
    seconds(2000);
    expect(seconds(100_000) / seconds(25_000)).toBeLessThan(8);
  });
});
