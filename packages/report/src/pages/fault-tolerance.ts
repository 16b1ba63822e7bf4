import type { FaultTolerance } from '@neuroprint/core';
import { formatPercent, formatPlural, formatVolts } from '../format.ts';
import { faultRatesPlot } from '../plots/fault-rates.ts';
import { Html, html } from './html.ts';
import { facts, figures, folded, page, type Report, type Section, table } from './page.ts';

export interface FaultToleranceData {
  readonly tolerance: Omit<FaultTolerance, 'kind' | 'version' | 'checksum' | 'inputHashes'>;
  /** Circuit and layout, every part shaded by what its worst fault costs. */
  readonly schematic: string;
  readonly layout?: string | undefined;
}

/** Parts that are listed at once; the others are behind a line. */
const LISTED_PARTS = 20;

/** The page about the faults of a circuit: what each costs, which part must not fail, and what fault rates leave. */
export async function renderFaultTolerance({ tolerance, schematic, layout }: FaultToleranceData): Promise<Report> {
  const plot = tolerance.rates.length === 0 ? undefined : await faultRatesPlot(tolerance);
  const sections: Section[] = [
    { id: 'parts', title: 'Which part must not fail', body: partsBody(tolerance) },
    {
      id: 'map',
      title: 'Where they are',
      body: html`<p>White: no fault of the part costs a decision. The darker, the more its worst fault costs.</p>
<div class="scroll" role="region" aria-label="Schematic" tabindex="0">${new Html(schematic)}</div>
${layout !== undefined && html`<div class="scroll" role="region" aria-label="Layout" tabindex="0">${new Html(layout)}</div>`}`,
    },
    ...(plot === undefined
      ? []
      : [
          {
            id: 'rates',
            title: 'Copies with broken parts',
            body: html`${figures([{ plot }])}${ratesTable(tolerance)}`,
          },
        ]),
    { id: 'faults', title: 'Every single fault', body: folded('All faults', faultsTable(tolerance), false) },
  ];
  return {
    html: page({ title: tolerance.name, kind: 'fault tolerance', head: head(tolerance), sections }),
    images: plot === undefined ? [] : [plot],
  };
}

function head(tolerance: FaultToleranceData['tolerance']): Html {
  const { accuracy, leastAccuracy, meanAccuracy, faults, rows, ngspice, law } = tolerance;
  const harmless = faults.filter((fault) => fault.accuracy >= accuracy).length;
  return html`<p class="lead">${formatPlural(faults.length, 'single fault')}, each solved exactly at all ${rows} rows; copies vary by ${law} beside their faults.</p>
${facts([
  { name: 'Without a fault', value: formatPercent(accuracy) },
  { name: 'Under the worst fault', value: formatPercent(leastAccuracy), note: faults[0]?.name },
  { name: 'Mean over all faults', value: formatPercent(meanAccuracy) },
  { name: 'Faults that cost nothing', value: formatPercent(harmless / faults.length), note: `${harmless}` },
  {
    name: 'ngspice from the solver',
    value: formatVolts(ngspice.maxErrorVolts),
    note: `${ngspice.faults - ngspice.unsimulatedFaults} faults and ${ngspice.copies} copies, ${ngspice.decisionsDiffering} decisions differ`,
  },
])}`;
}

interface PartLine {
  readonly name: string;
  /** Lines and contacts are no parts. */
  readonly isPart: boolean;
  readonly worst: string;
  readonly least: number;
  readonly mean: number;
  readonly faults: number;
}

/** Worst first. */
function partLines({ faults, accuracy: good }: Pick<FaultTolerance, 'faults' | 'accuracy'>): PartLine[] {
  const byPart = new Map<string, FaultTolerance['faults'][number][]>();
  for (const fault of faults) {
    const part = fault.components[0] ?? fault.nodes.join(' ');
    byPart.set(part, [...(byPart.get(part) ?? []), fault]);
  }
  return [...byPart.values()]
    .map((list) => {
      const [{ name, kind, components, nodes, accuracy }] = list as [(typeof list)[number]];
      const part = components[0] ?? nodes.map((node) => (node === '0' ? 'ground' : node)).join(' and ');
      return {
        name: part,
        isPart: components.length > 0,
        worst:
          accuracy >= good ? 'none costs a decision' : name.startsWith(`${part} `) ? name.slice(part.length + 1) : kind,
        least: accuracy,
        mean: list.reduce((sum, one) => sum + one.accuracy, 0) / list.length,
        faults: list.length,
      };
    })
    .sort((a, b) => a.least - b.least || a.mean - b.mean);
}

function partsBody(tolerance: FaultToleranceData['tolerance']): Html {
  const lines = partLines(tolerance);
  const parts = lines.filter(({ isPart }) => isPart);
  const others = lines.filter(({ isPart }) => !isPart);
  const rest = parts.slice(LISTED_PARTS);
  return html`${partsTable('Parts by their worst fault', parts.slice(0, LISTED_PARTS))}
${rest.length > 0 && folded(`The other ${formatPlural(rest.length, 'part')}`, partsTable('Other parts', rest), false)}
${others.length > 0 && folded(`Shorts between neighbouring lines, and contacts: ${others.length}`, partsTable('Lines and contacts', others), false)}`;
}

function partsTable(label: string, lines: readonly PartLine[]): Html {
  return table({
    label,
    head: ['Part', 'Worst fault', 'Accuracy under it', 'Mean over its faults', 'Faults'],
    rows: lines.map(({ name, worst, least, mean, faults }) => [
      name,
      worst,
      formatPercent(least),
      formatPercent(mean),
      String(faults),
    ]),
    numeric: [2, 3, 4],
  });
}

function ratesTable({ rates, yieldAccuracy = 0 }: FaultToleranceData['tolerance']): Html {
  return html`<p>A copy is good from ${formatPercent(yieldAccuracy)} on.</p>${table({
    label: 'Copies by fault rate',
    head: ['Broken parts', 'Mean accuracy', 'Standard deviation', 'Yield', '95 % interval', 'Copies', 'In ngspice'],
    rows: rates.map((one) => [
      formatPercent(one.rate),
      formatPercent(one.meanAccuracy),
      formatPercent(one.stdAccuracy),
      formatPercent(one.yield),
      `${formatPercent(one.yieldInterval[0])} to ${formatPercent(one.yieldInterval[1])}`,
      String(one.copies),
      String(one.simulatedCopies),
    ]),
    numeric: [0, 1, 2, 3, 4, 5, 6],
  })}`;
}

function faultsTable({ faults }: FaultToleranceData['tolerance']): Html {
  return table({
    label: 'Every single fault',
    head: ['Fault', 'Accuracy', 'Rows without an operating point'],
    rows: faults.map(({ name, accuracy, unsolvedRows }) => [name, formatPercent(accuracy), String(unsolvedRows)]),
    numeric: [1, 2],
  });
}
