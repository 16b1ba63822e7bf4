import { join } from 'node:path';
import {
  componentValues,
  ExactSolver,
  type FlatCircuit,
  flatten,
  idealVoltages,
  loadTechnology,
  stabilityOf,
  type Technology,
} from '@neuroprint/circuit';
import { circuitOf, layeredOf } from '@neuroprint/compiler';
import {
  type Circuit,
  type MissingPolicy,
  type StabilityReport,
  selectVolts,
  type TrainedNetwork,
  writeFileAtomic,
} from '@neuroprint/core';
import { type Job, type JobFailure, JsonResults, runJobList } from '@neuroprint/jobs';
import { decisions, margins } from '@neuroprint/numeric';
import { settlingPlot } from '@neuroprint/report';
import { type Engine, SimulationError, simulateRows } from '@neuroprint/spice';
import { type CircuitOptions, trainCircuit } from '@neuroprint/training';
import { checkStability } from '@neuroprint/verifier';
import { placeOf, type StudyContext, type StudyPlace } from '../context.ts';
import { recipeOf, rowFileOf } from '../recipe.ts';
import { splitOf, TABLES, tableFile } from './tables.ts';

/** A way to train a network with op-amps. */
interface Variant {
  readonly name: string;
  readonly title: string;
  readonly options: CircuitOptions;
}

/** A share that nothing can fall below: no wall. */
const NO_WALL = -0.99;
const SPREAD = 0.1;

const VARIANTS: readonly Variant[] = [
  { name: 'npml', title: 'npML', options: { leastShare: NO_WALL, variation: 0 } },
  {
    name: 'spml',
    title: 'spML as published',
    options: { cell: 'evensigmoid', leastShare: NO_WALL, penalised: 'outputs', variation: 0 },
  },
  { name: 'npml-margin', title: 'npML with margin', options: { variation: SPREAD } },
  { name: 'spml-margin', title: 'spML with margin', options: { cell: 'evensigmoid', variation: SPREAD } },
  {
    name: 'positive',
    title: 'positive, band-pass',
    options: { cell: 'bandpass', leastShare: 0.99, variation: SPREAD },
  },
];

/** What one network came to. */
export interface StabilityRow {
  readonly dataset: string;
  readonly variant: string;
  readonly accuracy: number;
  readonly underVariation: number;
  /** Columns, and those with Σg below zero. */
  readonly columns: number;
  readonly negative: number;
  /** The smallest Σg/Σ|g| of a column. */
  readonly leastShare: number;
  readonly verdict: 'stable' | 'unstable' | 'latching';
  readonly reason: string;
  /** Largest real part of the eigenvalues, 1/s. */
  readonly largestRealPart: number;
  /** Printed copies that are unstable, of how many. */
  readonly unstableCopies: number;
  readonly copies: number;
  /** Transients in ngspice that do not end at the operating point, of how many. */
  readonly strayTransients: number;
  readonly transients: number;
  /** Rows at which an op-amp is within 5 % of one of its supplies, of how many. */
  readonly rowsAtRails: number;
  readonly rows: number;
  /** Largest difference of ngspice from the exact solver, over all nodes and rows; null where it finds no operating point. */
  readonly ngspiceErrorVolts: number | null;
  /** Rows that ngspice decides otherwise than the network, and the largest margin of such a row: 0 where there is none. */
  readonly differing: number | null;
  readonly differingMarginVolts: number | null;
}

export interface StabilityRequest extends StudyPlace {
  readonly data: string;
  readonly tables?: readonly string[];
  readonly hidden: readonly number[];
  readonly missing: MissingPolicy;
}

