import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findCell, loadTechnology, type Technology } from '@neuroprint/circuit';
import {
  inputRanges,
  type NetworkLayer,
  readArtifact,
  readDataset,
  SPLITS,
  TrainedNetworkKind,
  toVoltageRows,
} from '@neuroprint/core';
import { readSamples, sample } from '@neuroprint/sampler';
import { type Engine, openEngine } from '@neuroprint/spice';
import { SurrogateModel, trainSurrogate } from '@neuroprint/surrogate';
import { ACTIVATION_CELL, FALLING_CELL, trainNetwork } from '@neuroprint/training';
import { lvs, verify } from '@neuroprint/verifier';
import { EXAMPLES, TEMPLATES } from './machine.ts';
import { compileNetwork } from './netlist.ts';
import { wholeNumber } from './options.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

/** What is changed in the technology.json and the cells' templates of `egt`; everything else stays. */
const PROCESSES: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>> = {
  egt: [],
  'egt-vpos': [['vdd', 'vpos']],
  'egt-low': [['"value": 1,', '"value": 0.8,']],
};

/** Copies `egt` to `root/name` under another name, with the changes of `PROCESSES`, and loads it. */
function makeProcess(root: string, name: string): Technology {
  for (const from of ['common', 'egt']) cpSync(join(TEMPLATES, from), join(root, name), { recursive: true });
  const changes = [['"name": "egt"', `"name": "${name}"`], ...PROCESSES[name]!] as const;
  for (const entry of readdirSync(join(root, name))) {
    const file = join(root, name, entry);
    writeFileSync(
      file,
      changes.reduce((now, [from, to]) => now.replaceAll(from, to), readFileSync(file, 'utf8')),
    );
  }
  return loadTechnology(root, name);
}

interface Effort {
  /** Designs of each cell that its surrogate is trained on. */
  readonly designs: number;
  readonly epochs: number;
  readonly restarts: number;
}

/** What became of one process on the way from its cells to a verified circuit. */
export interface ProcessRow {
  readonly bias: Technology['bias'];
  readonly layers: readonly NetworkLayer[];
  readonly networkAccuracy: number;
  readonly ngspiceAccuracy: number;
  readonly decisionsKept: number;
  /** Largest difference of any node between ngspice and the exact solver. */
  readonly maxErrorVolts: number;
  /** Rms distance of the outputs from the network: crossbars as they are loaded, and the finished circuit in ngspice. */
  readonly loadedRmsVolts: number;
  readonly finishedRmsVolts: number;
  readonly lvs: ReturnType<typeof lvs>;
  /** The same of damp.json, which is made by hand and not calibrated, with a bias resistor in each column. */
  readonly damp: { readonly rmsVolts: number; readonly decisionsKept: number };
}

/** Samples the cells of a process, trains surrogates and a network on Iris, compiles it, and judges the netlist. */
async function measureProcess(
  technology: Technology,
  folder: string,
  engine: Engine,
  { designs, epochs, restarts }: Effort,
): Promise<ProcessRow> {
  const curves: SurrogateModel[] = [];
  for (const name of [FALLING_CELL, ACTIVATION_CELL]) {
    const cell = findCell(technology, name);
    const out = join(folder, `${technology.name}-${name}`);
    await sample({ technology, cell, count: designs, seed: 0, out, engine });
    const topology = { elements: cell.elements, supplies: Object.keys(technology.supplies) };
    curves.push(SurrogateModel.of(trainSurrogate(readSamples(out).table, { seed: 0, topology }).surrogate));
  }
  const data = readDataset(join(EXAMPLES, 'iris.csv'));
  const inputs = inputRanges(data, technology.inputVolts);
  const [train, valid, test] = SPLITS.map((part) => toVoltageRows(data, inputs, data.classNames, part));
  const source = { dataset: 'iris', label: 'label', split: 'column split' };
  const { network } = trainNetwork(
    {
      ...{ name: 'iris', technology, falling: curves[0]!, activation: curves[1]!, inputs, classes: data.classNames },
      ...{ train: train!, valid: valid!, test: test!, source, inputHashes: {} },
    },
    { epochs, restarts, kernel: 'float64' },
  );
  const { netlist } = compileNetwork(network, data, technology, join(folder, `${technology.name}-netlist`));
  const { report } = await verify(netlist, technology, engine);
  const rms = (step: string): number => report.ladder!.find((rung) => rung.step === step)!.rmsVoltsFromNetwork!;
  return {
    bias: technology.bias,
    layers: network.layers,
    networkAccuracy: report.accuracy.network!,
    ngspiceAccuracy: report.accuracy.ngspice!,
    decisionsKept: report.decisionAgreement!,
    maxErrorVolts: report.maxErrorVolts,
    loadedRmsVolts: rms('loaded circuit'),
    finishedRmsVolts: rms('ngspice'),
    lvs: lvs(netlist, technology),
    damp: await measureDamp(technology, folder, engine),
  };
}

