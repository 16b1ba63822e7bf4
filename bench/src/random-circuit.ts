import type { Technology } from '@neuroprint/circuit';
import { type Circuit, CircuitKind, type Device, makeArtifact } from '@neuroprint/core';

/** Numbers from 0 to 1 that are the same in every run (a linear congruence: good enough to draw values with). */
function numbers(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) % 4294967296;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

/** Values of a cell at random within its ranges, lengths on whole micrometres, that keep its constraints. */
function stageValues(cell: Technology['cells'][string], random: () => number): Record<string, number> {
  const values = Object.fromEntries(
    cell.parameters.map(({ name, unit }) => {
      const typical = cell.typical[name]!;
      if (unit === 'ohms') return [name, Number((typical * (0.8 + 0.4 * random())).toPrecision(3))];
      return [name, Math.round((typical * (0.9 + 0.3 * random())) / 1e-6) * 1e-6];
    }),
  );
  return values;
}

/** A printed network of given sizes with random values: every row and its inverse, where there is one, to columns; bias and pull-down. */
export function randomCircuit(sizes: readonly number[], seed: number, technology: Technology): Circuit {
  const random = numbers(seed);
  const ohms = (): number => Number((technology.crossbar.minOhms * 50 ** random()).toPrecision(3));
  const devices: Device[] = [];
  let nodes = Array.from({ length: sizes[0]! }, (_, i) => `in${i}`);
  const inputs = nodes;
  for (let layer = 0; layer + 1 < sizes.length; layer += 1) {
    const columns = Array.from({ length: sizes[layer + 1]! }, (_, c) => c);
    nodes.forEach((input, row) => {
      const values = stageValues(technology.cells.negweight!, random);
      const origin = { role: 'falling', layer, row } as const;
      const name = `neg_l${layer}_i${row}`;
      devices.push({ kind: 'stage', name, cell: 'negweight', input, output: `inv_l${layer}_i${row}`, values, origin });
    });
    for (const column of columns) {
      const z = `z_l${layer}_c${column}`;
      const resistor = (name: string, from: string, role: 'crossbar' | 'bias' | 'pull-down', row?: number): void => {
        const origin = { role, layer, ...(row === undefined ? {} : { row }), column } as const;
        devices.push({ kind: 'resistor', name, nodes: [from, z], ohms: ohms(), origin });
      };
      nodes.forEach((input, row) => {
        const from = random() < 0.5 ? input : `inv_l${layer}_i${row}`;
        resistor(`r_l${layer}_i${row}_c${column}`, from, 'crossbar', row);
      });
      resistor(`r_l${layer}_bias_c${column}`, 'vdd', 'bias');
      resistor(`r_l${layer}_down_c${column}`, '0', 'pull-down');
    }
    for (const column of columns) {
      const values = stageValues(technology.cells.ptanh!, random);
      const origin = { role: 'activation', layer, column } as const;
      const name = `act_l${layer}_c${column}`;
      const [input, output] = [`z_l${layer}_c${column}`, `y_l${layer}_c${column}`];
      devices.push({ kind: 'stage', name, cell: 'ptanh', input, output, values, origin });
    }
    nodes = columns.map((c) => `y_l${layer}_c${c}`);
  }
  return makeArtifact(CircuitKind, {
    inputHashes: {},
    name: sizes.join('-'),
    technology: technology.name,
    inputs,
    outputs: nodes,
    classes: nodes.map((_, c) => `class${c}`),
    devices,
  });
}
