import {
  type FlatCircuit,
  flatten,
  hasFaults,
  hasMeasuredTransistors,
  type Technology,
  withFaultSites,
} from '@neuroprint/circuit';
import type { Device, Variation } from '@neuroprint/core';
import {
  type Engine,
  NoConvergenceError,
  type SimulatedRows,
  simulateFlat,
  simulateRows,
  simulateVariants,
} from '@neuroprint/spice';
import type { ExtractedCircuit } from './lvs/extract.ts';

/** A circuit from elsewhere, which has no cells: resistors, transistors and op-amps only. */
interface FlatSubject {
  readonly inputs: readonly string[];
  /** Nodes of `flat.unknowns`. */
  readonly outputs: readonly string[];
  readonly flat: FlatCircuit;
}

/** What copies, corners and blame judge. */
export type Subject = ExtractedCircuit | FlatSubject;

/** Down to its devices, in a technology that may not be the one it was made for. */
export function flatOf(
  subject: Subject,
  technology: Technology,
  options: { readonly series?: boolean; readonly spread?: boolean } = {},
): FlatCircuit {
  return 'flat' in subject ? { ...subject.flat, technology } : flatten(subject, technology, options);
}

/** A circuit as it is printed under a variation: down to its devices where its transistors have parameters of their own, or may be broken. */
export function printedSubject(subject: Subject, technology: Technology, variation: number | Variation): Subject {
  const spread = hasMeasuredTransistors(variation);
  if (!hasFaults(variation) && ('flat' in subject || !spread)) return subject;
  const flat = withFaultSites(flatOf(subject, technology, { spread }), variation);
  return { inputs: subject.inputs, outputs: subject.outputs, flat };
}

/** All rows in ngspice. `volts` row-major [rows × inputs]. */
export function simulateSubject(
  engine: Engine,
  subject: Subject,
  technology: Technology,
  volts: Float64Array,
): Promise<SimulatedRows> {
  return 'flat' in subject
    ? simulateFlat(engine, flatOf(subject, technology), volts)
    : simulateRows(engine, subject, technology, volts);
}

/** The same rows through variants of one circuit, in their order; one without an operating point is told and left out. */
export async function* simulateSubjects(
  engine: Engine,
  subject: Subject,
  technology: Technology,
  volts: Float64Array,
  variants: readonly Subject[],
  options: { readonly onNoConvergence?: (variant: number) => void } = {},
): AsyncGenerator<SimulatedRows> {
  if (!('flat' in subject)) {
    yield* simulateVariants(engine, subject, technology, volts, variants as readonly ExtractedCircuit[], options);
    return;
  }
  for (const [number, variant] of variants.entries())
    try {
      yield await simulateSubject(engine, variant, technology, volts);
    } catch (error) {
      if (!(error instanceof NoConvergenceError) || options.onNoConvergence === undefined) throw error;
      options.onNoConvergence(number);
    }
}

/** The circuit with other component values. */
export function withValues(
  circuit: Subject,
  components: readonly { readonly device: string; readonly parameter: string }[],
  values: Float64Array,
): Subject {
  if ('flat' in circuit) {
    const varied = circuit.flat.components.map((component, k) => ({ ...component, value: values[k]! }));
    return { ...circuit, flat: { ...circuit.flat, components: varied } };
  }
  const byDevice = new Map<string, Record<string, number>>();
  components.forEach(({ device, parameter }, k) => {
    const own = byDevice.get(device) ?? {};
    own[parameter] = values[k]!;
    byDevice.set(device, own);
  });
  const vary = (device: Device): Device => {
    if (device.kind === 'opamp') return device;
    const own = byDevice.get(device.name)!;
    return device.kind === 'resistor' ? { ...device, ohms: own.ohms! } : { ...device, values: own };
  };
  return { ...circuit, devices: circuit.devices.map(vary) };
}
