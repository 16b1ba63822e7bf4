import type { Technology } from '@neuroprint/circuit';
import { devicesOf } from '../devices.ts';
import { PassCheckError } from '../errors.ts';
import { fallingStages, isInverted, type Layered } from '../layered.ts';
import type { PlainPass } from '../pass.ts';

export const shareInvertersPass: PlainPass<'scaled', 'scaled'> = {
  name: 'share inverters',
  from: 'scaled',
  to: 'scaled',
  run: (layered) => {
    const output = shareInverters(layered);
    const [before, after] = [layered, output].map(({ layers }) => layers.reduce((sum, l) => sum + fallingStages(l), 0));
    const note =
      before === 0
        ? 'there are no falling stages to share'
        : `${after} falling stages in place of ${before}: one an input and layer, for all columns`;
    return { output, changed: before! - after!, note };
  },
  check: (layered, { technology }) => checkInverters(layered, technology),
  rungs: (layered, { ladder }) => [ladder.circuitRung('naive circuit', layered, true)],
};

/**
 * One falling stage for each input that some column takes negated, shared by all columns; before, every negative entry has one of its own.
 * A gate draws no current, so sharing costs the input nothing; the stage's output then feeds all its columns.
 */
export function shareInverters(layered: Layered): Layered {
  return { layers: layered.layers.map((layer) => ({ ...layer, invertersPerEntry: false })) };
}

/** One falling stage for each input that some column takes negated, and none besides. */
function checkInverters(layered: Layered, technology: Technology): void {
  const origins = devicesOf(layered, technology).map(({ origin }) => origin);
  layered.layers.forEach((inLayer, layer) => {
    for (let row = 0; row < inLayer.inputs; row += 1) {
      const count = origins.filter((of) => of.role === 'falling' && of.layer === layer && of.row === row).length;
      const needed = isInverted(inLayer, row) ? 1 : 0;
      if (count !== needed)
        throw new PassCheckError({ layer, row }, `${count} falling stages, and ${needed} are needed`);
    }
  });
}
