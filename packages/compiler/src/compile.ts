import { join } from 'node:path';
import { margins, type Technology } from '@neuroprint/circuit';
import {
  type CaseTable,
  type Circuit,
  CircuitKind,
  type Dataset,
  Draws,
  formatCaseTable,
  type Manifest,
  ManifestKind,
  prepareOutputFolder,
  sha256,
  summariseMargins,
  type TrainedNetwork,
  toVoltageRows,
  UsageError,
  writeArtifact,
  writeFileAtomic,
} from '@neuroprint/core';
import { renderNetlist, renderTestbench } from '@neuroprint/spice';
import { billOfMaterials, countComponents } from './bom.ts';
import { circuitOf, lower } from './draft.ts';
import { type LadderContext, solveCircuit } from './ladder.ts';
import { runPasses } from './passes.ts';

export interface CompileOptions {
  readonly network: TrainedNetwork;
  /** The text of network.json, which is carried over as it is, and its path for messages. */
  readonly networkText: string;
  readonly networkFile: string;
  readonly technology: Technology;
  /** The table to calibrate on and to verify with; without it the circuit is not calibrated and the cases are generated. */
  readonly data: Dataset | undefined;
  readonly out: string;
  readonly overwrite: boolean;
  readonly seed?: number;
  readonly calibrationSteps?: number;
  /** Version of neuroprint, for the manifest. */
  readonly version: string;
  readonly onProgress?: (pass: string, done: number, total: number, note: string) => void;
}

export interface CompileResult {
  readonly circuit: Circuit;
  readonly manifest: Manifest;
  readonly out: string;
}

const GENERATED_CASES = 64;
const VARIATION_DRAWS = 100;

/**
 * network → folder of files that can be printed and verified: network.json, circuit.json, netlist.cir, testbench.cir,
 * expected.csv, bom.csv, manifest.json. The same input gives the same bytes. Every file is written atomically, the manifest
 * last, so that a folder with a manifest is complete.
 */
export function compile(options: CompileOptions): CompileResult {
  const { network, technology, data, out } = options;
  if (network.technology !== technology.name) {
    throw new UsageError(
      `${options.networkFile} was trained for the technology ${network.technology}, and ${technology.name} was asked for.`,
      `Add --technology ${network.technology}, or train again.`,
    );
  }
  const start = lower(network, technology, options.networkFile);
  prepareOutputFolder(out, options.overwrite);
  const seed = options.seed ?? network.training?.seed ?? 0;
  const rowsOf = (split: 'train' | 'valid' | 'test') => toVoltageRows(data!, network.inputs, network.classes, split);
  const test = data === undefined ? undefined : rowsOf('test');
  const cases: Cases =
    test === undefined
      ? generatedCases(network.inputs.length, seed)
      : {
          rows: test.labels.length,
          inputVolts: test.volts,
          labels: test.labels,
          sourceRows: test.sourceRows.map((row) => row + 1),
        };
  const ladderContext: LadderContext = {
    network,
    technology,
    volts: cases.inputVolts,
    labels: cases.labels,
    relativeSpread: network.variation.relativeSpread,
    draws: VARIATION_DRAWS,
    seed,
  };
  const { draft, ladder, calibration } = runPasses(
    start,
    {
      network,
      technology,
      rows: data === undefined ? undefined : { train: rowsOf('train'), valid: rowsOf('valid') },
      seed,
      relativeSpread: network.variation.relativeSpread,
      steps: options.calibrationSteps,
      onProgress: options.onProgress,
    },
    ladderContext,
  );

  const inputHashes = {
    'network.json': sha256(options.networkText),
    'technology.json': technology.hash,
    ...(data === undefined ? {} : { [`${data.name}.csv`]: data.sha256 }),
  };
  const circuit = circuitOf(draft, network, technology, inputHashes);
  const solution = solveCircuit(circuit, technology, cases.inputVolts);
  const files: Record<string, string> = {};
  const write = (name: string, text: string): void => {
    writeFileAtomic(join(out, name), text);
    files[name] = sha256(text);
  };
  write('network.json', options.networkText);
  const { kind: _, version: __, checksum: ___, ...content } = circuit;
  files['circuit.json'] = writeArtifact(join(out, 'circuit.json'), CircuitKind, content);
  write('netlist.cir', renderNetlist(circuit, technology));
  write('testbench.cir', renderTestbench(circuit, technology, cases.inputVolts));
  write('expected.csv', formatCaseTable({ ...cases, nodes: solution.nodes, volts: solution.volts }, circuit));
  write('bom.csv', billOfMaterials(circuit, technology));

  const margin = margins(solution.outputs, circuit.classes.length);
  const manifest: Omit<Manifest, 'kind' | 'version' | 'checksum'> = {
    name: network.name,
    neuroprint: options.version,
    technology: technology.name,
    ...countComponents(circuit, technology),
    watts: solution.meanWatts,
    marginVolts: summariseMargins(margin),
    cases: {
      count: cases.rows,
      from: data === undefined ? 'generated inputs' : 'test rows',
      clippedCells: test?.clipped ?? 0,
    },
    ladder,
    ...(calibration === undefined ? {} : { calibration }),
    assumed: technology.assumed,
    files,
    inputHashes,
  };
  writeArtifact(join(out, 'manifest.json'), ManifestKind, manifest);
  return { circuit, manifest: { kind: 'Manifest', version: 1, ...manifest }, out };
}

/** The cases that a netlist is verified on. */
type Cases = Pick<CaseTable, 'rows' | 'inputVolts' | 'labels' | 'sourceRows'>;

/** Where there is no table: inputs spread over 0..1 V by the seed, so that the netlist can be verified all the same. */
function generatedCases(inputs: number, seed: number): Cases {
  const inputVolts = new Float64Array(GENERATED_CASES * inputs);
  new Draws(seed, 'generated cases').fillUniform(0, inputVolts);
  return {
    rows: GENERATED_CASES,
    inputVolts,
    labels: undefined,
    sourceRows: Int32Array.from({ length: GENERATED_CASES }, (_, i) => i + 1),
  };
}
