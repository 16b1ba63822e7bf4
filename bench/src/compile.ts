import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTechnology, type Technology } from '@neuroprint/circuit';
import { E_SERIES, type ESeries } from '@neuroprint/compiler';
import { meanAndStd, sha256, writeFileAtomic } from '@neuroprint/core';
import { type Engine, openEngine } from '@neuroprint/spice';
import { defaultPowerPrice, trainBaseline, trainNetwork } from '@neuroprint/training';
import { lvs, verify } from '@neuroprint/verifier';
import { DATA, TEMPLATES } from './machine.ts';
import { compileNetwork } from './netlist.ts';
import { chosen, wholeNumber } from './options.ts';
import { KIT13, kitProblem } from './problem.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

/** Raised when what is measured changes, so that rows of before are not taken for rows of now. */
const VERSION = 2;
const DRAWS = 100;

/** What one trained network became. Accuracies on test rows. */
interface Row {
  readonly recipe: string;
  readonly technology: string;
  readonly table: string;
  readonly seed: number;
  readonly digital: number;
  readonly network: number;
  readonly naive: number;
  readonly calibrated: number;
  readonly ngspice: number;
  readonly digitalVaried: number;
  readonly networkVaried: number;
  readonly naiveVaried: number;
  readonly calibratedVaried: number;
  /** Of the copies, each simulated in ngspice too. */
  readonly ngspiceCopies: number;
  readonly copyDecisionsDiffering: number;
  readonly fastModelVolts: number;
  readonly agreement: number;
  readonly maxErrorVolts: Readonly<Record<string, number>>;
  readonly copyMaxErrorVolts: number;
  readonly lvs: boolean;
  readonly watts: number;
  readonly channelSquareMetres: number;
  readonly resistorSquareMetres: number;
  readonly resistors: number;
  readonly transistors: number;
  readonly marginP5Volts: number;
  readonly marginMedianVolts: number;
  readonly compileCpuSeconds: number;
  readonly compileWallSeconds: number;
}

interface Options {
  readonly technologies: readonly Technology[];
  readonly tables: readonly string[];
  readonly seeds: number;
  readonly series: ESeries | undefined;
  readonly powerPrice: number | undefined;
  readonly out: string | undefined;
}

/**
 * From network to ngspice on kit13 tables: `npm run bench -- compile [table …] [--technologies egt,egt-date23] [--seeds 3]
 * [--e-series E24] [--power-price 0.01] [--out FOLDER]`. What compiling costs, what calibration recovers, whether ngspice finds the predicted voltages, and
 * what the circuit is made of; mean ± standard deviation over seeds. With --out every row is kept, a stopped run goes on, and table.md and
 * rows.csv are written.
 */
export async function run(args: readonly string[]): Promise<void> {
  if (!existsSync(DATA)) {
    process.stdout.write('The kit13 tables are not here, so there is nothing to measure.\n');
    return;
  }
  const options = readOptions(args);
  const engines: Engine[] = [];
  for (const choice of ['ngspice', 'embedded'] as const) {
    const engine = await openEngine(choice).catch(() => undefined);
    if (engine === undefined) process.stdout.write(`${choice} is not on this machine and is left out\n`);
    else engines.push(engine);
  }
  const rows: Row[] = [];
  for (const technology of options.technologies) {
    for (let seed = 0; seed < options.seeds; seed += 1) {
      for (const name of options.tables) {
        rows.push(await kept(name, seed, technology, engines, options));
        process.stderr.write(`${technology.name}, ${name}, seed ${seed} done\n`);
      }
    }
  }
  const head = `Hidden 3, ${options.seeds} seeds, 10 % variation, ${DRAWS} copies, ${engines.map((e) => `${e.name} ${e.version}`).join(' and ')}`;
  const text = [head, ...options.technologies.map(({ name }) => tables(name, rows, options.tables))].join('\n\n');
  process.stdout.write(`${text}\n`);
  if (options.out !== undefined) {
    writeFileAtomic(join(options.out, 'table.md'), `${text}\n`);
    writeFileAtomic(join(options.out, 'rows.csv'), toCsv(rows));
  }
  for (const engine of engines) await engine.close();
}

