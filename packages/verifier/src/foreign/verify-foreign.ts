import {
  componentValues,
  ExactSolver,
  hasSeries,
  idealVoltages,
  type OutputScore,
  scoreOutputs,
  type Technology,
  toleranceVolts,
  variationOf,
} from '@neuroprint/circuit';
import {
  type Blame,
  type CaseTable,
  type Corner,
  type Dataset,
  InputFileError,
  type MonteCarlo,
  type NodeTable,
  type Promises,
  type RegressionReport,
  regressionOf,
  type SpecificationResult,
  type StabilityReport,
  summariseMargins,
  type TargetDataset,
  type TrainedNetwork,
  UsageError,
  type Variation,
  type VerificationReport,
} from '@neuroprint/core';
import { decisions, margins } from '@neuroprint/numeric';
import { type Engine, simulateFlat } from '@neuroprint/spice';
import { blame } from '../blame/blame.ts';
import { classReport } from '../class-report.ts';
import { compareDecisions, compareVoltages, type VoltageComparison } from '../compare.ts';
import { type MonteCarloOptions, monteCarlo } from '../copies/monte-carlo.ts';
import { corners } from '../corners.ts';
import { NoOperatingPointError } from '../exact-rows.ts';
import { defaultYieldAccuracy, promises } from '../promises.ts';
import {
  checkSpecification,
  checkSpecificationFits,
  limitsSet,
  type Specification,
  specificationNeeds,
} from '../specification.ts';
import { checkStability, watchedRow } from '../stability/stability.ts';
import { casesOf, type ForeignCases, readingOf } from './cases.ts';
import { type ForeignCircuit, type LeftOut, readForeignCircuit } from './circuit.ts';
import { type Judgement, judge, valuesOf } from './judge.ts';
import { type PortMap, readPortMap, type Tolerance } from './map.ts';
import { checkText, type TextCheck } from './text-check.ts';

export interface ForeignRequest {
  readonly netlist: string;
  readonly map: string;
  readonly technology: Technology;
  /** The network whose decisions the netlist should make. */
  readonly network?: TrainedNetwork | undefined;
  /** A table for the network: its test rows are the cases. */
  readonly data?: Dataset | TargetDataset | undefined;
  /** A table of input volts, and of expected volts by node, currents and labels where it has them. */
  readonly expected?: string | undefined;
  /** Its column of labels; default `label`. */
  readonly label?: string | undefined;
  /** In place of the map's and the specification's. */
  readonly tolerance?: Tolerance | undefined;
  /** Refuse what would be left out. */
  readonly strict?: boolean | undefined;
  readonly monteCarlo?: MonteCarloOptions | undefined;
  readonly variation?: number | Variation | undefined;
  readonly corners?: boolean | undefined;
  readonly blame?: boolean | undefined;
  readonly specification?: Specification | undefined;
  /** Another simulator, which gets the same rows. */
  readonly second?: Engine | undefined;
  readonly onProgress?: ((what: string, done: number, total: number) => void) | undefined;
}

