import { InputFileError } from '@neuroprint/core';
import type { MeasuredCurve } from './curve.ts';
import { CURRENT_UNITS, type DeviceEntry } from './manifest.ts';
import { interpolate } from './sweep.ts';

/** Transfer and output curves of one device that are further apart at the same volts are in different units. */
const MOST_APART = 100;
/** Below this share of its largest current a transfer curve is steep, and a shift of the threshold is a large factor. */
const STRONG = 0.1;

/** Throws InputFileError where an output curve gives another order of current than a transfer curve at the same volts, with the unit that fits. */
export function checkScales(
  manifest: string,
  { name, curves: entries }: DeviceEntry,
  curves: readonly MeasuredCurve[],
): void {
  for (const [o, output] of curves.entries()) {
    if (output.kind !== 'output') continue;
    for (const [t, transfer] of curves.entries()) {
      if (transfer.kind !== 'transfer') continue;
      const there = interpolate(transfer.swept, transfer.amperes, output.held);
      const here = interpolate(output.swept, output.amperes, transfer.held);
      if (!(there > STRONG * Math.max(...transfer.amperes)) || !(here > 0)) continue;
      if (Math.abs(Math.log(here / there)) < Math.log(MOST_APART)) continue;
      const apart = (unit: string): number =>
        Math.abs(Math.log((here / CURRENT_UNITS[entries[o]!.unit]!) * CURRENT_UNITS[unit]!) - Math.log(there));
      const unit = ['A', 'mA', 'uA', 'nA'].reduce((best, one) => (apart(one) < apart(best) ? one : best));
      throw new InputFileError(
        { file: manifest, row: entries[o]!.row },
        `${name}: at the same volts ${output.file} has ${here.toPrecision(2)} A in the unit ${entries[o]!.unit}, and ${transfer.file} has ${there.toPrecision(2)} A in the unit ${entries[t]!.unit}`,
        `The unit ${unit} would fit for ${output.file}.`,
      );
    }
  }
}
