import { flatten, type SolverKind, type Technology } from '@neuroprint/circuit';
import {
  Draws,
  type Labels,
  meanAndStd,
  type TrainedNetwork,
  type Variation,
  type VoltageRows,
} from '@neuroprint/core';
import { CircuitBench } from './calibrate/bench.ts';
import { CalibrationParameters } from './calibrate/parameters.ts';
import { calibrationRows } from './calibrate/targets.ts';
import { type Draft, devicesOf, nodes } from './draft.ts';
import type { PrintGrid } from './print/grid.ts';
import { allows, stageLookup } from './print/round.ts';
import { DraftVariables } from './print/variables.ts';
import { printed } from './snap.ts';

export interface RecalibrationOptions {
  readonly grid: PrintGrid;
  readonly seed: number;
  readonly solver?: SolverKind | undefined;
  readonly variation: number | Variation;
  readonly onProgress?: (round: number, rounds: number) => void;
}

export interface Recalibrated {
  readonly draft: Draft;
  /** Values that stand on another printable step than before; 0: nothing that was tried is better for sure. */
  readonly moved: number;
  /**
   * Share of decisions kept, less 0.05 times the loss, or in regression the error in standard deviations of the network's outputs:
   * by how much it is better for sure, two standard errors taken off.
   */
  readonly gain: number;
}

const ROUNDS = 24;
const DRAWS = 6;
const JUDGING_DRAWS = 16;
const JUDGED_EVERY = 6;
const ROWS = 256;
/** Steps that are tried one by one where no bundle of them helps: on a coarse grid a step can be too long for its gradient. */
const SINGLES = 12;
/**
 * A smaller gain on the rows that were tuned on is not taken. Measured on eight circuits of Iris and Balance at 1 % steps and in E12: gains of
 * 0.1 to 0.6 points here lost 0.1 to 0.9 points of accuracy on test rows under variation, because snapping had cost next to nothing.
 */
const LEAST_GAIN = 0.01;

/**
 * Tunes the snapped circuit again, every value staying printable: the values whose next printable step lowers the loss most by its gradient
 * take it together, half as many when that fails, one by one in the end. Loss, targets and variation are those of calibration, under fixed
 * draws; of all circuits on the way the one that gains most on training and validation rows under other draws is kept, if it gains a point
 * beyond two standard errors.
 */
export function recalibrate(
  draft: Draft,
  network: Pick<TrainedNetwork, 'layers' | 'classes' | 'task'>,
  technology: Technology,
  rows: { readonly train: VoltageRows<Labels>; readonly valid: VoltageRows<Labels> },
  options: RecalibrationOptions,
): Recalibrated {
  const { grid, seed, variation, solver } = options;
  const variables = new DraftVariables(draft, technology);
  const { list } = variables;
  const stageOf = stageLookup(variables.stages());
  const wanted = calibrationRows(network, rows, technology);
  const benchOf = (part: 'train' | 'valid', name: string) =>
    lossOf(technology, wanted[part], draft.layers[0]!.inputs, new Draws(seed, name), variation, solver);
  const tuning = benchOf('train', 'recalibration');
  const judges = [benchOf('train', 'recalibration judged'), benchOf('valid', 'recalibration judged')];
  const train = (of: Draft, t: number, by?: DraftVariables): Loss => tuning(of, t, 0, DRAWS, by);
  const temperature = wanted.train.objective.temperatures.reduce((best, t) =>
    train(draft, t).loss < train(draft, best).loss ? t : best,
  );
  const draftOf = (chosen: Int32Array): Draft => variables.draftWith(printed(list, chosen, grid));
  /** Of every judging draw, over all training and validation rows. */
  const scores = (chosen: Int32Array): Float64Array => {
    const judged = draftOf(chosen);
    return Float64Array.from({ length: JUDGING_DRAWS }, (_, draw) => {
      const parts = judges.map((judge) => judge(judged, temperature, draw, 1));
      const rows = parts.reduce((sum, { count }) => sum + count, 0);
      return parts.reduce((sum, p) => sum + (p.score * p.count) / rows, 0);
    });
  };
  const lossAt = (chosen: Int32Array): number => train(draftOf(chosen), temperature).loss;
  const withSteps = (from: Int32Array, steps: readonly { v: number; to: number }[]): Int32Array => {
    const tried = from.slice();
    for (const { v, to } of steps) if (allows(stageOf.get(v), list, tried, grid, v, to)) tried[v] = to;
    return tried;
  };

  const start = Int32Array.from(variables.values(), (value, v) => grid.nearest(list[v]!, value));
  const startScores = scores(start);
  let best: { readonly chosen: Int32Array; readonly gain: number } = { chosen: start, gain: LEAST_GAIN };
  let chosen: Int32Array = start;
  let together = list.length;
  const judge = (): void => {
    const gain = chosen === start ? 0 : sureGain(startScores, scores(chosen));
    if (gain > best.gain) best = { chosen, gain };
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    options.onProgress?.(round, ROUNDS);
    const here = train(draftOf(chosen), temperature, variables);
    const steps = bestSteps(list, chosen, here.byLog, grid);
    let next: Int32Array | undefined;
    for (; together >= 2 && next === undefined; together = next === undefined ? together >> 1 : together) {
      const tried = withSteps(chosen, steps.slice(0, together));
      if (lossAt(tried) < here.loss) next = tried;
    }
    if (next === undefined) {
      const singles = steps.slice(0, SINGLES).map((step) => withSteps(chosen, [step]));
      const losses = singles.map(lossAt);
      const lowest = losses.indexOf(Math.min(...losses));
      if (!(losses[lowest]! < here.loss)) break;
      next = singles[lowest]!;
    }
    chosen = next;
    if (round % JUDGED_EVERY === JUDGED_EVERY - 1) judge();
  }
  judge();
  return {
    draft: best.chosen === start ? draft : draftOf(best.chosen),
    moved: best.chosen.filter((at, v) => at !== start[v]).length,
    gain: best.chosen === start ? 0 : best.gain,
  };
}

