import { boundsOf, flatShapes, type Layout, type Rectangle, type Shape } from '../layout.ts';

/** A resistor, a transistor or the pads of an op-amp, and where it lies. */
export interface PlacedDevice {
  /** As in bom.csv: `r_l0_i1_c2`, `act_l0_c1.load1`. */
  readonly name: string;
  readonly kind: 'resistor' | 'transistor' | 'op-amp';
  /** The smallest upright box around all that belongs to it, in database units. */
  readonly box: Rectangle;
  /** Layer of a resistor's ink or of a transistor's semiconductor; empty for op-amps. */
  readonly ink: string;
  /** Of a resistor's ink between metal, all legs one after the other; W and L of a channel; 0 for op-amps. In database units. */
  readonly width: number;
  readonly length: number;
  /** Of the polygons of the ink, in square database units. */
  readonly inkArea: number;
}

/** Every device of a layout, in the order in which they were drawn. */
export function placedDevices(layout: Pick<Layout, 'instances' | 'shapes' | 'process'>): PlacedDevice[] {
  const { inkOverlap, overlap } = layout.process;
  const byDevice = new Map<string, Shape[]>();
  for (const shape of flatShapes(layout)) {
    if (shape.device === '') continue;
    const list = byDevice.get(shape.device);
    if (list === undefined) byDevice.set(shape.device, [shape]);
    else list.push(shape);
  }
  return [...byDevice].map(([name, shapes]) => {
    const rest = { name, box: boundsOf(shapes)! };
    const channel = shapes.find(({ layer }) => layer.role === 'semiconductor');
    if (channel !== undefined) {
      const { x1, y1, x2, y2, layer } = channel;
      const inkArea = (x2 - x1) * (y2 - y1);
      return { ...rest, kind: 'transistor', ink: layer.name, width: y2 - y1, length: x2 - x1 - 2 * overlap, inkArea };
    }
    const legs = shapes.filter(({ layer }) => layer.role === 'resistor');
    if (legs.length === 0) return { ...rest, kind: 'op-amp', ink: '', width: 0, length: 0, inkArea: 0 };
    return {
      ...rest,
      kind: 'resistor',
      ink: legs[0]!.layer.name,
      width: legs[0]!.x2 - legs[0]!.x1,
      length: legs.reduce((sum, { y1, y2 }) => sum + y2 - y1 - 2 * inkOverlap, 0),
      inkArea: legs.reduce((sum, { x1, y1, x2, y2 }) => sum + (x2 - x1) * (y2 - y1), 0),
    };
  });
}