/** Trains every variant on every table, builds its circuit and asks whether it settles; writes stability.md, .csv and .svg. */
export async function runStabilityBench(
  request: StabilityRequest,
  engine: Engine,
  context: StudyContext,
): Promise<{ readonly rows: readonly StabilityRow[]; readonly failures: readonly JobFailure[] }> {
  const { out } = request;
  const technology = loadTechnology(context.templates, 'opamp');
  const store = new JsonResults<StabilityRow>(out);
  const tasks = new Map<string, () => Promise<StabilityRow>>();
  const jobs = (request.tables ?? TABLES).flatMap((dataset) => {
    const { data, problem } = splitOf(tableFile(dataset, request.data, join(out, 'tables')), 0, request.missing);
    const many = problem.train.labels.length > 5000;
    return VARIANTS.map((variant): Job => {
      const options = {
        ...variant.options,
        hidden: request.hidden,
        ...(many ? { restarts: 1, iterations: 150 } : {}),
      };
      const name = `stability-${dataset}-${variant.name}`;
      tasks.set(name, () => examine({ ...problem, dataset }, variant.name, technology, options, engine));
      const input = recipeOf({ sha256: data.sha256, technology: technology.hash, options });
      return { name, input, file: rowFileOf(name) };
    });
  });
  const { results, failures } = await runJobList<StabilityRow>(
    {
      ...{ what: 'physical networks', unit: 'network', jobs },
      read: (job) => store.read(job),
      work: async (job) => {
        const result = await tasks.get(job.name)!();
        store.write(job, result);
        return { result };
      },
    },
    // one simulator
    placeOf({ ...request, workers: 1 }, context),
  );
  const rows = results.filter((row) => row !== undefined);
  if (request.shard !== undefined || rows.length === 0) return { rows, failures };
  writeFileAtomic(join(out, 'stability.md'), `${stabilityTable(rows)}\n`);
  writeFileAtomic(join(out, 'stability.csv'), stabilityCsv(rows));
  const circuits = rows.map(({ variant, leastShare, largestRealPart, verdict }) => ({
    variant: VARIANTS.find(({ name }) => name === variant)!.title,
    leastShare,
    largestRealPart,
    settles: verdict === 'stable',
  }));
  writeFileAtomic(join(out, 'stability.svg'), (await settlingPlot('stability', circuits)).svg);
  return { rows, failures };
}

async function examine(
  { dataset, ...problem }: ReturnType<typeof splitOf>['problem'] & { dataset: string },
  variant: string,
  technology: Technology,
  options: CircuitOptions,
  engine: Engine,
): Promise<StabilityRow> {
  const source = { dataset, label: 'label', split: 'seed 0' };
  const trained = trainCircuit({ ...problem, name: dataset, technology, source, inputHashes: {} }, options);
  const network = { kind: 'TrainedNetwork', version: 1, ...trained.network } as TrainedNetwork;
  const { volts, labels } = problem.test;
  const cases = { inputVolts: volts, rows: labels.length, labels, sourceRows: Int32Array.from(labels.keys()) };
  const layered = layeredOf(network, technology, { until: 'scale columns', cases });
  const circuit = circuitOf(layered, network, technology);
  const flat = flatten(circuit, technology);
  const found = await judged(engine, flat, cases, circuit.outputs);
  const shares = trained.shares.flat();
  const simulated = await inNgspice(engine, circuit, network, technology, flat, volts);
  return {
    dataset,
    variant,
    accuracy: network.metrics!.accuracy.test,
    underVariation: network.metrics!.underVariation.mean,
    columns: shares.length,
    negative: shares.filter((share) => share < 0).length,
    leastShare: Math.min(...shares),
    verdict: found.verdict,
    reason: found.reason,
    largestRealPart: found.largestRealPart ?? Number.NaN,
    unstableCopies: found.copies?.unstable ?? 0,
    copies: found.copies?.draws ?? 0,
    strayTransients: found.transients?.elsewhere ?? 0,
    transients: found.transients?.count ?? 0,
    rowsAtRails: atRails(flat, volts),
    rows: labels.length,
    ...simulated,
  };
}

type Judged = Pick<StabilityReport, 'verdict' | 'reason' | 'largestRealPart' | 'copies' | 'transients'>;

/** What verify would say of its stability; of a circuit that ngspice finds no way into, the eigenvalues alone. */
async function judged(
  engine: Engine,
  flat: FlatCircuit,
  cases: { readonly inputVolts: Float64Array; readonly rows: number },
  outputs: readonly string[],
): Promise<Judged> {
  try {
    return await checkStability(engine, flat, cases, outputs, SPREAD);
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error;
    const solver = new ExactSolver(flat);
    solver.setValues(componentValues(flat));
    const state = solver.newState(1);
    if (!solver.solveRow(cases.inputVolts, 0, state)) throw error;
    const { stable, largestRealPart } = stabilityOf(solver);
    const verdict = stable ? 'latching' : 'unstable';
    return { verdict, reason: error.message, largestRealPart, copies: null, transients: null };
  }
}

