import { flatShapes, type Layout, type Shape } from '../src/layout.ts';
import { layOut } from '../src/place/place.ts';
import type { Layer } from '../src/process.ts';
import { egt, randomCircuit } from './example.ts';

export const otft = layOut(randomCircuit([2, 2, 2]), egt, { rules: 'otft' });

/** A ring with a piece inside, a line of the smallest width, and a dielectric with two cuts. */
export const patch = ((): Layout => {
  const { bottom, dielectric, cut } = otft.process;
  const shape = (layer: Layer, ...corners: [number, number, number, number]): Shape => {
    const [x1, y1, x2, y2] = corners.map((micrometres) => 1000 * micrometres) as typeof corners;
    return { layer, x1, y1, x2, y2, net: '', device: '' };
  };
  const shapes = [
    shape(bottom, 0, 0, 100, 20),
    shape(bottom, 0, 80, 100, 100),
    shape(bottom, 0, 0, 20, 100),
    shape(bottom, 80, 0, 100, 100),
    shape(bottom, 40, 40, 60, 60),
    shape(bottom, 111, 0, 123, 100),
    shape(dielectric, 3, 5, 103, 85),
    shape(cut!, 15, 15, 23, 23),
    shape(cut!, 40, 15, 48, 23),
  ];
  return { ...otft, instances: [], shapes, labels: [], pads: [], outline: { x1: 0, y1: 0, x2: 123_000, y2: 100_000 } };
})();

/** Whether a layer is printed at a point, by the rectangles that were drawn; x and y in micrometres. */
export function inkAt(layout: Layout, name: string): (x: number, y: number) => boolean {
  const of = (wanted: (layer: Layer) => boolean): Shape[] => flatShapes(layout).filter(({ layer }) => wanted(layer));
  const [own, cuts] = [of((layer) => layer.name === name), of((layer) => layer === layout.process.cut)];
  const hit = (list: Shape[], x: number, y: number): boolean =>
    list.some(({ x1, y1, x2, y2 }) => 1000 * x > x1 && 1000 * x < x2 && 1000 * y > y1 && 1000 * y < y2);
  return (x, y) => hit(own, x, y) && !(name === 'dielectric' && hit(cuts, x, y));
}
