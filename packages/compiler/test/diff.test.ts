import type { Circuit } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { circuitOf, diffCircuits, layeredOf } from '../src/index.ts';
import { egt, network } from './example.ts';

const circuit = circuitOf(layeredOf(network(), egt, { until: 'lower' }), network(), egt);
const edited = (edit: (devices: Circuit['devices'][number][]) => void): Circuit => {
  const devices = structuredClone(circuit.devices) as Circuit['devices'][number][];
  edit(devices);
  return { ...circuit, devices };
};

describe('the difference of two circuits', () => {
  it('is none between a circuit and itself', () => {
    expect(diffCircuits(circuit, circuit)).toEqual({
      same: true,
      added: [],
      removed: [],
      reconnected: [],
      changed: [],
    });
  });

  it('names values that changed, the largest change first', () => {
    const other = edited((devices) => {
      for (const device of devices) {
        if (device.kind === 'resistor' && device.name === 'r_l0_i0_c0')
          Object.assign(device, { ohms: device.ohms * 1.1 });
        if (device.kind === 'stage' && device.name === 'act_l0_c0')
          Object.assign(device.values, { W1: device.values.W1! * 2 });
      }
    });
    expect(diffCircuits(circuit, other).changed.map(({ device, parameter }) => `${device} ${parameter}`)).toEqual([
      'act_l0_c0 W1',
      'r_l0_i0_c0 ohms',
    ]);
    expect(diffCircuits(circuit, other).changed[0]!.relativeChange).toBeCloseTo(1, 12);
  });

  it('names devices that came, went, or are connected otherwise', () => {
    const other = edited((devices) => {
      const gone = devices.findIndex((device) => device.kind === 'resistor');
      devices.splice(gone, 1);
      const moved = devices.find((device) => device.kind === 'resistor')!;
      Object.assign(moved, { nodes: ['vdd', 'z_l1_c1'] });
    });
    const diff = diffCircuits(circuit, other);
    expect(diff.removed).toHaveLength(1);
    expect(diff.reconnected).toHaveLength(1);
    expect(diffCircuits(other, circuit).added).toEqual(diff.removed);
    expect(diff.same).toBe(false);
  });
});
