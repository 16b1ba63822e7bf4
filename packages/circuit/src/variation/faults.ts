import { type Draws, UsageError, type Variation } from '@neuroprint/core';
import type { Component, FlatCircuit } from '../ir/flatten.ts';

/** What is open still conducts by the substrate, and what is shorted by its ink. */
export const OPEN_OHMS = 100e6;
export const SHORT_OHMS = 1;
/** A channel that was not printed: the share of its width that is left, so that no node floats. */
export const NO_CHANNEL = 1e-9;
/** Between two terminals that are not shorted: nothing that a solver or a meter would see. */
const NO_SHORT_OHMS = 1e18;

/** The hard faults of a resistor and of a transistor, each as likely as the next. An open gate leaves its transistor off. */
export const RESISTOR_FAULTS = ['open', 'short'] as const;
export const TRANSISTOR_FAULTS = [
  'gate open',
  'no channel',
  'drain-source short',
  'gate-drain short',
  'gate-source short',
] as const;
export type HardFault = (typeof RESISTOR_FAULTS)[number] | (typeof TRANSISTOR_FAULTS)[number];

/** Faults of a copy are drawn from numbers that begin here, beyond those of everything else. */
const FIRST_NUMBER = 15 * 2 ** 28;

/** Whether parts of a copy may be broken: then circuits are solved with `withFaultSites`. */
export function hasFaults(variation: number | Variation): boolean {
  return typeof variation !== 'number' && (variation.faultRate ?? 0) > 0;
}

/** The same prints with nothing broken. */
export function withoutFaults({ faultRate: _, ...whole }: Variation): Variation {
  return whole;
}

/** The fault of a part whose uniform number is `u`; undefined: it is whole. */
export function drawnFault<F extends HardFault>(u: number, rate: number, faults: readonly F[]): F | undefined {
  if (!(u < rate)) return undefined;
  return faults[Math.min(faults.length - 1, Math.floor((u / rate) * faults.length))];
}

/** A part that breaks as one. */
export type Part =
  | { readonly kind: 'resistor'; readonly component: number }
  | { readonly kind: 'transistor'; readonly width: number; readonly shorts: FaultSites };

/** Components of the resistors between drain and source, gate and drain, gate and source; undefined where these are one node. */
type FaultSites = Readonly<Partial<Record<(typeof TRANSISTOR_FAULTS)[number], number>>>;

/** A circuit whose transistors can have shorts: beside each are resistors that carry nothing until a fault is drawn for them. */
export interface BreakableCircuit extends FlatCircuit {
  readonly parts: readonly Part[];
}

/** The circuit itself where the variation has no faults, else with its parts and their resistors, after all other components. */
export function withFaultSites(flat: FlatCircuit, variation: number | Variation): FlatCircuit {
  return hasFaults(variation) ? breakable(flat) : flat;
}

/** With its parts and their resistors; as it is where it has them. Throws UsageError for op-amps, whose faults nobody has described. */
export function breakable(flat: FlatCircuit): BreakableCircuit {
  if ('parts' in flat) return flat as BreakableCircuit;
  if (flat.opamps.length > 0)
    throw new UsageError(
      'A fault rate is for resistors and transistors, and this circuit has op-amps, whose faults are not known.',
      'Leave out the fault rate, or use the node rule inverter.',
    );
  const components: Component[] = [...flat.components];
  const resistors = [...flat.resistors];
  const parts: Part[] = flat.resistors.map(({ component }) => ({ kind: 'resistor', component }));
  for (const { name: own, width, drain, gate, source } of flat.transistors) {
    const { device, origin } = flat.components[width]!;
    const shorts: Record<string, number> = {};
    for (const [name, a, b] of [
      ['drain-source short', drain, source],
      ['gate-drain short', gate, drain],
      ['gate-source short', gate, source],
    ] as const) {
      if (a === b) continue;
      shorts[name] = components.length;
      resistors.push({ nodes: [a, b], component: components.length });
      const full = `${own} ${name}`;
      components.push({ name: full, device, parameter: full, unit: 'ohms', value: NO_SHORT_OHMS, origin });
    }
    parts.push({ kind: 'transistor', width, shorts });
  }
  return { ...flat, components, resistors, parts };
}

/** Writes what a fault of a part makes of its components into `out`, and their places into `changed`. */
export function breakPart(part: Part, fault: HardFault, out: Float64Array, changed: number[] = []): void {
  if (part.kind === 'resistor') {
    // what is not printed cannot break
    if (!Number.isFinite(out[part.component]!)) return;
    out[part.component] = fault === 'short' ? SHORT_OHMS : OPEN_OHMS;
    changed.push(part.component);
    return;
  }
  if (fault === 'gate open' || fault === 'no channel') {
    out[part.width]! *= NO_CHANNEL;
    changed.push(part.width);
    return;
  }
  const site = part.shorts[fault as keyof FaultSites];
  if (site !== undefined) out[site] = SHORT_OHMS;
}

const NONE: readonly number[] = [];

/** Breaks parts of copy `index`, whose values are in `out`; returns the components that no longer follow their nominal value. */
export function drawFaults(
  flat: FlatCircuit,
  values: Float64Array,
  draws: Draws,
  index: number,
  { faultRate = 0 }: Variation,
  out: Float64Array,
): readonly number[] {
  const { parts } = flat as Partial<BreakableCircuit>;
  if (parts === undefined) return NONE;
  for (const part of parts)
    if (part.kind === 'transistor') for (const site of Object.values(part.shorts)) out[site] = values[site]!;
  const changed: number[] = [];
  parts.forEach((part, k) => {
    const u = draws.uniform(index, FIRST_NUMBER + k);
    const fault =
      part.kind === 'resistor'
        ? drawnFault(u, faultRate, RESISTOR_FAULTS)
        : drawnFault(u, faultRate, TRANSISTOR_FAULTS);
    if (fault !== undefined) breakPart(part, fault, out, changed);
  });
  return changed;
}
