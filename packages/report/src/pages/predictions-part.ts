import { type ErrorMonteCarlo, lineInWords, regressionOf, scoreTarget, selectVolts, unitsOf } from '@neuroprint/core';
import { formatNumber, formatPercent, formatPlural, formatVolts } from '../format.ts';
import type { Plot } from '../plots/plot.ts';
import { predictionPlot } from '../plots/predictions.ts';
import { assumedMark } from './assumptions.ts';
import { copiesPart, unstableInWords } from './comparisons.ts';
import type { CompileReportData } from './compile-data.ts';
import { type Html, html } from './html.ts';
import { facts, figures, type Section } from './page.ts';

/** Of a regression network: the line by which its output is read, and what it predicts against what the table says. */
export async function predictionsPart({
  rows,
  circuit,
}: CompileReportData): Promise<(Section & { readonly plots: readonly Plot[] }) | undefined> {
  const line = regressionOf(circuit);
  if (line === undefined || !rows?.nodes.includes(circuit.outputs[0]!)) return undefined;
  const { labels, promised, simulatedVolts, nodes, split } = rows;
  const simulated = selectVolts({ nodes, volts: simulatedVolts }, circuit.outputs);
  const models = [
    ...(promised === undefined ? [] : [{ name: 'predictions-network', predictedBy: 'the network', volts: promised }]),
    { name: 'predictions-ngspice', predictedBy: 'ngspice', volts: simulated },
  ];
  const items: { plot: Plot; caption: string }[] = [];
  for (const { name, predictedBy, volts } of labels === undefined ? [] : models) {
    const predicted = unitsOf(line, volts);
    const { rmse, r } = scoreTarget(predicted, labels!);
    items.push({
      plot: await predictionPlot({ name, predictedBy, target: line.target, targets: labels!, predicted, rmse }),
      caption: `Root mean square error ${formatNumber(rmse)}, R ${r.toFixed(3)}.`,
    });
  }
  return {
    id: 'predictions',
    title: 'Predictions',
    body: html`<p>The output is read by a straight line: <code>${lineInWords(line)}</code>, v_out in volts at <code>${circuit.outputs[0]!}</code>; one millivolt is ${formatNumber(line.unitsPerVolt / 1000)} of the target.
On ${formatPlural(simulated.length, `${split} row`)}.</p>
${items.length > 0 && figures(items)}`,
    plots: items.map(({ plot }) => plot),
  };
}

/** What printing many copies of a regression network gives: error, yield with its interval, and whether the solvers still agree. */
export function errorSpreadBody(monteCarlo: ErrorMonteCarlo, assumed: readonly string[]): Html {
  const { mean, std, p5, p95, yieldRmse, yieldInterval, simulatedDraws } = monteCarlo;
  const mark = assumedMark('accuracy', assumed);
  const [low, high] = yieldInterval;
  return html`${copiesPart(monteCarlo)}
${facts([
  {
    name: 'Root mean square error',
    value: html`${formatNumber(mean)}${mark}`,
    note: `mean, ± ${formatNumber(std, 3)} std; ${formatNumber(p5)} at the 5th percentile, ${formatNumber(p95)} at the 95th`,
  },
  {
    name: `Yield at ${formatNumber(yieldRmse)} or less`,
    value: html`${formatPercent(monteCarlo.yield)}${mark}`,
    note: `95\u00a0% interval ${formatPercent(low)} to ${formatPercent(high)}${unstableInWords(monteCarlo)}`,
  },
  {
    name: 'Largest |ngspice − expected|',
    value: formatVolts(monteCarlo.maxErrorVolts),
    note: `over ${formatPlural(simulatedDraws, 'draw')} and all rows`,
  },
])}`;
}
