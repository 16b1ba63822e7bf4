import { formatCount, formatNumber, formatPlural, formatValue, formatVolts } from '../format.ts';
import { DRAWN_DESIGNS, ETA, parityPlot } from '../plots/parity.ts';
import type { Plot } from '../plots/plot.ts';
import { spacePlot } from '../plots/space.ts';
import { transferCaption, transferPlot } from '../plots/transfer.ts';
import { type Html, html } from './html.ts';
import { facts, figures, page, type Report, table } from './page.ts';
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
  const { values, fitted, predicted } = heldOut;
  const spacePlots: Plot[] = [];
  if (values !== undefined && fitted.length > 0) {
    const width = surrogate.parameters.length;
    for (const [k, parameter] of surrogate.parameters.entries())
      spacePlots.push(await spacePlot(parameter, k, width, { values, fitted, predicted }));
  }
  const curvePlots: Plot[] = [];
  for (const [i, curve] of curves.entries()) curvePlots.push(await transferPlot(`curve-${i}`, titled(curve)));
  const sections = [
    { id: 'errors', title: 'Held-out error', body: errorBody(data, parity) },
    ...(curvePlots.length > 0 ? [{ id: 'curves', title: 'Curves', body: curveBody(data, curvePlots) }] : []),
    { id: 'space', title: 'Design space', body: spaceBody(data, spacePlots) },
    { id: 'reproduce', title: 'How it was made', body: reproduceBody(data) },
  ];
  return {
    html: page({
      title: `${surrogate.cell} (${surrogate.technology})`,
      kind: 'surrogate report',
      head: head(data),
      sections,
    }),
    images: [...parity, ...spacePlots, ...curvePlots],
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

function errorBody({ surrogate, heldOut, noise, port }: SurrogateReportData, parity: readonly Plot[]): Html {
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
${noise && noiseText(noise)}
${port && portErrors(port)}`;
}

function noiseText(noise: NonNullable<SurrogateReportData['noise']>): Html {
  if ('notMeasured' in noise)
    return html`<p>How close that is to the noise of the fitted η was not measured: ${noise.notMeasured}.</p>`;
  const { rows, mseNormalised, surrogateMseNormalised } = noise;
  return html`<p>The fitted η have noise of their own. Those of ${formatPlural(rows, 'held-out design')}, fitted
again from a sweep of 4,001 points, differ from the ones of the samples by ${formatNumber(mseNormalised, 2)} (normalised mean square);
on these designs the surrogate's error is ${formatNumber(surrogateMseNormalised, 2)}, ${
    surrogateMseNormalised < mseNormalised
      ? 'less than that: the two sweeps differ by more than the surrogate does from the one that it knows'
      : html`${formatNumber(surrogateMseNormalised / mseNormalised, 2)} times that`
  }.</p>`;
}

function portErrors({ test, unloaded }: NonNullable<SurrogateReportData['port']>): Html {
  const { rows, curve, averageWatts, watts } = unloaded;
  const percent = (share: number) => `${formatNumber(100 * share, 2)} %`;
  const row = (name: string, values: readonly string[]) => [name, ...values];
  return html`<p>The port model beside it predicts currents and power of the stage, loaded or not.</p>
${table({
  label: 'Error of the port model against ngspice',
  head: ['', 'Median (loaded: rms)', '99th percentile', 'Largest'],
  numeric: [1, 2, 3],
  rows: [
    row(`Output under loads, ${formatCount(test.points)} working points`, [
      formatVolts(test.rmsVolts),
      formatVolts(test.p99Volts),
      formatVolts(test.largestVolts),
    ]),
    row(`Curve without a load, rms over the sweep, ${formatPlural(rows, 'design')}`, [
      formatVolts(curve.median),
      formatVolts(curve.p99),
      `${formatVolts(curve.largest)} at any point`,
    ]),
    ...(averageWatts === undefined || watts === undefined
      ? []
      : [
          row(
            'Power, average from 0 to 1 V',
            [averageWatts.median, averageWatts.p99, averageWatts.largest].map(percent),
          ),
          row('Power at the worst input, of the average', [watts.median, watts.p99, watts.largest].map(percent)),
        ]),
  ],
})}`;
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
  const kind = html`The curve of the port model, without a load, against ngspice.`;
  return html`<p>${kind}</p>
${figures(plots.map((plot, i) => ({ plot, caption: html`${transferCaption(titled(curves[i]!))}<br>${designOf(curves[i]!)}.` })))}`;
}

function spaceBody({ surrogate }: SurrogateReportData, plots: readonly Plot[]): Html {
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
}
${
  plots.length > 0 &&
  html`<p>Where the errors are: rms error of the held-out designs in eighths along every component, relative to the rms error of all of them.</p>
${figures(plots.map((plot) => ({ plot })))}`
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
