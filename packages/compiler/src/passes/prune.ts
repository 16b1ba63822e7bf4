import type { Technology } from '@neuroprint/circuit';
import { PassCheckError, UnprintableColumnError } from '../errors.ts';
import type { Layer, Layered } from '../layered.ts';
import type { PlainPass } from '../pass.ts';
import { fitColumns } from './scale-columns.ts';

export const prunePass: PlainPass<'layered', 'layered'> = {
  name: 'prune',
  from: 'layered',
  to: 'layered',
  run: (layered, { technology }) => {
    const { layered: output, removed } = prune(layered, technology);
    return { output, changed: removed, note: `${removed} conductances left out that no scale can print` };
  },
  check: checkDriven,
  rungs: (layered, { ladder, technology }) => [ladder.circuitRung('pruned circuit', fitColumns(layered, technology))],
};

/** Beyond this ratio to its column's largest a conductance is no small weight but a mistake, such as one of units. */
const MISTAKEN_RATIO = 1e6;
/** Share of a column's conductance that may be left out: more, and the node computes something else. */
const LARGEST_LOSS = 0.1;

/**
 * Leaves out conductances that no scale of their column can print beside its largest one: below half the smallest printable one when the
 * largest is at its limit. Throws UnprintableColumnError (layer, row, column) where that is no rounding.
 */
export function prune(layered: Layered, technology: Technology): { layered: Layered; removed: number } {
  let removed = 0;
  const layers = layered.layers.map((layer, l) => {
    const siemens = layer.siemens.slice();
    for (let c = 0; c < layer.columns; c += 1) removed += pruneColumn(siemens, layer, l, c, technology);
    return { ...layer, siemens };
  });
  return { layered: { layers }, removed };
}

function pruneColumn(siemens: Float64Array, layer: Layer, l: number, column: number, technology: Technology): number {
  const { minOhms, maxOhms } = technology.crossbar;
  const place = { layer: l, column };
  const prints = `${technology.name} prints resistances from ${minOhms} to ${maxOhms} ohms`;
  let largest = 0;
  let total = 0;
  for (let at = column; at < siemens.length; at += layer.columns) {
    largest = Math.max(largest, Math.abs(siemens[at]!));
    total += Math.abs(siemens[at]!);
  }
  if (largest === 0)
    throw new UnprintableColumnError(
      place,
      'there is no conductance at all, nothing drives the node.',
      'Train again, with another seed or fewer neurons.',
    );
  let lost = 0;
  let removed = 0;
  for (let at = column; at < siemens.length; at += layer.columns) {
    const magnitude = Math.abs(siemens[at]!);
    if (magnitude === 0 || largest / magnitude <= (2 * maxOhms) / minOhms) continue;
    if (largest / magnitude > MISTAKEN_RATIO)
      throw new UnprintableColumnError(
        { ...place, row: Math.floor(at / layer.columns) },
        `${siemens[at]} siemens cannot be printed at any scale: the column's largest is ${largest}, and ${prints}.`,
        'Check the units; write 0 where there is no resistor.',
      );
    lost += magnitude;
    removed += 1;
    siemens[at] = 0;
  }
  if (lost > LARGEST_LOSS * total)
    throw new UnprintableColumnError(
      place,
      `${removed} conductances, ${((100 * lost) / total).toFixed(0)} % of the column, cannot be printed at any scale beside its largest, ${largest} siemens: ${prints}.`,
      'Train with a smaller range of conductances.',
    );
  return removed;
}

/** Every column keeps a conductance that drives it. */
function checkDriven({ layers }: Layered): void {
  layers.forEach(({ siemens, columns }, layer) => {
    for (let column = 0; column < columns; column += 1)
      if (!siemens.some((g, at) => at % columns === column && g !== 0))
        throw new PassCheckError({ layer, column }, 'nothing drives the node');
  });
}
