import { formatCount, formatNumber, formatPlural, formatValue, formatVolts } from './format.ts';
import { type Html, html } from './html.ts';
import { facts, figures, page, type Report, table } from './page.ts';
import type { Plot } from './plot.ts';
import { DRAWN_DESIGNS, ETA, parityPlot } from './plots/parity.ts';
import { transferCaption, transferPlot } from './plots/transfer.ts';
import type { HeldOutCurve, SurrogateReportData } from './surrogate-data.ts';

/**
 * The page about one surrogate: how well it predicts ptanh parameters and curves of designs that training has not seen,
 * and for which component values it was made. The same data give the same bytes.
 */
export async function renderSurrogateReport(data: SurrogateReportData): Promise<Report> {
  const { surrogate, heldOut, curves = [] } = data;
  const parity: Plot[] = [];
  if (heldOut.fitted.length > 0)
    for (const index of [0, 1, 2, 3] as const) parity.push(await parityPlot(index, heldOut.fitted, heldOut.predicted));
  const curvePlots: Plot[] = [];
  for (const [i, curve] of curves.entries()) curvePlots.push(await transferPlot(`curve-${i}`, titled(curve)));
  const sections = [
    { id: 'errors', title: 'Held-out error', body: errorBody(data, parity) },
    ...(curvePlots.length > 0 ? [{ id: 'curves', title: 'Curves', body: curveBody(data, curvePlots) }] : []),
    { id: 'space', title: 'Design space', body: spaceBody(data) },
    { id: 'reproduce', title: 'How it was made', body: reproduceBody(data) },
  ];
  return {
    html: page({
      title: `${surrogate.cell} (${surrogate.technology})`,
      kind: 'surrogate report',
      head: head(data),
      sections,
    }),
    images: [...parity, ...curvePlots],
  };
}

const EQUATION = {
  rising: 'v_out = η₁ + η₂·tanh((v_in − η₃)·η₄)',
  falling: 'v_out = −(η₁ + η₂·tanh((v_in − η₃)·η₄))',
} as const;

function head({ surrogate, curve, curveRmsVolts, samples, simulator }: SurrogateReportData): Html {
  const { test, trainedOn } = surrogate;
  return html`<p class="lead">Predicts the transfer curve of the cell ${surrogate.cell} from its component values.</p>
<p><code>${EQUATION[curve]}</code></p>
${facts([
  {
    name: 'Normalised squared error',
    value: formatNumber(test.mseNormalised, 3),
    note: `mean over ${formatPlural(test.rows, 'held-out design')}, each η scaled to 0..1`,
  },
  ...(curveRmsVolts === undefined
    ? []
    : [
        {
          name: 'Curve error, rms',
          value: formatVolts(curveRmsVolts.median),
          note: `median; ${formatVolts(curveRmsVolts.p95)} at the 95th percentile`,
        },
      ]),
  {
    name: 'Trained on',
    value: formatCount(trainedOn.rows),
    note: `designs, ${formatCount(trainedOn.validationRows)} more to stop by`,
  },
  ...(samples === undefined
    ? []
    : [
        {
          name: 'Simulated',
          value: formatCount(samples.converged),
          note: `of ${formatCount(samples.requested)}; ${formatCount(samples.failed)} failed`,
        },
      ]),
  ...(simulator === undefined
    ? []
    : [
        {
          name: 'Simulator',
          value: `ngspice ${simulator.version.replace(/^ngspice[- ]?/i, '')}`,
          note: simulator.name === 'embedded' ? 'embedded engine' : 'installed program',
        },
      ]),
])}`;
}

