import type { Technology } from '@neuroprint/circuit';
import { PassCheckError } from '../errors.ts';
import type { Layered } from '../layered.ts';
import { LayeredVector } from '../vector.ts';

/** Every conductance is a number, every stage is complete, and layers fit together. */
export function checkShape(layered: Layered): void {
  layered.layers.forEach(({ siemens, inputs, columns }, layer) => {
    if (siemens.length !== (inputs + 2) * columns)
      throw new PassCheckError({ layer }, `${siemens.length} conductances for ${inputs} inputs`);
    const before = layered.layers[layer - 1]?.columns ?? inputs;
    if (before !== inputs) throw new PassCheckError({ layer }, `${inputs} inputs after ${before} outputs`);
  });
  eachConductance(layered, (siemens) => (Number.isFinite(siemens) ? undefined : `the conductance is ${siemens}`));
}

/** Every conductance lies in the printable range. */
export function checkRange(layered: Layered, technology: Technology): void {
  const { minOhms, maxOhms } = technology.crossbar;
  eachConductance(layered, (siemens) => {
    const ohms = 1 / Math.abs(siemens);
    const isPrintable = siemens === 0 || (ohms >= minOhms * (1 - 1e-9) && ohms <= maxOhms * (1 + 1e-9));
    return isPrintable ? undefined : `${ohms} ohms cannot be printed`;
  });
}

function eachConductance(layered: Layered, fault: (siemens: number) => string | undefined): void {
  const vector = new LayeredVector(layered);
  vector.values().forEach((value, k) => {
    const slot = vector.slots[k]!;
    const found = slot.where === 'crossbar' ? fault(value) : undefined;
    if (found !== undefined) throw new PassCheckError(vector.placeOf(slot), found);
  });
}
