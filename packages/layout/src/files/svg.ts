import { flatShapes, type Layout, type Rectangle, type Shape } from '../layout.ts';
import type { Layer } from '../process.ts';
import type { Violation } from '../rules/check.ts';
import { placedDevices } from './devices.ts';

/** Colours that people who cannot tell red from green tell apart, by what a layer is for. */
const COLOURS: Readonly<Record<Layer['role'], string>> = {
  'bottom metal': '#0072b2',
  'crossover dielectric': '#b0b7bd',
  via: '#000000',
  'top metal': '#56b4e9',
  resistor: '#e69f00',
  semiconductor: '#009e73',
  'gate dielectric': '#f0e442',
  gate: '#cc79a7',
  title: '#222222',
};
const UNITS_PER_MICROMETRE = 1000;
const FONT = 'system-ui, "Segoe UI", Roboto, Arial, sans-serif';

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

/** How a device or a net is made to stand out: a colour of CSS, and what is said where one points. */
export interface Mark {
  readonly colour: string;
  readonly title: string;
}

interface SvgOptions {
  /** Drawn in red. */
  readonly violations?: readonly Violation[];
  /** By the name of an element (`r_l0_i1_c2`, `act_l0_c1.load1`), of a stage (`act_l0_c1`: all its elements) or of a net (its lines). */
  readonly marks?: ReadonlyMap<string, Mark>;
}

/**
 * A layout as a drawing to scale, a user unit being a micrometre: its layers in the order of printing, the name of device and net where one
 * points, what is marked over them.
 */
export function layoutSvg(layout: Layout, { violations = [], marks = new Map() }: SvgOptions = {}): string {
  const { outline, process, labels, name, pads } = layout;
  const [width, height] = [outline.x2 / UNITS_PER_MICROMETRE, outline.y2 / UNITS_PER_MICROMETRE];
  const um = (units: number): string => String(Math.round(units / 10) / 100);
  const down = (y: number): string => um(outline.y2 - y);
  const path = ({ x1, y1, x2, y2 }: Rectangle): string =>
    `M${um(x1)} ${down(y2)}h${um(x2 - x1)}v${um(y2 - y1)}h${um(x1 - x2)}z`;
  const text = Math.max(60, Math.max(width, height) / 90);
  const head = 3 * text;
  const byLayer = new Map<Layer, Map<string, Shape[]>>();
  for (const shape of flatShapes(layout)) {
    const named = byLayer.get(shape.layer) ?? new Map<string, Shape[]>();
    byLayer.set(shape.layer, named);
    const title = [shape.device, shape.net].filter((word) => word !== '').join(' · ');
    const list = named.get(title);
    if (list === undefined) named.set(title, [shape]);
    else list.push(shape);
  }
  const drawn = process.layers.filter((layer) => byLayer.has(layer));
  const groups = drawn.map((layer) => {
    const shapes = [...byLayer.get(layer)!].map(([title, list]) => {
      const d = list.map(path).join('');
      return title === '' ? `<path d="${d}"/>` : `<path d="${d}"><title>${escaped(title)}</title></path>`;
    });
    return `<g class="${layer.name}" fill="${COLOURS[layer.role]}" fill-opacity="0.75" fill-rule="nonzero">\n${shapes.join('\n')}\n</g>`;
  });
  // each name has the room that its letters need; all of them are set smaller where the print is narrow
  const widths = drawn.map(({ name }) => 0.62 * name.length + 2);
  const size = Math.min(text, width / widths.reduce((sum, ems) => sum + ems, 0));
  const legend = drawn.map((layer, k) => {
    const x = size * widths.slice(0, k).reduce((sum, ems) => sum + ems, 0);
    return `<rect x="${x}" y="${-1.1 * text}" width="${0.8 * size}" height="${0.8 * size}" fill="${COLOURS[layer.role]}" fill-opacity="0.75"/><text x="${x + size}" y="${-0.4 * text}" font-size="${size}">${escaped(layer.name)}</text>`;
  });
  const words = labels
    .filter(({ layer, y }) => layer === process.title && y <= outline.y2)
    .map((label) => `<text x="${um(label.x)}" y="${down(label.y)}">${escaped(label.text)}</text>`);
  const marked = marks.size === 0 ? [] : [...markedPaths(layout, marks, path)];
  const wrong = violations.map(
    ({ place: { x1, y1, x2, y2 }, text: why }) =>
      `<rect x="${um(x1 - 5000)}" y="${down(y2 + 5000)}" width="${um(x2 - x1 + 10_000)}" height="${um(y2 - y1 + 10_000)}"><title>${escaped(why)}</title></rect>`,
  );
  const millimetres = `${(width / 1000).toFixed(2)} × ${(height / 1000).toFixed(2)} mm`;
  const above = labels.find(({ layer, y }) => layer === process.title && y > outline.y2)?.text ?? name;
  const about = `${above}: ${millimetres}, ${pads.length} pads`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 ${-head} ${um(outline.x2)} ${height + head}" width="1000" font-family="${escaped(FONT)}" font-size="${text}" role="img" aria-label="${escaped(about)}">
<rect x="0" y="${-head}" width="100%" height="100%" fill="white"/>
<text x="0" y="${-1.7 * text}" font-weight="600">${escaped(about)}${violations.length === 0 ? '' : escaped(`; ${violations.length} violations of the rules, in red`)}</text>
${legend.join('\n')}
${groups.join('\n')}
<g fill="#222222" transform="translate(0 ${-text / 4})">${words.join('\n')}</g>
${marked.length === 0 ? '' : `<g class="marks" fill-opacity="0.55" stroke-width="8">${marked.join('\n')}</g>\n`}${wrong.length === 0 ? '' : `<g fill="none" stroke="#d00000" stroke-width="4">${wrong.join('\n')}</g>\n`}</svg>
`;
}

/** The boxes of marked devices and the lines of marked nets, those of devices last because they are smaller. */
function* markedPaths(
  layout: Layout,
  marks: ReadonlyMap<string, Mark>,
  path: (rectangle: Rectangle) => string,
): Iterable<string> {
  const lines = new Map<string, string>();
  for (const shape of layout.shapes)
    if (marks.has(shape.net)) lines.set(shape.net, (lines.get(shape.net) ?? '') + path(shape));
  const drawn = ({ colour, title }: Mark, d: string, device = ''): string =>
    `<path d="${d}" fill="${escaped(colour)}" stroke="${escaped(colour)}"${device}><title>${escaped(title)}</title></path>`;
  for (const [net, d] of lines) yield drawn(marks.get(net)!, d);
  for (const { name, box } of placedDevices(layout)) {
    const mark = marks.get(name) ?? marks.get(name.split('.')[0]!);
    if (mark !== undefined) yield drawn(mark, path(box), ` data-device="${escaped(name)}"`);
  }
}
