import { join } from 'node:path';
import {
  BatchSolver,
  componentValues,
  ExactSolver,
  type FlatCircuit,
  flatten,
  scoreOutputs,
  stabilityOf,
  type Technology,
  variedValues,
} from '@neuroprint/circuit';
import { type CaseTable, type Circuit, Draws, selectVolts, type Variation } from '@neuroprint/core';
import { layOut, onlyNets, readLayout, withLines, writeGds } from '@neuroprint/layout';
import { type Engine, openEngine, renderNetlist } from '@neuroprint/spice';
import { trainNetwork } from '@neuroprint/training';
import { type NetlistFolder, verify } from '@neuroprint/verifier';
import { compileNetwork } from './netlist.ts';
import { kitProblem } from './problem.ts';
import { randomCircuit } from './random-circuit.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

/** Capacitance of a net that settling times are told for: nobody has measured that of egt. */
const NODE_FARADS = 1e-11;
/** Cases at which circuits are linearised. */
const LINEARISED = 8;
/** Rows that are solved from cold to see how fast. */
const SPEED_ROWS = 64;
/** Printed copies that are scored with their lines. */
const COPIES = 40;

const percent = (share: number | null): string => (share === null ? '' : `${(100 * share).toFixed(1)} %`);

/** What the lines of layouts do: volts, accuracy and decisions in ngspice, settling. */
export async function lines(
  technology: Technology,
  names: readonly string[],
  ruleSets: readonly string[],
): Promise<void> {
  const engine = await openEngine('auto');
  const rows: string[][] = [];
  for (const name of names) {
    const { data, problem } = kitProblem(name, technology);
    const { network } = trainNetwork(problem, { seed: 0 });
    await inScratchFolder(async (folder) => {
      const { netlist } = compileNetwork(network, data, technology, join(folder, 'out'));
      for (const rules of ruleSets) {
        const { report, metal, cases } = await asLaidOut(engine, netlist, technology, rules);
        const { laidOut, accuracy } = report;
        const ideal = flatten(netlist.circuit, technology);
        const [without, within] = [ideal, metal(ideal)].map((flat) => settlingSeconds(flat, cases));
        rows.push([
          name,
          rules,
          String(laidOut!.resistors),
          `${(1e3 * laidOut!.largestShiftVolts).toFixed(2)} (${laidOut!.node})`,
          laidOut!.maxErrorVolts === null ? '' : (1e6 * laidOut!.maxErrorVolts).toPrecision(2),
          percent(accuracy.ngspice),
          percent(laidOut!.accuracy),
          String(laidOut!.decisionsMoved),
          (1e12 * laidOut!.crossingFarads).toFixed(2),
          (1e6 * without!).toFixed(2),
          `${(100 * (within! / without! - 1)).toFixed(2)} %`,
        ]);
        process.stderr.write(`${rows.at(-1)!.join(' | ')}\n`);
      }
    });
  }
  await engine.close();
  const header = [
    'table',
    'rules',
    'resistors of lines',
    'largest shift, mV',
    'exact solver against ngspice, µV',
    'accuracy without lines',
    'with lines',
    'decisions moved',
    'crossings, pF',
    'settling without, µs',
    'change with lines',
  ];
  process.stdout.write(`${table(header, rows)}\n\n`);
}