function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      technologies: { type: 'string', default: 'egt' },
      seeds: { type: 'string', default: '3' },
      'e-series': { type: 'string' },
      'power-price': { type: 'string' },
      out: { type: 'string' },
    },
  });
  const wanted = values['e-series'];
  return {
    technologies: values.technologies.split(',').map((name) => loadTechnology(TEMPLATES, name)),
    tables: chosen('table', positionals, KIT13),
    seeds: wholeNumber('seeds', values.seeds, 1),
    series:
      wanted === undefined ? undefined : E_SERIES.find((one) => chosen('series', [wanted], E_SERIES).includes(one)),
    powerPrice: values['power-price'] === undefined ? undefined : Number(values['power-price']),
    out: values.out,
  };
}

/** The row of before, where it was made of the same, or a new one. */
async function kept(
  name: string,
  seed: number,
  technology: Technology,
  engines: readonly Engine[],
  { series, powerPrice: given, out }: Options,
): Promise<Row> {
  const table = kitProblem(name, technology, seed);
  const powerPrice = given ?? defaultPowerPrice(table.data);
  const recipe = sha256(
    JSON.stringify([VERSION, table.data.sha256, technology.hash, seed, series ?? null, powerPrice, DRAWS]),
  );
  const file = out && join(out, 'rows', `${technology.name}-${name}-${seed}.json`);
  if (file !== undefined && existsSync(file)) {
    const row = JSON.parse(readFileSync(file, 'utf8')) as Row;
    if (row.recipe === recipe) return row;
  }
  const row = { recipe, ...(await measure(name, seed, table, technology, engines, series, powerPrice)) };
  if (file !== undefined) writeFileAtomic(file, `${JSON.stringify(row, null, 2)}\n`);
  return row;
}

async function measure(
  name: string,
  seed: number,
  { data, problem }: ReturnType<typeof kitProblem>,
  technology: Technology,
  engines: readonly Engine[],
  series: ESeries | undefined,
  powerPenalty: number,
): Promise<Omit<Row, 'recipe'>> {
  const { network } = trainNetwork(problem, { seed, powerPenalty });
  const digital = trainBaseline(problem, { seed });
  return inScratchFolder(async (folder) => {
    const compiled = compileNetwork(
      network,
      data,
      technology,
      join(folder, 'out'),
      series === undefined ? {} : { series },
    );
    const { netlist, manifest } = compiled;
    const reports = [];
    for (const [k, engine] of engines.entries()) {
      const monteCarlo = { draws: DRAWS, variation: network.variation, seed };
      reports.push((await verify(netlist, technology, engine, k === 0 ? { monteCarlo } : {})).report);
    }
    const rung = (step: string) => manifest.ladder.find((r) => r.step === step)!;
    const report = reports[0]!;
    const copies = report.monteCarlo!;
    return {
      technology: technology.name,
      table: name,
      seed,
      digital: digital.accuracy.test,
      network: report.accuracy.network!,
      naive: rung('naive circuit').accuracy!,
      calibrated: report.accuracy.circuit!,
      ngspice: report.accuracy.ngspice!,
      digitalVaried: digital.underVariation[0]!.mean,
      networkVaried: network.metrics!.underVariation.mean,
      naiveVaried: rung('naive circuit').underVariation!.mean,
      calibratedVaried: copies.meanAccuracy,
      ngspiceCopies: copies.simulatedDraws,
      copyDecisionsDiffering: copies.decisionsDiffering,
      fastModelVolts: rung('naive circuit').rmsVoltsFromNetwork,
      agreement: report.decisionAgreement ?? Number.NaN,
      maxErrorVolts: Object.fromEntries(reports.map((r) => [r.simulator.name, r.maxErrorVolts])),
      copyMaxErrorVolts: copies.maxErrorVolts,
      lvs: lvs(netlist, technology).matches,
      watts: manifest.watts,
      channelSquareMetres: manifest.printedSquareMetres.transistors,
      resistorSquareMetres: manifest.printedSquareMetres.resistors,
      resistors: manifest.components.resistors,
      transistors: manifest.components.transistors,
      marginP5Volts: manifest.marginVolts!.p5,
      marginMedianVolts: manifest.marginVolts!.median,
      compileCpuSeconds: compiled.cpuSeconds,
      compileWallSeconds: compiled.wallSeconds,
    };
  });
}

