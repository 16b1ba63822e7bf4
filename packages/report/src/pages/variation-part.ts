import { regressionOf } from '@neuroprint/core';
import { formatNumber, formatPercent } from '../format.ts';
import { copiesPlot } from '../plots/copies.ts';
import type { Plot } from '../plots/plot.ts';
import { variationBody } from './comparisons.ts';
import type { CompileReportData } from './compile-data.ts';
import { html } from './html.ts';
import { figures, type Section } from './page.ts';
import { errorSpreadBody } from './predictions-part.ts';

/** What printing many copies gives, in figures and as a histogram. */
export async function variationPart({
  verification,
  technology,
  circuit,
}: CompileReportData): Promise<(Section & { readonly plots: readonly Plot[] }) | undefined> {
  const { monteCarlo, regression } = verification ?? {};
  const errors = regression?.monteCarlo;
  const histogram = (errors ?? monteCarlo)?.histogram;
  const body =
    errors === undefined
      ? monteCarlo && variationBody(monteCarlo, technology.assumed)
      : errorSpreadBody(errors, technology.assumed);
  if (body === undefined) return undefined;
  const plots =
    histogram === undefined
      ? []
      : [
          await copiesPlot(
            errors === undefined
              ? {
                  histogram,
                  quantity: 'accuracy of a copy',
                  unit: '%',
                  limit: monteCarlo!.yieldAccuracy,
                  limitInWords: `good from ${formatPercent(monteCarlo!.yieldAccuracy)}`,
                }
              : {
                  histogram,
                  quantity: 'root mean square error of a copy',
                  unit: regressionOf(circuit)?.target ?? 'target',
                  limit: errors.yieldRmse,
                  limitInWords: `good up to ${formatNumber(errors.yieldRmse)}`,
                },
          ),
        ];
  return {
    id: 'variation',
    title: 'Under variation',
    body: html`${body}${plots.length > 0 && figures(plots.map((plot) => ({ plot })))}`,
    plots,
  };
}
