import { flatten, type Technology } from '@neuroprint/circuit';
import { Draws, type TrainedNetwork, type VoltageRows } from '@neuroprint/core';
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
  readonly relativeSpread: number;
  readonly onProgress?: (round: number, rounds: number) => void;
}

export interface Recalibrated {
  readonly draft: Draft;
  /** Values that stand on another printable step than before; 0: nothing that was tried was better on the validation rows. */
  readonly moved: number;
  readonly rounds: number;
  /** Loss on the validation rows under fixed draws, before and after. */
  readonly validLoss: readonly [number, number];
}

const ROUNDS = 24;
const DRAWS = 6;
const VALIDATION_DRAWS = 12;
const ROWS = 256;
/** What the outputs may be read with, 1/volts: the one that explains the targets best is taken. */
const TEMPERATURES = [2, 4, 8, 16, 32, 60];

/**
 * Tunes the snapped circuit again, every value staying printable: the values whose next printable step lowers the loss most by its gradient
 * take it together, half as many when that fails, until no step helps. Loss, targets and variation are those of calibration, under fixed
 * draws. Kept only where it is better on the validation rows too.
 */
export function recalibrate(
  draft: Draft,
  network: Pick<TrainedNetwork, 'layers' | 'classes'>,
  technology: Technology,
  rows: { readonly train: VoltageRows; readonly valid: VoltageRows },
  options: RecalibrationOptions,
): Recalibrated {
  const { grid, seed, relativeSpread } = options;
  const variables = new DraftVariables(draft, technology);
  const { list } = variables;
  const stageOf = stageLookup(variables.stages());
  const wanted = calibrationRows(network, rows);
  const loss = (part: 'train' | 'valid', name: string, copies: number) =>
    lossOf(technology, wanted[part], draft.layers[0]!.inputs, new Draws(seed, name), copies, relativeSpread);
  const train = loss('train', 'recalibration', DRAWS);
  const valid = loss('valid', 'recalibration validation', VALIDATION_DRAWS);
  const temperature = TEMPERATURES.reduce((best, t) => (train(draft, t).loss < train(draft, best).loss ? t : best));
  const draftOf = (chosen: Int32Array): Draft => variables.draftWith(printed(list, chosen, grid));

  const start = Int32Array.from(variables.values(), (value, v) => grid.nearest(list[v]!, value));
  let chosen = start;
  let here = train(draft, temperature, variables);
  let together = list.length;
  let round = 0;
  for (; round < ROUNDS && together >= 1; round += 1) {
    options.onProgress?.(round, ROUNDS);
    const steps = bestSteps(list, chosen, here.byLog, grid).slice(0, together);
    const tried = chosen.slice();
    for (const { v, to } of steps) if (allows(stageOf.get(v), list, tried, grid, v, to)) tried[v] = to;
    const there = train(draftOf(tried), temperature, variables);
    if (there.loss < here.loss) {
      chosen = tried;
      here = there;
    } else together = Math.floor(Math.min(together, steps.length) / 2);
  }
  const before = valid(draft, temperature);
  const after = valid(draftOf(chosen), temperature);
  const validLoss = [before.loss, after.loss] as const;
  if (after.loss >= before.loss || after.agreement < before.agreement)
    return { draft, moved: 0, rounds: round, validLoss };
  return {
    draft: draftOf(chosen),
    moved: chosen.filter((at, v) => at !== start[v]).length,
    rounds: round,
    validLoss,
  };
}

interface Loss {
  readonly loss: number;
  readonly agreement: number;
  /** By the logarithm of each variable; empty where it was not asked for. */
  readonly byLog: Float64Array;
}

function lossOf(
  technology: Technology,
  rows: ReturnType<typeof calibrationRows>['train'],
  inputs: number,
  draws: Draws,
  copies: number,
  relativeSpread: number,
): (draft: Draft, temperature: number, variables?: DraftVariables) => Loss {
  const bench = new CircuitBench(technology, rows, inputs);
  const count = Math.min(ROWS, rows.labels.length);
  const chosen = Int32Array.from({ length: count }, (_, k) => Math.floor((k * rows.labels.length) / count));
  const names = Array.from({ length: inputs }, (_, i) => nodes.input(0, i));
  return (draft, temperature, variables) => {
    const parameters = new CalibrationParameters(draft, technology, temperature);
    const gradient = variables && new Float64Array(parameters.values.length);
    const tally = bench.run(parameters, chosen, draws, 0, copies, relativeSpread, gradient);
    const byLog = new Float64Array(variables?.list.length ?? 0);
    if (variables !== undefined && gradient !== undefined) {
      const seen = new Set<number>();
      for (const component of flatten({ inputs: names, devices: devicesOf(draft, technology) }, technology)
        .components) {
        const { parameter, kind } = parameters.link(component);
        const variable = variables.variableOf(component);
        // a parameter that several components share holds the sum of their derivatives already
        if (seen.has(parameter)) continue;
        seen.add(parameter);
        const byLogOfParameter =
          kind === 'log' ? gradient[parameter]! : -parameters.values[parameter]! * gradient[parameter]!;
        byLog[variable]! += byLogOfParameter / tally.count;
      }
    }
    // a row without an operating point counts as the worst loss there can be
    const loss = tally.unsolved > 0 ? Number.POSITIVE_INFINITY : tally.loss / tally.count;
    return { loss, agreement: tally.kept / tally.count, byLog };
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
