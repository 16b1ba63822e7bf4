import { formatNumber, formatPercent, formatPlural } from '../format.ts';
import { curvesPlot } from '../plots/curves.ts';
import { fitPlot, residualPlot } from '../plots/fit.ts';
import type { Plot } from '../plots/plot.ts';
import type { FitDeviceData, FitKindData, FitReportData } from './fit-data.ts';
import { type Html, html } from './html.ts';
import { facts, figures, folded, page, type Report, type Section, table } from './page.ts';

type Part = Section & { readonly plots: readonly Plot[] };

/** Devices whose pictures are shown at once, and whose pictures are drawn at all. */
const OPEN_DEVICES = 3;
const DRAWN_DEVICES = 12;

/**
 * The page about a fit: measured curves with the law on them, what it misses, its numbers with errors and correlations, and every
 * other law beside. The same data give the same bytes.
 */
export async function renderFitReport(data: FitReportData): Promise<Report> {
  const parts: Part[] = [];
  for (const kind of data.kinds) parts.push(await kindPart(kind));
  if (data.squares !== undefined) parts.push(await squaresPart(data.squares));
  if (data.ageing !== undefined) parts.push(await ageingPart(data.ageing));
  return {
    html: page({
      title: data.title,
      kind: 'fit report',
      head: html`<p class="lead">What was measured, and what a technology takes from it. Errors are standard errors of the fit: residuals that are alike from point to point count for less.</p>`,
      sections: parts,
    }),
    images: parts.flatMap(({ plots }) => plots),
  };
}

