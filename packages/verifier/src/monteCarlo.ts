import {
  accuracy,
  componentValues,
  decisions,
  ExactSolver,
  flatten,
  type Technology,
  variedValues,
} from '@neuroprint/circuit';
import { type CaseTable, type Device, Draws, type MonteCarlo, UsageError } from '@neuroprint/core';
import { type Engine, simulateVariants } from '@neuroprint/spice';
import { compareDecisions, compareVoltages, type NodeTable, select, wilsonInterval } from './compare.ts';
import type { ExtractedCircuit } from './extract.ts';

export interface MonteCarloOptions {
  readonly draws: number;
  readonly relativeSpread: number;
  readonly seed: number;
  /** A printed copy counts as good from this accuracy on; default: 5 points below the nominal circuit's. */
  readonly yieldAccuracy?: number;
}

const YIELD_ALLOWANCE = 0.05;

/**
 * Prints copies of a circuit with every component varied, and solves each twice: by the exact solver and by ngspice, the same
 * values in both, every node of every case compared.
 */
export async function monteCarlo(
  engine: Engine,
  circuit: ExtractedCircuit,
  technology: Technology,
  cases: CaseTable,
  outputs: readonly string[],
  options: MonteCarloOptions,
  onProgress?: (what: string, done: number, total: number) => void,
): Promise<MonteCarlo> {
  const { labels } = cases;
  if (labels === undefined)
    throw new UsageError('Monte Carlo needs labels, and these cases have none.', 'Compile or verify with --data.');
  const flat = flatten(circuit, technology);
  const solver = new ExactSolver(flat);
  const nominal = componentValues(flat);
  const classes = outputs.length;
  const draws = new Draws(options.seed, 'monte carlo');
  const copies = Array.from({ length: options.draws }, (_, copy) => {
    const values = nominal.slice();
    variedValues(flat, nominal, draws, copy, options.relativeSpread, values);
    return values;
  });
  const nominalAccuracy = accuracy(decisions(select(cases, outputs), classes), labels);
  const yieldAccuracy = options.yieldAccuracy ?? Math.max(0, nominalAccuracy - YIELD_ALLOWANCE);
  const accuracies: number[] = [];
  let maxErrorVolts = 0;
  let decisionsDiffering = 0;
  const state = solver.newState(cases.rows);
  const variants = copies.map((values) => withValues(circuit, flat.components, values));
  for await (const simulated of simulateVariants(engine, circuit, technology, cases.inputVolts, variants)) {
    const copy = accuracies.length;
    solver.setValues(copies[copy]!);
    solver.solve(cases.inputVolts, cases.rows, state);
    const exact: NodeTable = { nodes: flat.unknowns, rows: cases.rows, volts: state };
    const voltages = compareVoltages(simulated, exact);
    maxErrorVolts = Math.max(maxErrorVolts, voltages.maxErrorVolts);
    const outputVolts = select(simulated, outputs);
    const decided = decisions(outputVolts, classes);
    const byExact = decisions(select(exact, outputs), classes);
    decisionsDiffering += compareDecisions(
      decided,
      byExact,
      outputVolts,
      classes,
      2 * voltages.maxErrorVolts,
    ).differing;
    accuracies.push(accuracy(decided, labels));
    onProgress?.('monte carlo', accuracies.length, options.draws);
  }
  const mean = accuracies.reduce((sum, a) => sum + a, 0) / accuracies.length;
  const variance = accuracies.reduce((sum, a) => sum + (a - mean) ** 2, 0) / Math.max(1, accuracies.length - 1);
  const good = accuracies.filter((a) => a >= yieldAccuracy - 1e-12).length;
  return {
    draws: options.draws,
    relativeSpread: options.relativeSpread,
    seed: options.seed,
    meanAccuracy: mean,
    stdAccuracy: Math.sqrt(variance),
    yieldAccuracy,
    yield: good / accuracies.length,
    yieldInterval: wilsonInterval(good, accuracies.length),
    maxErrorVolts,
    decisionsDiffering,
  };
}

/** The circuit with other component values. */
function withValues(
  circuit: ExtractedCircuit,
  components: readonly { readonly device: string; readonly parameter: string }[],
  values: Float64Array,
): ExtractedCircuit {
  const byDevice = new Map<string, Record<string, number>>();
  components.forEach(({ device, parameter }, k) => {
    byDevice.set(device, { ...byDevice.get(device), [parameter]: values[k]! });
  });
  const vary = (device: Device): Device => {
    const own = byDevice.get(device.name)!;
    return device.kind === 'resistor' ? { ...device, ohms: own.ohms! } : { ...device, values: own };
  };
  return { ...circuit, devices: circuit.devices.map(vary) };
}
