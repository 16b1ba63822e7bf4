import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { componentValues, loadTechnology } from '@neuroprint/circuit';
import {
  type Circuit,
  CircuitKind,
  type Device,
  Draws,
  formatCaseTable,
  ManifestKind,
  makeArtifact,
  sha256,
  type TrainedNetwork,
  TrainedNetworkKind,
  writeArtifact,
} from '@neuroprint/core';
import { renderNetlist, renderTestbench } from '@neuroprint/spice';
import { ExactRows } from '../src/exact-rows.ts';

export const TEMPLATES = fileURLToPath(new URL('../../../spice-templates', import.meta.url));
export const technology = loadTechnology(TEMPLATES, 'egt');

const falling = technology.cells.negweight!.typical;
const rising = technology.cells.ptanh!.typical;
export const ROWS = 12;

/** Two inputs, two classes, one layer: class `high` is the larger second input. */
export const network: TrainedNetwork = makeArtifact(TrainedNetworkKind, {
  inputHashes: {},
  name: 'small',
  technology: 'egt',
  inputs: ['left', 'right'].map((name) => ({ name, minimum: 0, maximum: 1 })),
  classes: ['low', 'high'],
  layers: [
    {
      nodeRule: 'inverter',
      conductancesSiemens: [
        [1e-6, -1e-6],
        [-5e-7, 1e-6],
        [2e-7, 0],
        [0, 5e-7],
      ],
      activationStages: [{ cell: 'ptanh', values: rising, eta: [0.5, 0.45, 0.3, 8] }],
      fallingStages: [{ cell: 'negweight', values: falling, eta: [-0.5, 0.45, 0.3, 8] }],
    },
  ],
  variation: { kind: 'uniform', relativeSpread: 0.1 },
});

function devices(): Device[] {
  const resistor = (
    name: string,
    from: string,
    to: string,
    ohms: number,
    origin: Omit<Device['origin'], 'layer'>,
  ): Device => ({ kind: 'resistor', name, nodes: [from, to], ohms, origin: { layer: 0, ...origin } });
  const crossbar = (row: number, column: number) => ({ role: 'crossbar', row, column }) as const;
  const stage = (
    name: string,
    cell: string,
    input: string,
    output: string,
    origin: Omit<Device['origin'], 'layer'>,
  ): Device => ({
    kind: 'stage',
    name,
    cell,
    input,
    output,
    values: cell === 'ptanh' ? rising : falling,
    origin: { layer: 0, ...origin },
  });
  return [
    stage('neg_l0_i0', 'negweight', 'in0', 'inv_l0_i0', { role: 'falling', row: 0 }),
    stage('neg_l0_i1', 'negweight', 'in1', 'inv_l0_i1', { role: 'falling', row: 1 }),
    resistor('r_l0_i0_c0', 'in0', 'z_l0_c0', 1e6, crossbar(0, 0)),
    resistor('r_l0_i1_c0', 'inv_l0_i1', 'z_l0_c0', 2e6, crossbar(1, 0)),
    resistor('r_l0_bias_c0', 'vdd', 'z_l0_c0', 5e6, { role: 'bias', column: 0 }),
    stage('act_l0_c0', 'ptanh', 'z_l0_c0', 'y_l0_c0', { role: 'activation', column: 0 }),
    resistor('r_l0_i0_c1', 'inv_l0_i0', 'z_l0_c1', 1e6, crossbar(0, 1)),
    resistor('r_l0_i1_c1', 'in1', 'z_l0_c1', 1e6, crossbar(1, 1)),
    resistor('r_l0_down_c1', '0', 'z_l0_c1', 2e6, { role: 'pull-down', column: 1 }),
    stage('act_l0_c1', 'ptanh', 'z_l0_c1', 'y_l0_c1', { role: 'activation', column: 1 }),
  ];
}

export const circuit: Circuit = makeArtifact(CircuitKind, {
  inputHashes: {},
  name: 'small',
  technology: 'egt',
  inputs: ['in0', 'in1'],
  outputs: ['y_l0_c0', 'y_l0_c1'],
  classes: ['low', 'high'],
  devices: devices(),
});

export const inputVolts = new Float64Array(ROWS * 2);
new Draws(1, 'fixture').fillUniform(0, inputVolts);
export const labels = Int32Array.from({ length: ROWS }, (_, row) =>
  inputVolts[2 * row + 1]! > inputVolts[2 * row]! ? 1 : 0,
);

/** The cases with what the exact solver expects. */
export function cases() {
  const rows = new ExactRows(circuit, technology, { inputVolts, rows: ROWS });
  const { nodes, volts } = rows.at(componentValues(rows.solver.flat));
  const sourceRows = Int32Array.from({ length: ROWS }, (_, row) => row + 1);
  return { rows: ROWS, inputVolts, labels, sourceRows, nodes, volts };
}

/** A folder as compile writes it; `edit` changes the netlist's text afterwards, `editTestbench` that of the testbench. */
export function netlistFolder(
  edit: (text: string) => string = (text) => text,
  editTestbench: (text: string) => string = (text) => text,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'neuroprint-verifier-'));
  const files: Record<string, string> = {};
  const { kind: _, version: __, checksum: ___, ...content } = circuit;
  files['circuit.json'] = writeArtifact(join(folder, 'circuit.json'), CircuitKind, content);
  const { kind: ____, version: _____, checksum: ______, ...trained } = network;
  files['network.json'] = writeArtifact(join(folder, 'network.json'), TrainedNetworkKind, trained);
  writeFileSync(join(folder, 'expected.csv'), formatCaseTable(cases(), circuit));
  files['expected.csv'] = sha256(readFileSync(join(folder, 'expected.csv'), 'utf8'));
  const text = renderNetlist(circuit, technology);
  writeFileSync(join(folder, 'netlist.cir'), edit(text));
  files['netlist.cir'] = sha256(text);
  const testbench = renderTestbench(circuit, technology, inputVolts);
  writeFileSync(join(folder, 'testbench.cir'), editTestbench(testbench));
  files['testbench.cir'] = sha256(testbench);
  writeArtifact(join(folder, 'manifest.json'), ManifestKind, {
    name: 'small',
    neuroprint: 'test',
    technology: 'egt',
    components: { resistors: 6, crossbarResistors: 6, transistors: 6, opamps: 0 },
    areaSquareMetres: 1e-9,
    printedSquareMetres: { transistors: 1e-9, resistors: 1e-8 },
    wattsByLayer: [],
    series: null,
    passes: [],
    watts: 1e-5,
    marginVolts: { p5: 0.1, median: 0.2 },
    cases: { count: ROWS, from: 'test rows', clippedCells: 0 },
    ladder: [],
    assumed: [],
    files,
    inputHashes: {},
  });
  return folder;
}
