import { nodesInWords } from '@neuroprint/circuit';
import type { Circuit } from '@neuroprint/core';
import { formatOhms, formatPlural, formatValue } from '../format.ts';
import { assumedMark } from './assumptions.ts';
import type { CompileReportData } from './compile-data.ts';
import { type LayerNames, originInWords } from './crossbars.ts';
import { type Html, html } from './html.ts';
import { folded, table } from './page.ts';

/** Longer tables are folded. */
const OPEN_ROWS = 16;

type Device = Circuit['devices'][number];

/** Every device with its value and what it is for. */
export function componentTable({ circuit, technology }: CompileReportData, names: readonly LayerNames[]): Html {
  const rows = circuit.devices.map((device) => [
    html`<code>${device.name}</code>`,
    device.kind === 'stage' ? `${device.cell} stage` : device.kind === 'opamp' ? 'op-amp' : 'resistor',
    valueInWords(device, technology.cells),
    html`<code>${nodesInWords(device)}</code>`,
    originInWords(device.origin, names),
  ]);
  const body = table({
    label: 'Components',
    head: ['Name', 'Kind', html`Value${assumedMark('values', technology.assumed)}`, 'Nodes', 'Origin'],
    rows,
  });
  return folded(`All ${formatPlural(rows.length, 'device')} of the netlist`, body, rows.length <= OPEN_ROWS);
}

function valueInWords(device: Device, cells: CompileReportData['technology']['cells']): string {
  if (device.kind === 'resistor') return formatOhms(device.ohms);
  if (device.kind === 'opamp') return device.model;
  const parameters = cells[device.cell]?.parameters ?? [];
  return Object.entries(device.values)
    .map(([name, value]) => {
      const unit = parameters.find((parameter) => parameter.name === name)?.unit;
      return `${name} ${unit === undefined ? value : formatValue(value, unit)}`;
    })
    .join(', ');
}
