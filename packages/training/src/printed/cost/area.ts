import { type Cell, elementParameters } from '@neuroprint/circuit';

/** Width and length of every transistor of a cell, as places in its parameters. */
function channels(cell: Cell): (readonly [number, number])[] {
  const place = (name: string) => cell.parameters.findIndex((parameter) => parameter.name === name);
  return cell.elements.flatMap((element) => {
    if (element.kind !== 'transistor') return [];
    const [width, length] = elementParameters(element);
    return [[place(width!), place(length!)] as const];
  });
}

/** Σ W·L of a cell in square metres. */
export function areaOf(cell: Cell, logs: Float64Array): number {
  return channels(cell).reduce((sum, [w, l]) => sum + Math.exp(logs[w]! + logs[l]!), 0);
}

/** ∂(Σ W·L)/∂ln ω. */
export function areaGradient(cell: Cell, logs: Float64Array): Float64Array {
  const out = new Float64Array(logs.length);
  for (const [w, l] of channels(cell)) {
    const area = Math.exp(logs[w]! + logs[l]!);
    out[w]! += area;
    out[l]! += area;
  }
  return out;
}
