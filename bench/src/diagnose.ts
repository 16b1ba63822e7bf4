import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  componentValues,
  ExactSolver,
  type FlatCircuit,
  flatten,
  loadTechnology,
  type Technology,
  variedValues,
} from '@neuroprint/circuit';
import { type Circuit, Draws, sha256, UsageError } from '@neuroprint/core';
import {
  type Diagnosis,
  type Fault,
  faultsOf,
  type SheetCells,
  SheetDiagnosis,
  withFault,
} from '@neuroprint/diagnosis';
import { type Engine, openEngine, simulateFlat } from '@neuroprint/spice';
import { trainNetwork } from '@neuroprint/training';
import { readNetlistFolder } from '@neuroprint/verifier';
import { DATA, TEMPLATES } from './machine.ts';
import { compileNetwork } from './netlist.ts';
import { chosen, wholeNumber } from './options.ts';
import { KIT13, kitProblem } from './problem.ts';
import { keptIn, measuredRows, rowOptions, type ToMeasure } from './rows.ts';
import { table } from './table.ts';

/** Raised when what is measured changes, so that sheets of before are not taken for sheets of now. */
const VERSION = 1;
const VARIATION = 0.1;
const METER_VOLTS = 1e-3;
/** Of each kind the first sheets are solved in ngspice too. */
const CONFIRMED = 5;
/** Sheets of a row that is kept. */
const SHEETS = 25;

const WAYS = ['outputs', 'stages'] as const;
const KINDS = ['single', 'good', 'double'] as const;
type Kind = (typeof KINDS)[number];

/** What one diagnosed sheet came to. */
interface Row {
  readonly sheet: number;
  readonly truth: readonly string[];
  readonly verdict: Diagnosis['verdict'];
  /** Place of the true part among the candidates, from 0; −1: not among them. Of good sheets −1. */
  readonly place: number;
  readonly cpuSeconds: number;
  /** Largest difference of a measured volt from ngspice, where it was asked. */
  readonly ngspiceVolts?: number;
}

/**
 * How often a diagnosis names the broken part: `npm run bench -- diagnose --out FOLDER [table …] [--sheets 500] [--good 200] [--doubles 50]
 * [--rows 20] [--measured outputs,stages]`. Printed copies under 10 % variation with random single faults, none and two, solved by the
 * exact circuit (the first of each in ngspice too) and read by a meter with a normal error of 1 mV; the diagnosis sees neither the
 * drawn values nor the faults. Inputs are drawn over the input range. A stopped run goes on.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...rowOptions,
      sheets: { type: 'string', default: '500' },
      good: { type: 'string', default: '200' },
      doubles: { type: 'string', default: '50' },
      rows: { type: 'string', default: '20' },
      measured: { type: 'string', default: WAYS.join(',') },
    },
  });
  const out = keptIn(values.out, 'diagnosed sheets');
  const counts = {
    single: wholeNumber('sheets', values.sheets),
    good: wholeNumber('good', values.good),
    double: wholeNumber('doubles', values.doubles),
  };
  const rows = wholeNumber('rows', values.rows, 1);
  const ways = chosen('way of measuring', values.measured.split(','), WAYS);
  const names = positionals.length === 0 ? ['iris', 'seeds'] : chosen('table', positionals, KIT13);
  const technology = loadTechnology(TEMPLATES, 'egt');
  const engine = await openEngine('ngspice').catch(() => undefined);
  const benches = names.flatMap((name) => {
    const circuit = compiled(name, technology, out);
    return ways.map((way) => ({ name, bench: new Bench(circuit, technology, rows, way) }));
  });
  const asked = benches.flatMap(({ name, bench }) =>
    KINDS.flatMap((kind) => bench.asked(name, kind, counts[kind], engine).map((job) => ({ ...job, bench, kind }))),
  );
  const measured = await measuredRows('diagnosed sheets', asked, { ...values, out }, (_, title) =>
    process.stderr.write(`${title} done\n`),
  );
  await engine?.close();
  if (measured === undefined) return;
  const lines = benches.map(({ name, bench }) => {
    const of = (kind: Kind): Row[] =>
      asked.flatMap((one, k) => (one.bench === bench && one.kind === kind ? measured[k]!.sheets : []));
    const all = { single: of('single'), good: of('good'), double: of('double') };
    process.stdout.write(`${bench.words(name, all)}\n`);
    return bench.line(name, all);
  });
  const header = [
    'table, measured',
    'faults',
    'first',
    'of three',
    'told broken',
    'of these first',
    'of three',
    'good: in tolerance',
    'two: both first',
    's each',
  ];
  process.stdout.write(`\n${table(header, lines)}\n`);
}

/** The table's network with three hidden neurons, compiled; kept in `out`. */
function compiled(name: string, technology: Technology, out: string): Circuit {
  const folder = join(out, name);
  if (existsSync(join(folder, 'manifest.json'))) return readNetlistFolder(folder).circuit;
  mkdirSync(out, { recursive: true });
  if (!existsSync(DATA)) throw new UsageError('The kit13 tables are not here, so there is nothing to measure.');
  const { data, problem } = kitProblem(name, technology);
  const { network } = trainNetwork(problem, { seed: 0 });
  return compileNetwork(network, data, technology, folder).netlist.circuit;
}