/** The circuit in ngspice beside the exact solver, and its decisions beside the network's. */
async function inNgspice(
  engine: Engine,
  circuit: Circuit,
  network: TrainedNetwork,
  technology: Technology,
  flat: FlatCircuit,
  inputVolts: Float64Array,
) {
  const classes = circuit.outputs.length;
  const rows = inputVolts.length / flat.inputs.length;
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const state = solver.newState(rows);
  solver.solve(inputVolts, rows, state);
  let simulated: Awaited<ReturnType<typeof simulateRows>>;
  try {
    simulated = await simulateRows(engine, circuit, technology, inputVolts);
  } catch (error) {
    // a circuit that does not settle may have no operating point that ngspice finds
    if (error instanceof SimulationError)
      return { ngspiceErrorVolts: null, differing: null, differingMarginVolts: null };
    throw error;
  }
  const exact = selectVolts({ nodes: flat.unknowns, volts: state }, simulated.nodes);
  const ngspiceErrorVolts = simulated.volts.reduce((most, v, i) => Math.max(most, Math.abs(v - exact[i]!)), 0);
  const outputs = selectVolts(simulated, circuit.outputs);
  const promised = decisions(idealVoltages(network, inputVolts, rows, technology).outputs.at(-1)!, classes);
  const margin = margins(outputs, classes);
  const other = [...decisions(outputs, classes).entries()].filter(([row, decided]) => decided !== promised[row]);
  return {
    ngspiceErrorVolts,
    differing: other.length,
    differingMarginVolts: other.reduce((most, [row]) => Math.max(most, margin[row]!), 0),
  };
}

/** Rows at which some op-amp of a column is within 5 % of its supplies. */
function atRails(flat: FlatCircuit, inputVolts: Float64Array): number {
  const { lowVolts, highVolts } = flat.technology.opamp!;
  const margin = 0.05 * (highVolts - lowVolts);
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const rows = inputVolts.length / flat.inputs.length;
  const state = solver.newState(rows);
  solver.solve(inputVolts, rows, state);
  let count = 0;
  for (let row = 0; row < rows; row += 1) {
    const beyond = flat.opamps.some(({ output }) => {
      const v = state[row * solver.size + output]!;
      return !(v > lowVolts + margin && v < highVolts - margin);
    });
    if (beyond) count += 1;
  }
  return count;
}

/** One line a network: accuracy, Σg, eigenvalues, copies, transients, rails, verdict. */
export function stabilityTable(rows: readonly StabilityRow[]): string {
  const title = new Map(VARIANTS.map((variant) => [variant.name, variant.title]));
  // trained without printed copies, and not meant to be printed
  const nominal = new Set(VARIANTS.filter(({ options }) => options.variation === 0).map(({ name }) => name));
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [
    line([
      'table',
      'variant',
      'accuracy',
      'printed',
      'Σg < 0',
      'least Σg/Σ\\|g\\|',
      'largest real part',
      'unstable copies',
      'transients elsewhere',
      'rows at rails',
      'ngspice from exact',
      'decisions that differ',
      'verdict',
    ]),
    '|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|',
    ...rows.map((row) =>
      line([
        row.dataset,
        title.get(row.variant) ?? row.variant,
        (100 * row.accuracy).toFixed(1),
        nominal.has(row.variant) ? '–' : (100 * row.underVariation).toFixed(1),
        `${row.negative} of ${row.columns}`,
        row.leastShare.toFixed(2),
        `${row.largestRealPart.toExponential(1)} /s`,
        `${row.unstableCopies} of ${row.copies}`,
        `${row.strayTransients} of ${row.transients}`,
        `${row.rowsAtRails} of ${row.rows}`,
        row.ngspiceErrorVolts === null ? 'none found' : `${shown(row.ngspiceErrorVolts)}`,
        row.differing === null ? '' : `${row.differing} of ${row.rows}`,
        row.verdict,
      ]),
    ),
  ].join('\n');
}

/** Volts in the unit that suits them. */
function shown(volts: number): string {
  return volts < 1e-3 ? `${Math.max(0.01, 1e6 * volts).toPrecision(1)} µV` : `${volts.toPrecision(2)} V`;
}

function stabilityCsv(rows: readonly StabilityRow[]): string {
  const keys = [
    'dataset',
    'variant',
    'accuracy',
    'underVariation',
    'columns',
    'negative',
    'leastShare',
    'verdict',
    'largestRealPart',
    'unstableCopies',
    'copies',
    'strayTransients',
    'transients',
    'rowsAtRails',
    'rows',
    'ngspiceErrorVolts',
    'differing',
    'differingMarginVolts',
  ] as const;
  return `${[keys.join(','), ...rows.map((row) => keys.map((key) => row[key]).join(','))].join('\n')}\n`;
}
