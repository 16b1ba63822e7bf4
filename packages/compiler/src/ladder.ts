import {
  accuracy,
  BatchSolver,
  componentValues,
  decisions,
  drawSeries,
  ExactSolver,
  flatten,
  hasSeries,
  idealVoltages,
  scoreOutputs,
  type Technology,
  unloadedVoltages,
  variationOf,
  variedValues,
} from '@neuroprint/circuit';
import {
  type Circuit,
  Draws,
  type ErrorSpread,
  type Labels,
  type Rung,
  regressionOf,
  summariseCopies,
  summariseErrors,
  type TargetScore,
  type TrainedNetwork,
  type Variation,
} from '@neuroprint/core';

/** What every rung is measured on: the cases, their labels where there are any, and the copies that are printed of it. */
export interface LadderContext {
  readonly network: TrainedNetwork;
  readonly technology: Technology;
  readonly volts: Float64Array;
  readonly labels: Labels | undefined;
  readonly variation: number | Variation;
  readonly draws: number;
  readonly seed: number;
}

/** Nominal node voltages of a circuit: row-major [rows × nodes]. */
export interface Solution {
  readonly nodes: readonly string[];
  readonly volts: Float64Array;
  readonly outputs: Float64Array;
  readonly meanWatts: number;
}

/** Solves every row of a circuit exactly. Throws where a row has no operating point: then it must not be printed. */
export function solveCircuit(circuit: Circuit, technology: Technology, inputVolts: Float64Array): Solution {
  const flat = flatten(circuit, technology);
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const rows = inputVolts.length / circuit.inputs.length;
  const volts = solver.newState(rows);
  let watts = 0;
  for (let row = 0; row < rows; row += 1) {
    if (!solver.solveRow(inputVolts, row, volts))
      throw new Error(`the exact solver found no operating point for row ${row} of ${circuit.name}`);
    watts += solver.power();
  }
  return { nodes: flat.unknowns, volts, outputs: outputsOf(circuit, flat.unknowns, volts), meanWatts: watts / rows };
}

function outputsOf(circuit: Circuit, nodes: readonly string[], volts: Float64Array): Float64Array {
  const at = circuit.outputs.map((node) => nodes.indexOf(node));
  const out = new Float64Array((volts.length / nodes.length) * at.length);
  for (let i = 0; i < out.length; i += 1)
    out[i] = volts[Math.floor(i / at.length) * nodes.length + at[i % at.length]!]!;
  return out;
}

/** The rung of the trained network itself, the promise that the others are measured against. */
export function networkRung(context: LadderContext): Rung {
  const { network, labels } = context;
  const { accuracy: right, regression } = scoreOutputs(network, promised(context), labels);
  return {
    step: 'network',
    accuracy: right,
    ...spread(regression, network.regressionMetrics?.underVariation ?? network.metrics?.underVariation ?? null),
    rmsVoltsFromNetwork: 0,
    decisionAgreement: regressionOf(network) === undefined ? 1 : null,
    resistors: 0,
    transistors: 0,
    watts: null,
  };
}

function promised({ network, volts, technology }: LadderContext): Float64Array {
  return idealVoltages(network, volts, volts.length / network.inputs.length, technology).outputs.at(-1)!;
}

/**
 * The rung of ideal crossbars and stages that load nothing, every stage with the exact curve of its own values: what differs from the network
 * is the surrogate's doing. `circuit` says what it is made of.
 */
export function idealRung(step: string, context: LadderContext, circuit: Circuit): Rung {
  const { network, technology, volts } = context;
  const outputs = unloadedVoltages(network, technology, volts, volts.length / network.inputs.length);
  const { regression, ...compared } = compare(step, outputs, context);
  return { ...compared, ...counts(circuit, technology), ...spread(regression, null), watts: null };
}

/** The rung of a circuit: the exact solver's voltages on all cases, and, where asked for and labels are known, on printed copies. */
export function circuitRung(step: string, circuit: Circuit, context: LadderContext, underVariation: boolean): Rung {
  const { technology, volts, labels } = context;
  const { outputs, meanWatts } = solveCircuit(circuit, technology, volts);
  const { regression, ...compared } = compare(step, outputs, context);
  const varied =
    labels === undefined || !underVariation ? null : scoreUnderVariation(circuit, technology, volts, labels, context);
  return { ...compared, ...counts(circuit, technology), ...spread(regression, varied), watts: meanWatts };
}

/** What printed copies come to, where a rung has it: of accuracies, or beside the error of a regression network. */
function spread(
  regression: TargetScore | undefined,
  varied: NonNullable<Rung['underVariation']> | ErrorSpread | null,
): Pick<Rung, 'underVariation' | 'regression'> {
  if (regression === undefined) return { underVariation: varied };
  return { underVariation: null, regression: { ...regression, underVariation: varied as ErrorSpread | null } };
}

/** How some outputs differ from the network's. */
function compare(step: string, outputs: Float64Array, context: LadderContext) {
  const { network, labels } = context;
  const promise = promised(context);
  const classes = network.classes.length;
  return {
    step,
    ...scoreOutputs(network, outputs, labels),
    rmsVoltsFromNetwork: Math.sqrt(promise.reduce((sum, v, i) => sum + (outputs[i]! - v) ** 2, 0) / promise.length),
    decisionAgreement:
      regressionOf(network) === undefined ? accuracy(decisions(outputs, classes), decisions(promise, classes)) : null,
  };
}

function counts(circuit: Circuit, technology: Technology) {
  const { resistors, transistors } = flatten(circuit, technology);
  return { resistors: resistors.length, transistors: transistors.length };
}

/** Accuracy, or in regression error, of printed copies: every component varied, every case solved exactly. */
function scoreUnderVariation(
  circuit: Circuit,
  technology: Technology,
  inputVolts: Float64Array,
  labels: Labels,
  options: { readonly variation: number | Variation; readonly draws: number; readonly seed: number },
): NonNullable<Rung['underVariation']> | ErrorSpread {
  const flat = flatten(circuit, technology, { series: hasSeries(options.variation) });
  const solver = new BatchSolver(flat);
  const nominal = componentValues(flat);
  const values = nominal.slice();
  const draws = new Draws(options.seed, 'accuracy under variation');
  solver.setValues(nominal);
  const start = solver.newState(labels.length);
  solver.solve(inputVolts, labels.length, start);
  const scores = Float64Array.from({ length: options.draws }, (_, copy) => {
    variedValues(flat, nominal, draws, copy, options.variation, values);
    solver.setValues(values);
    solver.setSeries(drawSeries(flat.sources.length, draws, copy, options.variation));
    // a row without an operating point is NaN volts: it is decided wrongly, and nothing can be read from it
    const state = start.slice();
    const [failed] = solver.solve(inputVolts, labels.length, state);
    const { accuracy: right, regression } = scoreOutputs(circuit, outputsOf(circuit, flat.unknowns, state), labels);
    if (regression !== undefined && failed !== undefined)
      throw new Error(`the exact solver found no operating point for row ${failed} of copy ${copy} of ${circuit.name}`);
    return regression?.rmse ?? right!;
  });
  const summarise = regressionOf(circuit) === undefined ? summariseCopies : summariseErrors;
  return summarise(scores, variationOf(options.variation));
}
