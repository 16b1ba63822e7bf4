import { renderNetlist } from '@neuroprint/spice';
import { describe, expect, it } from 'vitest';
import { checkLayout } from '../src/check.ts';
import { writeGds } from '../src/gds/write.ts';
import type { Layout, Shape } from '../src/layout.ts';
import { layOut } from '../src/place/place.ts';
import { checkRules } from '../src/rules/check.ts';
import { egt, otftTechnology, randomCircuit } from './example.ts';

const circuit = randomCircuit([3, 2, 2]);
const netlist = { text: renderNetlist(circuit, egt), file: 'netlist.cir' };

function compared(layout: Layout, rules = 'inkjet') {
  return checkLayout('layout.gds', writeGds(layout), netlist, egt, rules);
}

/** A layout with its shapes changed, one by one. */
function changed(layout: Layout, change: (shape: Shape) => Shape | undefined): Layout {
  const all = (shapes: readonly Shape[]): Shape[] => shapes.flatMap((shape) => change(shape) ?? []);
  return {
    ...layout,
    shapes: all(layout.shapes),
    instances: layout.instances.map((one) => ({ ...one, cell: { ...one.cell, shapes: all(one.cell.shapes) } })),
  };
}

describe.each(['inkjet', 'otft'])('what the polygons are, under the rules %s', (rules) => {
  const layout = layOut(circuit, egt, { rules });
  const differences = (change: (shape: Shape) => Shape | undefined): string =>
    compared(changed(layout, change), rules).differences.join('\n');

  it('is the netlist: every net, every resistance within 1 %, every width and length', () => {
    const result = compared(layout, rules);
    expect(result.differences).toEqual([]);
    expect(result).toMatchObject({ matches: true, resistors: 31, transistors: 13 });
    expect(result.worstOhms).toBeLessThan(0.01);
    expect(result.worstMetres).toBeLessThan(1e-9);
  });

  it('is another circuit where a row is cut', () => {
    const row = layout.shapes.find(
      ({ layer, net, x2, x1, y1, y2 }) => layer.role === 'bottom metal' && net === 'in1' && x2 - x1 > y2 - y1,
    )!;
    expect(differences((shape) => (shape === row ? { ...shape, x1: shape.x1 + 1_000_000 } : shape))).toMatch(/in1/);
  });

  it('is another circuit where the dielectric of a crossing is missing', () => {
    const patches = layout.shapes.filter(({ layer }) => layer.role === 'crossover dielectric');
    const cuts = layout.shapes.filter(({ layer }) => layer.role === 'via');
    // a patch around a cut may go, because the metals meet there anyway
    const crossings = patches.filter(
      ({ x1, y1, x2, y2 }) => !cuts.some((cut) => cut.x1 > x1 && cut.x2 < x2 && cut.y1 > y1 && cut.y2 < y2),
    );
    for (const patch of crossings.filter((_, k) => k % 9 === 0))
      expect(differences((shape) => (shape === patch ? undefined : shape))).toMatch(
        /are one net in the layout|missing/,
      );
  });

  it('is another circuit where ink is thinner, and the resistor is named', () => {
    const text = differences((shape) =>
      shape.layer.role === 'resistor' && shape.device === 'r_l0_i1_c0' ? { ...shape, x2: shape.x2 - 2000 } : shape,
    );
    expect(text).toMatch(/^r_l0_i1_c0 \(.* ohms\): .* ohms in the layout at x /);
  });

  it('is another circuit where a channel is longer, and the transistor is named', () => {
    const text = differences((shape) =>
      shape.layer.role === 'semiconductor' && shape.device === 'act_l1_c0.drive2'
        ? { ...shape, y2: shape.y2 - 5000 }
        : shape,
    );
    expect(text).toMatch(/^act_l1_c0\.drive2 .*: W is .* metres in the layout/);
  });

  it('is another circuit where labels of two inputs are exchanged', () => {
    const names: Record<string, string> = { in0: 'in1', in1: 'in0' };
    const labels = layout.labels.map((label) => ({ ...label, text: names[label.text] ?? label.text }));
    expect(compared({ ...layout, labels }, rules).matches).toBe(false);
  });

  it('needs no label of an inner net', () => {
    const pads = new Set(layout.pads.map(({ net }) => net));
    const labels = layout.labels.filter(({ text, layer }) => layer.role === 'title' || pads.has(text));
    expect(labels.length).toBeLessThan(layout.labels.length);
    expect(compared({ ...layout, labels }, rules).differences).toEqual([]);
  });
});

describe('a layout', () => {
  it('of another technology, or of nothing, is refused', () => {
    const layout = layOut(circuit, egt);
    const nothing = changed(layout, ({ layer, ...shape }) =>
      layer.role === 'bottom metal' ? undefined : { layer, ...shape },
    );
    expect(() => compared(nothing)).toThrow(/layout\.gds: draws nothing on the bottom metal of egt/);
  });
});

it.each(['otft', 'inkjet'])(
  'p-type transistors are laid out and read back too, under the rules %s of their technology',
  (rules) => {
    const own = randomCircuit([3, 2, 2], 1, otftTechnology);
    const layout = layOut(own, otftTechnology, { rules });
    expect(checkRules(layout)).toEqual([]);
    const text = { text: renderNetlist(own, otftTechnology), file: 'netlist.cir' };
    const result = checkLayout('layout.gds', writeGds(layout), text, otftTechnology, rules);
    expect(result).toMatchObject({ matches: true, differences: [], resistors: 31, transistors: 13 });
  },
);
