import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { margins, type SolverKind, type Technology } from '@neuroprint/circuit';
import {
  type Circuit,
  type Dataset,
  Draws,
  type Manifest,
  ManifestKind,
  makeArtifact,
  prepareOutputFolder,
  regressionOf,
  sha256,
  summariseMargins,
  type TargetDataset,
  type TrainedNetwork,
  toVoltageRows,
  UsageError,
  writeArtifact,
  writeFileAtomic,
} from '@neuroprint/core';
import { countComponents } from './bom.ts';
import type { NegativeForm } from './draft.ts';
import type { Cases, Drawing } from './emit.ts';
import { solveCircuit } from './ladder.ts';
import { runPasses } from './passes.ts';
import { wattsByLayer } from './power.ts';
import { type ESeries, PrintGrid } from './print/grid.ts';

export interface CompileOptions {
  readonly network: TrainedNetwork;
  /** The text of network.json, which is carried over as it is, and its path for messages. */
  readonly networkText: string;
  readonly networkFile: string;
  readonly technology: Technology;
  /** The table to calibrate on and to verify with; without it the circuit is not calibrated and the cases are generated. */
  readonly data: Dataset | TargetDataset | undefined;
  readonly out: string;
  readonly overwrite: boolean;
  readonly seed?: number;
  readonly calibrationSteps?: number;
  /** Who serves the negative entries of layers with op-amps; default one op-amp a column. */
  readonly negativeForm?: NegativeForm;
  /** Who solves while values are tuned; default: the kernel, where this machine has SIMD. Either gives the same bytes everywhere. */
  readonly solver?: SolverKind;
  /** Resistances are preferred numbers of this E series instead of the technology's steps. */
  readonly series?: ESeries;
  /** Files beside the compiler's own, made from the finished circuit. */
  readonly drawings?: Drawing;
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
/** What other commands write into the folder of a compile. */
const DERIVED = ['report.json', 'simulated.csv', 'report.html', 'images'];

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
  if (data !== undefined && (regressionOf(network) === undefined) !== 'classNames' in data)
    throw new UsageError(
      `${options.networkFile} and ${data.file} are not for the same task: one has classes, the other a target.`,
      'Give the table that the network was trained on.',
    );
  prepareOutputFolder(out, options.overwrite);
  const grid = new PrintGrid(technology, options.series);
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
  const { variation } = network;
  const inputHashes = {
    'network.json': sha256(options.networkText),
    'technology.json': technology.hash,
    ...(data === undefined ? {} : { [`${data.name}.csv`]: data.sha256 }),
  };
  const { circuit, files, ladder, passes, calibration } = runPasses(network, {
    network,
    networkFile: options.networkFile,
    technology,
    grid,
    rows: data === undefined ? undefined : { train: rowsOf('train'), valid: rowsOf('valid') },
    cases,
    seed,
    variation,
    steps: options.calibrationSteps,
    negativeForm: options.negativeForm,
    solver: options.solver,
    inputHashes,
    drawings: options.drawings,
    ladder: {
      network,
      technology,
      volts: cases.inputVolts,
      labels: cases.labels,
      variation,
      draws: VARIATION_DRAWS,
      seed,
    },
    onProgress: options.onProgress,
  });

  // what verify and report made of another compile would not belong to this one
  for (const name of DERIVED) rmSync(join(out, name), { recursive: true, force: true });
  const hashes: Record<string, string> = {};
  for (const [name, text] of Object.entries({ 'network.json': options.networkText, ...files })) {
    writeFileAtomic(join(out, name), text);
    hashes[name] = sha256(text);
  }
  const solution = solveCircuit(circuit, technology, cases.inputVolts);
  const manifest: Omit<Manifest, 'kind' | 'version' | 'checksum'> = {
    name: network.name,
    neuroprint: options.version,
    technology: technology.name,
    ...(network.task === undefined ? {} : { task: network.task }),
    ...countComponents(circuit, technology),
    watts: solution.meanWatts,
    wattsByLayer: wattsByLayer(circuit, technology, cases.inputVolts, solution),
    ...(regressionOf(network) === undefined
      ? { marginVolts: summariseMargins(margins(solution.outputs, circuit.classes.length)) }
      : {}),
    cases: {
      count: cases.rows,
      from: data === undefined ? 'generated inputs' : 'test rows',
      clippedCells: test?.clipped ?? 0,
    },
    series: options.series ?? null,
    passes,
    ladder,
    ...(calibration === undefined ? {} : { calibration }),
    assumed: technology.assumed,
    files: hashes,
    inputHashes,
  };
  writeArtifact(join(out, 'manifest.json'), ManifestKind, manifest);
  return { circuit, manifest: makeArtifact(ManifestKind, manifest), out };
}

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