/** What the mean of paired scores gains for sure: less twice its standard error. */
function sureGain(before: Float64Array, after: Float64Array): number {
  const { mean, std } = meanAndStd(after.map((score, draw) => score - before[draw]!));
  return mean - (2 * std) / Math.sqrt(before.length);
}

interface Loss {
  readonly loss: number;
  readonly score: number;
  readonly count: number;
  /** By the logarithm of each variable; empty where it was not asked for. */
  readonly byLog: Float64Array;
}

function lossOf(
  technology: Technology,
  rows: ReturnType<typeof calibrationRows>['train'],
  inputs: number,
  draws: Draws,
  variation: number | Variation,
  solver: SolverKind | undefined,
): (draft: Draft, temperature: number, first: number, copies: number, variables?: DraftVariables) => Loss {
  const bench = new CircuitBench(technology, rows, inputs, solver);
  const count = Math.min(ROWS, rows.labels.length);
  const chosen = Int32Array.from({ length: count }, (_, k) => Math.floor((k * rows.labels.length) / count));
  const names = Array.from({ length: inputs }, (_, i) => nodes.input(0, i));
  return (draft, temperature, first, copies, variables) => {
    const parameters = new CalibrationParameters(draft, technology, temperature);
    const gradient = variables && new Float64Array(parameters.values.length);
    const tally = bench.run(parameters, chosen, draws, first, copies, variation, gradient);
    const byLog = new Float64Array(variables?.list.length ?? 0);
    if (variables !== undefined && gradient !== undefined) {
      const seen = new Set<number>();
      for (const component of flatten({ inputs: names, devices: devicesOf(draft, technology) }, technology)
        .components) {
        const { parameter, kind } = parameters.link(component);
        const variable = variables.variableOf(component);
        // a parameter that several components share holds the sum of their derivatives already
        if (kind === 'fixed' || seen.has(parameter)) continue;
        seen.add(parameter);
        const byLogOfParameter =
          kind === 'log' ? gradient[parameter]! : -parameters.values[parameter]! * gradient[parameter]!;
        byLog[variable]! += byLogOfParameter / tally.count;
      }
    }
    // a row without an operating point counts as the worst loss there can be
    const isSolved = tally.unsolved === 0;
    const loss = isSolved ? tally.loss / tally.count : Number.POSITIVE_INFINITY;
    const score = isSolved ? rows.objective.score(tally) : Number.NEGATIVE_INFINITY;
    return { loss, score, count: tally.count, byLog };
  };
}

/** For every variable the step to the neighbouring printable value that its gradient asks for, the most promising first. */
function bestSteps(list: DraftVariables['list'], chosen: Int32Array, byLog: Float64Array, grid: PrintGrid) {
  return list
    .flatMap((variable, v) => {
      const printable = grid.values(variable);
      const to = chosen[v]! - Math.sign(byLog[v]!);
      if (byLog[v] === 0 || to < 0 || to >= printable.length) return [];
      const gain = -byLog[v]! * Math.log(printable[to]! / printable[chosen[v]!]!);
      return [{ v, to, gain }];
    })
    .sort((a, b) => b.gain - a.gain || a.v - b.v);
}
