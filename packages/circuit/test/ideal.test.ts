import { describe, expect, it } from 'vitest';
import { idealVoltages } from '../src/fast/ideal.ts';
import { unloadedVoltages } from '../src/fast/unloaded.ts';
import { egt } from './example.ts';

describe('a network without η', () => {
  it('promises what ideal crossbars and the exact curves of its stages give, negative weights through the falling stage', () => {
    const layer = {
      nodeRule: 'inverter' as const,
      conductancesSiemens: [
        [-2e-6, 2e-6],
        [1e-6, -1e-6],
        [1e-7, 0],
        [0, 1e-6],
      ],
      fallingStages: [{ cell: 'negweight', values: egt.cells.negweight!.typical }],
      activationStages: [{ cell: 'ptanh', values: egt.cells.ptanh!.typical }],
    };
    const volts = Float64Array.of(0.1, 0.9, 0.5, 0.4, 0.8, 0.2);
    const fast = idealVoltages({ layers: [layer, layer] }, volts, 3, egt).outputs.at(-1)!;
    const exact = unloadedVoltages({ layers: [layer, layer] }, egt, volts, 3);
    fast.forEach((v, i) => {
      expect(Math.abs(v - exact[i]!)).toBeLessThan(1e-3);
    });
  });

  it('weighs its bias row by the volts that it was trained with', () => {
    const layer = {
      nodeRule: 'inverter' as const,
      conductancesSiemens: [[1e-6], [1e-6], [2e-6]],
      fallingStages: [{ cell: 'negweight', values: egt.cells.negweight!.typical }],
      activationStages: [{ cell: 'ptanh', values: egt.cells.ptanh!.typical }],
    };
    const node = (biasVolts?: number) =>
      idealVoltages({ layers: [layer], biasVolts }, Float64Array.of(0.2), 1, egt).columns[0]![0];
    expect([node(), node(1), node(0.8)]).toEqual([(0.2e-6 + 1e-6) / 4e-6, 0.3, 0.25].map((v) => expect.closeTo(v, 12)));
  });
});
