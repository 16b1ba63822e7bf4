import { checkCircuit, type Technology } from '@neuroprint/circuit';
import type { Layer, Layered } from '../layered.ts';
import { withOpamps } from '../op-amps.ts';
import type { PlainPass } from '../pass.ts';
import { differing } from '../vector.ts';
import { checkRange } from './checks.ts';
import { checkSettling } from './scale-columns/settling.ts';
import { fitSupplies } from './scale-columns/supplies.ts';

export const scaleColumnsPass: PlainPass<'layered', 'scaled'> = {
  name: 'scale columns',
  from: 'layered',
  to: 'scaled',
  run: (layered, { technology, cases }) => {
    const output = fitSupplies(scaleColumns(layered, technology), technology, cases.inputVolts);
    return {
      output,
      changed: differing(layered, output),
      note: `columns towards ${technology.crossbar.maxOhms} ohms`,
    };
  },
  check: (layered, { technology, cases, network, ladder }) => {
    const circuit = ladder.circuitOf(layered);
    checkCircuit(circuit, technology);
    checkRange(layered, technology);
    checkSettling(circuit, technology, cases.inputVolts, network.variation);
  },
  rungs: (layered, { ladder }) => [ladder.circuitRung('scaled circuit', layered)],
};

/**
 * Scales each column into the printable range, towards the largest resistances, which load the stages before them least: an
 * ideal column's voltage does not depend on its scale. Where the column spans more than the range its largest conductance becomes the
 * largest printable one, and those that are too small then are raised to the smallest.
 */
export function scaleColumns(layered: Layered, technology: Technology): Layered {
  const smallest = 1 / technology.crossbar.maxOhms;
  const raised = (g: number): number => (g === 0 ? 0 : Math.sign(g) * Math.max(smallest, Math.abs(g)));
  return {
    layers: fitColumns(layered, technology).layers.map((layer) =>
      withOpamps({ ...layer, siemens: layer.siemens.map(raised) }, technology.crossbar),
    ),
  };
}

/** Every column at the scale it is printed at, nothing raised: what does not fit the range lies below it. */
export function fitColumns(layered: Layered, technology: Technology): Layered {
  return { layers: layered.layers.map((layer) => withOpamps({ ...layer, siemens: fitted(layer, technology) })) };
}

function fitted(layer: Layer, technology: Technology): Float64Array {
  const smallest = 1 / technology.crossbar.maxOhms;
  const largest = 1 / technology.crossbar.minOhms;
  const out = layer.siemens.slice();
  for (let c = 0; c < layer.columns; c += 1) {
    let low = Number.POSITIVE_INFINITY;
    let high = 0;
    for (let at = c; at < out.length; at += layer.columns) {
      const magnitude = Math.abs(out[at]!);
      if (magnitude > 0) low = Math.min(low, magnitude);
      high = Math.max(high, magnitude);
    }
    const factor = high * (smallest / low) <= largest ? smallest / low : largest / high;
    for (let at = c; at < out.length; at += layer.columns) out[at]! *= factor;
  }
  return out;
}
