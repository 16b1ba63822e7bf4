import { type Cell, type Technology, wattsGradient } from '@neuroprint/circuit';
import type { Architecture, Parameters } from '../layer/parameters.ts';
import { printedMagnitude } from '../layer/weights.ts';
import { type PrintedVariation, withValueFactors } from '../variation.ts';
import type { Measured, StagePlaces } from './measured.ts';

/**
 * Static watts of every print of a network, mean over rows: crossbars with their drawn conductances at the volts of the network itself
 * (exact to first order, for a node minimises its power), stages as e^(Σ ∂ln W/∂ln ω · ln factor), the slopes those of the
 * component values that places share.
 */
export function copyWatts(
  { conductances, falling, activation }: Architecture,
  technology: Technology,
  parameters: Parameters,
  { stages, squares }: Measured,
  prints: PrintedVariation,
): Float64Array {
  const out = new Float64Array(prints.draws);
  squares.forEach((volts, l) => {
    const printed = parameters.layers[l]!.theta.map((value) => printedMagnitude(value, conductances));
    const factors = withValueFactors(prints.model, prints.layers[l]!.conductances, printed, conductances);
    for (let i = 0; i < factors.length; i += 1) {
      const at = i % printed.length;
      out[Math.floor(i / printed.length)]! += printed[at]! * conductances.unitSiemens * volts[at]! * factors[i]!;
    }
  });
  for (const places of stages) {
    const { cell } = places.kind === 'falling' ? falling : activation;
    const slopes = places.logs.map((logs, set) => logSlopes(technology, cell, places, logs, set));
    const factors = prints.layers[places.layer]![places.kind];
    const size = cell.parameters.length;
    const count = places.printed.length;
    for (let i = 0; i < count * prints.draws; i += 1) {
      const place = i % count;
      if (!places.printed[place]) continue;
      const slope = slopes[places.set[place]!]!;
      let exponent = 0;
      for (let k = 0; k < size; k += 1) exponent += slope[k]! * factors[i * size + k]!;
      out[Math.floor(i / count)]! += places.watts[place]! * Math.exp(exponent);
    }
  }
  return out;
}

/** ∂ln W/∂ln ω of the places that have one set of component values, all of them together. */
function logSlopes(
  technology: Technology,
  cell: Cell,
  { set: sets, printed, share, watts }: StagePlaces,
  logs: Float64Array,
  set: number,
): Float64Array {
  const here = sets.flatMap((own, i) => (own === set && printed[i]! ? [i] : []));
  if (here.length === 0) return new Float64Array(logs.length);
  const seen = share[here[0]!]!.map((_, v) => here.reduce((sum, i) => sum + share[i]![v]!, 0));
  const total = here.reduce((sum, i) => sum + watts[i]!, 0);
  return wattsGradient(technology, cell, logs, seen).map((slope) => slope / total);
}
