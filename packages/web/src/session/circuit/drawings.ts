import { formatEngineering, NeuroprintError } from '@neuroprint/core';
import { type Layout, layOut, layoutSvg, type Mark, placedDevices } from '@neuroprint/layout';
import { schematicSvg } from '@neuroprint/report';
import type { Changes, Drawing, Shade } from '../circuit-view.ts';
import type { OpenCircuit } from './open-circuit.ts';
import type { MarginSensitivity } from './sensitivity.ts';

/** What devices are shaded by, and what that is called. */
interface Shading {
  readonly shares: ReadonlyMap<string, number>;
  readonly legend: string;
  readonly note: string;
  readonly about: (share: number) => string;
}

/** Devices by what they are shaded by; those that were changed where it is nothing. */
export function shadingOf(
  { flat }: OpenCircuit,
  shade: Shade,
  changes: Changes,
  margins: MarginSensitivity | undefined,
): Shading | undefined {
  if (shade === 'sensitivity' && margins !== undefined) {
    const shares = new Map<string, number>();
    flat.components.forEach(({ device }, k) => {
      shares.set(device, Math.max(shares.get(device) ?? 0, margins.mean[k]!));
    });
    return {
      shares,
      legend: 'sensitive',
      note: `Shaded by how far margins move where a value changes by 1 %, mean over ${margins.rows} rows.`,
      about: (share) => `${formatEngineering(share, 'V')} of margin for 1 %`,
    };
  }
  const changed = new Set(Object.keys(changes).map((component) => component.split('.')[0]!));
  if (changed.size === 0) return undefined;
  return {
    shares: new Map([...changed].map((device) => [device, 1])),
    legend: 'changed by hand',
    note: 'Shaded: changed by hand, with the values that are tried.',
    about: () => 'changed by hand',
  };
}

export function schematicOf(open: OpenCircuit, changes: Changes, heat: Shading | undefined): Drawing {
  const { network, technology } = open;
  return { svg: schematicSvg({ circuit: open.circuitWith(changes), network, technology, heat }) };
}

/** The layout of the circuit as it is in the netlist, or why there is none. */
export function placedLayout({ circuit, network, technology }: OpenCircuit): Layout | { readonly none: string } {
  if (technology.layout === undefined) return { none: `The technology ${technology.name} has no layers.` };
  try {
    return layOut(circuit, technology, { inputNames: network.inputs.map(({ name }) => name) });
  } catch (error) {
    if (error instanceof NeuroprintError) return { none: error.message };
    throw error;
  }
}

/** Every device of a layout with a box over it that can be pointed at. */
export function layoutDrawing(layout: Layout, shading: Shading | undefined): Drawing {
  const largest = Math.max(1e-30, ...(shading?.shares.values() ?? []));
  const marks = new Map(
    placedDevices(layout).map(({ name }): [string, Mark] => {
      const share = shading?.shares.get(name.split('.')[0]!);
      if (share === undefined || shading === undefined) return [name, { colour: 'transparent', title: name }];
      const t = Math.sqrt(share / largest);
      const mix = (to: number): number => Math.round(255 + t * (to - 255));
      return [name, { colour: `rgb(${mix(0xd5)},${mix(0x5e)},${mix(0)})`, title: `${name}, ${shading.about(share)}` }];
    }),
  );
  return { svg: layoutSvg(layout, { marks }) };
}
