import { DesignPolytope, findCell, type Technology } from '@neuroprint/circuit';
import type { Layer, Layered, StageRow } from '../layered.ts';
import type { BudgetGauge } from './gauge.ts';

/** Largest factors that are tried, the room around the one that is first guessed, and halvings within it. */
const MOST_STAGE_FACTOR = 10;
const MOST_COLUMN_FACTOR = 50;
const ROOM = 3;
const ROUNDS = 2;
const HALVINGS = 4;

/**
 * Brings a scaled circuit within its budget where it is not, without another function as long as nothing loads: for power load
 * resistors grow and channels narrow alike (R·W/L, the shape of a stage's curve, stays), for area columns are scaled to smaller
 * resistances, whose lines are shorter (weights are shares of a column). What is out of reach comes as near as it can.
 */
export function fitBudget(layered: Layered, gauge: BudgetGauge, technology: Technology): Layered {
  let out = layered;
  // what one of them moves is felt by the other a little
  for (let n = 0; n < ROUNDS; n += 1) {
    const before = out;
    out = smallest('power', MOST_STAGE_FACTOR, out, slowerStages);
    out = smallest('area', MOST_COLUMN_FACTOR, out, denserColumns);
    if (out === before) break;
  }
  return out;

  /** The circuit of the smallest factor that keeps the limit, or of the largest one. */
  function smallest(
    kind: 'power' | 'area',
    most: number,
    from: Layered,
    scaled: (layered: Layered, factor: number, technology: Technology) => Layered,
  ): Layered {
    const excess = gauge.excessOf(kind, from);
    if (excess <= 0) return from;
    const make = (log: number) => scaled(from, Math.exp(log), technology);
    const isOver = (log: number) => gauge.excessOf(kind, make(log)) > 0;
    let [low, high] = [0, Math.min(Math.log(most), ROOM * excess)];
    while (high < Math.log(most) && isOver(high)) [low, high] = [high, Math.min(Math.log(most), ROOM * high)];
    for (let n = 0; n < HALVINGS; n += 1) {
      const middle = (low + high) / 2;
      if (isOver(middle)) low = middle;
      else high = middle;
    }
    return make(high);
  }
}

/**
 * Resistances times the factor, W/L of every channel over it: narrower by its root as far as widths go, the rest longer, within the
 * cells' spaces.
 */
function slowerStages(layered: Layered, factor: number, technology: Technology): Layered {
  const scaled = ({ cell: name, values }: StageRow): StageRow => {
    const cell = findCell(technology, name);
    const space = new DesignPolytope(cell);
    const place = (parameter: string) => cell.parameters.findIndex((one) => one.name === parameter);
    const channels = cell.elements.flatMap((element) =>
      element.kind === 'transistor' ? [[place(element.width), place(element.length)] as const] : [],
    );
    const slowed = (own: Float64Array): Float64Array => {
      const logs = own.map(
        (value, k) => Math.log(value) + (cell.parameters[k]!.unit === 'ohms' ? Math.log(factor) : 0),
      );
      for (const [width, length] of channels) {
        const narrower = Math.min(Math.log(factor) / 2, logs[width]! - Math.log(cell.parameters[width]!.min));
        logs[width]! -= narrower;
        logs[length]! += Math.log(factor) - narrower;
      }
      const shares = new Float64Array(logs.length);
      space.sharesAt(logs.slice(), shares);
      space.logsAt(shares, logs);
      return logs.map(Math.exp);
    };
    return { cell: name, values: values.map(slowed) };
  };
  return {
    layers: layered.layers.map((layer) => ({
      ...layer,
      falling: scaled(layer.falling),
      activation: scaled(layer.activation),
    })),
  };
}

/** Every column's conductances times the factor, or up to where its largest is the largest printable one. */
function denserColumns(layered: Layered, factor: number, technology: Technology): Layered {
  const largest = 1 / technology.crossbar.minOhms;
  const scaled = (layer: Layer): Float64Array => {
    const most = new Float64Array(layer.columns);
    layer.siemens.forEach((g, at) => {
      most[at % layer.columns] = Math.max(most[at % layer.columns]!, Math.abs(g));
    });
    return layer.siemens.map((g, at) => g * Math.min(factor, largest / most[at % layer.columns]!));
  };
  return { layers: layered.layers.map((layer) => ({ ...layer, siemens: scaled(layer) })) };
}
