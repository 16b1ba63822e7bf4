import { resistorInk } from '../ir/geometry.ts';
import { type Cell, elementParameters, type Technology } from './technology.ts';

/** An element of a cell that is printed: places of a transistor's width and length, or of a resistance, among the cell's parameters. */
interface Part {
  readonly kind: 'resistor' | 'transistor';
  readonly places: readonly number[];
}

const known = new WeakMap<Cell, readonly Part[]>();

/** What is printed of a cell. */
function parts(cell: Cell): readonly Part[] {
  const found = known.get(cell) ?? partsOf(cell);
  known.set(cell, found);
  return found;
}

function partsOf(cell: Cell): Part[] {
  const place = (name: string) => cell.parameters.findIndex((parameter) => parameter.name === name);
  return cell.elements.flatMap((element) => {
    if (element.kind === 'opamp') return [];
    return [{ kind: element.kind, places: elementParameters(element).map(place) }];
  });
}

/** Σ W·L of a cell in square metres. */
export function channelArea(cell: Cell, logs: Float64Array): number {
  return parts(cell).reduce((sum, { kind, places }) => {
    return kind === 'transistor' ? sum + Math.exp(logs[places[0]!]! + logs[places[1]!]!) : sum;
  }, 0);
}

/** ∂(Σ W·L)/∂ln ω. */
export function channelAreaGradient(cell: Cell, logs: Float64Array): Float64Array {
  const out = new Float64Array(logs.length);
  for (const { kind, places } of parts(cell)) {
    if (kind !== 'transistor') continue;
    const area = Math.exp(logs[places[0]!]! + logs[places[1]!]!);
    for (const at of places) out[at]! += area;
  }
  return out;
}

/** Σ W·L and the ink of the resistors of a cell in square metres: what its parts have in bom.csv but for the layout grid. */
export function printedArea(cell: Cell, logs: Float64Array, { printing }: Technology): number {
  const ink = parts(cell).reduce((sum, { kind, places }) => {
    return kind === 'resistor' ? sum + resistorInk(Math.exp(logs[places[0]!]!), printing).squareMetres : sum;
  }, 0);
  return channelArea(cell, logs) + ink;
}

/** Its gradient by ln ω. */
export function printedAreaGradient(cell: Cell, logs: Float64Array, { printing }: Technology): Float64Array {
  const out = channelAreaGradient(cell, logs);
  for (const { kind, places } of parts(cell)) {
    if (kind !== 'resistor') continue;
    const { squareMetres, logSlope } = resistorInk(Math.exp(logs[places[0]!]!), printing);
    out[places[0]!]! += squareMetres * logSlope;
  }
  return out;
}
