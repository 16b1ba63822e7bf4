import type { AgeingReport, Blame, Corner, SpecificationResult } from '@neuroprint/core';
import { formatCount, formatPercent, formatPlural, formatSpread, formatVolts } from '../format.ts';
import { ageingCaption, ageingPlot } from '../plots/ageing.ts';
import { type BlamePlace, blameMapPlot, blameMaps, blamePlot } from '../plots/blame.ts';
import { cornerCaption, cornerPlot } from '../plots/corners.ts';
import type { Plot } from '../plots/plot.ts';
import { assumedMark } from './assumptions.ts';
import type { CompileReportData } from './compile-data.ts';
import { type LayerNames, originInWords } from './crossbars.ts';
import { type Html, html } from './html.ts';
import { facts, figures, folded, type Section, table } from './page.ts';
import { stepWord } from './words.ts';

type Part = Section & { readonly plots: readonly Plot[] };

const LISTED_COMPONENTS = 15;

/** Every line of the specification with what was measured. */
export function specificationBody(specification: SpecificationResult | undefined): Html | undefined {
  if (specification === undefined) return undefined;
  const failed = specification.lines.filter(({ passes }) => !passes).length;
  return html`<p>${
    failed === 0
      ? `All ${formatPlural(specification.lines.length, 'line')} of ${specification.file} hold.`
      : html`<strong>${formatPlural(failed, 'line')} of ${specification.file} ${failed === 1 ? 'does' : 'do'} not hold.</strong>`
  }</p>
${table({
  label: 'Specification',
  head: ['', 'Line', 'Limit', 'Measured'],
  rows: specification.lines.map(({ name, line, message, passes }) => [
    passes ? '✓' : html`<strong>✗</strong>`,
    String(line),
    html`<code>${name}</code>`,
    passes ? message : html`<strong>${message}</strong>`,
  ]),
  numeric: [1],
})}`;
}

/** Accuracy against what moves for the whole print. */
export async function cornersPart(
  corners: readonly Corner[] | undefined,
  assumed: readonly string[],
): Promise<Part | undefined> {
  if (corners === undefined) return undefined;
  const plots: Plot[] = [];
  for (const corner of corners) plots.push(await cornerPlot(corner));
  const simulated = corners.reduce((sum, corner) => sum + corner.simulatedPoints, 0);
  const largest = Math.max(...corners.map(({ maxErrorVolts }) => maxErrorVolts));
  return {
    id: 'corners',
    title: 'Corners: what moves for the whole print',
    body: html`<p>Each alone, by the exact solver, the input voltages as they are.${assumedMark('accuracy', assumed)} The dashed line is the accuracy that counts as good.
The ${simulated} ends were simulated in ngspice too: every node within ${formatVolts(largest)}.</p>
${figures(plots.map((plot, i) => ({ plot, caption: cornerCaption(corners[i]!) })))}`,
    plots,
  };
}

/** Accuracy of printed copies as their resistors age. */
export async function ageingPart(ageing: AgeingReport | undefined): Promise<Part | undefined> {
  if (ageing === undefined) return undefined;
  const plot = await ageingPlot(ageing);
  const rows = ageing.asked.map((day) => [
    `${day.days}${day.extrapolated ? ' (extrapolated)' : ''}`,
    formatPercent(day.meanAccuracy),
    formatPercent(day.p5Accuracy),
    formatPercent(day.yield),
    formatVolts(day.maxErrorVolts),
  ]);
  return {
    id: 'ageing',
    title: 'Age',
    body: html`<p>The same printed copies day after day, each resistor grown by its own law (${ageing.law}). The dashed line is the accuracy that counts as good.</p>
${figures([{ plot, caption: ageingCaption(ageing) }])}
${table({ label: 'Copies by age', head: ['day', 'mean accuracy', '5th percentile', 'yield', 'ngspice from the solver'], rows, numeric: [0, 1, 2, 3, 4] })}`,
    plots: [plot],
  };
}

