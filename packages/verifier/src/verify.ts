import { join } from 'node:path';
import {
  componentValues,
  type FlatCircuit,
  idealVoltages,
  scoreOutputs,
  type Technology,
  toleranceVolts,
  withoutFaults,
} from '@neuroprint/circuit';
import {
  type CaseTable,
  type Dataset,
  Draws,
  type FaultFacts,
  type LayoutCheck,
  meanAndStd,
  type NodeTable,
  parseCaseTable,
  readTextFile,
  regressionOf,
  selectVolts,
  summariseMargins,
  type TargetDataset,
  toVoltageRows,
  UsageError,
  type Variation,
  type VerificationReport,
} from '@neuroprint/core';
import { decisions, margins } from '@neuroprint/numeric';
import { type Engine, parseNetlist, simulateRows } from '@neuroprint/spice';
import { ageing } from './ageing.ts';
import { blame } from './blame/blame.ts';
import { stepsToPrint } from './blame/steps.ts';
import { classReport } from './class-report.ts';
import { compareDecisions, compareVoltages, rmsDifference } from './compare.ts';
import { errorMonteCarlo, type MonteCarloOptions, monteCarlo } from './copies/monte-carlo.ts';
import { corners } from './corners.ts';
import { ExactRows } from './exact-rows.ts';
import { type NetlistFolder, netlistName } from './folder.ts';
import { checkLaidOut, laidOutRung, type Metal, withLines } from './laid-out.ts';
import { type ExtractedCircuit, extractCircuit } from './lvs/extract.ts';
import { checkNothingFloats } from './lvs/floating.ts';
import { lvs } from './lvs/lvs.ts';
import { modelAgreement, modelDecisions, modelDistance, tableOfCases } from './model-agreement.ts';
import { defaultYieldAccuracy, defaultYieldRmse, promises } from './promises.ts';
import { errorRung, variationRung } from './rungs.ts';
import {
  checkSpecification,
  checkSpecificationFits,
  limitsSet,
  type Specification,
  specificationNeeds,
} from './specification.ts';
import { checkStability, watchedRow } from './stability/stability.ts';
import { printedSubject } from './subject.ts';
import { printedParts, takenOf } from './taken.ts';
import { verifiedHashes } from './verified-files.ts';

export interface VerifyOptions {
  /** Test rows of this table instead of the cases of expected.csv; what is expected then comes from the exact solver. */
  readonly data?: Dataset | TargetDataset;
  readonly monteCarlo?: MonteCarloOptions;
  /** Accuracy against supply, drift, threshold and source resistance. */
  readonly corners?: boolean;
  /** Accuracy between two temperatures, in degrees Celsius. */
  readonly celsius?: readonly [number, number];
  /** Days after which printed copies are judged, their resistors grown. */
  readonly age?: {
    readonly days: readonly number[];
    readonly copies: Pick<MonteCarloOptions, 'draws' | 'seed' | 'workers' | 'yieldAccuracy'>;
  };
  /** Sensitivity of every decision to every component, and the worst corner. */
  readonly blame?: boolean;
  /** What blame and stability assume; default: the Monte Carlo's variation, or the one of training. */
  readonly variation?: number | Variation;
  readonly specification?: Specification;
  /** Capacitance of every node for stability and settling, where it is not the technology's; assumed. */
  readonly nodeFarads?: number;
  /** Rows simulated again from a cold start; default 8. */
  readonly coldRows?: number;
  /** Compares the layout beside the netlist with its text; who calls does it, because what draws and reads layouts is no part of this package. */
  readonly layout?: () => { readonly check: LayoutCheck; readonly metal?: Metal } | undefined;
  /** What was found of the faults of this very netlist before. */
  readonly faults?: FaultFacts | undefined;
  /** Another simulator, which gets the same rows. */
  readonly second?: Engine;
  readonly onProgress?: (what: string, done: number, total: number) => void;
}

export interface VerifyResult {
  readonly report: Omit<VerificationReport, 'kind' | 'version' | 'checksum'>;
  /** What was compared: the same cases, expected and simulated. */
  readonly expected: CaseTable;
  readonly simulated: CaseTable;
}

const COLD_ROWS = 8;

/**
 * Simulates the text of a netlist (parsed, and rendered again) on every case in one run of the simulator, and compares every node
 * with what the exact solver promised, and the decisions with those of the trained network, or in regression the predictions with the
 * targets. A sample of rows is simulated once more from a cold start.
 */