/** What a netlist from elsewhere does. */
export interface ForeignReport extends Omit<VoltageComparison, 'nodeErrorVolts'> {
  readonly netlist: string;
  readonly simulator: { readonly name: string; readonly version: string };
  readonly secondSimulator?: {
    readonly name: Engine['name'];
    readonly version: string;
    readonly maxDifferenceVolts: number;
  };
  /** What drives beside the inputs, at which volts. */
  readonly supplies: readonly { readonly name: string; readonly node: string; readonly volts: number }[];
  readonly leftOut: readonly LeftOut[];
  /** The text itself in ngspice against the circuit as it was understood. */
  readonly text: TextCheck;
  /** The largest difference between two solvers that is not a fault. */
  readonly toleranceVolts: number;
  readonly cases: number;
  readonly nodes: number;
  readonly components: { readonly resistors: number; readonly transistors: number; readonly opamps: number };
  readonly watts: number;
  /** Absent with a single output, and where outputs are currents. */
  readonly marginVolts?: { readonly p5: number; readonly median: number };
  /** What the voltages are compared with. */
  readonly comparedWith: 'exact solver' | 'expected table';
  /** How the table's values were met, with its tolerance; absent where the table expects nothing. */
  readonly judgement?: Judgement;
  /** Outputs of every case, row-major [cases × outputs], in V or A as `outputs` says. */
  readonly outputs: readonly { readonly name: string; readonly unit: 'V' | 'A' }[];
  readonly outputValues: readonly (readonly number[])[];
  /** Between ngspice and the exact solver, which both simulate the circuit as it was understood. */
  readonly solverErrorVolts: number;
  readonly decisionAgreement: number | null;
  readonly ties: number;
  readonly stability: StabilityReport;
  readonly accuracy: {
    readonly network: number | null;
    readonly circuit: number | null;
    readonly ngspice: number | null;
  };
  readonly byClass?: NonNullable<VerificationReport['byClass']>;
  /** Errors and correlations, where the network predicts a target. */
  readonly regression?: Pick<RegressionReport, 'network' | 'circuit' | 'ngspice'>;
  readonly monteCarlo?: MonteCarlo;
  readonly corners?: readonly Corner[];
  readonly blame?: Omit<Blame, 'steps'>;
  readonly specification?: SpecificationResult;
  /** Beside the network, where there is one. */
  readonly promises?: Promises;
}

/** Of the copies that are looked at for stability where no variation is given. */
const SPREAD = 0.1;

/**
 * Simulates somebody else's netlist (parsed, expanded, and written again with names of our own) in ngspice and by the exact
 * solver, and the text itself beside it; compares its decisions with a network's or a table's labels, its voltages and currents with a table's.
 * Copies, corners and blame as for circuits of our own.
 */
