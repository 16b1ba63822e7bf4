import { describeVariation } from '@neuroprint/core';
import { formatNumber, formatPlural } from '../format.ts';
import type { CompileReportData } from './compile-data.ts';
import { type Html, html } from './html.ts';
import { folded, table } from './page.ts';

type Marks = CompileReportData['technology']['marks'];

/** What the page rests on: every number of the technology with where it is from, the assumed ones first. */
export function restsOn({ technology, network }: CompileReportData): Html {
  const { assumed, marks, name } = technology;
  const of = (kind: Marks[number]['kind']) => marks.filter((mark) => mark.kind === kind);
  const [measured, published, chosen] = [of('measured'), of('published'), of('assumed')];
  // a number that came with the command, such as the capacitance of nodes, stands in no file
  const given = assumed.filter((path) => !chosen.some((mark) => mark.path === path));
  return html`<p>Of the numbers of the technology ${name}, ${measured.length} are measured, ${published.length} published and ${assumed.length} assumed.</p>
${
  assumed.length > 0
    ? html`<p>Figures marked † rest on these, which nobody has measured or published:</p>${marksTable(
        'Assumed numbers',
        'Why',
        [...chosen, ...given.map((path) => ({ path, kind: 'assumed' as const, text: 'given to the command' }))],
      )}`
    : html`<p>Every number of the technology ${name} has a source, so that nothing is marked †.</p>`
}
${measured.length > 0 && folded(`${formatPlural(measured.length, 'measured number')}`, marksTable('Measured numbers', 'File, day, standard error', measured), false)}
${published.length > 0 && folded(`${formatPlural(published.length, 'published number')}`, marksTable('Published numbers', 'Source', published), false)}
<p>${variationInWords(network.variation)}
Agreement between ngspice and the exact solver does not depend on any of this: both use the same numbers.</p>
<p class="note">${name}: ${technology.description}</p>`;
}

function marksTable(label: string, where: string, marks: Marks): Html {
  return table({
    label,
    head: ['Number', 'Value', where],
    numeric: [1],
    rows: marks.map(({ path, value, unit, text }) => [
      html`<code>${path}</code>`,
      value === undefined ? '' : `${formatNumber(value)}${unit === undefined || unit === '1' ? '' : ` ${unit}`}`,
      text,
    ]),
  });
}

function variationInWords(variation: CompileReportData['network']['variation']): string {
  return `Variation is a choice, not a measurement: the network was trained for factors on every conductance and component: ${describeVariation(variation)}.`;
}
