import { describe, expect, it } from 'vitest';
import { placedDevices } from '../src/files/devices.ts';
import { crossingsOf, neighboursOf } from '../src/files/neighbours.ts';
import { layoutSvg } from '../src/files/svg.ts';
import type { Rectangle, Shape } from '../src/layout.ts';
import { layOut } from '../src/place/place.ts';
import { egt, randomCircuit } from './example.ts';

const layout = layOut(randomCircuit([4, 3, 3]), egt);
const { bottom, top, line } = layout.process;
const lines = (layer: typeof bottom): Shape[] => layout.shapes.filter((shape) => shape.layer === layer && shape.net);
const meets = (a: Rectangle, b: Rectangle): boolean => a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;

describe('neighbouring lines', () => {
  const found = neighboursOf(layout);

  it('are the nets that one meets first, going straight from any line', () => {
    const known = new Map(found.map((pair) => [`${pair.layer} ${pair.nets.join(' ')}`, pair]));
    for (const layer of [bottom, top]) {
      const own = lines(layer);
      for (const from of own) {
        const x = (from.x1 + from.x2) / 2;
        const next = own
          .filter((shape) => shape !== from && shape.x1 < x && x < shape.x2 && shape.y1 >= from.y2)
          .sort((a, b) => a.y1 - b.y1)[0];
        if (next === undefined || next.net === from.net || next.y1 === from.y2) continue;
        const pair = known.get(`${layer.name} ${[from.net, next.net].sort().join(' ')}`);
        expect(pair, `${from.net} and ${next.net} on ${layer.name}`).toBeDefined();
        expect(pair!.gap).toBeLessThanOrEqual(next.y1 - from.y2);
      }
    }
    expect(found.length).toBeGreaterThan(20);
  });

  it('have nothing between them where they are said to be nearest, and one of them at either side', () => {
    for (const { layer, nets, gap, run, place } of found) {
      const own = lines([bottom, top].find(({ name }) => name === layer)!);
      expect(own.filter((shape) => meets(shape, place))).toEqual([]);
      const { x1, y1, x2, y2 } = place;
      expect([x2 - x1, y2 - y1]).toContain(gap);
      const beside = (dx: number, dy: number): string[] =>
        own.filter((one) => meets(one, { x1: x1 + dx, y1: y1 + dy, x2: x2 + dx, y2: y2 + dy })).map(({ net }) => net);
      const upright = y2 - y1 === gap && beside(0, -1).includes(nets[0]) !== beside(0, -1).includes(nets[1]);
      const sides = upright ? [beside(0, -1), beside(0, 1)] : [beside(-1, 0), beside(1, 0)];
      expect(sides.map((side) => nets.filter((net) => side.includes(net)))).toEqual(
        expect.arrayContaining([[nets[0]], [nets[1]]]),
      );
      expect(run).toBeGreaterThanOrEqual(upright ? x2 - x1 : y2 - y1);
    }
  });
});

it('crossings have the area of both metals, and every row crosses the columns before its last resistor', () => {
  const found = crossingsOf(layout);
  for (const { nets, area, times } of found) {
    expect(nets[0]).not.toBe(nets[1]);
    expect(area).toBe(times * line * line);
  }
  expect(found.map(({ nets }) => nets.join(' '))).toContain('in0 z_l0_c0');
  const all = lines(top).flatMap((upper) =>
    lines(bottom).filter((lower) => meets(upper, lower) && lower.net !== upper.net),
  );
  expect(found.reduce((sum, { times }) => sum + times, 0)).toBe(all.length);
});

describe('devices and nets are marked', () => {
  const marks = new Map([
    ['r_l0_i1_c2', { colour: 'red', title: 'a "suspect"' }],
    ['act_l0_c1', { colour: '#00f', title: 'the stage' }],
    ['in0', { colour: '#0a0', title: 'the line' }],
  ]);

  it('by the box of the element, those of all elements of a stage, the lines of a net', () => {
    const svg = layoutSvg(layout, { marks });
    expect(svg.match(/<title>a &quot;suspect&quot;<\/title>/g)).toHaveLength(1);
    const elements = placedDevices(layout).filter(({ name }) => name.startsWith('act_l0_c1.'));
    expect(svg.match(/<title>the stage<\/title>/g)).toHaveLength(elements.length);
    for (const { name } of elements) expect(svg).toContain(` data-device="${name}"><title>the stage</title>`);
    expect(svg.match(/fill="#0a0"[^>]*><title>the line<\/title>/g)).toHaveLength(1);
    const { x1, y2 } = placedDevices(layout).find(({ name }) => name === 'r_l0_i1_c2')!.box;
    expect(svg).toContain(`<path d="M${x1 / 1000} ${(layout.outline.y2 - y2) / 1000}h`);
    expect(layoutSvg(layout)).not.toContain('class="marks"');
  });
});
