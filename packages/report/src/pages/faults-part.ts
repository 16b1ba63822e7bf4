import type { FaultFacts } from '@neuroprint/core';
import { formatPercent } from '../format.ts';
import { type Html, html } from './html.ts';
import { facts } from './page.ts';

/** What is known of the circuit's faults, where anything is. */
export function faultsBody(faults: FaultFacts | undefined): Html | undefined {
  if (faults === undefined) return undefined;
  const { coverage, leastAccuracy, worstFault, meanAccuracy } = faults;
  return facts([
    ...(coverage === undefined
      ? []
      : [
          {
            name: 'Fault coverage',
            value: formatPercent(coverage),
            note: 'of the single faults, by the test patterns',
          },
        ]),
    ...(leastAccuracy === undefined
      ? []
      : [{ name: 'Accuracy under the worst single fault', value: formatPercent(leastAccuracy), note: worstFault }]),
    ...(meanAccuracy === undefined
      ? []
      : [
          {
            name: 'Mean over all single faults',
            value: formatPercent(meanAccuracy),
            note: html`each in <code>fault-tolerance.html</code>`,
          },
        ]),
  ]);
}
