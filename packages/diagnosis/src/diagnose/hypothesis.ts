import { componentValues, type FlatCircuit } from '@neuroprint/circuit';
import { withFault } from '../faults/apply.ts';
import { namedElements } from '../faults/elements.ts';
import type { Fault } from '../faults/fault.ts';
import type { Latent } from './latent.ts';
import { type AddedValue, type SheetCells, SheetModel } from './model.ts';

/** What may be on the bench: the circuit with no fault, with one or with several. */
export interface Hypothesis {
  readonly faults: readonly Fault[];
  readonly model: SheetModel;
}

/** A circuit with faults, as a function of what printing leaves to chance. */
export function hypothesis(good: FlatCircuit, latent: Latent, sheet: SheetCells, faults: readonly Fault[]): Hypothesis {
  let flat = good;
  const added: AddedValue[] = [];
  for (const fault of faults) {
    const next = withFault(flat, fault);
    const values = componentValues(next).subarray(flat.components.length);
    for (const value of values) added.push({ value, ...multipleOf(flat, fault) });
    flat = next;
  }
  return { faults, model: new SheetModel(flat, latent, added, sheet) };
}

/** A resistor that is off by a factor is a multiple of what was printed. */
function multipleOf(flat: FlatCircuit, { kind, components, factor }: Fault): Omit<AddedValue, 'value'> {
  if (kind !== 'factor') return {};
  const at = namedElements(flat).resistors.get(components[0]!)!;
  return { from: flat.resistors[at]!.component, factor: factor! };
}
