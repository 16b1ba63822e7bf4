import { describe, expect, it } from 'vitest';
import { plantBreaks } from '../../../bench/src/layout-breaks.ts';
import { mergedRectangles } from '../src/geometry/region.ts';
import type { Layout, Shape } from '../src/layout.ts';
import { layOut } from '../src/place/place.ts';
import { checkRules } from '../src/rules/check.ts';
import { Distances } from '../src/rules/edges.ts';
import { egt, randomCircuit } from './example.ts';

const circuit = randomCircuit([3, 2, 2]);

const rectangle = (x1: number, y1: number, x2: number, y2: number) => ({ x1, y1, x2, y2 });

describe('distances', () => {
  const of = (...rectangles: ReturnType<typeof rectangle>[]) => new Distances(mergedRectangles(rectangles));

  it('pass a line of exactly the smallest width and two of exactly the gap', () => {
    const lines = of(rectangle(0, 0, 200, 1000), rectangle(300, 0, 500, 1000));
    expect(lines.narrow(200)).toEqual([]);
    expect(lines.narrow(201)).toHaveLength(2);
    expect(lines.near(100)).toEqual([]);
    expect(lines.near(101)).toEqual([rectangle(200, 0, 300, 1000)]);
  });

  it('take pieces that abut for one', () => {
    const pieces = of(rectangle(0, 0, 50, 100), rectangle(50, 0, 100, 100));
    expect(pieces.narrow(100)).toEqual([]);
  });

  it('are measured as the crow flies from corner to corner', () => {
    const squares = of(rectangle(0, 0, 100, 100), rectangle(130, 140, 230, 240));
    expect(squares.near(50)).toEqual([]);
    expect(squares.near(51)).toEqual([rectangle(100, 100, 130, 140)]);
    const neck = of(rectangle(0, 0, 100, 100), rectangle(90, 60, 200, 200));
    expect(neck.narrow(20)).toEqual([]);
    expect(neck.narrow(42)).toEqual([rectangle(90, 60, 100, 100)]);
  });

  it('are those of notches too', () => {
    const notched = of(rectangle(0, 0, 100, 300), rectangle(150, 0, 250, 300), rectangle(0, 0, 250, 100));
    expect(notched.near(50)).toEqual([]);
    expect(notched.near(60)).toEqual([rectangle(100, 100, 150, 300)]);
  });
});

describe.each(['inkjet', 'otft'])('the rules %s', (rules) => {
  const layout = layOut(circuit, egt, { rules });
  const broken = (change: (shape: Shape) => Shape | undefined): string[] => {
    const all = (shapes: readonly Shape[]): Shape[] => shapes.flatMap((shape) => change(shape) ?? []);
    const other: Layout = {
      ...layout,
      shapes: all(layout.shapes),
      instances: layout.instances.map((one) => ({ ...one, cell: { ...one.cell, shapes: all(one.cell.shapes) } })),
    };
    return checkRules(other).map(({ text }) => text);
  };

  it('are kept by what is placed and routed', () => {
    expect(checkRules(layout)).toEqual([]);
  });

  it.each<[string, (shape: Shape) => Shape, RegExp]>([
    [
      'ink that is too narrow',
      (s) => (s.device === 'r_l0_i1_c0' && s.layer.role === 'resistor' ? { ...s, x2: s.x1 + 15_000 } : s),
      /^resistive, smallest width: narrower than 20 µm at x .* \(r_l0_i1_c0\)$/,
    ],
    [
      'ink off its pad',
      (s) => (s.device === 'r_l0_i1_c0' && s.layer.role === 'resistor' ? { ...s, x1: s.x1 - 15_000 } : s),
      /^bottom, metal beyond ink: .* \(r_l0_i1_c0\)$/,
    ],
    [
      'a dielectric that is too small',
      (s) => (s.layer.role === 'crossover dielectric' ? { ...s, x2: s.x2 - 3000 } : s),
      /^dielectric, enclosure of a crossing: the dielectric reaches less than/,
    ],
    [
      'a gate that does not cover its channel',
      (s) => (s.device === 'act_l1_c0.drive2' && s.layer.role === 'gate' ? { ...s, y1: s.y1 + 12_000 } : s),
      /^gate, gate beyond the channel: reaches less than 10 µm beyond it at x .* \(act_l1_c0\.drive2\)$/,
    ],
    [
      'a corner off the grid',
      (s) => (s.device === 'act_l1_c0.drive2' && s.layer.role === 'gate' ? { ...s, y2: s.y2 + 1 } : s),
      /^gate, grid: a corner is off the grid/,
    ],
    [
      'a channel that is too short',
      (s) =>
        s.device === 'act_l1_c0.drive2' && s.layer.role === 'bottom metal' && s.net === '0' && s.y1 > 0
          ? { ...s, x2: s.x2 + 52_000 }
          : s,
      /^bottom, channel length: source and drain are nearer than 10 µm/,
    ],
  ])('find %s', (_, change, message) => {
    expect(broken(change).filter((text) => message.test(text))).not.toEqual([]);
  });
});

it.each(['inkjet', 'otft'])('every rule of %s that is broken by one step of the grid is found', (rules) => {
  const planted = plantBreaks(layOut(randomCircuit([2, 2]), egt, { rules }), 1);
  expect(planted.length).toBeGreaterThan(40);
  for (const { kind, what, layout } of planted) expect(checkRules(layout), `${kind}: ${what}`).not.toEqual([]);
});
