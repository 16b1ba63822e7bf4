import { formatPlural } from '../format.ts';
import type { CompileReportData } from './compile-data.ts';
import { type Html, html } from './html.ts';
import { folded, table } from './page.ts';

/** What the files of a compiled network are for. */
const PURPOSES: Readonly<Record<string, string>> = {
  'network.json': 'the network as trained',
  'circuit.json': 'the circuit as compiled, every device with its origin',
  'netlist.cir': 'the circuit as a SPICE subcircuit',
  'testbench.cir': 'drives the netlist with every test row and prints its outputs; runs by itself',
  'expected.csv': 'volts of every node and row, predicted by the exact solver',
  'bom.csv': 'bill of materials: value, geometry and area of everything that is printed',
  'schematic.svg': 'the circuit as a person draws it',
  'layout.svg': 'the routed layout to scale',
  'layout.gds': 'the layout as GDSII, to print',
  'layout.json': 'what the layout has, how large, and what was checked of it',
  'layout.lvs': 'for KLayout: is layout.gds the circuit?',
  'layout.drc': 'for KLayout: does layout.gds keep the rules?',
  'layout.cir': 'the circuit as KLayout’s comparison takes it',
  'bench-test-sheet.html': 'what to apply and to expect on the bench, for a handful of rows',
  'bench-test-sheet.csv': 'the same as a table, every node',
  'report.html': 'this page',
  'report.json': 'the verification in numbers',
  'manifest.json': 'checksums of the files in this folder',
};

/** How to run the testbench by hand, the files, the seeds and the hashes. */
export function reproduceBody(data: CompileReportData): Html {
  const { files } = data;
  const withHashes = files.some(({ sha256 }) => sha256 !== undefined);
  const seeds = seedsOf(data);
  const hashes = hashesOf(data);
  return html`<p>The testbench needs nothing but ngspice. In the folder of this report:</p>
<pre><code>ngspice -b testbench.cir</code></pre>
<p class="note">It prints the output volts of every row; compare them with <code>expected.csv</code>.</p>
<h3>Files</h3>
${table({
  label: 'Files',
  head: ['File', 'What it is', ...(withHashes ? ['SHA-256'] : [])],
  rows: files.map(({ name, purpose, sha256 }) => [
    html`<code>${name}</code>`,
    purpose ?? PURPOSES[name] ?? '',
    ...(withHashes ? [sha256 === undefined ? '' : hash(sha256)] : []),
  ]),
})}
${seeds.length > 0 && html`<h3>Seeds</h3>${table({ label: 'Seeds', head: ['Of', 'Seed'], rows: seeds.map(([name, seed]) => [name, String(seed)]), numeric: [1] })}`}
${hashes.length > 0 && folded(`Made from: ${formatPlural(hashes.length, 'checksum')}`, table({ label: 'Hashes', head: ['Input', 'SHA-256'], rows: hashes.map(([name, value]) => [name, hash(value)]) }), false)}`;
}

function hash(sha256: string): Html {
  return html`<code class="hash">${sha256}</code>`;
}

function seedsOf({ network, verification, seeds }: CompileReportData): [string, number][] {
  const monteCarlo = verification?.monteCarlo ?? verification?.regression?.monteCarlo;
  return [
    ...(network.training === undefined ? [] : [['training', network.training.seed] as [string, number]]),
    ...(monteCarlo === undefined ? [] : [['Monte Carlo', monteCarlo.seed] as [string, number]]),
    ...Object.entries(seeds ?? {}),
  ];
}

function hashesOf({ network, circuit, verification, hashes }: CompileReportData): [string, string][] {
  const of = (stage: string, inputs: Readonly<Record<string, string>> | undefined) =>
    Object.entries(inputs ?? {}).map(([name, value]) => [`${stage}: ${name}`, value] as [string, string]);
  return [
    ...of('network', network.inputHashes),
    ...of('circuit', circuit.inputHashes),
    ...of('verification', verification?.inputHashes),
    ...Object.entries(hashes ?? {}),
  ];
}
