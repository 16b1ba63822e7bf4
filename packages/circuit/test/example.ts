import { fileURLToPath } from 'node:url';
import { type Circuit, CircuitKind, type Device, Draws, makeArtifact } from '@neuroprint/core';
import { DesignPolytope } from '../src/technology/design-space.ts';
import { loadTechnology, type Technology } from '../src/technology/technology.ts';

export const TEMPLATES = fileURLToPath(new URL('../../../spice-templates', import.meta.url));
export const egt = loadTechnology(TEMPLATES, 'egt');
export const date23 = loadTechnology(TEMPLATES, 'egt-date23');

/** Random component values of a cell, inside its design space. */
function randomValues(technology: Technology, cell: string, draws: Draws, index: number): Record<string, number> {
  const { parameters, constraints } = technology.cells[cell]!;
  const space = new DesignPolytope({ parameters, constraints });
  const shares = Float64Array.from(parameters, (_, k) => draws.uniform(index, k));
  const logs = new Float64Array(parameters.length);
  space.logsAt(shares, logs);
  return Object.fromEntries(parameters.map(({ name }, k) => [name, space.valueOfLog(k, logs[k]!)]));
}

/** A random printed network of the given layer sizes: crossbars with bias and pull-down, some inverted inputs, ptanh stages. */
export function randomCircuit(technology: Technology, sizes: readonly number[], seed: number): Circuit {
  const draws = new Draws(seed, 'test circuit');
  const { minOhms, maxOhms } = technology.crossbar;
  const devices: Device[] = [];
  let count = 0;
  const resistor = (name: string, from: string, to: string, origin: Device['origin']): void => {
    const ohms = minOhms * (maxOhms / minOhms) ** draws.uniform(count, 50);
    count += 1;
    devices.push({ kind: 'resistor', name, nodes: [from, to], ohms, origin });
  };
  let from = Array.from({ length: sizes[0]! }, (_, i) => `in${i}`);
  sizes.slice(1).forEach((columns, layer) => {
    const inverted = from.map((input, i) => {
      const name = `neg_l${layer}_i${i}`;
      const values = randomValues(technology, 'negweight', draws, 1000 + layer * 100 + i);
      devices.push({
        kind: 'stage',
        name,
        cell: 'negweight',
        input,
        output: `inv_l${layer}_i${i}`,
        values,
        origin: { role: 'falling', layer, row: i },
      });
      return `inv_l${layer}_i${i}`;
    });
    const outputs = Array.from({ length: columns }, (_, c) => {
      const column = `z_l${layer}_c${c}`;
      from.forEach((input, i) => {
        const negative = draws.uniform(count, 51) < 0.4;
        resistor(`r_l${layer}_i${i}_c${c}`, negative ? inverted[i]! : input, column, {
          role: 'crossbar',
          layer,
          row: i,
          column: c,
        });
      });
      resistor(`r_l${layer}_bias_c${c}`, 'vdd', column, { role: 'bias', layer, column: c });
      resistor(`r_l${layer}_down_c${c}`, '0', column, { role: 'pull-down', layer, column: c });
      const values = randomValues(technology, 'ptanh', draws, 5000 + layer * 100 + c);
      devices.push({
        kind: 'stage',
        name: `act_l${layer}_c${c}`,
        cell: 'ptanh',
        input: column,
        output: `y_l${layer}_c${c}`,
        values,
        origin: { role: 'activation', layer, column: c },
      });
      return `y_l${layer}_c${c}`;
    });
    from = outputs;
  });
  return makeArtifact(CircuitKind, {
    name: 'random',
    technology: technology.name,
    inputs: Array.from({ length: sizes[0]! }, (_, i) => `in${i}`),
    outputs: from,
    classes: from.map((_, i) => `class${i}`),
    devices,
    inputHashes: {},
  });
}
