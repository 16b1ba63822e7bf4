import { scoreOutputs, type Technology, variationOf } from '@neuroprint/circuit';
import {
  type CaseTable,
  Draws,
  describeVariation,
  type ErrorMonteCarlo,
  type MonteCarlo,
  meanAndStd,
  quantile,
  type Regression,
  selectVolts,
  summariseCopies,
  summariseErrors,
  UsageError,
  type Variation,
} from '@neuroprint/core';
import { accuracy, decisions } from '@neuroprint/numeric';
import type { Engine } from '@neuroprint/spice';
import { compareDecisions, compareVoltages, wilsonInterval } from '../compare.ts';
import { defaultYieldAccuracy, defaultYieldRmse } from '../promises.ts';
import { printedSubject, type Subject, simulateSubjects, withValues } from '../subject.ts';
import { CopySolver, type CopyTask } from './copies.ts';
import { countGood, judgeCopies } from './copy-pool.ts';
import { histogramOf } from './histogram.ts';

export interface MonteCarloOptions {
  readonly draws: number;
  /** How copies differ: independent uniform factors 1 ± s, or a model. */
  readonly variation: number | Variation;
  readonly seed: number;
  /** A printed copy counts as good from this accuracy on; default: 5 points below the nominal circuit's, where its network is not known. */
  readonly yieldAccuracy?: number;
  /** In regression: up to this root mean square error, in units of the target; default: 1.5 times the nominal circuit's, likewise. */
  readonly yieldRmse?: number;
  /** Stop when the 95 % interval of the yield is no wider than this. */
  readonly interval?: number;
  /** Threads of the exact solver; default one per core. The result does not depend on it. */
  readonly workers?: number;
  /** Copies that ngspice simulates too; default all up to 200, of more a random sample. */
  readonly simulatedDraws?: number;
  /** Where copies must stay at their operating point to count as good; see CopyTask. */
  readonly watched?: CopyTask['watched'];
  /** What the model that the network was made from decides in every case. */
  readonly model?: CopyTask['model'];
  /** Judges the copies, where it is not this process that does; default judgeCopies. */
  readonly judge?: typeof judgeCopies;
}

const ALL_SIMULATED = 200;
/** Of larger runs so many copies are simulated, or fewer where the table is long. */
const SAMPLED = 100;
const SAMPLED_ROWS = 20_000;
const LEAST_SAMPLED = 5;

/** What copies of a circuit that decides are made of and judged by. Throws UsageError where its cases have no labels. */
export function copyTaskOf(
  subject: Subject,
  technology: Technology,
  cases: CaseTable,
  options: Pick<MonteCarloOptions, 'variation' | 'seed' | 'watched' | 'model'>,
): CopyTask & { readonly variation: Variation } {
  const labels = labelsOf(cases);
  const variation = variationOf(options.variation);
  const circuit = printedSubject(subject, technology, variation);
  const { seed, watched, model } = options;
  return { circuit, technology, inputVolts: cases.inputVolts, labels, model, variation, seed, watched };
}

/**
 * Prints copies of a circuit with every component varied and solves each exactly. ngspice simulates the same copies, the same
 * values, or a random sample of them, and every node of every case is compared: a difference is a defect and not chance.
 */
export async function monteCarlo(
  engine: Engine,
  subject: Subject,
  technology: Technology,
  cases: CaseTable,
  options: MonteCarloOptions,
  onProgress?: (what: string, done: number, total: number) => void,
): Promise<MonteCarlo> {
  const task = copyTaskOf(subject, technology, cases, options);
  const { circuit, variation, labels } = task;
  const nominal = accuracy(decisions(selectVolts(cases, circuit.outputs), circuit.outputs.length), labels);
  const yieldAccuracy = options.yieldAccuracy ?? defaultYieldAccuracy(nominal);
  const { merits, alike, ...counted } = await printCopies(engine, task, yieldAccuracy, options, onProgress);
  const draws = merits.length;
  const { mean, std, p5 } = summariseCopies(merits, variation);
  return {
    draws,
    requestedDraws: options.draws,
    relativeSpread: variation.relativeSpread,
    law: describeVariation(variation),
    seed: options.seed,
    meanAccuracy: mean,
    stdAccuracy: std,
    p5Accuracy: p5,
    minAccuracy: merits.reduce((least, merit) => Math.min(least, merit)),
    yieldAccuracy,
    histogram: histogramOf(merits, 1 / labels.length),
    ...(alike && { asModel: asModel(alike, variation) }),
    ...counted,
  };
}

function asModel(alike: Float64Array, variation: Variation): NonNullable<MonteCarlo['asModel']> {
  const { mean, std, p5 } = summariseCopies(alike, variation);
  return { mean, std, p5 };
}

/** The same of a regression network, whose one output is read by `line`: errors in place of accuracies. */
export async function errorMonteCarlo(
  engine: Engine,
  subject: Subject,
  technology: Technology,
  cases: CaseTable,
  line: Regression,
  options: MonteCarloOptions,
  onProgress?: (what: string, done: number, total: number) => void,
): Promise<ErrorMonteCarlo> {
  const labels = labelsOf(cases);
  const variation = variationOf(options.variation);
  const circuit = printedSubject(subject, technology, variation);
  const nominal = scoreOutputs({ classes: [], task: line }, selectVolts(cases, circuit.outputs), labels).regression!;
  const yieldRmse = options.yieldRmse ?? defaultYieldRmse(nominal.rmse);
  const { seed, watched } = options;
  const task = { circuit, technology, inputVolts: cases.inputVolts, labels, line, variation, seed, watched };
  const {
    merits,
    decisionsDiffering: _,
    ties: __,
    alike: ___,
    ...counted
  } = await printCopies(engine, task, -yieldRmse, options, onProgress);
  const errors = merits.map((merit) => -merit);
  return {
    ...summariseErrors(errors, variation),
    law: describeVariation(variation),
    requestedDraws: options.draws,
    seed: options.seed,
    max: errors.reduce((most, error) => Math.max(most, error)),
    yieldRmse,
    histogram: histogramOf(errors),
    ...counted,
  };
}

