import { outputResistance, resistanceInWords, type Technology } from '@neuroprint/circuit';
import {
  type CaseTable,
  type Circuit,
  isInVolts,
  lineInWords,
  regressionOf,
  rowOf,
  selectVolts,
  sensorColumns,
  sensorInWords,
  type TrainedNetwork,
  unitsOf,
} from '@neuroprint/core';
import { decisions, margins } from '@neuroprint/numeric';
import { formatNumber, formatRound, formatVolts } from '../format.ts';
import { layerNames } from '../pages/crossbars.ts';
import { type Html, html } from '../pages/html.ts';
import { page, table } from '../pages/page.ts';
import { patternCsv, patternSections, type TestedPatterns } from './pattern-sheet.ts';

export interface BenchSheetData {
  readonly circuit: Circuit;
  readonly network: TrainedNetwork;
  readonly technology: Technology;
  /** The cases with the volts of every node, by the exact solver. */
  readonly expected: CaseTable;
}

/** A row that is measured, and why it was chosen. */
export interface BenchRow {
  readonly row: number;
  readonly reason: string;
  /** The output that decides, and by how much; of a regression network 0 and nothing. */
  readonly decision: number;
  readonly marginVolts: number | undefined;
}

/** A meter on the bench reads to this: volts on the sheet carry as many digits. */
const METER_VOLTS = 1e-4;

/**
 * The rows that tell most with least work: of every class the one whose margin is the median of the rows that are decided so (and labelled
 * so, where labels are known), the one with the narrowest margin and the one with the widest. Of a regression network those with the lowest,
 * a low, the median, a high and the highest output.
 */
export function chooseBenchRows({ circuit, expected }: Pick<BenchSheetData, 'circuit' | 'expected'>): BenchRow[] {
  const { labels } = expected;
  const outputs = selectVolts(expected, circuit.outputs);
  if (regressionOf(circuit) !== undefined) return spreadRows(outputs);
  const decided = decisions(outputs, circuit.outputs.length);
  const all = [...margins(outputs, circuit.outputs.length)]
    .map((marginVolts, row) => ({ row, decision: decided[row]!, marginVolts }))
    .sort((a, b) => a.marginVolts - b.marginVolts || a.row - b.row);
  const typical = circuit.classes.flatMap((name, c) => {
    const own = all.filter(({ decision }) => decision === c);
    const right = labels === undefined ? own : own.filter(({ row }) => labels[row] === c);
    const from = right.length > 0 ? right : own;
    const one = from[Math.floor(from.length / 2)];
    return one === undefined ? [] : [{ ...one, reason: `typical for ${name}` }];
  });
  const chosen = [
    ...typical,
    ...all.slice(0, 1).map((one) => ({ ...one, reason: 'narrowest margin' })),
    ...all.slice(-1).map((one) => ({ ...one, reason: 'widest margin' })),
  ];
  // one measurement for all its reasons
  return [...new Set(chosen.map(({ row }) => row))].map((row) => {
    const same = chosen.filter((one) => one.row === row);
    return { ...same[0]!, reason: same.map(({ reason }) => reason).join(', ') };
  });
}

/** Rows at even steps of the order of one node's volts, both ends included. */
function spreadRows(volts: Float64Array): BenchRow[] {
  const order = [...volts.keys()].sort((a, b) => volts[a]! - volts[b]! || a - b);
  const reasons = ['lowest output', 'low output', 'median output', 'high output', 'highest output'];
  const chosen = reasons.map((reason, k) => ({
    reason,
    row: order[Math.round((k * (order.length - 1)) / (reasons.length - 1))]!,
  }));
  return [...new Map(chosen.map((one) => [one.row, { ...one, decision: 0, marginVolts: undefined }])).values()];
}

/**
 * bench-test-sheet.html and .csv: for a handful of rows the volts to apply at the inputs and those to expect at outputs and inner nodes,
 * with room for what is measured and the margin by which the decision stands. With test patterns these come first, with the limits of a good
 * sheet, and the table is theirs.
 */
export function benchSheet(
  data: BenchSheetData,
  tested?: TestedPatterns,
): Record<'bench-test-sheet.html' | 'bench-test-sheet.csv', string> {
  const rows = chooseBenchRows(data);
  return {
    'bench-test-sheet.html': sheetPage(data, rows, tested),
    'bench-test-sheet.csv': tested === undefined ? sheetCsv(data, rows) : patternCsv(tested),
  };
}

function meter(volts: number): string {
  return volts.toFixed(-Math.log10(METER_VOLTS)).replace('-', '−');
}