function errorBody({ surrogate, heldOut }: SurrogateReportData, parity: readonly Plot[]): Html {
  const { test, etaMin, etaMax } = surrogate;
  const count = heldOut.fitted.length;
  return html`<p>On ${formatPlural(test.rows, 'design')} that neither training nor early stopping has seen.
Points on the diagonal are predicted as fitted.${count > DRAWN_DESIGNS && ` ${formatCount(DRAWN_DESIGNS)} of ${formatCount(count)} are drawn, evenly chosen.`}</p>
${parity.length > 0 && figures(parity.map((plot) => ({ plot })))}
${table({
  label: 'Held-out error of each parameter',
  head: ['Parameter', 'Unit', 'R²', 'rms error', 'Range in training'],
  numeric: [2, 3, 4],
  rows: ETA.map(({ name, unit, meaning }, i) => [
    `${name}, ${meaning}`,
    unit,
    formatNumber(test.r2[i]!, 6),
    formatNumber(test.rmse[i]!, 3),
    `${formatNumber(etaMin[i]!)} … ${formatNumber(etaMax[i]!)}`,
  ]),
})}
${surrogate.correction && curveErrors(surrogate.correction.test)}`;
}

function curveErrors(test: NonNullable<SurrogateReportData['surrogate']['correction']>['test']): Html {
  const row = (name: string, { median, p95, p99, largest }: typeof test.ptanh) => [
    name,
    ...[median, p95, p99, largest].map((volts) => formatVolts(volts)),
  ];
  return table({
    label: `Distance from ngspice over the whole sweep, ${formatPlural(test.rows, 'held-out design')}`,
    head: ['Curve', 'rms, median', '95th percentile', '99th percentile', 'Largest at any point'],
    numeric: [1, 2, 3, 4],
    rows: [row('ptanh of the predicted parameters', test.ptanh), row('with the learnt correction', test.corrected)],
  });
}

function titled({ rank, ...curve }: HeldOutCurve) {
  return { ...curve, title: `${rank[0]?.toUpperCase() ?? ''}${rank.slice(1)} held-out design` };
}

function curveBody({ curves = [], surrogate }: SurrogateReportData, plots: readonly Plot[]): Html {
  const unitOf = (name: string) => surrogate.parameters.find((parameter) => parameter.name === name)?.unit;
  const designOf = ({ values }: HeldOutCurve) =>
    Object.entries(values)
      .map(([name, value]) => {
        const unit = unitOf(name);
        return `${name} ${unit === undefined ? value : formatValue(value, unit)}`;
      })
      .join(', ');
  const kind = surrogate.correction
    ? html`The predicted curve, the ptanh of the predicted parameters and its learnt correction, against ngspice.`
    : html`The curve of the predicted parameters against ngspice. What remains is the surrogate’s error and, because the true curve is no perfect tanh, that of the four parameters.`;
  return html`<p>${kind}</p>
${figures(plots.map((plot, i) => ({ plot, caption: html`${transferCaption(titled(curves[i]!))}<br>${designOf(curves[i]!)}.` })))}`;
}

function spaceBody({ surrogate }: SurrogateReportData): Html {
  const { parameters, constraints } = surrogate;
  return html`<p>Predictions hold inside this space only.</p>
${table({
  label: 'Design space',
  head: ['Component', 'Smallest', 'Largest', 'Spread'],
  numeric: [1, 2],
  rows: parameters.map(({ name, unit, min, max, scale }) => [
    name,
    formatValue(min, unit),
    formatValue(max, unit),
    scale === 'log' ? 'logarithmic' : 'linear',
  ]),
})}
${
  constraints.length > 0 &&
  html`<p>With (in ohms and metres): ${constraints.map((constraint, i) => html`${i > 0 && ', '}<code>${constraint}</code>`)}.</p>`
}`;
}

function reproduceBody({ surrogate, command }: SurrogateReportData): Html {
  const { features, layers, activation, trainedOn, inputHashes } = surrogate;
  const widths = layers.map(({ biases }) => biases.length).join('–');
  return html`<p>A network of ${features.length}–${widths} units with ${activation}, on the features ${features.map(({ name }, i) => html`${i > 0 && ', '}<code>${name}</code>`)};
trained with seed ${trainedOn.seed}.</p>
${command !== undefined && html`<p>The same surrogate again, to the byte:</p><pre><code>${command}</code></pre>`}
${
  Object.keys(inputHashes).length > 0 &&
  table({
    label: 'Hashes',
    head: ['Made from', 'SHA-256'],
    rows: Object.entries(inputHashes).map(([name, hash]) => [name, html`<code class="hash">${hash}</code>`]),
  })
}`;
}