/** How long lines take: to extract, to plan the solver with, and to solve a row; processor time. */
export function linesSpeed(technology: Technology): void {
  const rows = [
    [4, 3, 3],
    [16, 3, 10],
    [61, 32, 10],
  ].map((sizes) => {
    const circuit = randomCircuit(sizes, 1, technology);
    const text = { text: renderNetlist(circuit, technology), file: 'netlist.cir' };
    const bytes = writeGds(layOut(circuit, technology));
    let began = process.cpuUsage();
    const lap = (): number => {
      const used = process.cpuUsage(began);
      began = process.cpuUsage();
      return (used.user + used.system) / 1e6;
    };
    const read = readLayout('layout.gds', bytes, text, technology);
    const extracted = lap();
    const lines = read.lines()!;
    const found = lap();
    const ideal = flatten(circuit, technology);
    const solvers = [ideal, withLines(ideal, lines)].map((flat) => {
      lap();
      const solver = new BatchSolver(flat);
      const planned = lap();
      solver.setValues(componentValues(flat));
      const inputVolts = Float64Array.from(
        { length: SPEED_ROWS * circuit.inputs.length },
        (_, i) => ((7919 * i) % 101) / 100,
      );
      const state = solver.newState(SPEED_ROWS);
      if (solver.solve(inputVolts, SPEED_ROWS, state).length > 0) throw new Error('a row has no operating point');
      return { size: solver.size, planned, solved: lap(), steps: solver.iterations, bytes: solver.kernelBytes };
    });
    const [without, within] = solvers as [(typeof solvers)[number], (typeof solvers)[number]];
    const each = ({ solved, steps }: typeof without): string => ((1e6 * solved) / steps).toFixed(0);
    return [
      sizes.join('-'),
      extracted.toFixed(2),
      found.toFixed(2),
      `${without.size} → ${within.size}`,
      within.planned.toFixed(2),
      each(without),
      each(within),
      (within.bytes / 1e6).toFixed(0),
    ];
  });
  const header = [
    'network',
    'polygons read back, s',
    'lines, s',
    'unknown nodes',
    'solver planned, s',
    'a Newton step without lines, µs',
    'with lines, µs',
    'kernel, MB',
  ];
  process.stdout.write(`${table(header, rows)}\n\n`);
}

/** Verifies a netlist with the lines of a layout by the given rules. */
async function asLaidOut(engine: Engine, netlist: NetlistFolder, technology: Technology, rules: string) {
  const text = { text: netlist.netlistText, file: 'netlist.cir' };
  const bytes = writeGds(layOut(netlist.circuit, technology, { rules }));
  const { comparison, lines: linesOf } = readLayout('layout.gds', bytes, text, technology, rules);
  const metal = metalBetween(linesOf()!);
  const check = { file: 'layout.gds', changed: [], ...comparison, differences: [...comparison.differences] };
  const { report, expected } = await verify(netlist, technology, engine, { layout: () => ({ check, metal }) });
  return { report, metal, cases: expected };
}

function metalBetween(lines: Parameters<typeof withLines>[1]): (flat: FlatCircuit) => FlatCircuit {
  return (flat) => withLines(flat, lines);
}

/** The slowest settling to 1 % over some cases. */
function settlingSeconds(flat: FlatCircuit, { inputVolts, rows }: { inputVolts: Float64Array; rows: number }): number {
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const state = solver.newState(rows);
  let slowest = 0;
  for (let row = 0; row < Math.min(rows, LINEARISED); row += 1) {
    if (!solver.solveRow(inputVolts, row, state)) throw new Error(`row ${row} has no operating point`);
    slowest = Math.max(slowest, stabilityOf(solver, NODE_FARADS).slowestSeconds);
  }
  return Math.log(100) * slowest;
}

