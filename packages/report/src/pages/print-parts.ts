import { formatArea, formatCount, formatEngineering, formatWatts } from '../format.ts';
import type { Plot } from '../plots/plot.ts';
import { assumedMark } from './assumptions.ts';
import type { CompileReportData } from './compile-data.ts';
import { Html, html } from './html.ts';
import { facts, folded, type Section, table } from './page.ts';

/** Pixels of a drawing that is scaled down to the width of the page. */
const WIDEST_FITTED = 1400;
const HIGHEST_FITTED = 2400;

type Part = Section & { readonly plots: readonly Plot[] };

/** The drawings: the schematic in the page, shaded by blame where that is known, and the files to print and test with. */
export function drawingsPart({ drawings, verification, technology }: CompileReportData): Part | undefined {
  if (drawings === undefined) return undefined;
  const { layout } = drawings;
  const mark = assumedMark('area', technology.assumed);
  return {
    id: 'drawings',
    title: 'Schematic and print',
    body: html`<p>Files beside this page: <a href="schematic.svg">the schematic</a>${layout !== undefined && html`, <a href="layout.svg">the layout</a>${mark} (<a href="layout.gds">GDSII</a>)`},
<a href="bench-test-sheet.html">the bench test sheet</a> (<a href="bench-test-sheet.csv">as a table</a>), <a href="bom.csv">the bill of materials</a>.${verification?.blame !== undefined && ' Below, components are shaded by their share of the decisions that variation flips.'}</p>
${framed('The schematic', drawings.schematic)}
${layout === undefined ? html`<p>No layout is in this folder.</p>` : layoutFigure(layout)}`,
    plots: [],
  };
}

/** Letters of a layout that is part of the page; a larger one is only beside it. */
const LARGEST_LAYOUT = 3e6;

/** The layout to scale, which can be enlarged within its frame; names are told where one points. */
function layoutFigure(svg: string): Html {
  if (svg.length > LARGEST_LAYOUT)
    return html`<p>The layout is <a href="layout.svg">a file of its own</a>, because it has ${formatCount(svg.length / 1e6)} megabytes.</p>`;
  const zooms = [1, 2, 4, 8].map(
    (times) =>
      html`<label><input type="radio" name="layout-zoom" class="zoom-${times}"${times === 1 && ' checked'}> ${times === 1 ? 'Fit' : `${times} ×`}</label>`,
  );
  return html`<figure class="layout"><figcaption>The layout to scale, layers in the order of printing; names of devices and nets where one points. ${zooms}</figcaption>
<div>${new Html(svg)}</div></figure>`;
}

/** A drawing fits the page where that leaves it readable; a larger one is behind a line that opens it, and scrolls. */
function framed(what: string, svg: string): Html {
  const [width, height] = [/ width="(\d+)/, / height="(\d+)/].map((size) => Number(size.exec(svg)?.[1]));
  if (width! <= WIDEST_FITTED && height! <= HIGHEST_FITTED)
    return html`<figure class="drawing fit">${new Html(svg)}</figure>`;
  const size = `${formatCount(width!)} × ${formatCount(height!)} pixels`;
  return folded(`${what}, ${size}`, html`<figure class="drawing">${new Html(svg)}</figure>`, false);
}

/** Where the power goes, and what a decision takes where the time to settle is known. */
export function powerPart({ wattsByLayer, totals, verification, technology }: CompileReportData): Part | undefined {
  if (wattsByLayer === undefined) return undefined;
  const mark = assumedMark('power', technology.assumed);
  const withFalling = wattsByLayer.some(({ falling }) => falling > 0);
  const withOpamps = wattsByLayer.some(({ opamps }) => opamps > 0);
  const sum = (layer: (typeof wattsByLayer)[number]): number =>
    layer.crossbar + layer.falling + layer.activation + layer.opamps;
  const cells = (layer: (typeof wattsByLayer)[number]): string[] => [
    formatWatts(layer.crossbar),
    ...(withFalling ? [formatWatts(layer.falling)] : []),
    formatWatts(layer.activation),
    ...(withOpamps ? [formatWatts(layer.opamps)] : []),
    formatWatts(sum(layer)),
  ];
  const total = wattsByLayer.reduce(
    (all, layer) => ({
      crossbar: all.crossbar + layer.crossbar,
      falling: all.falling + layer.falling,
      activation: all.activation + layer.activation,
      opamps: all.opamps + layer.opamps,
    }),
    { crossbar: 0, falling: 0, activation: 0, opamps: 0 },
  );
  return {
    id: 'power',
    title: 'Power and area',
    body: html`<p>Static power, mean over the cases, by the exact solver.${mark}</p>
${table({
  label: 'Power',
  head: [
    'Layer',
    'Crossbar',
    ...(withFalling ? ['Falling stages'] : []),
    'Activations',
    ...(withOpamps ? ['Op-amps'] : []),
    'Sum',
  ],
  rows: [
    ...wattsByLayer.map((layer, l) => [`Layer ${l}`, ...cells(layer)]),
    [html`<strong>All</strong>`, ...cells(total).map((text) => html`<strong>${text}</strong>`)],
  ],
  numeric: [1, 2, 3, 4, 5],
})}
${facts([...areaFacts(totals, assumedMark('area', technology.assumed)), ...timeFacts(totals.watts, verification?.stability)])}`,
    plots: [],
  };
}

function areaFacts(totals: CompileReportData['totals'], mark: Html | undefined) {
  const { resistorAreaSquareMetres: resistors, channelAreaSquareMetres: channels } = totals;
  return [
    { name: 'Transistor channels', value: html`${formatArea(channels)}${mark}`, note: 'sum of W × L' },
    ...(resistors === undefined
      ? []
      : [{ name: 'Resistors', value: html`${formatArea(resistors)}${mark}`, note: 'ink, by sheet resistance' }]),
  ];
}

/** Only where the technology gives capacitances. */
function timeFacts(watts: number, stability: NonNullable<CompileReportData['verification']>['stability']) {
  const seconds = stability?.settlingSeconds;
  if (seconds === undefined || seconds === null) return [];
  const mark =
    stability?.assumed === true && html`<a class="mark" href="#assumed" title="rests on assumed numbers">†</a>`;
  return [
    {
      name: 'Settling time',
      value: html`${formatEngineering(seconds, 's')}${mark}`,
      note: 'to 1\u00a0%, slowest mode of all rows looked at',
    },
    {
      name: 'Energy a decision',
      value: html`${formatEngineering(watts * seconds, 'J')}${mark}`,
      note: 'static power times settling time',
    },
  ];
}
