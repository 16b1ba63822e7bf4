import { describe, expect, it } from 'vitest';
import { flatShapes } from '../src/layout.ts';
import { layOut } from '../src/place/place.ts';
import { processOf } from '../src/process.ts';
import { egt, randomCircuit } from './example.ts';

describe('placing and routing', () => {
  it.each([
    ['4-3-3', [4, 3, 3], 33],
    ['16-3-10', [16, 3, 10], 104],
    ['61-32-10', [61, 32, 10], 2356],
  ])('lays %s out, every resistor drawn, every corner on the grid', (_, sizes, resistors) => {
    for (const rules of ['inkjet', 'otft']) {
      const layout = layOut(randomCircuit(sizes), egt, { rules });
      const shapes = flatShapes(layout);
      const drawn = new Set(shapes.filter(({ layer }) => layer.role === 'resistor').map(({ device }) => device));
      expect([...drawn].filter((device) => /^r_/.test(device))).toHaveLength(resistors);
      for (const { x1, y1, x2, y2 } of shapes)
        if ([x1, y1, x2, y2].some((at) => at % layout.process.grid !== 0)) expect.fail(`${x1} ${y1} ${x2} ${y2}`);
    }
  });

  it('labels the pads with the nodes, and names them as people do', () => {
    const inputNames = ['petal length', 'petal width'];
    const layout = layOut(randomCircuit([2, 2, 2]), egt, { inputNames });
    expect(layout.pads.map(({ net, text }) => `${net}: ${text}`)).toEqual([
      '0: ground',
      'vdd: vdd',
      'in0: petal length',
      'in1: petal width',
      'y_l1_c0: class0',
      'y_l1_c1: class1',
    ]);
  });

  it('refuses a resistance that no box of the rules holds, and wires that it cannot lay', () => {
    const circuit = randomCircuit([2, 2]);
    const changed = (change: (device: (typeof circuit.devices)[number]) => object) => ({
      ...circuit,
      devices: circuit.devices.map((device) => ({ ...device, ...change(device) }) as typeof device),
    });
    const huge = changed(({ name }) => (name === 'r_l0_i0_c0' ? { ohms: 1e12 } : {}));
    expect(() => layOut(huge, egt)).toThrow(/r_l0_i0_c0: 1000000000000 ohms are 1\.00e\+7 squares of resistive/);
    const across = changed(({ name }) => (name === 'r_l0_i0_c0' ? { nodes: ['in0', 'in1'] } : {}));
    expect(() => layOut(across, egt)).toThrow(/r_l0_i0_c0 leads from in0 to in1: both are driven/);
    const skipping = { ...randomCircuit([2, 2, 2]) };
    const devices = skipping.devices.map((device) =>
      device.name === 'r_l1_i0_c0' ? { ...device, nodes: ['in0', 'z_l1_c0'] as [string, string] } : device,
    );
    expect(() => layOut({ ...skipping, devices }, egt)).toThrow(/in0 is read in layer 1, and is neither/);
  });
});

describe('the rules of a process', () => {
  const { layout: _, ...unlayered } = egt;
  const withRules = (change: object) => ({
    ...egt,
    layout: { ...egt.layout!, rules: { own: { ...egt.layout!.rules.inkjet!, ...change } } },
  });
  it.each<[string, () => unknown, RegExp]>([
    ['a technology without layers', () => processOf(unlayered), /egt has no layers: its circuits are netlists/],
    ['rules that nobody wrote', () => processOf(egt, 'laser'), /has no rules "laser"/],
    [
      'a grid finer than the database unit',
      () => processOf(withRules({ gridMetres: 2.5e-10 })),
      /gridMetres: 2\.5e-10 is no/,
    ],
    [
      'a gap larger than the pitch',
      () => processOf(withRules({ pitchMetres: { bottom: 3e-5 } })),
      /pitchMetres\.bottom: lines of the smallest width 20000 nm would be 10000 nm apart .* the gap is 20000 nm/,
    ],
    ['a layer without a width', () => processOf(withRules({ widthMetres: {} })), /widthMetres: has none for the layer/],
    [
      'a width of no layer',
      () => processOf(withRules({ gapMetres: { ...egt.layout!.rules.inkjet!.gapMetres, gold: 1e-5 } })),
      /gapMetres: there is no printed layer gold/,
    ],
  ])('refuse %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