/** Which component moves which decision, what each step costs, and the worst corner. */
export async function blamePart(data: CompileReportData, names: readonly LayerNames[]): Promise<Part | undefined> {
  const blame = data.verification?.blame;
  if (blame === undefined) return undefined;
  const plots = [await blamePlot(blame)];
  for (const map of blameMaps(blame, placesOf(data, names), names)) plots.push(await blameMapPlot(map));
  const { worstCorner } = blame;
  return {
    id: 'blame',
    title: 'Which component is to blame',
    body: html`<p>Under ${blame.law ?? `${formatSpread(blame.relativeSpread)} variation of every component`}, ${blame.expectedFlips.toFixed(2)} of ${formatCount(data.verification!.cases)} decisions are expected to flip
(first order, from the derivative of every decision’s margin by every component). A component’s share is its part of that.${(blame.leftOut ?? []).length > 0 && ` Left out: ${blame.leftOut!.join('; ')}.`}</p>
${figures([
  { plot: plots[0]!, caption: `${formatPlural(blame.components.length, 'component value')} in all.` },
  ...plots.slice(1).map((plot) => ({ plot, caption: 'The values of a stage added up.' })),
])}
${facts([
  {
    name: 'Worst corner',
    value:
      worstCorner.accuracy === null ? formatPercent(worstCorner.decisionsKept) : formatPercent(worstCorner.accuracy),
    note: worstCorner.accuracy === null ? 'of the decisions kept' : 'accuracy, every component at the worse end',
  },
  {
    name: 'Cannot be flipped',
    value: formatPercent(worstCorner.guaranteed),
    note: 'of the decisions, each at its own worst corner',
  },
  {
    name: 'Largest |ngspice − exact|',
    value: formatVolts(worstCorner.maxErrorVolts),
    note: `${formatPlural(worstCorner.simulatedCorners, 'corner')} simulated`,
  },
])}
<h3>From the network to print</h3>
${stepTable(blame)}
<h3>The tightest decisions</h3>
${decisionTable(blame)}
${folded(`The ${Math.min(LISTED_COMPONENTS, blame.components.length)} components that matter most`, componentTable(blame, data, names), false)}`,
    plots,
  };
}

function placesOf({ circuit }: CompileReportData, names: readonly LayerNames[]): BlamePlace[] {
  return circuit.devices.map(({ name, origin }) => {
    const rows = names[origin.layer]?.rows.length ?? 0;
    const row = origin.role === 'bias' ? rows - 2 : origin.role === 'pull-down' ? rows - 1 : origin.row;
    const isOpamp = origin.role === 'feedback' || origin.role === 'drive' || origin.role === 'opamp';
    return { device: name, layer: origin.layer, row, column: origin.column, isOpamp };
  });
}

function stepTable({ steps }: Blame): Html {
  return table({
    label: 'From the network to print',
    head: ['Step', 'What it adds', 'Accuracy', 'Change', 'rms from the network'],
    rows: steps.map(({ step, cause, accuracy, rmsVoltsFromNetwork }, i) => {
      const before = steps[i - 1]?.accuracy ?? null;
      const change = accuracy === null || before === null ? '' : formatPercent(accuracy - before);
      return [
        stepWord(step),
        cause,
        accuracy === null ? '' : formatPercent(accuracy),
        change,
        rmsVoltsFromNetwork === null ? '' : formatVolts(rmsVoltsFromNetwork),
      ];
    }),
    numeric: [2, 3, 4],
  });
}

function decisionTable({ decisions }: Blame): Html {
  return table({
    label: 'The tightest decisions',
    head: ['Row', 'Decision', 'Runner-up', 'Margin', 'Std', 'Flips in', 'Moved most by'],
    rows: decisions.map((d) => [
      String(d.case),
      d.decision,
      d.runnerUp,
      formatVolts(d.marginVolts),
      formatVolts(d.stdVolts),
      formatPercent(d.flipProbability),
      html`<code>${d.component}</code>`,
    ]),
    numeric: [0, 3, 4, 5],
  });
}

function componentTable({ components }: Blame, { circuit }: CompileReportData, names: readonly LayerNames[]): Html {
  const origins = new Map(circuit.devices.map(({ name, origin }) => [name, origin]));
  return table({
    label: 'Components by blame',
    head: ['Component', 'What it is', 'Share of the flips', 'Mean |Δmargin| per 1 %', 'Largest'],
    rows: components.slice(0, LISTED_COMPONENTS).map((c) => {
      const origin = origins.get(c.name.split('.')[0]!);
      return [
        html`<code>${c.name}</code>`,
        origin === undefined ? c.origin : originInWords(origin, names),
        formatPercent(c.share),
        formatVolts(c.meanVoltsPerPercent),
        formatVolts(c.maxVoltsPerPercent),
      ];
    }),
    numeric: [2, 3, 4],
  });
}