export async function verify(
  netlist: NetlistFolder,
  technology: Technology,
  engine: Engine,
  options: VerifyOptions = {},
): Promise<VerifyResult> {
  const { circuit, network, manifest } = netlist;
  const { onProgress } = options;
  const line = regressionOf(circuit);
  if (options.specification !== undefined)
    checkSpecificationFits(options.specification, line === undefined ? 'classification' : 'regression');
  const wants = (option: '--corners' | '--blame', asked: boolean | undefined): boolean =>
    asked === true || (options.specification !== undefined && specificationNeeds(options.specification, option));
  const [wantsCorners, wantsBlame] = [wants('--corners', options.corners), wants('--blame', options.blame)];
  const { age } = options;
  if (line !== undefined && (wantsCorners || wantsBlame || age !== undefined || options.celsius !== undefined))
    throw new UsageError(
      `${wantsCorners ? '--corners' : wantsBlame ? '--blame' : age !== undefined ? '--age' : '--temperature'} speaks of decisions, and ${netlistName(netlist)} predicts ${line.target}.`,
      'Leave it out for regression networks; --monte-carlo shows what variation does to the error.',
    );
  const printed = extractCircuit(parseNetlist(netlist.netlistText, netlist.netlistFile), circuit, technology);
  checkNothingFloats(netlist.netlistFile, printed, technology);
  const expected = expectedOf(netlist, technology, options.data);
  const { labels } = expected;
  const classes = circuit.classes.length;
  onProgress?.('simulate', 0, 1);
  const simulated = await simulateRows(engine, printed, technology, expected.inputVolts);
  const voltages = compareVoltages(simulated, expected);
  const text = solveText(printed, technology, expected);
  const outputs = selectVolts(simulated, circuit.outputs);
  const fast = idealVoltages(network, expected.inputVolts, expected.rows, technology).outputs.at(-1)!;
  const kept =
    line === undefined
      ? compareDecisions(
          decisions(outputs, classes),
          decisions(fast, classes),
          outputs,
          classes,
          2 * voltages.maxErrorVolts,
        )
      : { agreement: null, ties: 0 };
  const promised = selectVolts(expected, circuit.outputs);
  const byClass = classReport(circuit, labels, { network: fast, circuit: promised, ngspice: outputs });
  const scores = {
    // each is read by its own line
    network: scoreOutputs(network, fast, labels),
    circuit: scoreOutputs(circuit, promised, labels),
    ngspice: scoreOutputs(circuit, outputs, labels),
  };
  const table = options.data === undefined ? tableOfCases(manifest, network) : options.data.sha256;
  const decided = line === undefined ? modelDecisions(network, expected, table) : undefined;
  const coldStart = await coldSample(engine, printed, technology, expected, simulated, options.coldRows ?? COLD_ROWS);

  const cases: CaseTable = { ...expected, nodes: simulated.nodes, volts: simulated.volts };
  const variation = options.variation ?? options.monteCarlo?.variation ?? withoutFaults(network.variation);
  const asPrinted = printedSubject(printed, technology, variation);
  const flat = 'flat' in asPrinted ? asPrinted.flat : text.flat;
  const inTime = options.nodeFarads === undefined ? flat : withNodeFarads(flat, options.nodeFarads);
  onProgress?.('stability', 0, 1);
  const stability = await checkStability(engine, inTime, expected, circuit.outputs, variation);
  // a copy is good by what the network promised, also where the circuit is not
  const limit = options.monteCarlo?.yieldAccuracy ?? defaultYieldAccuracy(scores.network.accuracy ?? 1);
  const limitRmse = options.monteCarlo?.yieldRmse ?? defaultYieldRmse(scores.network.regression?.rmse ?? 0);
  const copies = options.monteCarlo && {
    ...options.monteCarlo,
    ...(line === undefined ? { yieldAccuracy: limit } : { yieldRmse: limitRmse }),
    watched: watchedRow(stability),
    ...(decided && { model: decided }),
  };
  const spread =
    line === undefined && copies !== undefined
      ? await monteCarlo(engine, printed, technology, cases, copies, onProgress)
      : undefined;
  const errors =
    line !== undefined && copies !== undefined
      ? await errorMonteCarlo(engine, printed, technology, cases, line, copies, onProgress)
      : undefined;
  const movedBy = { all: wantsCorners, celsius: options.celsius };
  const moved =
    wantsCorners || options.celsius !== undefined
      ? await corners(engine, printed, technology, cases, limit, movedBy, onProgress)
      : undefined;
  const { yieldAccuracy: limitAccuracy = limit, ...agedCopies } = age?.copies ?? { draws: 0, seed: 0 };
  const asked = age && { days: age.days, copies: agedCopies, limitAccuracy };
  const aged = asked && (await ageing(engine, printed, technology, cases, variation, asked, onProgress));
  const blamed = wantsBlame
    ? {
        ...(await blame(engine, printed, technology, cases, circuit.classes, variation)),
        steps: stepsToPrint({
          network,
          technology,
          ladder: options.data === undefined ? manifest.ladder : undefined,
          expected,
          simulated: cases,
          outputs: circuit.outputs,
          meanAccuracy: spread?.meanAccuracy,
        }),
      }
    : undefined;
  const alike = modelAgreement(
    network,
    decided,
    {
      network: decisions(fast, classes),
      circuit: decisions(selectVolts(expected, circuit.outputs), classes),
      ngspice: decisions(outputs, classes),
    },
    spread?.asModel,
  );
  const distance = modelDistance(network, line, expected, table, {
    network: fast,
    circuit: promised,
    ngspice: outputs,
  });
  const facts = {
    ...voltages,
    decisionAgreement: kept.agreement,
    accuracy: { network: scores.network.accuracy, circuit: scores.circuit.accuracy, ngspice: scores.ngspice.accuracy },
    ...(byClass === undefined ? {} : { byClass }),
    ...(line === undefined
      ? {}
      : {
          regression: {
            target: line.target,
            interceptUnits: line.interceptUnits,
            unitsPerVolt: line.unitsPerVolt,
            network: scores.network.regression ?? null,
            circuit: scores.circuit.regression ?? null,
            ngspice: scores.ngspice.regression ?? null,
            ...(errors === undefined ? {} : { monteCarlo: errors }),
          },
        }),
    watts: text.watts,
    ...(simulated.watts && { simulatedWatts: meanAndStd(simulated.watts).mean }),
    ...printedParts(printed, technology),
    areaSquareMetres: channelArea(text.flat),
    ...(line === undefined ? { marginVolts: summariseMargins(margins(outputs, classes)) } : {}),
    stability,
    ...(spread === undefined ? {} : { monteCarlo: spread }),
    ...(alike === undefined ? {} : { modelAgreement: alike }),
    ...(distance === undefined ? {} : { modelDistance: distance }),
    ...(moved === undefined ? {} : { corners: moved }),
    ...(aged === undefined ? {} : { ageing: aged }),
    ...(blamed === undefined ? {} : { blame: blamed }),
    ...(options.faults === undefined ? {} : { faults: options.faults }),
  };
  const ladder =
    options.data === undefined
      ? [
          ...manifest.ladder,
          {
            step: 'ngspice',
            accuracy: facts.accuracy.ngspice,
            underVariation: spread === undefined ? null : variationRung(spread),
            ...errorRung(scores.ngspice.regression, errors),
            rmsVoltsFromNetwork: rmsDifference(outputs, fast),
            decisionAgreement: line === undefined ? (kept.agreement ?? 0) : null,
            resistors: text.flat.resistors.length,
            transistors: text.flat.transistors.length,
            watts: text.watts,
          },
        ]
      : undefined;
  onProgress?.('layout', 0, 1);
  const layout = options.layout?.();
  const atHand = { ...expected, simulated, promised: fast };
  const laidOut =
    layout?.metal &&
    (await checkLaidOut(engine, layout.metal(text.flat), circuit, atHand, {
      onProgress: (done, total) => onProgress?.('layout', done, total),
    }));
  if (laidOut !== undefined) ladder?.push(laidOutRung(laidOut, ladder.at(-1)!));
  return {
    report: {
      netlist: netlistName(netlist),
      simulator: { name: engine.name, version: engine.version },
      cases: expected.rows,
      nodes: expected.nodes.length,
      toleranceVolts: toleranceVolts(technology),
      ...facts,
      solverErrorVolts: compareVoltages(simulated, text.volts).maxErrorVolts,
      netlistDifferences: lvs(netlist, technology).differences.slice(),
      ties: kept.ties,
      promises: promises(
        withLines({ cases: expected.rows, ...facts, budget: network.budget, taken: takenOf(facts) }, laidOut),
        limitsSet(options.specification, isYieldChosen(options)),
      ),
      coldStart,
      ...(ladder === undefined ? {} : { ladder }),
      ...(layout === undefined ? {} : { layout: layout.check }),
      ...(laidOut === undefined ? {} : { laidOut }),
      ...(options.second === undefined
        ? {}
        : { secondSimulator: await inSecond(options.second, printed, technology, expected, simulated) }),
      ...(options.specification === undefined
        ? {}
        : { specification: checkSpecification(options.specification, facts) }),
      inputHashes: {
        ...Object.fromEntries(Object.entries(manifest.files).filter(([name]) => name !== 'netlist.cir')),
        ...verifiedHashes(netlist),
        ...(options.data === undefined ? {} : { [`${options.data.name}.csv`]: options.data.sha256 }),
      },
    },
    expected,
    simulated: cases,
  };
}

