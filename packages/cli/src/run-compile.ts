import { loadTechnology } from '@neuroprint/circuit';
import { type CompileOptions, compile } from '@neuroprint/compiler';
import {
  type Dataset,
  InputFileError,
  inLockedFolder,
  type Manifest,
  type Promises,
  readArtifact,
  readDataset,
  readTargets,
  readTextFile,
  regressionOf,
  type TargetDataset,
  type TrainedNetwork,
  TrainedNetworkKind,
} from '@neuroprint/core';
import { benchSheet, layoutSvg, schematicSvg } from '@neuroprint/report';
import { promises } from '@neuroprint/verifier';
import { given } from './options.ts';
import { withProgress } from './output.ts';
import { TEMPLATES, VERSION } from './paths.ts';

/** Reads a table with the label or target column and the split that a network was trained with. */
export function readDatasetFor(network: TrainedNetwork, file: string, label?: string): Dataset | TargetDataset {
  const split = network.training?.split.match(/^column (.+)$/)?.[1];
  const seed = network.training?.seed ?? 0;
  const line = regressionOf(network);
  const data =
    line === undefined
      ? readDataset(file, { seed, ...given({ label: label ?? network.training?.label, split }) })
      : readTargets(file, { seed, target: label ?? line.target, ...given({ split }) });
  const read = new Set(network.inputs.map(({ name }) => name));
  const unread = data.featureNames.filter((name) => !read.has(name));
  // training takes every column, so that this is another table; one that has too few is refused where it is read
  if (unread.length > 0 && unread.length < data.featureNames.length)
    throw new InputFileError(
      { file },
      `the network does not read the columns ${unread.join(', ')}: this is not the table that it was trained on`,
      'Give that table, or take these columns out.',
    );
  return data;
}

export interface CompileRequest
  extends Pick<
    CompileOptions,
    'out' | 'overwrite' | 'negativeForm' | 'seed' | 'calibrationSteps' | 'solver' | 'series'
  > {
  /** Files of the network, and of the table to calibrate on. */
  readonly network: string;
  readonly data?: string;
  readonly label?: string;
  /** Default: the one that the network was trained for. */
  readonly technology?: string;
}

/** Whether a compiled circuit does what its network promised, by the exact solver: what verify asks of ngspice later. */
export function promisesOf({ cases, ladder }: Manifest): Promises {
  const [network, circuit] = [ladder[0]!, ladder.at(-1)!];
  return promises({
    cases: cases.count,
    decisionAgreement: circuit.decisionAgreement,
    accuracy: { network: network.accuracy, ngspice: circuit.accuracy },
    regression: { network: network.regression ?? null, ngspice: circuit.regression ?? null },
  });
}

/** What is drawn of a circuit, and the sheet to test it by. */
export const drawings: NonNullable<CompileOptions['drawings']> = (made) => ({
  'schematic.svg': schematicSvg(made),
  'layout.svg': layoutSvg(made),
  ...benchSheet(made),
});

/** Compiles a network file into a folder. */
export async function runCompile({ network: file, data: table, label, technology, ...options }: CompileRequest) {
  const network = readArtifact(file, TrainedNetworkKind);
  const data = table === undefined ? undefined : readDatasetFor(network, table, label);
  return inLockedFolder(options.out, () =>
    withProgress(`compile ${network.name}`, (onProgress) =>
      compile({
        ...options,
        network,
        networkText: readTextFile(file),
        networkFile: file,
        technology: loadTechnology(TEMPLATES, technology ?? network.technology),
        data,
        version: VERSION,
        drawings,
        onProgress,
      }),
    ),
  );
}
