import { loadTechnology, type SolverKind } from '@neuroprint/circuit';
import {
  type CompileResult,
  compile,
  E_SERIES,
  type ESeries,
  NEGATIVE_FORMS,
  type NegativeForm,
} from '@neuroprint/compiler';
import {
  type Dataset,
  formatPercent,
  formatUnits,
  InputFileError,
  lineInWords,
  lockFolder,
  type Rung,
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
import type { CommandModule } from 'yargs';
import { jsonOption, numberOption, overwriteOption, seedOption, textOption } from '../options.ts';
import { Progress, printResult } from '../output.ts';
import { TEMPLATES, VERSION } from '../paths.ts';
import { given } from './train.ts';

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
export function runCompile(request: CompileRequest): CompileResult {
  const network = readArtifact(request.network, TrainedNetworkKind);
  const technology = loadTechnology(TEMPLATES, request.technology ?? network.technology);
  const data = request.data === undefined ? undefined : readDatasetFor(network, request.data, request.label);
  const unlock = lockFolder(request.out);
  const progress = new Progress(`compile ${network.name}`);
  try {
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
      onProgress: (done, total, note) => progress.update(done, total, note),
    });
  } finally {
    progress.done();
    unlock();
  }
}

/** `naive circuit        test 93.5 %, under variation 91.0 %, 12 mV from the network`, in regression with errors and R. */
function rungInWords({ step, accuracy, underVariation, regression, rmsVoltsFromNetwork }: Rung): string {
  const varied = regression?.underVariation;
  const score =
    regression === undefined
      ? `test ${formatPercent(accuracy)}${underVariation === null ? '' : `, under variation ${formatPercent(underVariation.mean)}`}`
      : `test RMSE ${formatUnits(regression.rmse)}, R ${regression.r.toFixed(3)}${varied ? `, under variation RMSE ${formatUnits(varied.mean)}` : ''}`;
  return `${step.padEnd(20)} ${score}, ${(1000 * rmsVoltsFromNetwork).toFixed(0)} mV from the network`;
}

interface Arguments {
  network: string;
  out: string;
  data: string | undefined;
  label: string | undefined;
  technology: string | undefined;
  negativeForm: NegativeForm | undefined;
  seed: number | undefined;
  steps: number | undefined;
  solver: SolverKind | undefined;
  eSeries: ESeries | undefined;
  overwrite: boolean;
  json: boolean;
}

/** `neuroprint compile`: a network in, a netlist that can be printed out. */
export const compileCommand: CommandModule<object, Arguments> = {
  command: 'compile',
  describe: 'Compile a network to a printable netlist; with --data it is calibrated on the exact circuit',
  builder: (yargs) =>
    yargs
      .options({
        network: { ...textOption('network', 'network.json'), demandOption: true },
        out: {
          ...textOption('out', 'Folder for netlist, expected voltages, bill of materials and manifest'),
          demandOption: true,
        },
        data: textOption(
          'data',
          'The table that the network was trained on: calibrates on its train and validation rows, predicts its test rows',
        ),
        label: textOption('label', 'Column with the class or target; as in training unless given'),
        technology: textOption(
          'technology',
          'Folder of the process in spice-templates; default the one that the network was trained for',
        ),
        'negative-form': {
          choices: NEGATIVE_FORMS,
          requiresArg: true,
          describe: 'Negative conductances by one op-amp a column (default), or by one for each entry',
        },
        seed: seedOption(undefined),
        steps: numberOption('steps', { min: 0, max: 100_000, describe: 'Calibration steps' }, true),
        'e-series': {
          choices: E_SERIES,
          requiresArg: true,
          describe: "Resistances are preferred numbers of this series, instead of the technology's steps",
        },
        solver: {
          choices: ['simd', 'typescript'] as const,
          requiresArg: true,
          describe: 'Who solves circuits while values are tuned; the manifest says which it was',
        },
        overwrite: overwriteOption,
        json: jsonOption,
      })
      .example(
        '$0 compile --network networks/iris/network.json --data examples/iris.csv --out netlists-out/iris',
        '',
      ) as never,
  handler: (argv) => {
    const { manifest, out } = runCompile({ ...argv, series: argv.eSeries });
    const first = manifest.ladder[0]!;
    const last = manifest.ladder.at(-1)!;
    const { components, areaSquareMetres, watts } = manifest;
    printResult(
      argv.json,
      {
        components,
        areaSquareMetres,
        watts,
        ...(manifest.task === undefined
          ? { accuracy: { network: first.accuracy, circuit: last.accuracy } }
          : { task: manifest.task, regression: { network: first.regression, circuit: last.regression } }),
        printedSquareMetres: manifest.printedSquareMetres,
        wattsByLayer: manifest.wattsByLayer,
        passes: manifest.passes,
        ladder: manifest.ladder,
        marginVolts: manifest.marginVolts,
        out,
      },
      [
        ...(manifest.task?.kind === 'regression' ? [`line                ${lineInWords(manifest.task)} volts`] : []),
        ...manifest.ladder.map(rungInWords),
        `components          ${components.resistors} resistors (${components.crossbarResistors} in crossbars), ${components.transistors} transistors; ${(1e6 * watts).toFixed(1)} µW`,
        ...(argv.data === undefined ? ['not calibrated      add --data to calibrate on the exact circuit'] : []),
        `written             ${out}`,
      ],
    );
  },
};