async function measureDamp(technology: Technology, folder: string, engine: Engine): Promise<ProcessRow['damp']> {
  const {
    kind: _,
    version: __,
    checksum: ___,
    ...damp
  } = readArtifact(join(EXAMPLES, 'damp.json'), TrainedNetworkKind);
  const layer = damp.layers[0]!;
  const [humidity, rain, , down] = layer.conductancesSiemens;
  const network = {
    ...damp,
    technology: technology.name,
    biasVolts: technology.bias.volts,
    inputs: damp.inputs.map((input) => ({ ...input, minimumVolts: 0, maximumVolts: technology.bias.volts })),
    layers: [{ ...layer, conductancesSiemens: [humidity!, rain!, [5e-7, 5e-7], down!] }],
  };
  const { netlist } = compileNetwork(network, undefined, technology, join(folder, `${technology.name}-damp`));
  const { report } = await verify(netlist, technology, engine);
  return { rmsVolts: report.ladder!.at(-1)!.rmsVoltsFromNetwork!, decisionsKept: report.decisionAgreement! };
}

/** Every process of PROCESSES, measured. */
export async function measureProcesses(
  effort: Effort,
): Promise<{ readonly simulator: string; readonly rows: Readonly<Record<string, ProcessRow>> }> {
  const engine = await openEngine('auto');
  try {
    const rows = await inScratchFolder(async (folder) => {
      const found: Record<string, ProcessRow> = {};
      for (const name of Object.keys(PROCESSES))
        found[name] = await measureProcess(makeProcess(folder, name), folder, engine, effort);
      return found;
    });
    return { simulator: `${engine.name} ${engine.version}`, rows };
  } finally {
    await engine.close();
  }
}

/**
 * Processes that differ from `egt` in the name or the volts of their supply, on the whole way from cells to a circuit in the simulator:
 * `npm run bench -- processes [--designs 500] [--epochs 300] [--restarts 4]`.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      designs: { type: 'string', default: '500' },
      epochs: { type: 'string', default: '300' },
      restarts: { type: 'string', default: '4' },
    },
  });
  const effort = {
    designs: wholeNumber('designs', values.designs, 50),
    epochs: wholeNumber('epochs', values.epochs, 1),
    restarts: wholeNumber('restarts', values.restarts, 1),
  };
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const millivolts = (volts: number): string => `${(1000 * volts).toFixed(1)} mV`;
  const { simulator, rows } = await measureProcesses(effort);
  const lines = Object.entries(rows).map(([name, row]) => [
    `${name}: ${row.bias.node} at ${row.bias.volts} V`,
    percent(row.networkAccuracy),
    percent(row.ngspiceAccuracy),
    percent(row.decisionsKept),
    millivolts(row.loadedRmsVolts),
    millivolts(row.finishedRmsVolts),
    `${millivolts(row.damp.rmsVolts)}, ${percent(row.damp.decisionsKept)}`,
    `${row.maxErrorVolts.toExponential(1)} V`,
    row.lvs.matches ? 'the netlist is the circuit' : row.lvs.differences.join('; '),
  ]);
  process.stdout.write(
    `Iris in processes that differ from egt in their supply, ${simulator}; rms of the outputs against the network\n\n${table(
      [
        'process',
        'network',
        'ngspice',
        'decisions kept',
        'loaded',
        'finished',
        'damp.json, kept',
        'ngspice – solver',
        'lvs',
      ],
      lines,
    )}\n`,
  );
}
