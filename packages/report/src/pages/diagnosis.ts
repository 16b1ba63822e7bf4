import { formatPercent, formatPlural, formatVolts } from '../format.ts';
import { Html, html } from './html.ts';
import { facts, folded, page, type Section, table } from './page.ts';

/** What a diagnosis came to, as plain data. */
export interface DiagnosisPage {
  readonly name: string;
  readonly verdict: 'within tolerance' | 'fault found' | 'unexplained';
  readonly headline: string;
  /** How prints vary, in words. */
  readonly law: string;
  readonly meterVolts: number;
  readonly readings: number;
  readonly patterns: number;
  readonly measuredNodes: readonly string[];
  readonly probabilityGood: number;
  /** χ² of the circuit without a fault, and what it may be. */
  readonly goodChiSquare: number;
  readonly explainedBelow: number;
  readonly candidates: readonly {
    /** Names of sets of faults that the readings do not tell apart. */
    readonly alike: readonly (readonly string[])[];
    readonly probability: number;
    readonly chiSquare: number;
  }[];
  readonly next?:
    | {
        readonly words: string;
        readonly expected: readonly {
          readonly faults: readonly string[];
          readonly probability: number;
          readonly volts: number;
          readonly stdVolts: number;
        }[];
      }
    | undefined;
  readonly resolution: {
    readonly faults: number;
    readonly groups: number;
    readonly alone: number;
    readonly noTrace: readonly string[];
  };
  readonly notes: readonly string[];
}

/** The page of a diagnosis, with the suspected parts marked in circuit and layout. */
export function renderDiagnosis(
  diagnosis: DiagnosisPage,
  drawings: { readonly schematic: string; readonly layout?: string | undefined },
): string {
  const { name, next, candidates } = diagnosis;
  const sections: Section[] = [
    ...(candidates.length === 0
      ? []
      : [{ id: 'candidates', title: 'What is likely broken', body: candidatesBody(diagnosis) }]),
    ...(next === undefined ? [] : [{ id: 'next', title: 'What to measure next', body: nextBody(next) }]),
    ...(candidates.length === 0
      ? []
      : [
          {
            id: 'map',
            title: 'Where to look',
            body: html`<p>The darker a part, the likelier it is broken.</p>
<div class="scroll" role="region" aria-label="Schematic" tabindex="0">${new Html(drawings.schematic)}</div>
${drawings.layout !== undefined && html`<div class="scroll" role="region" aria-label="Layout" tabindex="0">${new Html(drawings.layout)}</div>`}`,
          },
        ]),
    { id: 'resolution', title: 'What these readings can tell', body: resolutionBody(diagnosis) },
  ];
  return page({ title: name, kind: 'diagnosis', head: head(diagnosis), sections });
}

function head({
  verdict,
  headline,
  law,
  meterVolts,
  readings,
  patterns,
  measuredNodes,
  probabilityGood,
  goodChiSquare,
  explainedBelow,
  notes,
}: DiagnosisPage): Html {
  const isGood = verdict === 'within tolerance';
  return html`<div class="verdict${!isGood && ' alarm'}"><span class="sign" aria-hidden="true">${isGood ? '✓' : '!'}</span><strong>${headline}</strong>
<small>${formatPlural(readings, 'reading')} at ${formatPlural(patterns, 'pattern')}: ${measuredNodes.join(', ')}</small></div>
${facts([
  { name: 'Nothing is broken', value: probability(probabilityGood), note: 'even odds before the sheet was measured' },
  {
    name: 'χ² without a fault',
    value: goodChiSquare < 1e5 ? goodChiSquare.toFixed(0) : goodChiSquare.toExponential(1),
    note: `999 of 1000 good prints have less than ${explainedBelow.toFixed(0)}`,
  },
  { name: 'Prints vary by', value: law },
  { name: 'Error of the meter', value: formatVolts(meterVolts), note: 'standard deviation' },
])}
${notes.length > 0 && html`<ul class="note">${notes.map((note) => html`<li>${note}</li>`)}</ul>`}`;
}

/** A probability in words; one that is next to 0 or 1 says so, for none is more certain than the model that it rests on. */
export function probability(p: number): string {
  if (p < 0.001) return 'below 0.1 %';
  return p > 0.999 ? 'above 99.9 %' : formatPercent(p);
}

function candidatesBody({ candidates }: DiagnosisPage): Html {
  return html`<p>Faults in one line give the same readings, to within the meter. χ² is that of the best fit of all component values under the fault.</p>
${table({
  label: 'Candidates',
  head: ['', 'Fault', 'Probability', 'χ²'],
  rows: candidates.map((one, k) => [
    String(k + 1),
    html`${one.alike.map((faults, i) => html`${i > 0 && html`<br>or `}<code>${faults.join(' and ')}</code>`)}`,
    probability(one.probability),
    one.chiSquare < 1e5 ? one.chiSquare.toFixed(0) : one.chiSquare.toExponential(1),
  ]),
  numeric: [2, 3],
})}`;
}

function nextBody({ words, expected }: NonNullable<DiagnosisPage['next']>): Html {
  return html`<p>${words}</p>${table({
    label: 'Expected',
    head: ['If this is broken', 'Probability now', 'V', '± V'],
    rows: expected.map(({ faults, probability: p, volts, stdVolts }) => [
      faults.length === 0 ? 'nothing' : html`<code>${faults.join(' and ')}</code>`,
      probability(p),
      volts.toFixed(4).replace('-', '−'),
      stdVolts.toFixed(4),
    ]),
    numeric: [1, 2, 3],
  })}`;
}

function resolutionBody({ resolution, measuredNodes }: DiagnosisPage): Html {
  const { faults, groups, alone, noTrace } = resolution;
  return html`<p>Measured at these inputs, ${measuredNodes.join(', ')} tell the ${String(faults)} single faults of the list apart as ${String(groups)} groups; ${String(alone)} faults are alone in theirs.
${noTrace.length === 0 ? 'Every fault leaves a trace as designed' : `${formatPlural(noTrace.length, 'fault')} would leave no trace`}, which says nothing of how much printing hides.</p>
${noTrace.length > 0 && folded('Faults without a trace', html`<p>${noTrace.join('; ')}</p>`, false)}`;
}
