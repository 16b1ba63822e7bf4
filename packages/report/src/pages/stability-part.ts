import type { StabilityReport } from '@neuroprint/core';
import { formatCount, formatEngineering, formatPercent, formatPlural, formatSpread, formatVolts } from '../format.ts';
import type { Plot } from '../plots/plot.ts';
import { eigenvaluePlot, transientPlot } from '../plots/stability.ts';
import { html } from './html.ts';
import { facts, figures, type Section } from './page.ts';

/** Whether the circuit stays at its operating points: verdict, eigenvalues, a transient, and the figures. */
export async function stabilityPart(
  stability: StabilityReport | undefined,
): Promise<(Section & { readonly plots: readonly Plot[] }) | undefined> {
  if (stability === undefined) return undefined;
  const { verdict, reason, eigenvalues, transients, slowestSeconds, settlingSeconds, nodeFarads } = stability;
  const plots = [
    ...(eigenvalues.length === 0 ? [] : [await eigenvaluePlot(stability)]),
    ...(transients === null ? [] : [await transientPlot(transients.waveform)]),
  ];
  const mark = stability.assumed ? ' (assumed)' : '';
  const entries = [
    ...(slowestSeconds === null || settlingSeconds === null
      ? []
      : [
          {
            name: 'Slowest time constant',
            value: formatEngineering(slowestSeconds, 's'),
            note: `${formatEngineering(settlingSeconds, 's')} to 1 %${mark}`,
          },
        ]),
    ...(nodeFarads === null
      ? []
      : [
          {
            name: 'Capacitance of a node',
            value: formatEngineering(nodeFarads, 'F'),
            note: stability.assumed ? 'assumed' : '',
          },
        ]),
    ...polesFact(stability),
    ...(transients === null
      ? []
      : [
          {
            name: 'Transients in ngspice',
            value: `${transients.count - transients.elsewhere} of ${transients.count}`,
            note: `end at the operating point; furthest ${formatVolts(transients.maxDifferenceVolts)}`,
          },
        ]),
    ...copiesFact(stability),
  ];
  const looked = `${formatPlural(stability.rows, 'row')} linearised`;
  return {
    id: 'stability',
    title: 'Stability',
    body: html`<p>${verdict === 'stable' ? html`<strong>Stable.</strong>` : html`<strong>The circuit is ${verdict}.</strong>`} ${reason[0]!.toUpperCase()}${reason.slice(1)}; ${looked}.</p>
${entries.length === 0 ? undefined : facts(entries)}
${plots.length === 0 ? undefined : figures(plots.map((plot) => ({ plot })))}`,
    plots,
  };
}

function polesFact({ poles }: StabilityReport) {
  if (poles === null) return [];
  const { found, of, relativeDifference } = poles;
  const note =
    relativeDifference === null
      ? 'found by .pz, which misses some'
      : `found by .pz; the slowest within ${formatPercent(relativeDifference)}`;
  return [{ name: 'Poles', value: `${formatCount(found)} of ${formatCount(of)}`, note }];
}

function copiesFact({ copies }: StabilityReport) {
  if (copies === null) return [];
  return [
    {
      name: 'Unstable copies',
      value: `${copies.unstable} of ${copies.draws}`,
      note:
        copies.law === undefined
          ? `at ${formatSpread(copies.relativeSpread)} variation of every component`
          : `under ${copies.law}`,
    },
  ];
}
