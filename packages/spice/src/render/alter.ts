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

/** A source of a transistor's model whose multiplier is a size: `wl`, `w`, `l` or `w/l`. */
interface Sized {
  readonly source: string;
  readonly multiplier: string;
}

/** How to give the stage at an instance path new component values without loading the deck again. */
export class CellAlterer {
  readonly #sized: ReadonlyMap<string, readonly Sized[]>;

  constructor(library: Library) {
    const netlist = parseNetlist(
      [library.models, ...library.cells.map((cell) => cell.text)].join('\n'),
      'the cells of the technology',
    );
    // sizes stand only behind the m= of the B sources of transistor models
    const entries = netlist.subckts.flatMap((subckt) =>
      subckt.instances.map((instance) => {
        const sized = findSubckt(netlist, instance.subckt).sources.flatMap(({ name, text }): Sized[] => {
          const multiplier = / m=\{([a-z/]+)\}/.exec(text)?.[1];
          return multiplier === undefined ? [] : [{ source: name, multiplier }];
        });
        return [`${subckt.name}.${instance.name}`, sized] as const;
      }),
    );
    this.#sized = new Map(entries);
  }

  /** `path`: the instance, such as `xnet.xact_l0_c1`; `value` gives ohms and metres by parameter name. */
  commands(path: string, cell: Cell, value: (parameter: string) => number): string[] {
    return cell.elements.flatMap((element) => {
      if (element.kind === 'opamp') return [];
      if (element.kind === 'resistor') return alterResistor(`${path}.r${element.name}`, value(element.ohms));
      const instance = `x${element.name}`;
      const [width, length] = [value(element.width), value(element.length)];
      const sizes: Readonly<Record<string, number>> = {
        wl: width / length,
        'w/l': width / length,
        w: width,
        l: length,
      };
      return this.#sized
        .get(`${cell.name}.${instance}`)!
        .map(
          ({ source, multiplier }) => `alter @b.${path}.${instance}.${source}[m]=${formatNumber(sizes[multiplier])}`,
        );
    });
  }
}