type Cell = (rows: readonly Row[]) => string;

/** The three tables of a technology: nominal, under variation, and what the circuits are; a last line for all tables. */
function tables(technology: string, all: readonly Row[], names: readonly string[]): string {
  const own = all.filter((row) => row.technology === technology);
  const lines = [...names.map((name) => [name, own.filter((row) => row.table === name)] as const)];
  if (names.length > 1) lines.push(['mean', own]);
  const print = (title: string, columns: Readonly<Record<string, Cell>>): string => {
    const cells = lines.map(([name, rows]) => [name, ...Object.values(columns).map((cell) => cell(rows))]);
    return `${title}, ${technology}\n\n${table(['table', ...Object.keys(columns)], cells)}`;
  };
  return [
    print('Test accuracy in %, nominal', {
      'digital 3 neurons': each((r) => 100 * r.digital),
      network: each((r) => 100 * r.network),
      'naive circuit': each((r) => 100 * r.naive),
      'calibrated circuit': each((r) => 100 * r.calibrated),
      ngspice: each((r) => 100 * r.ngspice),
      'decisions kept': each((r) => 100 * r.agreement),
    }),
    print('Test accuracy in %, printed copies', {
      'digital 3 neurons': each((r) => 100 * r.digitalVaried),
      network: each((r) => 100 * r.networkVaried),
      'naive circuit': each((r) => 100 * r.naiveVaried),
      'calibrated circuit': each((r) => 100 * r.calibratedVaried),
      'copies in ngspice': (rows) => String(rows.reduce((sum, r) => sum + r.ngspiceCopies, 0)),
      'decisions that differ': (rows) => String(rows.reduce((sum, r) => sum + r.copyDecisionsDiffering, 0)),
      'max error, V': (rows) => Math.max(...rows.map((r) => r.copyMaxErrorVolts)).toExponential(1),
    }),
    print('The circuits', {
      'fast model off by, mV rms': each((r) => 1000 * r.fastModelVolts, 0),
      ...Object.fromEntries(
        Object.keys(own[0]?.maxErrorVolts ?? {}).map((name): [string, Cell] => [
          `max error ${name}, V`,
          (rows) => Math.max(...rows.map((r) => r.maxErrorVolts[name]!)).toExponential(1),
        ]),
      ),
      lvs: (rows) => (rows.every((r) => r.lvs) ? 'matches' : 'DIFFERS'),
      'margin median, mV': each((r) => 1000 * r.marginMedianVolts, 0),
      'margin 5 %, mV': each((r) => 1000 * r.marginP5Volts, 0),
      µW: each((r) => 1e6 * r.watts, 0),
      resistors: each((r) => r.resistors, 0),
      transistors: each((r) => r.transistors, 0),
      'channels, mm²': each((r) => 1e6 * r.channelSquareMetres, 3),
      'resistors, mm² †': each((r) => 1e6 * r.resistorSquareMetres, 2),
      'compile, s': each((r) => r.compileWallSeconds),
      'compile, s of processor': each((r) => r.compileCpuSeconds),
    }),
    '† by an assumed sheet resistance',
  ].join('\n\n');
}

/** Mean ± standard deviation of a figure. */
function each(pick: (row: Row) => number, digits = 1): Cell {
  return (rows) => {
    const { mean, std } = meanAndStd(rows.map(pick));
    return rows.length < 2 ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${std.toFixed(digits)}`;
  };
}

function toCsv(rows: readonly Row[]): string {
  const flat = rows.map(({ maxErrorVolts, recipe: _, ...row }) => ({
    ...row,
    ...Object.fromEntries(Object.entries(maxErrorVolts).map(([name, volts]) => [`maxErrorVolts_${name}`, volts])),
  }));
  const header = Object.keys(flat[0] ?? {});
  const lines = flat.map((row) => header.map((name) => String((row as Record<string, unknown>)[name] ?? '')).join(','));
  return `${[header.join(','), ...lines].join('\n')}\n`;
}
