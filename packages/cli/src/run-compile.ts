import { loadTechnology } from '@neuroprint/circuit';
import { type CompileOptions, compile } from '@neuroprint/compiler';
import {
  inLockedFolder,
  type Manifest,
  type Promises,
  readArtifact,
  readTextFile,
  TrainedNetworkKind,
} from '@neuroprint/core';
import { benchSheet, layoutSvg, schematicSvg } from '@neuroprint/report';
import { promises } from '@neuroprint/verifier';
import { withProgress } from './output.ts';
import { TEMPLATES, VERSION } from './paths.ts';
import { type Reading, readDatasetFor } from './table-options.ts';

export interface CompileRequest
  extends Pick<
    CompileOptions,
    'out' | 'overwrite' | 'negativeForm' | 'seed' | 'calibrationSteps' | 'solver' | 'series'
  > {
  /** Files of the network, and of the table to calibrate on. */
  readonly network: string;
  readonly data?: string;
  readonly reading?: Reading;
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
export async function runCompile({ network: file, data: table, reading, technology, ...options }: CompileRequest) {
  const network = readArtifact(file, TrainedNetworkKind);
  const data = table === undefined ? undefined : readDatasetFor(network, table, reading);
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
