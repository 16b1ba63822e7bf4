import type { FlatCircuit } from './flatten.ts';

/** The ends of everything that conducts by Ohm's law: first the resistors, then what belongs to transistors (leaks), then lines. */
export function conductorNodes({
  resistors,
  leaks,
  lines = [],
}: Pick<FlatCircuit, 'resistors' | 'leaks' | 'lines'>): (readonly [number, number])[] {
  return [...resistors, ...leaks, ...lines].map(({ nodes }) => nodes);
}

/** The same ends where every resistor that may stand elsewhere does. */
export function otherConductorNodes(
  flat: Pick<FlatCircuit, 'resistors' | 'leaks' | 'lines'>,
): (readonly [number, number])[] {
  return conductorNodes(flat).map((nodes, i) => flat.resistors[i]?.otherNodes ?? nodes);
}

export function conductorCount({ resistors, leaks, lines = [] }: FlatCircuit): number {
  return resistors.length + leaks.length + lines.length;
}

/** Siemens of every conductor, in that order, at component values in ohms and metres. */
export function conductances(
  { resistors, leaks, lines = [] }: FlatCircuit,
  values: Float64Array,
  out: Float64Array,
): void {
  for (let i = 0; i < resistors.length; i += 1) out[i] = 1 / values[resistors[i]!.component]!;
  for (let i = 0; i < leaks.length; i += 1) {
    const { siemens, width, length } = leaks[i]!;
    out[resistors.length + i] = (siemens * values[width]!) / (length === undefined ? 1 : values[length]!);
  }
  const at = resistors.length + leaks.length;
  for (let i = 0; i < lines.length; i += 1) out[at + i] = lines[i]!.siemens;
}

/** The component of every resistor. */
export function resistorComponents({ resistors }: Pick<FlatCircuit, 'resistors'>): Int32Array {
  return Int32Array.from(resistors, ({ component }) => component);
}

/**
 * Adds ∂L/∂value of the components to `gradient`, given ∂L/∂conductance of every conductor and the components of the resistors. For a resistance that is infinite the
 * derivative by the conductance is given instead, so that an absent resistor can be asked whether it should be there.
 */
export function addConductanceGradient(
  { leaks }: FlatCircuit,
  resistors: Int32Array,
  values: Float64Array,
  byConductance: Float64Array,
  gradient: Float64Array,
): void {
  for (let i = 0; i < resistors.length; i += 1) {
    const component = resistors[i]!;
    const ohms = values[component]!;
    const by = byConductance[i]!;
    gradient[component]! += Number.isFinite(ohms) ? -by / (ohms * ohms) : by;
  }
  for (let i = 0; i < leaks.length; i += 1) {
    const { siemens, width, length } = leaks[i]!;
    const by = siemens * byConductance[resistors.length + i]!;
    const over = length === undefined ? 1 : values[length]!;
    gradient[width]! += by / over;
    if (length !== undefined) gradient[length]! -= (by * values[width]!) / (over * over);
  }
}
