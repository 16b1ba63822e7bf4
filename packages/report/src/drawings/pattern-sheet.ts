import { formatPercent, sheetMark, type TestPatternsFile } from '@neuroprint/core';
import { formatVolts } from '../format.ts';
import { type Html, html } from '../pages/html.ts';
import { folded, type Section, table } from '../pages/page.ts';

/** What test-patterns found. */
export type TestedPatterns = Pick<
  TestPatternsFile,
  | 'inputHashes'
  | 'inputs'
  | 'observed'
  | 'patterns'
  | 'faults'
  | 'groups'
  | 'detectable'
  | 'limits'
  | 'fit'
  | 'law'
  | 'meterVolts'
  | 'foundShare'
>;

/** A limit is written outwards to this, so that rounding calls no good sheet broken. */
const WRITTEN_VOLTS = 1e-4;

const outwards = (volts: number, round: (v: number) => number): number => round(volts / WRITTEN_VOLTS) * WRITTEN_VOLTS;

/** The parts of the sheet that say whether anything is broken. */
export function patternSections(tested: TestedPatterns, meter: (volts: number) => string): Section[] {
  return [
    {
      id: 'patterns',
      title: `Is anything broken? ${tested.patterns.length} patterns`,
      body: patternsBody(tested, meter),
    },
    { id: 'faults', title: 'What the patterns find', body: faultsBody(tested) },
  ];
}

function patternsBody(tested: TestedPatterns, meter: (volts: number) => string): Html {
  const { inputs, observed, patterns, limits, law, meterVolts } = tested;
  return html`<p>Apply, wait until the voltages stand, measure, and tick. One reading outside of its limits: the sheet is broken, or the set-up is. At
most ${formatPercent(limits.falseAlarms)} of good sheets have such a reading (components: ${law}; meter: ±${formatVolts(meterVolts)}).</p>
${patterns.map(
  ({ inputVolts, expectedVolts, lowVolts, highVolts }, p) => html`<h3>Pattern ${String(p + 1)}</h3>
<div class="figures"><div>${table({
    label: `Apply, pattern ${p + 1}`,
    head: ['Apply at', 'V'],
    rows: inputs.map((node, i) => [html`<code>${node}</code>`, meter(inputVolts[i]!)]),
    numeric: [1],
  })}</div><div>${table({
    label: `Expect, pattern ${p + 1}`,
    head: ['Measure at', 'From V', 'Expected V', 'To V', 'Measured V', 'Pass'],
    rows: observed.map((node, o) => [
      html`<code>${node}</code>`,
      meter(outwards(lowVolts[o]!, Math.floor)),
      meter(expectedVolts[o]!),
      meter(outwards(highVolts[o]!, Math.ceil)),
      '',
      '☐',
    ]),
    numeric: [1, 2, 3],
  })}</div></div>`,
)}`;
}

function faultsBody({ faults, groups, detectable, limits, fit, foundShare }: TestedPatterns): Html {
  const missed = faults.filter(({ reason }) => reason !== undefined);
  const found = (by: typeof limits): string =>
    `${by.found} of ${faults.length} single faults (${formatPercent(by.coverage)}; ${formatPercent(by.coverageOfDetectable)} of the ${detectable} that a meter can see)`;
  return html`<p>The limits find ${found(limits)}: a fault counts where at least ${formatPercent(foundShare)} of the printed copies with it are outside of them.
${fit !== undefined && html`All readings together, weighed by a fit of the printed components, find ${found(fit)}.`}
The faults are ${String(groups)} groups that no reading tells apart.</p>
${
  missed.length > 0 &&
  folded(
    `${missed.length} faults that are not found`,
    table({
      label: 'Faults that are not found',
      head: ['Fault', 'Why', 'Moves a reading by at most'],
      rows: missed.map(({ name, reason, stages, mostVolts }) => [
        html`<code>${name}</code>`,
        `${reason}${stages !== undefined && stages.length > 0 ? ` (${stages.join(', ')})` : ''}`,
        mostVolts === null ? '' : formatVolts(mostVolts),
      ]),
      numeric: [2],
    }),
    false,
  )
}`;
}

/** One line a reading, with room for what is measured, under the netlist that the sheet is for: diagnose takes it when it is filled in. */
export function patternCsv({ inputHashes, inputs, observed, patterns }: TestedPatterns): string {
  const header = ['pattern', ...inputs, 'node', 'low_volts', 'expected_volts', 'high_volts', 'measured_volts', 'pass'];
  const lines = patterns.flatMap(({ inputVolts, expectedVolts, lowVolts, highVolts }, p) =>
    observed.map((node, o) =>
      [p + 1, ...inputVolts, node, lowVolts[o]!, expectedVolts[o]!, highVolts[o]!, '', ''].join(','),
    ),
  );
  const mark = inputHashes['netlist.cir'];
  return `${[...(mark === undefined ? [] : [sheetMark(mark)]), header.join(','), ...lines].join('\n')}\n`;
}
