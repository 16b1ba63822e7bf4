import type { Config, TopLevelSpec } from 'vega-lite';
import { escapeHtml } from '../pages/html.ts';
import { textWidth } from './text-width.ts';

/** A finished picture: stands alone as a file and goes into the page as it is. */
export interface Plot {
  /** File name without ending, unique in its report. */
  readonly name: string;
  readonly svg: string;
  /** Natural width in pixels. */
  readonly width: number;
}

/** The vega-lite specification of a picture, its name, and what it shows in words for those who cannot see it. */
export interface PlotRequest {
  readonly name: string;
  readonly description: string;
  readonly spec: Omit<TopLevelSpec, '$schema' | 'config' | 'description'> & Readonly<Record<string, unknown>>;
}

/** Okabe and Ito's colours, told apart with any colour vision; and the greys of axes and text. */
export const COLOURS = {
  blue: '#0072B2',
  vermillion: '#D55E00',
  green: '#009E73',
  orange: '#E69F00',
  sky: '#56B4E9',
  ink: '#1f2933',
  muted: '#5b6770',
  line: '#c3cad1',
  grid: '#e8ebee',
  wash: '#f3f5f7',
} as const;

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

const CONFIG: Config = {
  aria: false,
  background: 'white',
  padding: 6,
  font: FONT,
  view: { stroke: null },
  axis: {
    labelFontSize: 11,
    labelColor: COLOURS.muted,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    titleColor: COLOURS.ink,
    titlePadding: 8,
    gridColor: COLOURS.grid,
    domainColor: COLOURS.line,
    tickColor: COLOURS.line,
    tickSize: 4,
    labelPadding: 4,
    labelLimit: 150,
    // of a logarithmic axis some labels are left out; those that stay must not touch
    labelSeparation: 6,
    labelFlush: false,
  },
  legend: {
    orient: 'top',
    direction: 'horizontal',
    title: null,
    titleFontWeight: 'normal',
    titleColor: COLOURS.ink,
    labelFontSize: 11,
    labelColor: COLOURS.ink,
    labelLimit: 240,
    symbolSize: 60,
    symbolOpacity: 1,
    columnPadding: 8,
    offset: 10,
  },
  title: { anchor: 'start', fontSize: 13, fontWeight: 600, color: COLOURS.ink, offset: 10, limit: 420 },
  text: { fontSize: 11, color: COLOURS.ink },
};

/** Renders a picture without a browser. The same request gives the same bytes. */
export async function renderPlot({ name, description, spec }: PlotRequest): Promise<Plot> {
  // half a second of loading, which only pictures need
  const [vega, { compile }, { expressionInterpreter }] = await Promise.all([
    import('vega'),
    import('vega-lite'),
    import('vega-interpreter'),
  ]);
  // vega's own estimate is too wide by half; and with a canvas library, where one is installed, machines would draw differently
  (vega as unknown as { textMetrics: { width: typeof textWidth } }).textMetrics.width = textWidth;
  const compiled = compile({ ...spec, config: CONFIG } as unknown as TopLevelSpec).spec;
  // interpreted: a page may make no code of a text
  const expr = expressionInterpreter;
  const view = new vega.View(vega.parse(compiled, undefined, { ast: true }), {
    renderer: 'none',
    logLevel: vega.Error,
    expr,
  });
  try {
    const svg = finish(await view.toSVG(), name, description);
    return { name, svg, width: Number(/ width="(\d+)/.exec(svg)?.[1]) };
  } finally {
    view.finalize();
  }
}

/**
 * Vega numbers clip paths and gradients through the whole process: here they count from 0 in each picture and carry its
 * name, so that pictures share a page and come out alike every time. Coordinates keep two decimals; empty boxes go, and
 * the font is named once.
 * Only tags are touched, never the text between them.
 */
function finish(svg: string, name: string, description: string): string {
  const names = new Map<string, string>();
  for (const [, id] of svg.matchAll(/<[^>]* id="([^"]+)"[^>]*>/g)) names.set(id!, `${name}-${names.size}`);
  return svg.replace(/<[^>]*>/g, (tag) => {
    if (/^<path class="(?:back|fore)ground"/.test(tag) && !/ (?:stroke|fill)="/.test(tag)) return '';
    const lean = tag
      .replace(` font-family="${escapeHtml(FONT)}"`, '')
      .replace(/ (?:aria-[a-z]+|role|pointer-events)="[^"]*"/g, '')
      .replace(/ id="([^"]+)"/, (_, id: string) => ` id="${names.get(id)}"`)
      .replace(/url\(#([^)]+)\)/, (_, id: string) => `url(#${names.get(id)})`)
      .replace(/ (?:d|transform|[xy][12]?|width|height)="[^"]*"/g, (part) => part.replace(/(\.\d\d)\d+/g, '$1'));
    return tag.startsWith('<svg ')
      ? lean.replace(
          ' class="marks"',
          ` font-family="${escapeHtml(FONT)}" role="img" aria-label="${escapeHtml(description)}"`,
        )
      : lean;
  });
}

/** Ticks of a share as per cent with as many decimals as tell them apart: 91%, 91.5%, 92%, and no tick twice. */
export const PERCENT_TICKS = '~%';

/** An axis title with its unit, as every axis here has. */
export function axisTitle(quantity: string, unit: string): string {
  return `${quantity} (${unit})`;
}