function isYieldChosen({ monteCarlo: copies }: VerifyOptions): boolean {
  return copies?.yieldAccuracy !== undefined || copies?.yieldRmse !== undefined;
}

/** The same rows in another simulator, compared with the first. */
async function inSecond(
  engine: Engine,
  circuit: ExtractedCircuit,
  technology: Technology,
  cases: CaseTable,
  first: NodeTable,
): Promise<NonNullable<VerificationReport['secondSimulator']>> {
  const simulated = await simulateRows(engine, circuit, technology, cases.inputVolts);
  const { maxErrorVolts } = compareVoltages(simulated, first);
  return { name: engine.name, version: engine.version, maxDifferenceVolts: maxErrorVolts };
}

function expectedOf(
  netlist: NetlistFolder,
  technology: Technology,
  data: Dataset | TargetDataset | undefined,
): CaseTable {
  const { circuit, network, folder } = netlist;
  if (data === undefined) {
    const file = join(folder, 'expected.csv');
    return parseCaseTable(file, readTextFile(file), circuit);
  }
  const { volts, labels, sourceRows } = toVoltageRows(data, network.inputs, network.classes, 'test');
  const rows = new ExactRows(circuit, technology, { inputVolts: volts, rows: labels.length });
  const solved = rows.at(componentValues(rows.solver.flat));
  return {
    ...solved,
    inputVolts: volts,
    labels,
    sourceRows: sourceRows.map((row) => row + 1),
  };
}

