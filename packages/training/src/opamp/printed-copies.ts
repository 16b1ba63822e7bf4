import { type Cell, CellTable, type Technology, uniformFactor } from '@neuroprint/circuit';
import type { Draws } from '@neuroprint/core';
import { type Activation, CellActivation } from './activation.ts';
import type { PhysicalLayer, PrintedCopy } from './kirchhoff-model.ts';
import { entriesOf } from './weight-maps.ts';

/** Designs of a cell that all copies take their stages from: a curve costs thousands of operating points. */
const DESIGNS = 6;

/**
 * Printed copies of a network with op-amps: every conductance times 1 + s·u, the negative ones of a column times the factors of the
 * two resistors of its op-amp besides, and every stage's curve that of one of some varied designs of its cell, each solved exactly.
 */
export function printedCopies(
  layers: readonly PhysicalLayer[],
  cells: readonly Cell[],
  technology: Technology,
  draws: Draws,
  count: number,
  spread: number,
): PrintedCopy[] {
  const entries = layers.reduce((sum, layer) => sum + entriesOf(layer), 0);
  const neurons = layers.reduce((sum, layer) => sum + layer.neurons, 0);
  const varied = new Map<string, readonly Activation[]>();
  cells.forEach((cell) => {
    if (!varied.has(cell.name)) varied.set(cell.name, variedCurves(cell, technology, draws, count, spread));
  });
  const u = new Float64Array(entries + 3 * neurons);
  return Array.from({ length: count }, (_, copy) => {
    draws.fillUniform(copy, u);
    const factor = (k: number): number => uniformFactor(spread, u[k]!);
    let next = entries + 2 * neurons;
    return {
      factors: Float64Array.from({ length: entries }, (_, k) => factor(k)),
      ratios: Float64Array.from({ length: neurons }, (_, k) => factor(entries + 2 * k) / factor(entries + 2 * k + 1)),
      activations: layers.map((layer, l) =>
        Array.from({ length: layer.neurons }, () => {
          const curves = varied.get(cells[l]!.name)!;
          const which = curves[Math.floor(u[next]! * curves.length)]!;
          next += 1;
          return which;
        }),
      ),
    };
  });
}

function variedCurves(
  cell: Cell,
  technology: Technology,
  draws: Draws,
  first: number,
  spread: number,
): readonly Activation[] {
  const u = new Float64Array(cell.parameters.length);
  return Array.from({ length: DESIGNS }, (_, design) => {
    draws.fillUniform(first + design, u);
    const values = Float64Array.from(cell.parameters, ({ name, unit }, k) => {
      const factor = uniformFactor(spread, u[k]!);
      return unit === 'ohms' ? cell.typical[name]! / factor : cell.typical[name]! * factor;
    });
    return new CellActivation(cell.name, new CellTable(technology, cell, values));
  });
}