export async function verifyForeign(request: ForeignRequest, engine: Engine): Promise<ForeignReport> {
  const { technology, network, specification } = request;
  const map = readPortMap(request.map, technology);
  const line = network && regressionOf(network);
  if (specification !== undefined)
    checkSpecificationFits(specification, line === undefined ? 'classification' : 'regression');
  const circuit = readForeignCircuit(request.netlist, map, technology);
  if (request.strict === true) checkNothingLeftOut(circuit.leftOut);
  const { flat } = circuit;
  const cases = casesOf(request, map, circuit);
  const readings = map.outputs.map(({ name }) => readingOf(name, map, circuit, { file: map.file }));
  request.onProgress?.('simulate', 0, 1);
  const simulated = await simulateFlat(engine, flat, cases.inputVolts);
  const exact = solve(circuit, cases);
  const solver = compareVoltages(simulated, exact.table);
  const text = await checkText(engine, circuit, map, cases, simulated, solver.maxErrorVolts);
  const outputs = valuesOf(circuit, simulated, cases, readings);
  const scored = network ?? { classes: map.outputs.map(({ name }) => name) };
  // a circuit that was calibrated has a line of its own
  const read = line === undefined || map.line === undefined ? scored : { ...scored, task: { ...line, ...map.line } };
  const score = (volts: Float64Array | undefined, by = read): OutputScore =>
    volts === undefined ? { accuracy: null } : scoreOutputs(by, volts, cases.labels);
  const promised = network && idealVoltages(network, cases.inputVolts, cases.rows, technology).outputs.at(-1)!;
  const solved = valuesOf(circuit, exact.table, cases, readings);
  const ofCircuit = score(solved);
  const byClass = classReport(scored, cases.labels, { network: promised, circuit: solved, ngspice: outputs });
  const [ofNetwork, ofNgspice] = [score(promised, scored), score(outputs)];
  const classes = readings.length;
  const isVolts = readings.every(({ unit }) => unit === 'V');
  const kept =
    promised !== undefined && classes > 1
      ? compareDecisions(
          decisions(outputs, classes),
          decisions(promised, classes),
          outputs,
          classes,
          isVolts ? 2 * solver.maxErrorVolts : 0,
        )
      : { agreement: null, ties: 0 };
  const judgement =
    cases.expected.length === 0
      ? undefined
      : judge(
          valuesOf(circuit, simulated, cases, cases.expected),
          cases,
          toleranceOf(request, map),
          toleranceVolts(technology),
        );
  const variation = request.variation ?? request.monteCarlo?.variation ?? network?.variation ?? SPREAD;
  const outputNodes = outputNodesOf(circuit, map);
  request.onProgress?.('stability', 0, 1);
  const stability = await checkStability(
    engine,
    flat,
    { inputVolts: cases.inputVolts, rows: cases.rows },
    outputNodes ?? flat.unknowns.slice(0, 1),
    variation,
  );
  const deeper = await lookDeeper(request, engine, circuit, cases, simulated, {
    outputs: outputNodes,
    variation,
    accuracy: ofNetwork.accuracy ?? ofCircuit.accuracy,
    stability,
    isRegression: line !== undefined,
  });
  const facts = {
    watts: exact.watts,
    ...(classes > 1 && isVolts ? { marginVolts: summariseMargins(margins(outputs, classes)) } : {}),
    ...voltagesOf(solver, judgement),
    accuracy: { network: ofNetwork.accuracy, circuit: ofCircuit.accuracy, ngspice: ofNgspice.accuracy },
    ...(byClass === undefined ? {} : { byClass }),
    decisionAgreement: kept.agreement,
    stability,
    ...(line === undefined
      ? {}
      : {
          regression: {
            network: ofNetwork.regression ?? null,
            circuit: ofCircuit.regression ?? null,
            ngspice: ofNgspice.regression ?? null,
          },
        }),
    ...deeper,
  };
  return {
    netlist: request.netlist,
    simulator: { name: engine.name, version: engine.version },
    ...(request.second === undefined
      ? {}
      : { secondSimulator: await inSecond(request.second, circuit, cases, simulated) }),
    supplies: map.supplies.map(({ name, node, volts }) => ({ name, node, volts })),
    leftOut: circuit.leftOut,
    text,
    toleranceVolts: toleranceVolts(technology),
    cases: cases.rows,
    nodes: flat.unknowns.length,
    components: {
      resistors: flat.resistors.length,
      transistors: flat.transistors.length,
      opamps: flat.opamps.length,
    },
    ...facts,
    ...(judgement === undefined ? {} : { judgement }),
    outputs: readings.map(({ name, unit }) => ({ name, unit })),
    outputValues: Array.from({ length: cases.rows }, (_, row) => [
      ...outputs.subarray(row * classes, (row + 1) * classes),
    ]),
    solverErrorVolts: solver.maxErrorVolts,
    ties: kept.ties,
    ...(specification === undefined ? {} : { specification: checkSpecification(specification, facts) }),
    ...(network === undefined
      ? {}
      : {
          promises: promises(
            { cases: cases.rows, ...facts },
            limitsSet(specification, request.monteCarlo?.yieldAccuracy !== undefined),
          ),
        }),
  };
}

function checkNothingLeftOut([first, ...more]: readonly LeftOut[]): void {
  if (first === undefined) return;
  throw new InputFileError(
    { file: first.file, row: first.line },
    `${first.text} would be left out${more.length === 0 ? '' : `, and ${more.length} more`}`,
    'Without --strict what says nothing at rest is left out, and listed.',
  );
}

function toleranceOf({ tolerance, specification }: ForeignRequest, map: PortMap): Tolerance | undefined {
  const { absolute, relative } = { ...map.tolerance, ...definedOf(specification?.tolerance), ...definedOf(tolerance) };
  return absolute === undefined && relative === undefined ? undefined : { absolute, relative };
}

function definedOf(tolerance: Tolerance | undefined): Tolerance {
  return Object.fromEntries(Object.entries(tolerance ?? {}).filter(([, value]) => value !== undefined));
}

function voltagesOf(solver: ReturnType<typeof compareVoltages>, judgement: Judgement | undefined) {
  if (judgement === undefined) {
    const { maxErrorVolts, p99ErrorVolts, worst } = solver;
    return { comparedWith: 'exact solver' as const, maxErrorVolts, p99ErrorVolts, worst };
  }
  const { maxErrorVolts, p99ErrorVolts, worst } = judgement;
  return {
    comparedWith: 'expected table' as const,
    maxErrorVolts,
    p99ErrorVolts,
    worst: { case: worst.case, node: worst.node, expectedVolts: worst.expected, simulatedVolts: worst.simulated },
  };
}