/** The text's own circuit by the exact solver: every voltage, and the mean power. */
function solveText(printed: ExtractedCircuit, technology: Technology, cases: CaseTable) {
  const rows = new ExactRows(printed, technology, cases);
  const { flat } = rows.solver;
  let watts = 0;
  const volts = rows.at(componentValues(flat), (solver) => {
    watts += solver.power() / cases.rows;
  });
  return { flat, volts, watts };
}

function withNodeFarads(flat: FlatCircuit, nodeFarads: number): FlatCircuit {
  const { technology } = flat;
  return { ...flat, technology: { ...technology, nodeFarads, assumed: [...technology.assumed, 'nodeFarads'] } };
}

function channelArea(flat: FlatCircuit): number {
  return flat.transistors.reduce(
    (sum, { width, length }) => sum + flat.components[width]!.value * flat.components[length]!.value,
    0,
  );
}

/** A random sample of the rows, the same every time, each in a run of its own: a warm start could hide a second state. */
async function coldSample(
  engine: Engine,
  circuit: ExtractedCircuit,
  technology: Technology,
  cases: CaseTable,
  simulated: NodeTable,
  count: number,
): Promise<VerificationReport['coldStart']> {
  const sample = new Draws(0, 'cold rows').permutation(0, cases.rows).subarray(0, count);
  const rowOf = (table: Float64Array, width: number, row: number) => table.subarray(row * width, (row + 1) * width);
  let maxDifferenceVolts = 0;
  for (const row of sample) {
    const inputs = rowOf(cases.inputVolts, circuit.inputs.length, row);
    const cold = await simulateRows(engine, circuit, technology, inputs);
    const volts = rowOf(simulated.volts, simulated.nodes.length, row);
    const compared = compareVoltages(cold, { nodes: simulated.nodes, rows: 1, volts });
    maxDifferenceVolts = Math.max(maxDifferenceVolts, compared.maxErrorVolts);
  }
  return { rows: sample.length, maxDifferenceVolts };
}