async function kindPart(kind: FitKindData): Promise<Part> {
  const plots: Plot[] = [];
  const bodies: Html[] = [];
  const missed = (device: FitDeviceData): number => device.laws.find(({ law }) => law === kind.law)?.share ?? 0;
  const all = kind.devices;
  // of many devices those that the law misses most
  const shown =
    all.length > DRAWN_DEVICES ? all.toSorted((a, b) => missed(b) - missed(a)).slice(0, DRAWN_DEVICES) : all;
  for (const [d, device] of shown.entries()) {
    const drawn: Plot[] = [];
    for (const form of ['transfer', 'output'] as const) {
      const curves = device.curves.filter((curve) => curve.kind === form);
      if (curves.length === 0) continue;
      const name = `${kind.transistor}-${d}-${form}`;
      drawn.push(await fitPlot(name, `${device.name}: ${form} curves`, curves));
      drawn.push(await residualPlot(`${name}-residuals`, `${device.name}: what is left`, curves));
    }
    plots.push(...drawn);
    const body = deviceBody(device, kind.law, drawn);
    bodies.push(d < OPEN_DEVICES ? body : folded(device.name, body, false));
  }
  return {
    id: kind.transistor,
    title: `${kind.transistor}, ${kind.polarity}-type: ${kind.law}`,
    body: html`<p>${kind.source}, written for an n-type device.</p>
<pre><code>${kind.text.join('\n')}</code></pre>
${kind.warnings.length > 0 && html`<p>What the law does not follow, and what the card does not have:</p><ul>${kind.warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`}
${all.length > shown.length && allBody(kind, shown.length)}
${bodies}
${kind.spread && spreadBody(kind)}`,
    plots,
  };
}

/** One line a device, where there are too many for pictures of each. */
function allBody({ devices, law }: FitKindData, drawn: number): Html {
  const names = devices[0]!.parameters.map(({ name }) => name).filter((name) => !name.startsWith('floor'));
  return html`<p>${formatPlural(devices.length, 'device')}; the ${drawn} that the law misses most are drawn below.</p>
${folded(
  'All devices',
  table({
    label: 'All devices',
    head: ['Device', 'Decades', 'Of the largest current', ...names],
    numeric: [1, 2, ...names.map((_, k) => k + 3)],
    rows: devices.map(({ name, laws, parameters }) => {
      const fit = laws.find((one) => one.law === law)!;
      return [
        name,
        fit.decades === undefined ? '' : fit.decades.toFixed(3),
        formatPercent(fit.share),
        ...names.map((one) =>
          formatNumber(parameters.find((parameter) => parameter.name === one)?.value ?? Number.NaN),
        ),
      ];
    }),
  }),
  false,
)}`;
}

function deviceBody(
  { name, sheet, laws, parameters, correlations }: FitDeviceData,
  chosen: string,
  plots: readonly Plot[],
): Html {
  const shown = parameters.filter((parameter) => !parameter.name.startsWith('floor'));
  const best = laws[0]?.criterion ?? 0;
  return html`<h3>${name}${sheet !== undefined && ` (sheet ${sheet})`}</h3>
${figures(plots.map((plot) => ({ plot })))}
${table({
  label: `Laws fitted to ${name}`,
  head: [
    'Law',
    'Transfer curves, decades (rms)',
    'All curves, of the largest current (rms)',
    'Beside the law',
    'Criterion, above the best',
  ],
  numeric: [1, 2, 4],
  rows: laws.map(({ law, decades, share, extras, criterion }) => [
    law === chosen ? html`<strong>${law}</strong>` : law,
    decades === undefined ? '' : decades.toFixed(3),
    formatPercent(share),
    extras,
    (criterion - best).toFixed(1),
  ]),
})}
${table({
  label: `Numbers of ${name}`,
  head: ['Parameter', 'Value', 'Standard error', 'Unit', ''],
  numeric: [1, 2],
  rows: parameters.map((parameter) => [
    parameter.name,
    formatNumber(parameter.value),
    Number.isFinite(parameter.error) ? formatNumber(parameter.error, 3) : '∞',
    parameter.unit,
    parameter.remark,
  ]),
})}
${folded(
  'Correlations of these numbers',
  table({
    label: `Correlations of the numbers of ${name}`,
    head: ['', ...shown.map((parameter) => parameter.name)],
    numeric: shown.map((_, i) => i + 1),
    rows: shown.map((parameter) => {
      const row = parameters.indexOf(parameter);
      return [parameter.name, ...shown.map((other) => (correlations[row]![parameters.indexOf(other)]! + 0).toFixed(2))];
    }),
  }),
  false,
)}`;
}

function spreadBody({ spread, devices }: FitKindData): Html | undefined {
  if (spread === undefined) return undefined;
  const { parameters, scale, covariance, sheetShare } = spread;
  const deviations = covariance.map((row, k) => Math.sqrt(row[k]!));
  return html`<h3>Spread of ${formatPlural(devices.length, 'device')}</h3>
<p>How the numbers differ from device to device, without what the fits' own errors add; ${formatPercent(sheetShare)} of the variance is that of sheets.</p>
${table({
  label: 'Spread and correlations between devices',
  head: ['Parameter', 'Standard deviation', ...parameters],
  numeric: [1, ...parameters.map((_, i) => i + 2)],
  rows: parameters.map((name, i) => [
    name,
    scale[i] === 'log' ? formatPercent(deviations[i]!) : formatNumber(deviations[i]!, 3),
    ...parameters.map((_, j) => (covariance[i]![j]! / (deviations[i]! * deviations[j]!) || 0).toFixed(2)),
  ]),
})}`;
}

async function squaresPart({
  file,
  squares,
  ohms,
  facts: said,
  sheetOhms,
  contactOhms,
}: NonNullable<FitReportData['squares']>): Promise<Part> {
  const order = Array.from(squares, (_, i) => i).sort((a, b) => squares[a]! - squares[b]!);
  const x = order.map((i) => squares[i]!);
  const plot = await curvesPlot({
    name: 'squares',
    title: file,
    description: 'Resistance against squares, measured and by sheet and contact resistance.',
    x: { quantity: 'length/width', unit: 'squares' },
    y: { quantity: 'resistance', unit: 'Ω' },
    curves: [
      { label: 'measured', x, y: order.map((i) => ohms[i]!) },
      { label: 'sheet · squares + contacts', x, y: x.map((n) => sheetOhms * n + contactOhms) },
    ],
  });
  return { id: 'squares', title: 'Resistors', body: html`${facts(said)}${figures([{ plot }])}`, plots: [plot] };
}

async function ageingPart({
  file,
  of,
  days,
  devices,
  laws,
  lines,
}: NonNullable<FitReportData['ageing']>): Promise<Part> {
  const x = Array.from(days);
  const plot = await curvesPlot({
    name: 'ageing',
    title: file,
    description: `${of} of ${devices.length} devices over time, measured and by the law.`,
    x: { quantity: 'time', unit: 'days' },
    y: of === 'resistors' ? { quantity: 'resistance', unit: 'Ω' } : { quantity: 'threshold', unit: 'V' },
    curves: devices.map(({ name, predicted }) => ({ label: name, x, y: predicted })),
    faint: devices.map(({ values }) => ({ x, y: values })),
  });
  const best = laws[0]?.criterion ?? 0;
  return {
    id: 'ageing',
    title: 'Ageing',
    body: html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>
${figures([{ plot, caption: 'The law in colours, as measured in grey.' }])}
${table({
  label: 'Laws of ageing',
  head: ['Law', 'Shape', 'Left (rms)', 'Criterion, above the best'],
  numeric: [3],
  rows: laws.map(({ law, shapes, rms, criterion }, i) => [
    i === 0 ? html`<strong>${law}</strong>` : law,
    shapes,
    rms,
    (criterion - best).toFixed(1),
  ]),
})}`,
    plots: [plot],
  };
}