function labelsOf({ labels }: CaseTable): NonNullable<CaseTable['labels']> {
  if (labels !== undefined) return labels;
  throw new UsageError('Monte Carlo needs labels, and these cases have none.', 'Compile or verify with --data.');
}

/** What copies are worth, the share that is good, and how far ngspice and the exact solver are apart on those that both do. */
async function printCopies(
  engine: Engine,
  task: CopyTask,
  limit: number,
  options: MonteCarloOptions,
  onProgress?: (what: string, done: number, total: number) => void,
) {
  // where no copy can be left out those for ngspice are known, and it works beside the threads
  const isKnown = task.watched === undefined && options.interval === undefined;
  const simulate = (stable: Uint8Array, show: typeof onProgress): ReturnType<typeof simulateCopies> =>
    simulateCopies(engine, new CopySolver(task), simulatedCopies(stable, task.labels.length, options), task, show);
  let failed = false;
  const early = isKnown ? simulate(new Uint8Array(options.draws).fill(1), undefined) : undefined;
  early?.catch(() => {
    failed = true;
  });
  const judged = await (options.judge ?? judgeCopies)(task, {
    draws: options.draws,
    limit,
    interval: options.interval,
    workers: options.workers,
    onProgress: (done, total) => onProgress?.('copies solved', done, total),
    isInVain: () => failed,
  });
  const { merits, stable, alike } = judged;
  const checked = await (early ?? simulate(stable, onProgress));
  const [draws, good] = [merits.length, countGood(judged, limit)];
  return {
    merits,
    alike,
    yield: good / draws,
    yieldInterval: wilsonInterval(good, draws),
    ...(task.watched === undefined ? {} : { unstableDraws: stable.filter((one) => one === 0).length }),
    ...checked,
  };
}

/**
 * Which copies ngspice simulates: all, or a random sample in ascending order. None that runs away: Newton's method may or may not
 * find the point that such a copy does not stay at, and that says nothing.
 */
function simulatedCopies(stable: Uint8Array, rows: number, options: MonteCarloOptions): number[] {
  const draws = stable.length;
  const fitting = Math.max(LEAST_SAMPLED, Math.min(SAMPLED, Math.floor(SAMPLED_ROWS / rows)));
  const count = Math.min(draws, options.simulatedDraws ?? (draws <= ALL_SIMULATED ? draws : fitting));
  const order = new Draws(options.seed, 'copies in ngspice').permutation(0, draws);
  const chosen: number[] = [];
  for (let k = 0; k < order.length && chosen.length < count; k += 1)
    if (stable[order[k]!] === 1) chosen.push(order[k]!);
  return chosen.sort((a, b) => a - b);
}

async function simulateCopies(
  engine: Engine,
  solver: CopySolver,
  copies: readonly number[],
  task: { readonly circuit: Subject; readonly technology: Technology; readonly inputVolts: Float64Array },
  onProgress?: (what: string, done: number, total: number) => void,
): Promise<
  Pick<MonteCarlo, 'maxErrorVolts' | 'decisionsDiffering' | 'ties' | 'simulatedDraws' | 'unsimulatedDraws' | 'power'>
> {
  const { circuit, technology, inputVolts } = task;
  const { flat, rows } = solver;
  const variants = copies.map((copy) => {
    const series = solver.series(copy);
    return {
      ...withValues(circuit, flat.components, solver.values(copy)),
      ...(series === undefined ? {} : { series }),
    };
  });
  let maxErrorVolts = 0;
  let decisionsDiffering = 0;
  let ties = 0;
  let done = 0;
  let failed = 0;
  const watts: number[] = [];
  const onNoConvergence = (): void => {
    failed += 1;
    done += 1;
  };
  for await (const simulated of simulateSubjects(engine, circuit, technology, inputVolts, variants, {
    onNoConvergence,
  })) {
    solver.merit(copies[done]!);
    const voltages = compareVoltages(simulated, { nodes: flat.unknowns, rows, volts: solver.state });
    maxErrorVolts = Math.max(maxErrorVolts, voltages.maxErrorVolts);
    const outputs = selectVolts(simulated, circuit.outputs);
    const classes = circuit.outputs.length;
    // a single output decides nothing
    if (classes > 1) {
      const tieVolts = 2 * voltages.maxErrorVolts;
      const compared = compareDecisions(decisions(outputs, classes), solver.decisions(), outputs, classes, tieVolts);
      decisionsDiffering += compared.differing;
      ties += compared.ties;
    }
    if (simulated.watts !== undefined) watts.push(meanAndStd(simulated.watts).mean);
    done += 1;
    onProgress?.('copies in ngspice', done, copies.length);
  }
  return {
    maxErrorVolts,
    decisionsDiffering,
    ties,
    simulatedDraws: copies.length - failed,
    ...(watts.length === 0 ? {} : { power: { meanWatts: meanAndStd(watts).mean, p95Watts: quantile(watts, 0.95) } }),
    ...(failed === 0 ? {} : { unsimulatedDraws: failed }),
  };
}
