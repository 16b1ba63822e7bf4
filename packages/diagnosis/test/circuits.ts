import { join } from 'node:path';
import { loadTechnology, type Technology } from '@neuroprint/circuit';
import { type Circuit, CircuitKind, type Device, Draws, makeArtifact } from '@neuroprint/core';

const TEMPLATES = join(import.meta.dirname, '../../../spice-templates');
export const egt = loadTechnology(TEMPLATES, 'egt');

/** A printed network of the given layer sizes: typical stages, random crossbar resistors, every input inverted too. */
export function network(sizes: readonly number[], seed = 0, technology: Technology = egt): Circuit {
  const draws = new Draws(seed, 'faulty circuit');
  const devices: Device[] = [];
  let count = 0;
  const resistor = (name: string, from: string, to: string, origin: Device['origin']): void => {
    const ohms = 2e5 * 10 ** draws.uniform(count, 0);
    devices.push({ kind: 'resistor', name, nodes: [from, to], ohms: Number(ohms.toPrecision(6)), origin });
    count += 1;
  };
  const stage = (name: string, cell: string, input: string, output: string, origin: Device['origin']): void => {
    const values = { ...technology.cells[cell]!.typical };
    devices.push({ kind: 'stage', name, cell, input, output, values, origin });
  };
  const lines = (prefix: string, length: number) => Array.from({ length }, (_, i) => `${prefix}${i}`);
  const inputs = lines('in', sizes[0]!);
  let from = inputs;
  sizes.slice(1).forEach((columns, layer) => {
    for (const [row, input] of from.entries())
      stage(`neg_l${layer}_i${row}`, 'negweight', input, `inv_l${layer}_i${row}`, { role: 'falling', layer, row });
    const outputs = lines(`y_l${layer}_c`, columns);
    for (const [column, output] of outputs.entries()) {
      const line = `z_l${layer}_c${column}`;
      for (const [row, input] of from.entries()) {
        const source = draws.uniform(count, 1) < 0.4 ? `inv_l${layer}_i${row}` : input;
        resistor(`r_l${layer}_i${row}_c${column}`, source, line, { role: 'crossbar', layer, row, column });
      }
      resistor(`r_l${layer}_b_c${column}`, 'vdd', line, { role: 'bias', layer, column });
      resistor(`r_l${layer}_d_c${column}`, '0', line, { role: 'pull-down', layer, column });
      stage(`act_l${layer}_c${column}`, 'ptanh', line, output, { role: 'activation', layer, column });
    }
    from = outputs;
  });
  return makeArtifact(CircuitKind, {
    name: 'faulty',
    technology: technology.name,
    inputs,
    outputs: from,
    classes: from.map((_, i) => `class${i}`),
    devices,
    inputHashes: {},
  });
}

/** Input volts between ground and the bias, row-major [rows × inputs]. */
export function randomRows(rows: number, inputs: number, seed = 0): Float64Array {
  const draws = new Draws(seed, 'inputs of faulty circuits');
  return Float64Array.from({ length: rows * inputs }, (_, i) => draws.uniform(0, i));
}