function sheetPage(data: BenchSheetData, rows: readonly BenchRow[], tested: TestedPatterns | undefined): string {
  const { circuit, technology } = data;
  const { opamp } = technology;
  const line = regressionOf(circuit);
  const seen = line && outputResistance(circuit, technology, data.expected.inputVolts);
  const supplies = [
    ...Object.entries(technology.supplies).map(([node, volts]) => `${node} ${formatRound(volts, 'V')}`),
    ...(opamp !== undefined && circuit.devices.some(({ kind }) => kind === 'opamp')
      ? [`op-amps ${formatRound(opamp.lowVolts, 'V')} and ${formatRound(opamp.highVolts, 'V')}`]
      : []),
  ];
  return page({
    title: circuit.name,
    kind: 'bench test sheet',
    head: html`<p class="lead">Connect the supplies (${supplies.join(', ')}) and ground. ${tested !== undefined && html`First the patterns, which show whether anything is broken; then the cases, which show what it decides. `}For each of the ${String(rows.length)} cases: apply the input volts, wait until the outputs
stand, measure them. ${line === undefined ? 'The class is the output with the largest voltage; the reader has to resolve the margin.' : `The output means ${lineInWords(line)}, v_out in volts without a meter.${seen === undefined ? '' : ` Its inner resistance is ${resistanceInWords(seen)}.`}`}</p>
<p class="note">Expected volts by the exact solver for nominal component values${technology.assumed.length > 0 ? `, with the assumed numbers of ${technology.name}` : ''}. A print differs from them as its components do${line === undefined ? '; what counts is which output is the largest' : ''}.</p>`,
    sections: [
      ...(tested === undefined ? [] : patternSections(tested, meter)),
      ...rows.map((row, k) => ({
        id: `row-${row.row}`,
        title: `${k + 1}. Case ${row.row}: ${row.reason}`,
        body: rowBody(data, row),
      })),
    ],
  });
}

function rowBody(data: BenchSheetData, { row, decision, marginVolts }: BenchRow): Html {
  const { circuit, network, expected } = data;
  const names = layerNames(network);
  const at = (node: string): number => expected.volts[row * expected.nodes.length + expected.nodes.indexOf(node)]!;
  const hasUnits = network.inputs.some((input) => !isInVolts(input));
  const inputs = circuit.inputs.map((node, i) => {
    const volts = expected.inputVolts[row * circuit.inputs.length + i]!;
    const own = isInVolts(network.inputs[i]!) ? '' : sensorInWords(network.inputs[i]!, volts);
    return [html`<code>${node}</code>`, names[0]!.rows[i]!, meter(volts), ...(hasUnits ? [own.replace('-', '−')] : [])];
  });
  const outputs = circuit.outputs.map((node, c) => [
    html`<code>${node}</code>`,
    c === decision ? html`<strong>${circuit.classes[c]!}</strong>` : circuit.classes[c]!,
    c === decision ? html`<strong>${meter(at(node))}</strong>` : meter(at(node)),
    '',
  ]);
  const inner = expected.nodes.filter((node) => !circuit.outputs.includes(node));
  return html`${marginVolts === undefined ? prediction(data, row) : decided(data, row, decision, marginVolts)}
<div class="figures"><div><h3>Apply</h3>${table({ label: 'Apply', head: ['Pad', 'Input', 'V', ...(hasUnits ? ['Sensor'] : [])], rows: inputs, numeric: [2, 3] })}</div>
<div><h3>Expect</h3>${table({ label: 'Expect', head: ['Pad', marginVolts === undefined ? 'Target' : 'Class', 'V', 'Measured'], rows: outputs, numeric: [2] })}</div></div>
<details><summary>Inner nodes, where something is wrong</summary>${table({
    label: 'Inner nodes',
    head: ['Node', 'V'],
    rows: inner.map((node) => [html`<code>${node}</code>`, meter(at(node))]),
    numeric: [1],
  })}</details>`;
}

/** What the row is decided as, and by how much. */
function decided({ circuit, expected }: BenchSheetData, row: number, decision: number, marginVolts: number): Html {
  const label = expected.labels === undefined ? undefined : circuit.classes[expected.labels[row]!];
  return html`<p>Expected class <strong>${circuit.classes[decision]!}</strong>${label !== undefined && label !== circuit.classes[decision] && ` (the table says ${label})`}, sensing margin <strong>${formatVolts(marginVolts)}</strong>.</p>`;
}

/** What the output of the row means. */
function prediction({ circuit, expected }: BenchSheetData, row: number): Html {
  const line = regressionOf(circuit)!;
  const { labels } = expected;
  const [predicted] = unitsOf(line, selectVolts(rowOf(expected, row), circuit.outputs));
  return html`<p>Expected ${line.target} <strong>${formatNumber(predicted!)}</strong>${labels !== undefined && ` (the table says ${formatNumber(labels[row]!)})`}.</p>`;
}

function sheetCsv({ circuit, network, expected }: BenchSheetData, rows: readonly BenchRow[]): string {
  const width = expected.nodes.length;
  const beside = sensorColumns(circuit.inputs, network.inputs);
  const voltsOf = (row: number) =>
    expected.inputVolts.subarray(row * circuit.inputs.length, (row + 1) * circuit.inputs.length);
  const lines = rows.map(({ row, reason, decision, marginVolts }) => [
    row,
    cell(reason),
    ...voltsOf(row),
    ...beside.map(({ valueAt }) => valueAt(voltsOf(row))),
    ...expected.volts.subarray(row * width, (row + 1) * width),
    ...(marginVolts === undefined ? [] : [cell(circuit.classes[decision]!), marginVolts]),
  ]);
  const read = regressionOf(circuit) === undefined ? ['decision', 'margin_volts'] : [];
  const header = [
    'case',
    'reason',
    ...circuit.inputs,
    ...beside.map(({ title }) => cell(title)),
    ...expected.nodes,
    ...read,
  ];
  return `${[header, ...lines].map((line) => line.join(',')).join('\n')}\n`;
}

function cell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
