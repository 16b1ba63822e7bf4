import { type Cell, findCell, type Technology } from '@neuroprint/circuit';
import { constraintSlack, parseConstraint, type TrainedNetwork } from '@neuroprint/core';
import { formatPercent, formatValue } from '../format.ts';
import { type Html, html } from './html.ts';
import { table } from './page.ts';

/** How far a value may be multiplied or divided before it leaves what the surrogate has seen. */
export interface BoundRoom {
  readonly value: number;
  /** The nearest bound: `min`, `max`, or a constraint. */
  readonly bound: string;
  /** 0.1: a change by 10 % in the worse direction reaches it. */
  readonly room: number;
}

/** The nearest bound of one component of a cell: its range, or a constraint that it alone would break. */
export function roomOf(cell: Cell, values: Readonly<Record<string, number>>, name: string): BoundRoom {
  const parameter = cell.parameters.find((one) => one.name === name)!;
  const value = values[name]!;
  const limits = [
    { bound: 'min', logs: Math.log(value / parameter.min) },
    { bound: 'max', logs: Math.log(parameter.max / value) },
    ...cell.constraints.flatMap((text) => {
      const constraint = parseConstraint(text);
      const power = constraint.exponents.get(name);
      return power === undefined ? [] : [{ bound: text, logs: constraintSlack(constraint, values) / Math.abs(power) }];
    }),
  ];
  const nearest = limits.reduce((a, b) => (b.logs < a.logs ? b : a));
  return { value, bound: nearest.bound, room: Math.expm1(Math.max(0, nearest.logs)) };
}

/** Every trained component of the stages with the bound of the trust region that is nearest to it. */
export function boundsBody({ layers }: TrainedNetwork, technology: Technology): Html {
  const rows = layers.flatMap(({ activationStages, fallingStages }, layer) =>
    [...activationStages, ...fallingStages].flatMap((stage, i) => {
      const cell = findCell(technology, stage.cell);
      const number = i < activationStages.length ? i : i - activationStages.length;
      const many = (i < activationStages.length ? activationStages : fallingStages).length > 1;
      return cell.parameters.map(({ name, unit, min, max }) => {
        const { value, bound, room } = roomOf(cell, stage.values, name);
        return {
          room,
          cells: [
            `layer ${layer}, ${stage.cell}${many ? ` ${number}` : ''}`,
            name,
            formatValue(value, unit),
            bound === 'min' ? formatValue(min, unit) : bound === 'max' ? formatValue(max, unit) : bound,
            formatPercent(room),
          ],
        };
      });
    }),
  );
  return html`<p>The surrogate knows the cells inside their ranges and constraints. Room is the share by which a component may still change before it reaches the nearest of these bounds.</p>${table(
    {
      label: 'Trained components and their nearest bounds',
      head: ['Stage', 'Component', 'Value', 'Nearest bound', 'Room'],
      numeric: [2, 4],
      rows: rows.sort((a, b) => a.room - b.room).map(({ cells }) => cells),
    },
  )}`;
}
