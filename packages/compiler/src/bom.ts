import {
  describeOrigin,
  deviceNodes,
  flatten,
  type PrintedElement,
  printedElements,
  type Technology,
} from '@neuroprint/circuit';
import type { Circuit, Manifest } from '@neuroprint/core';

const HEADER = 'element,device,kind,ohms,width_metres,length_metres,squares,ink,area_square_metres,nodes,origin';

/** bom.csv: a line for everything that is printed, with value, geometry and area; op-amps are bought and have neither. */
export function billOfMaterials(circuit: Circuit, technology: Technology): string {
  const printed = printedElements(circuit, technology).map((element) => [
    element.name,
    element.device,
    element.kind,
    ...geometry(element),
    digits(element.areaSquareMetres),
    element.nodes.join(' '),
    `"${describeOrigin(element.origin)}"`,
  ]);
  const bought = circuit.devices
    .filter(({ kind }) => kind === 'opamp')
    .map((device) => {
      const { name, origin } = device;
      return [name, name, 'op-amp', ...Array(6).fill(''), deviceNodes(device).join(' '), `"${describeOrigin(origin)}"`];
    });
  return `${[HEADER, ...[...printed, ...bought].map((cells) => cells.join(','))].join('\n')}\n`;
}

/** Ohms, width, length, squares and ink. */
function geometry(element: PrintedElement): (string | number)[] {
  if (element.kind === 'transistor') return ['', digits(element.widthMetres), digits(element.lengthMetres), '', ''];
  const { widthMetres, lengthMetres, squares, ink } = element.geometry;
  return [element.ohms, digits(widthMetres), digits(lengthMetres), digits(squares), ink];
}

/** Multiples of the layout grid are written as such, without the noise of float64. */
function digits(value: number): number {
  return Number(value.toPrecision(9));
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
