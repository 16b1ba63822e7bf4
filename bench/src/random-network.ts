import { DesignPolytope, type Technology } from '@neuroprint/circuit';
import { type Device, Draws } from '@neuroprint/core';

/** Values inside a cell's design space. */
export function randomValues(technology: Technology, cell: string, draws: Draws, index: number): number[] {
  const space = new DesignPolytope(technology.cells[cell]!);
  const shares = new Float64Array(space.dimensions);
  draws.fillUniform(index, shares);
  const logs = new Float64Array(space.dimensions);
  space.logsAt(shares, logs);
  return [...logs].map((log, k) => space.valueOfLog(k, log));
}

/** A network whose crossbars, signs and stages are all random. */
export function randomNetwork(technology: Technology, sizes: readonly number[], seed: number) {
  const draws = new Draws(seed, 'bench network');
  const { minOhms, maxOhms } = technology.crossbar;
  const devices: Device[] = [];
  let count = 0;
  const stage = (name: string, cell: string, input: string, output: string, origin: Device['origin']): void => {
    count += 1;
    const drawn = randomValues(technology, cell, draws, count);
    const values = Object.fromEntries(
      technology.cells[cell]!.parameters.map(({ name: parameter }, k) => [parameter, drawn[k]!]),
    );
    devices.push({ kind: 'stage', name, cell, input, output, values, origin });
  };
  let from = Array.from({ length: sizes[0]! }, (_, i) => `in${i}`);
  const inputs = from;
  sizes.slice(1).forEach((columns, layer) => {
    const inverted = from.map((input, row) => {
      stage(`neg_l${layer}_i${row}`, 'negweight', input, `inv_l${layer}_i${row}`, { role: 'falling', layer, row });
      return `inv_l${layer}_i${row}`;
    });
    from = Array.from({ length: columns }, (_, column) => {
      const sources = [
        ...from.map((node, row) => (draws.uniform(9000 + count, row) < 0.4 ? inverted[row]! : node)),
        'vdd',
        '0',
      ];
      sources.forEach((source, row) => {
        count += 1;
        const ohms = minOhms * (maxOhms / minOhms) ** draws.uniform(5000 + count, 0);
        devices.push({
          kind: 'resistor',
          name: `r_l${layer}_i${row}_c${column}`,
          nodes: [source, `z_l${layer}_c${column}`],
          ohms,
          origin: { role: 'crossbar', layer, row, column },
        });
      });
      stage(`act_l${layer}_c${column}`, 'ptanh', `z_l${layer}_c${column}`, `y_l${layer}_c${column}`, {
        role: 'activation',
        layer,
        column,
      });
      return `y_l${layer}_c${column}`;
    });
  });
  return { name: `random ${seed}`, inputs, outputs: from, devices };
}
