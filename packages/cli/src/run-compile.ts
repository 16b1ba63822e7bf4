import { loadTechnology, type SolverKind } from '@neuroprint/circuit';
import { type CompileResult, compile, type ESeries, type NegativeForm } from '@neuroprint/compiler';
import {
  type Dataset,
  InputFileError,
  inLockedFolder,
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

export interface CompileRequest {
  readonly network: string;
  readonly data: string | undefined;
  readonly label?: string | undefined;
  /** Default: the one that the network was trained for. */
  readonly technology?: string | undefined;
  readonly negativeForm?: NegativeForm | undefined;
  readonly out: string;
  readonly overwrite: boolean;
  readonly seed?: number | undefined;
  readonly steps?: number | undefined;
  readonly solver?: SolverKind | undefined;
  readonly series?: ESeries | undefined;
}

/** Compiles a network file into a folder. */
export async function runCompile(request: CompileRequest): Promise<CompileResult> {
  const network = readArtifact(request.network, TrainedNetworkKind);
  const technology = loadTechnology(TEMPLATES, request.technology ?? network.technology);
  const data = request.data === undefined ? undefined : readDatasetFor(network, request.data, request.label);
  return inLockedFolder(request.out, () =>
    withProgress(`compile ${network.name}`, async (onProgress) => {
      return compile({
        network,
        networkText: readTextFile(request.network),
        networkFile: request.network,
        technology,
        data,
        out: request.out,
        overwrite: request.overwrite,
        version: VERSION,
        ...given({
          seed: request.seed,
          calibrationSteps: request.steps,
          series: request.series,
          solver: request.solver,
          negativeForm: request.negativeForm,
        }),
        drawings: (made) => ({
          'schematic.svg': schematicSvg(made),
          'layout.svg': layoutSvg(made),
          ...benchSheet(made),
        }),
        onProgress,
      });
    }),
  );
}