/** The nodes of the outputs as `flat` names them; undefined where one is a current. */
function outputNodesOf({ flat, node }: ForeignCircuit, map: PortMap): string[] | undefined {
  const nodes = map.outputs.flatMap((output) =>
    output.node === undefined ? [] : [flat.unknowns[node(output.node)!]!],
  );
  return nodes.length === map.outputs.length ? nodes : undefined;
}

interface Known {
  readonly outputs: readonly string[] | undefined;
  readonly variation: number | Variation;
  /** Of the network, or of the circuit where none is given. */
  readonly accuracy: number | null;
  readonly stability: StabilityReport;
  readonly isRegression: boolean;
}

/** Copies, corners and blame, as far as they are asked for. */
async function lookDeeper(
  request: ForeignRequest,
  engine: Engine,
  circuit: ForeignCircuit,
  { inputVolts, rows, labels }: ForeignCases,
  simulated: NodeTable,
  { outputs, variation, accuracy, stability, isRegression }: Known,
): Promise<Pick<ForeignReport, 'monteCarlo' | 'corners' | 'blame'>> {
  const { technology, specification, onProgress } = request;
  const wants = (option: '--corners' | '--blame', asked: boolean | undefined): boolean =>
    asked === true || (specification !== undefined && specificationNeeds(specification, option));
  const [wantsCorners, wantsBlame] = [wants('--corners', request.corners), wants('--blame', request.blame)];
  if (!wantsCorners && !wantsBlame && request.monteCarlo === undefined) return {};
  const refuse = (message: string, hint: string): never => {
    throw new UsageError(message, hint);
  };
  if (outputs === undefined)
    return refuse(
      '--monte-carlo, --corners and --blame read voltages, and an output is a current.',
      'Put a resistor where the current is read, and map its node.',
    );
  if (isRegression || outputs.length < 2)
    refuse(
      '--monte-carlo, --corners and --blame of a netlist from elsewhere speak of decisions.',
      'Map an output for every class.',
    );
  if (hasSeries(variationOf(variation)))
    refuse(
      'This non-ideality lies in series with stages, and a netlist from elsewhere has none.',
      'Take one of the components.',
    );
  const { flat } = circuit;
  const subject = { inputs: flat.inputs, outputs, flat };
  const cases: CaseTable = {
    rows,
    inputVolts,
    nodes: simulated.nodes,
    volts: simulated.volts,
    labels,
    sourceRows: Int32Array.from({ length: rows }, (_, i) => i + 1),
  };
  const limit =
    request.monteCarlo?.yieldAccuracy ?? specification?.yieldAccuracy ?? defaultYieldAccuracy(accuracy ?? 1);
  return {
    ...(request.monteCarlo === undefined
      ? {}
      : {
          monteCarlo: await monteCarlo(
            engine,
            subject,
            technology,
            cases,
            { ...request.monteCarlo, yieldAccuracy: limit, watched: watchedRow(stability) },
            onProgress,
          ),
        }),
    ...(wantsCorners
      ? { corners: await corners(engine, subject, technology, cases, limit, { all: true }, onProgress) }
      : {}),
    ...(wantsBlame ? { blame: await blame(engine, subject, technology, cases, outputs, variation) } : {}),
  };
}

async function inSecond(engine: Engine, { flat }: ForeignCircuit, cases: ForeignCases, first: NodeTable) {
  const simulated = await simulateFlat(engine, flat, cases.inputVolts);
  const { maxErrorVolts } = compareVoltages(simulated, first);
  return { name: engine.name, version: engine.version, maxDifferenceVolts: maxErrorVolts };
}

function solve({ flat }: ForeignCircuit, cases: ForeignCases) {
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const volts = solver.newState(cases.rows);
  let watts = 0;
  for (let row = 0; row < cases.rows; row += 1) {
    if (row > 0) volts.copyWithin(row * solver.size, (row - 1) * solver.size, row * solver.size);
    if (!solver.solveRow(cases.inputVolts, row, volts))
      throw new NoOperatingPointError(`The exact solver found no operating point for row ${row}.`);
    watts += solver.power() / cases.rows;
  }
  return { watts, table: { nodes: flat.unknowns, rows: cases.rows, volts } };
}
