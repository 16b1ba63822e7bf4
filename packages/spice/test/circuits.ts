import { fileURLToPath } from 'node:url';
import { type Cell, loadTechnology, type Technology } from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import type { CircuitLike } from '@neuroprint/spice';

export const TECHNOLOGIES = ['egt', 'egt-date23'] as const;

export function technologyOf(name: string): Technology {
  return loadTechnology(fileURLToPath(new URL('../../../spice-templates', import.meta.url)), name);
}

/** `count` designs of a cell around its typical values, ±20 %; row-major [designs × parameters]. */
export function randomDesigns(cell: Cell, count: number, seed: number): Float64Array {
  const draws = new Draws(seed, `designs of ${cell.name}`);
  const width = cell.parameters.length;
  return Float64Array.from({ length: count * width }, (_, i) => {
    const { name, min, max } = cell.parameters[i % width]!;
    const value = cell.typical[name]! * (0.8 + 0.4 * draws.uniform(Math.floor(i / width), i % width));
    return Math.min(max, Math.max(min, value));
  });
}

type Device = CircuitLike['devices'][number];

/** A printed network of the given layer sizes with random values: crossbars, falling stages, activations. */
export function randomCircuit(technology: Technology, sizes: readonly number[], seed: number): CircuitLike {
  const draws = new Draws(seed, 'circuit');
  let count = 0;
  const random = (): number => draws.uniform(0, count++);
  const cellOf = (curve: Cell['curve']): Cell => Object.values(technology.cells).find((cell) => cell.curve === curve)!;
  const valuesOf = (cell: Cell) =>
    Object.fromEntries(
      cell.parameters.map(({ name, min, max }) => [
        name,
        Math.min(max, Math.max(min, cell.typical[name]! * (0.8 + 0.4 * random()))),
      ]),
    );
  const { minOhms, maxOhms } = technology.crossbar;
  const ohms = (): number => Math.max(minOhms, 1e5) * (maxOhms / Math.max(minOhms, 1e5)) ** random();
  const devices: Device[] = [];
  let rows = Array.from({ length: sizes[0]! }, (_, i) => `in_${i}`);
  const inputs = rows;
  for (let layer = 0; layer + 1 < sizes.length; layer += 1) {
    const columns = sizes[layer + 1]!;
    const last = layer + 2 === sizes.length;
    const falling = cellOf('falling');
    rows.forEach((node, row) => {
      devices.push({
        kind: 'stage',
        name: `neg_l${layer}_i${row}`,
        cell: falling.name,
        input: node,
        output: `n_l${layer}_i${row}`,
        values: valuesOf(falling),
        origin: { role: 'falling', layer, row },
      });
    });
    const outputs: string[] = [];
    for (let column = 0; column < columns; column += 1) {
      const z = `z_l${layer}_c${column}`;
      const resistor = (name: string, from: string, role: Device['origin']['role'], row: number, scale = 1): void => {
        devices.push({
          kind: 'resistor',
          name: `r_l${layer}_${name}_c${column}`,
          nodes: [from, z],
          ohms: Math.min(maxOhms, scale * ohms()),
          origin: { role, layer, row, column },
        });
      };
      rows.forEach((node, row) => {
        resistor(`i${row}`, random() < 0.5 ? node : `n_l${layer}_i${row}`, 'crossbar', row);
      });
      resistor('bias', 'vdd', 'bias', rows.length, 5);
      resistor('down', '0', 'pull-down', rows.length + 1, 0.5);
      const rising = cellOf('rising');
      const output = last ? `out_${column}` : `a_l${layer}_c${column}`;
      outputs.push(output);
      devices.push({
        kind: 'stage',
        name: `act_l${layer}_c${column}`,
        cell: rising.name,
        input: z,
        output,
        values: valuesOf(rising),
        origin: { role: 'activation', layer, column },
      });
    }
    rows = outputs;
  }
  return { name: `random ${sizes.join('-')}`, inputs, outputs: rows, devices };
}

/** `rows` random input rows in 0..1 V, row-major. */
export function randomRows(rows: number, inputs: number, seed: number): Float64Array {
  const draws = new Draws(seed, 'rows');
  return Float64Array.from({ length: rows * inputs }, (_, i) => draws.uniform(Math.floor(i / inputs), i % inputs));
}
