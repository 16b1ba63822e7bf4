import { type Outline, signedArea } from '../geometry/region.ts';
import type { PrintedLayer } from './printed.ts';

/**
 * A layer as Gerber (RS-274X): regions in millimetres of six digits, so that a unit of the file is a nanometre. Nothing is drawn with an
 * aperture. Holes are regions of clear polarity.
 */
export function writeGerber({ layer, region }: PrintedLayer): string {
  const lines = [`G04 neuroprint, layer ${layer.name}*`, '%FSLAX46Y46*%', '%MOMM*%', 'G01*'];
  // what lies inside another outline is smaller than it, and comes after it
  const nested = region
    .map((path) => ({ path, area: signedArea(path) }))
    .sort((a, b) => Math.abs(b.area) - Math.abs(a.area));
  let polarity = '';
  for (const { path, area } of nested) {
    const wanted = area > 0 ? '%LPD*%' : '%LPC*%';
    if (wanted !== polarity) lines.push(wanted);
    polarity = wanted;
    lines.push('G36*', ...contour(path), 'G37*');
  }
  return `${[...lines, 'M02*'].join('\n')}\n`;
}

/** Moves to the last corner, and draws to every one. */
function contour(path: Outline): string[] {
  const at = ({ x, y }: Outline[number]): string => `X${x}Y${y}`;
  return [`${at(path.at(-1)!)}D02*`, ...path.map((point) => `${at(point)}D01*`)];
}
