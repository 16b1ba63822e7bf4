import { type ClassScores, isLopsided, type VerificationReport } from '@neuroprint/core';
import { formatCount, formatPercent } from '../format.ts';
import { type Html, html } from './html.ts';
import { table } from './page.ts';

const share = (value: number | null): string => (value === null ? '–' : formatPercent(value));

/** Why recall by class is shown first, or that it stands beside accuracy. */
function introduction(classes: readonly { readonly class: string; readonly rows: number }[]): Html {
  const largest = classes.reduce((most, one) => (one.rows > most.rows ? one : most));
  const rows = classes.reduce((sum, one) => sum + one.rows, 0);
  return isLopsided(classes)
    ? html`<p><strong>${formatPercent(largest.rows / rows)} of the rows are of class ${largest.class}: always saying so would be as accurate.</strong>
Recall is the share of a class’s rows that are decided as that class; balanced accuracy is its mean.</p>`
    : html`<p>Recall is the share of a class’s rows that are decided as that class; balanced accuracy is its mean.</p>`;
}

/** Recall by class of the trained network on the test rows. */
export function recallBody({ balancedAccuracy, classes }: ClassScores): Html {
  return html`${introduction(classes)}${table({
    label: 'Recall by class',
    head: ['Class', 'Rows', 'Recall'],
    rows: [
      ...classes.map((one) => [one.class, formatCount(one.rows), share(one.recall)]),
      [html`<strong>balanced accuracy</strong>`, '', share(balancedAccuracy)],
    ],
    numeric: [1, 2],
  })}`;
}

/** Recall by class of network, circuit and ngspice on the cases. */
export function verifiedRecallBody({ balancedAccuracy, classes }: NonNullable<VerificationReport['byClass']>): Html {
  return html`${introduction(classes)}${table({
    label: 'Recall by class',
    head: ['Class', 'Rows', 'Network', 'Circuit', 'ngspice'],
    rows: [
      ...classes.map((one) => [
        one.class,
        formatCount(one.rows),
        share(one.network),
        share(one.circuit),
        share(one.ngspice),
      ]),
      [
        html`<strong>balanced accuracy</strong>`,
        '',
        share(balancedAccuracy.network),
        share(balancedAccuracy.circuit),
        share(balancedAccuracy.ngspice),
      ],
    ],
    numeric: [1, 2, 3, 4],
  })}`;
}
