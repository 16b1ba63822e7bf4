import { mergedRectangles, minus, type Region } from '../geometry/region.ts';
import { flatShapes, type Layout } from '../layout.ts';
import type { Layer } from '../process.ts';

/** What one pass of the printer leaves; lengths in database units. */
export interface PrintedLayer {
  readonly layer: Layer;
  readonly region: Region;
}

/** The layers that are printed, in their order. Cuts are no ink: they are openings in the dielectric. */
export function printedLayers(layout: Layout): PrintedLayer[] {
  const { layers, dielectric, cut } = layout.process;
  const shapes = flatShapes(layout);
  const regionOf = (layer: Layer): Region => mergedRectangles(shapes.filter((shape) => shape.layer === layer));
  return layers
    .filter(({ role }) => role !== 'title' && role !== 'via')
    .map((layer) => ({
      layer,
      region: layer === dielectric && cut !== undefined ? minus(regionOf(layer), regionOf(cut)) : regionOf(layer),
    }))
    .filter(({ region }) => region.length > 0);
}
