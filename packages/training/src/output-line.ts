import { type Cell, DesignPolytope, findCell, type Technology } from '@neuroprint/circuit';
import { Draws, quantile, type Regression } from '@neuroprint/core';
import type { CurveModel } from './printed/curve.ts';
import { ACTIVATION_CELL } from './printed/problem.ts';

/** The range of the training targets takes the middle of what the output stage gives; at its ends the curve is flat. */
const SHARE_OF_REACH = 0.85;
/** Designs that are asked what the cell can give. */
const DESIGNS = 256;

/**
 * The line by which the one output is read: the range of the training rows' targets becomes the middle 85 % of the volts that
 * the activation stage, which ends every layer, the last one too, gives for 0 V and the bias at its input: the typical stage where
 * stages are `fixed`, the median design of the cell where their values are `learned` and can follow. A wide range is worth
 * having: what printing shifts is volts. `targets` must vary.
 */
export function outputLine(
  target: string,
  targets: ArrayLike<number>,
  technology: Technology,
  stages: { readonly activation: CurveModel; readonly values: 'learned' | 'fixed' },
): Regression {
  const cell = findCell(technology, ACTIVATION_CELL);
  const designs = stages.values === 'learned' ? randomDesigns(cell) : [logsOf(cell, cell.typical)];
  const ends = designs.map((logs) => {
    const [e1, e2, e3, e4] = stages.activation.forward(logs, 1) as unknown as readonly [number, number, number, number];
    return [0, technology.bias.volts].map((volts) => e1 + e2 * Math.tanh((volts - e3) * e4));
  });
  const [from, to] = [0, 1].map((end) =>
    quantile(
      ends.map((volts) => volts[end]!),
      0.5,
    ),
  ) as [number, number];
  const known = Array.from(targets);
  const [low, high] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
  const unitsPerVolt = (high - low) / (SHARE_OF_REACH * (to - from));
  const interceptUnits = (low + high) / 2 - unitsPerVolt * 0.5 * (from + to);
  return { kind: 'regression', target, interceptUnits, unitsPerVolt };
}

function logsOf({ parameters }: Cell, values: Readonly<Record<string, number>>): Float64Array {
  return Float64Array.from(parameters, ({ name }) => Math.log(values[name]!));
}

/** ln ω of designs all over the cell's space. */
function randomDesigns(cell: Cell): Float64Array[] {
  const draws = new Draws(0, 'what a stage can give');
  const space = new DesignPolytope(cell);
  return Array.from({ length: DESIGNS }, (_, design) => {
    const shares = new Float64Array(space.dimensions);
    draws.fillUniform(design, shares);
    const logs = new Float64Array(space.dimensions);
    space.logsAt(shares, logs);
    return logs;
  });
}
