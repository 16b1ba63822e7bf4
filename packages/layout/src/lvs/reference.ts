import { findCell, type Technology } from '@neuroprint/circuit';
import { findSubckt, NetlistError, type ParsedInstance, parseNetlist } from '@neuroprint/spice';
import { elementValues, nodesOf, OPAMP_SUPPLIES } from '../place/elements.ts';

/** A device of the netlist that is printed. */
export type ReferenceDevice =
  | {
      readonly kind: 'resistor';
      readonly name: string;
      readonly nodes: readonly [string, string];
      readonly ohms: number;
    }
  | {
      readonly kind: 'transistor';
      readonly name: string;
      readonly nodes: readonly [drain: string, source: string];
      readonly gate: string;
      readonly model: string | undefined;
      readonly widthMetres: number;
      readonly lengthMetres: number;
    };

/** A netlist down to what is printed of it. */
export interface Reference {
  readonly name: string;
  /** Nodes that lead to pads, which are labelled: inputs, outputs, supplies, ground, terminals of op-amps. */
  readonly ports: readonly string[];
  readonly devices: readonly ReferenceDevice[];
}

const GROUND = '0';

/** Reads a netlist as neuroprint writes it; cells are those of the technology. Throws NetlistError with the line. */
export function referenceOf(text: string, file: string, technology: Technology): Reference {
  const parsed = parseNetlist(text, file);
  const network = findSubckt(parsed, 'network');
  const ports = new Set([...network.ports, GROUND]);
  const devices = network.resistors.map((resistor): ReferenceDevice => {
    const { name, nodes, ohms, line } = resistor;
    if (typeof ohms !== 'number') throw new NetlistError(file, line, `${name} has no number for its resistance`);
    return { kind: 'resistor', name, nodes, ohms };
  });
  for (const instance of network.instances) {
    if (!Object.hasOwn(technology.cells, instance.subckt)) {
      if (!instance.subckt.startsWith('opamp_'))
        throw new NetlistError(file, instance.line, `${instance.subckt} is no cell of ${technology.name}`);
      for (const node of [...instance.nodes, ...OPAMP_SUPPLIES]) ports.add(node);
      continue;
    }
    devices.push(...elementsOf(instance, findSubckt(parsed, instance.subckt).ports, file, technology, ports));
  }
  return { name: file, ports: [...ports], devices };
}

function elementsOf(
  instance: ParsedInstance,
  portNames: readonly string[],
  file: string,
  technology: Technology,
  ports: Set<string>,
): ReferenceDevice[] {
  const cell = findCell(technology, instance.subckt);
  const name = instance.name.replace(/^x/, '');
  const values = Object.fromEntries(
    cell.parameters.map(({ name: parameter }) => {
      const value = instance.params[parameter.toLowerCase()];
      if (typeof value !== 'number') throw new NetlistError(file, instance.line, `${name}: ${parameter} has no number`);
      return [parameter, value];
    }),
  );
  const local = (node: string): string => {
    const at = portNames.indexOf(node);
    if (at >= 0) return instance.nodes[at]!;
    return node === GROUND ? node : `x${name}.${node}`;
  };
  return cell.elements.flatMap((element): ReferenceDevice[] => {
    const known = elementValues(element, values, local);
    const full = `${name}.${element.name}`;
    if (known.kind === 'opamp') {
      for (const node of nodesOf(known)) ports.add(node);
      return [];
    }
    if (known.kind === 'resistor') return [{ ...known, name: full }];
    const { drain, source, gate, widthMetres, lengthMetres } = known;
    // polygons tell kinds apart where each has a semiconductor of its own
    const { model } =
      technology.layout?.layers.find((layer) => layer.model !== undefined && layer.model === known.model) ?? {};
    return [{ kind: 'transistor', name: full, nodes: [drain, source], gate, model, widthMetres, lengthMetres }];
  });
}
