import { checkCircuit } from '@neuroprint/circuit';
import type { PlainPass } from '../pass.ts';
import { checkSettling } from './scale-columns/settling.ts';

/** layered → circuit: every device with its name and its origin. */
export const placeNamesPass: PlainPass<'scaled', 'circuit'> = {
  name: 'place names',
  from: 'scaled',
  to: 'circuit',
  run: (layered, { ladder }) => {
    const output = ladder.circuitOf(layered);
    const changed = output.devices.length;
    return { output, changed, note: `${changed} devices, each with layer, row and column` };
  },
  check: (circuit, { technology, cases, network }) => {
    checkCircuit(circuit, technology);
    checkSettling(circuit, technology, cases.inputVolts, network.variation);
  },
  rungs: () => [],
};