/** One circuit, measured in one way. */
class Bench {
  readonly way: string;
  readonly #flat: FlatCircuit;
  readonly #faults: readonly Fault[];
  readonly #sheet: SheetCells;
  readonly #groupOf: ReadonlyMap<string, number>;
  readonly #prepareSeconds: number;
  readonly #diagnosis: SheetDiagnosis;

  constructor(circuit: Circuit, technology: Technology, rows: number, way: string) {
    this.way = way;
    this.#flat = flatten(circuit, technology);
    this.#faults = faultsOf(this.#flat);
    const { minimum, maximum } = technology.inputVolts;
    const draws = new Draws(5, 'patterns');
    const inputVolts = Float64Array.from(
      { length: rows * circuit.inputs.length },
      (_, i) => minimum + (maximum - minimum) * draws.uniform(1, i),
    );
    const stages = circuit.devices.flatMap((device) => (device.kind === 'stage' ? [device.output] : []));
    const nodes = way === 'outputs' ? circuit.outputs : [...new Set([...circuit.outputs, ...stages])];
    const cells = Array.from({ length: rows }, (_, row) => nodes.map((node) => ({ row, node }))).flat();
    this.#sheet = { inputVolts, rows, cells };
    const before = process.cpuUsage();
    this.#diagnosis = new SheetDiagnosis({
      flat: this.#flat,
      faults: this.#faults,
      sheet: this.#sheet,
      variation: VARIATION,
      meterVolts: METER_VOLTS,
    });
    this.#prepareSeconds = seconds(before);
    this.#groupOf = new Map(this.#diagnosis.groups.flatMap((group, g) => group.map(({ name }) => [name, g] as const)));
  }

  /** The sheets of a kind, some in a row. */
  asked(name: string, kind: Kind, count: number, engine: Engine | undefined): ToMeasure<{ readonly sheets: Row[] }>[] {
    const { inputVolts, rows } = this.#sheet;
    const { components } = this.#flat;
    const recipe = sha256(JSON.stringify([VERSION, components, [...inputVolts], engine?.version]));
    return Array.from({ length: Math.ceil(count / SHEETS) }, (_, k) => {
      const [from, to] = [k * SHEETS, Math.min(count, (k + 1) * SHEETS)];
      const measure = async () => {
        const sheets: Row[] = [];
        for (let sheet = from; sheet < to; sheet += 1)
          sheets.push(await this.#one(kind, sheet, sheet < CONFIRMED ? engine : undefined));
        return { sheets };
      };
      return { name: `${name}-${this.way}-${rows}-${kind}-${from}-${to - 1}`, recipe, measure };
    });
  }

  async #one(kind: Kind, sheet: number, engine: Engine | undefined): Promise<Row> {
    const draws = new Draws(7, `sheets with ${kind} faults`);
    const faults = this.#faults;
    const nominal = componentValues(this.#flat);
    const values = nominal.slice();
    variedValues(this.#flat, nominal, draws, sheet, VARIATION, values);
    const count = { good: 0, single: 1, double: 2 }[kind];
    const truth = Array.from({ length: count }, (_, k) => {
      const at = Math.floor(draws.uniform(1_000_000 + sheet, k) * faults.length);
      return faults[at]!;
    });
    const copy: FlatCircuit = {
      ...this.#flat,
      components: this.#flat.components.map((component, k) => ({ ...component, value: values[k]! })),
    };
    const broken = truth.reduce(withFault, copy);
    const solver = new ExactSolver(broken);
    solver.setValues(componentValues(broken));
    const { inputVolts, rows, cells } = this.#sheet;
    const state = solver.newState(rows);
    if (solver.solve(inputVolts, rows, state).length > 0)
      throw new Error(`sheet ${sheet} has no operating point: ${truth.map(({ name }) => name).join(', ')}`);
    const at = cells.map(({ row, node }) => state[row * solver.size + broken.unknowns.indexOf(node)]!);
    const simulated = engine && (await simulateFlat(engine, broken, inputVolts));
    const error =
      simulated &&
      Math.max(
        ...cells.map(({ row, node }, i) =>
          Math.abs(simulated.volts[row * simulated.nodes.length + simulated.nodes.indexOf(node)]! - at[i]!),
        ),
      );
    const measured = Float64Array.from(at, (v, i) => v + METER_VOLTS * draws.normal(2_000_000 + sheet, i));
    const before = process.cpuUsage();
    const { verdict, candidates } = this.#diagnosis.diagnose(measured);
    const cpuSeconds = seconds(before);
    const place =
      truth.length === 0 ? -1 : candidates.findIndex(({ alike }) => alike.some((set) => this.#isTrue(set, truth)));
    const confirmed = error === undefined ? {} : { ngspiceVolts: error };
    return { sheet, truth: truth.map(({ name }) => name), verdict, place, cpuSeconds, ...confirmed };
  }

  /** Whether every true fault is met by one of the set: the same part, or a fault that these cells cannot tell from it. */
  #isTrue(set: readonly Fault[], truth: readonly Fault[]): boolean {
    const meets = (one: Fault, other: Fault): boolean =>
      partOf(one) === partOf(other) ||
      (set.length === 1 && this.#groupOf.get(one.name) === this.#groupOf.get(other.name));
    return truth.every((fault) => set.some((one) => meets(one, fault)));
  }

  line(name: string, { single, good, double }: Record<Kind, readonly Row[]>): string[] {
    const told = single.filter(({ verdict }) => verdict !== 'within tolerance');
    const mean = single.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) / Math.max(1, single.length);
    return [
      `${name}, ${this.way}`,
      String(this.#faults.length),
      share(single, isFirst),
      share(single, isAmongThree),
      share(single, ({ verdict }) => verdict !== 'within tolerance'),
      share(told, isFirst),
      share(told, isAmongThree),
      share(good, ({ verdict }) => verdict === 'within tolerance'),
      share(double, isFirst),
      mean.toFixed(2),
    ];
  }

  words(name: string, { single, good, double }: Record<Kind, readonly Row[]>): string {
    const { groups } = this.#diagnosis;
    const errors = [...single, ...good, ...double].flatMap(({ ngspiceVolts }) => ngspiceVolts ?? []);
    const unexplained = share(single, ({ verdict }) => verdict === 'unexplained');
    return [
      `${name}, ${this.way}: ${this.#faults.length} faults in ${groups.length} groups that ${this.#sheet.cells.length} measurements tell apart, ${groups[0]!.length} leave no trace;`,
      `made ready in ${this.#prepareSeconds.toFixed(1)} s; ${single.length}, ${good.length} and ${double.length} sheets with one fault, none and two; ${unexplained} of those with one told unexplained;`,
      errors.length === 0
        ? 'not looked at in ngspice'
        : `${errors.length} of the sheets in ngspice: within ${Math.max(...errors).toExponential(1)} V`,
    ].join(' ');
  }
}

const isFirst = ({ place }: Row): boolean => place === 0;
const isAmongThree = ({ place }: Row): boolean => place >= 0 && place < 3;

function partOf({ components, nodes }: Fault): string {
  return components[0] ?? [...nodes].sort().join(' ');
}

function share(rows: readonly Row[], of: (row: Row) => boolean): string {
  return rows.length === 0 ? '–' : `${((100 * rows.filter(of).length) / rows.length).toFixed(1)} %`;
}

function seconds(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
