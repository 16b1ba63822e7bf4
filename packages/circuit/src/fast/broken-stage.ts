import type { StageDevice } from '@neuroprint/core';
import { componentValues, flatten } from '../ir/flatten.ts';
import { ExactSolver } from '../solver/exact-solver.ts';
import type { Cell, Technology } from '../technology/technology.ts';
import { breakable, breakPart, type HardFault, RESISTOR_FAULTS, TRANSISTOR_FAULTS } from '../variation/faults.ts';

/** Points of a curve, from ground to the bias. */
const POINTS = 41;

/** A mean nearer to an end of the whole stage's curve than this share of its swing is that end. */
const END_SHARE = 0.05;

/**
 * Where a hard fault leaves the output of its stage: at the lowest or the highest output of the whole stage (−Infinity, Infinity), at
 * so many volts, or undefined: not stuck at all.
 */
export type StuckAt = number | undefined;
/** By fault of a part. */
export type BrokenPart = ReadonlyMap<HardFault, StuckAt>;

/**
 * The fast model of a broken stage, part by part: resistors, then transistors, as in a circuit. The exact circuit of the cell at
 * its typical values is solved with the fault, driven through `driveOhms` (0: by an ideal source) from ground to the bias, and the stage is taken as
 * whole where its curve is nearer to that of the whole one than to its own mean, else as stuck at that mean.
 */
export function brokenStage(technology: Technology, cell: Cell, driveOhms: number): readonly BrokenPart[] {
  const stage: StageDevice = {
    kind: 'stage',
    name: 'cell',
    cell: cell.name,
    input: driveOhms === 0 ? 'drive' : 'in',
    output: 'out',
    values: cell.typical,
    origin: { role: cell.curve === 'falling' ? 'falling' : 'activation', layer: 0 },
  };
  const drive = {
    kind: 'resistor',
    name: 'drive',
    nodes: ['drive', 'in'] as [string, string],
    ohms: driveOhms,
    origin: { role: 'crossbar', layer: 0 },
  } as const;
  const devices = driveOhms === 0 ? [stage] : [stage, drive];
  const flat = breakable(flatten({ inputs: ['drive'], devices }, technology));
  const solver = new ExactSolver(flat);
  const output = flat.unknowns.indexOf('out');
  const nominal = componentValues(flat);
  const volts = Float64Array.from({ length: POINTS }, (_, k) => (technology.bias.volts * k) / (POINTS - 1));
  const curveOf = (values: Float64Array): Float64Array => {
    solver.setValues(values);
    const state = solver.newState(POINTS);
    solver.solve(volts, POINTS, state);
    return volts.map((_, row) => state[row * solver.size + output]!);
  };
  const whole = curveOf(nominal);
  return flat.parts
    .filter((part) => part.kind === 'transistor' || flat.components[part.component]!.device === 'cell')
    .map((part) => {
      const faults: readonly HardFault[] = part.kind === 'resistor' ? RESISTOR_FAULTS : TRANSISTOR_FAULTS;
      return new Map(
        faults.map((fault) => {
          const values = nominal.slice();
          breakPart(part, fault, values);
          return [fault, stuckAt(curveOf(values), whole)];
        }),
      );
    });
}

function stuckAt(curve: Float64Array, whole: Float64Array): StuckAt {
  const mean = curve.reduce((sum, v) => sum + v, 0) / curve.length;
  const distance = (other: (at: number) => number) => curve.reduce((sum, v, at) => sum + (v - other(at)) ** 2, 0);
  if (distance((at) => whole[at]!) < distance(() => mean)) return undefined;
  const [low, high] = [Math.min(...whole), Math.max(...whole)];
  const near = END_SHARE * (high - low);
  if (Math.abs(mean - low) < near) return Number.NEGATIVE_INFINITY;
  return Math.abs(mean - high) < near ? Number.POSITIVE_INFINITY : mean;
}
