import type { Cell } from '@neuroprint/circuit';
import { findSubckt, parseNetlist } from '../text/own-netlist.ts';
import type { Library } from './netlist.ts';
import { formatNumber } from './templates.ts';

/** Changes one device of a loaded circuit. */
export function alterResistor(path: string, ohms: number): string {
  return `alter @r.${path}[resistance]=${formatNumber(ohms)}`;
}

/** Changes the value of a voltage source. */
export function alterSource(name: string, volts: number): string {
  return `alter ${name} dc=${formatNumber(volts)}`;
}

/** How to give the stage at an instance path new component values without loading the deck again. */
export class CellAlterer {
  readonly #model: ReadonlyMap<string, string>;

  constructor(library: Library) {
    const netlist = parseNetlist(
      [library.models, ...library.cells.map((cell) => cell.text)].join('\n'),
      'the cells of the technology',
    );
    // W/L is the multiplier m of the one B source of the transistor model
    const entries = netlist.subckts.flatMap((subckt) =>
      subckt.instances.map((instance) => {
        const source = findSubckt(netlist, instance.subckt).sources.find(({ text }) => / m=\{/.test(text));
        return [`${subckt.name}.${instance.name}`, source?.name ?? ''] as const;
      }),
    );
    this.#model = new Map(entries);
  }

  /** `path`: the instance, such as `xnet.xact_l0_c1`; `value` gives ohms and metres by parameter name. */
  commands(path: string, cell: Cell, value: (parameter: string) => number): string[] {
    return cell.elements.flatMap((element) => {
      if (element.kind === 'opamp') return [];
      if (element.kind === 'resistor') return alterResistor(`${path}.r${element.name}`, value(element.ohms));
      const instance = `x${element.name}`;
      const source = this.#model.get(`${cell.name}.${instance}`);
      return `alter @b.${path}.${instance}.${source}[m]=${formatNumber(value(element.width) / value(element.length))}`;
    });
  }
}