/** Calibration with and without lines in the loop, for metals of several sheet resistances, and lines three times as wide. */
export async function calibration(
  technology: Technology,
  names: readonly string[],
  sheetOhms: readonly number[],
): Promise<void> {
  const engine = await openEngine('auto');
  const rows: string[][] = [];
  for (const name of names) {
    const { data, problem } = kitProblem(name, technology);
    const { network } = trainNetwork(problem, { seed: 0 });
    await inScratchFolder(async (folder) => {
      for (const ohms of sheetOhms) {
        const kinds = { plain: withMetal(technology, ohms, 1), wide: withMetal(technology, ohms, 3) };
        const rules = Object.keys(technology.layout!.rules)[0]!;
        const lay = (circuit: Circuit) => {
          const text = { text: renderNetlist(circuit, kinds.plain), file: 'netlist.cir' };
          const read = readLayout('layout.gds', writeGds(layOut(circuit, kinds.plain)), text, kinds.plain);
          return metalBetween(onlyNets(read.lines()!, new Set(['0', ...Object.keys(technology.supplies)])));
        };
        const before = compileNetwork(network, data, kinds.plain, join(folder, 'before'));
        const after = compileNetwork(network, data, kinds.plain, join(folder, 'after'), { metalOf: lay });
        const [first, wide, second] = [
          await asLaidOut(engine, before.netlist, kinds.plain, rules),
          await asLaidOut(engine, before.netlist, kinds.wide, rules),
          await asLaidOut(engine, after.netlist, kinds.plain, rules),
        ];
        const shown = (
          { report: { laidOut }, metal, cases }: typeof first,
          { circuit, network: trained }: NetlistFolder,
        ): string[] => [
          (1e3 * laidOut!.largestShiftVolts).toFixed(0),
          percent(laidOut!.accuracy),
          percent(laidOut!.decisionAgreement),
          percent(meanOfCopies(metal(flatten(circuit, technology)), circuit, cases, trained.variation)),
        ];
        rows.push([
          name,
          String(ohms),
          percent(first.report.accuracy.network),
          percent(first.report.accuracy.ngspice),
          ...shown(first, before.netlist),
          ...shown(second, after.netlist),
          ...shown(wide, before.netlist),
          after.manifest.passes.find((pass) => pass.name === 'calibrate layout')!.note,
          `${(after.cpuSeconds / before.cpuSeconds).toFixed(1)}`,
        ]);
        process.stderr.write(`${rows.at(-1)!.join(' | ')}\n`);
      }
    });
  }
  await engine.close();
  const three = (what: string): string[] => [`${what}: shift, mV`, 'accuracy', 'decisions kept', 'accuracy of copies'];
  const header = [
    'table',
    'ohms a square',
    'network',
    'netlist in ngspice',
    ...three('as laid out'),
    ...three('calibrated with lines'),
    ...three('lines three times as wide'),
    'what the pass did',
    'compile takes times as long',
  ];
  process.stdout.write(`${table(header, rows)}\n\n`);
}

/** Mean accuracy of printed copies, their lines as drawn. */
function meanOfCopies(
  flat: FlatCircuit,
  circuit: Circuit,
  { inputVolts, rows, labels }: CaseTable,
  variation: number | Variation,
): number {
  const solver = new BatchSolver(flat);
  const nominal = componentValues(flat);
  const values = nominal.slice();
  const draws = new Draws(0, 'copies with lines');
  let sum = 0;
  for (let copy = 0; copy < COPIES; copy += 1) {
    variedValues(flat, nominal, draws, copy, variation, values);
    solver.setValues(values);
    const volts = solver.newState(rows);
    solver.solve(inputVolts, rows, volts);
    const outputs = selectVolts({ nodes: flat.unknowns, volts }, circuit.outputs);
    sum += scoreOutputs(circuit, outputs, labels).accuracy ?? 0;
  }
  return sum / COPIES;
}

/** The technology with metals of another sheet resistance, and lines so many times as wide. */
function withMetal(technology: Technology, ohms: number, wider: number): Technology {
  const { layers, rules } = technology.layout!;
  const metals = new Set(layers.filter(({ sheetOhms }) => sheetOhms !== undefined).map(({ name }) => name));
  return {
    ...technology,
    layout: {
      assumed: technology.layout!.assumed,
      layers: layers.map((layer) => (metals.has(layer.name) ? { ...layer, sheetOhms: ohms } : layer)),
      rules: Object.fromEntries(
        Object.entries(rules).map(([name, one]) => [
          name,
          {
            ...one,
            widthMetres: Object.fromEntries(
              Object.entries(one.widthMetres).map(([layer, metres]) => [
                layer,
                metals.has(layer) ? wider * metres : metres,
              ]),
            ),
          },
        ]),
      ),
    },
  };
}
