import {
  describeOrigin,
  deviceNodes,
  findCell,
  flatten,
  type PrintedElement,
  printedElements,
  type Technology,
} from '@neuroprint/circuit';
import type { Circuit, Manifest } from '@neuroprint/core';
import type { DrawnElement } from './context.ts';

const HEADER =
  'element,device,kind,ohms,width_metres,length_metres,squares,ink,area_square_metres,box_square_metres,geometry_from,nodes,origin';

/**
 * bom.csv: a line for everything that is printed, with value, geometry and area; op-amps are bought and have neither. `geometry_from` is `layout`
 * where the layout beside it drew the element so, and `value` where width and length are only what the value asks for.
 */
export function billOfMaterials(
  circuit: Circuit,
  technology: Technology,
  drawn: ReadonlyMap<string, DrawnElement> = new Map(),
): string {
  const printed = printedElements(circuit, technology).map((element) => [
    element.name,
    element.device,
    element.kind,
    ...geometry(element, drawn.get(element.name)),
    element.nodes.join(' '),
    `"${describeOrigin(element.origin)}"`,
  ]);
  const bought = circuit.devices
    .filter(({ kind }) => kind === 'opamp')
    .map((device) => {
      const { name, origin } = device;
      return [name, name, 'op-amp', ...Array(8).fill(''), deviceNodes(device).join(' '), `"${describeOrigin(origin)}"`];
    });
  return `${[HEADER, ...[...printed, ...bought].map((cells) => cells.join(','))].join('\n')}\n`;
}

/** Ohms, width, length, squares, ink, areas of ink and of the box, and where the geometry is from. */
function geometry(element: PrintedElement, drawn: DrawnElement | undefined): (string | number)[] {
  const { kind } = element;
  const own = kind === 'transistor' ? { ...element, ink: '' } : element.geometry;
  const { widthMetres, lengthMetres, ink } = drawn ?? own;
  const area = drawn?.areaSquareMetres ?? element.areaSquareMetres;
  const box = drawn?.boxSquareMetres ?? element.box.widthMetres * element.box.heightMetres;
  return [
    kind === 'transistor' ? '' : element.ohms,
    digits(widthMetres),
    digits(lengthMetres),
    kind === 'transistor' ? '' : digits(lengthMetres / widthMetres),
    ink,
    digits(area),
    digits(box),
    drawn === undefined ? 'value' : 'layout',
  ];
}

/** Multiples of the layout grid are written as such, without the noise of float64. */
function digits(value: number): number {
  return Number(value.toPrecision(9));
}

/** Falling stages: inverters that serve negative weights. */
export function countInverters({ devices }: Pick<Circuit, 'devices'>, technology: Technology): number {
  return devices.filter((device) => device.kind === 'stage' && findCell(technology, device.cell).curve === 'falling')
    .length;
}

type Totals = Pick<Manifest, 'components' | 'areaSquareMetres' | 'printedSquareMetres'>;

/** How many components a circuit has, down to resistors and transistors, and what area they take. */
export function countComponents(circuit: Circuit, technology: Technology): Totals {
  const flat = flatten(circuit, technology);
  const elements = printedElements(circuit, technology);
  const area = (kind: PrintedElement['kind']): number =>
    elements.reduce((sum, element) => sum + (element.kind === kind ? element.areaSquareMetres : 0), 0);
  return {
    components: {
      resistors: flat.resistors.length,
      crossbarResistors: circuit.devices.filter((device) => device.kind === 'resistor').length,
      transistors: flat.transistors.length,
      opamps: flat.opamps.length,
    },
    areaSquareMetres: area('transistor'),
    printedSquareMetres: { transistors: area('transistor'), resistors: area('resistor') },
  };
}
