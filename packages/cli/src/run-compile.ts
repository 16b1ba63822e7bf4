import { loadTechnology, type Technology } from '@neuroprint/circuit';
import { type CompileOptions, compileOnThreads, type Metal } from '@neuroprint/compiler';
import {
  type Circuit,
  inLockedFolder,
  type Manifest,
  type Promises,
  type Rung,
  readArtifact,
  readTextFile,
  TrainedNetworkKind,
  UsageError,
} from '@neuroprint/core';
import { metalsResist, onlyNets, withLines } from '@neuroprint/layout';
import { benchSheet, schematicSvg } from '@neuroprint/report';
import { renderNetlist } from '@neuroprint/spice';
import { promises } from '@neuroprint/verifier';
import { TEMPLATES, VERSION } from '#host';
import type { LadderEvent } from './events.ts';
import { withProgress } from './output.ts';
import { drawnElements, filesOfLayout, type LaidOut, laidOutOr, type NoLayout } from './run-layout.ts';
import { type Reading, readDatasetFor } from './table-options.ts';
import { terminal } from './terminal.ts';

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
  /** Threads; default one per core. */
  readonly workers?: number;
  /** Default true. */
  readonly layout?: boolean;
  /** Calibrate with the lines of the layout in the loop too. */
  readonly calibrateLayout?: boolean;
}

/** Whether a compiled circuit does what its network promised, by the exact solver: what verify asks of ngspice later. */
export function promisesOf({ cases, ladder, budget, watts, printedSquareMetres }: Manifest): Promises {
  const [network, circuit] = [ladder[0]!, ladder.at(-1)!];
  return promises({
    cases: cases.count,
    decisionAgreement: circuit.decisionAgreement,
    accuracy: { network: network.accuracy, ngspice: circuit.accuracy },
    regression: { network: network.regression ?? null, ngspice: circuit.regression ?? null },
    budget,
    taken: budget && {
      ...{ watts, copyWatts: budget.copyWatts, inverters: budget.inverters },
      printedSquareMetres: printedSquareMetres.transistors + printedSquareMetres.resistors,
    },
  });
}

/** Draws circuits, and remembers the layout of the last one. */
export interface Draughtsman {
  readonly drawings: NonNullable<CompileOptions['drawings']>;
  /** Undefined where none was asked for. */
  layout(): LaidOut | NoLayout | undefined;
}

/** What is drawn of a circuit, the sheet to test it by, and unless it is not wanted its layout, as `layout.*`. */
export function draughtsman(withLayout = true): Draughtsman {
  let layout: LaidOut | NoLayout | undefined;
  const drawings: Draughtsman['drawings'] = (made) => {
    const files = { 'schematic.svg': schematicSvg(made), ...benchSheet(made) };
    if (withLayout) layout = laidOutOr(made);
    if (layout === undefined || 'none' in layout) return { files };
    const drawn = filesOfLayout(made, layout, ['gds', 'svg']);
    return { files: { ...files, ...drawn }, elements: drawnElements(layout.layout), metal: metalOf(layout) };
  };
  return { drawings, layout: () => layout };
}

function metalOf(layout: LaidOut | NoLayout): Metal | undefined {
  const lines = 'none' in layout ? undefined : layout.lines();
  return lines && ((flat) => withLines(flat, lines));
}

/** Throws UsageError where nothing can be calibrated with lines. */
function checkLayoutCalibration(technology: Technology, { data, layout }: CompileRequest): void {
  if (data === undefined)
    throw new UsageError('--calibrate-layout tunes on the rows of a table.', 'Add --data, the table of the training.');
  if (layout === false)
    throw new UsageError(
      '--calibrate-layout tunes for the lines of the layout, and --no-layout leaves that out.',
      'Take one of the two.',
    );
  if (technology.layout === undefined)
    throw new UsageError(
      `--calibrate-layout needs the lines of a layout, and the technology ${technology.name} has no layers.`,
      'Give its technology.json `layers` and `rules`; those of egt are an example.',
    );
  if (!metalsResist(technology))
    throw new UsageError(
      `--calibrate-layout needs the resistance of lines, and the technology ${technology.name} does not give both metals one.`,
      'Give the metals among `layers` in its technology.json `sheetOhms`.',
    );
}

function rungTold({ step, accuracy, regression, underVariation, rmsVoltsFromNetwork }: Rung): LadderEvent {
  return {
    kind: 'rung',
    step,
    accuracy: regression === undefined ? (accuracy ?? undefined) : undefined,
    rmse: regression?.rmse,
    rmsVoltsFromNetwork,
    underVariation: underVariation?.mean,
  };
}

/** Compiles a network file into a folder. */
export async function runCompile(request: CompileRequest) {
  const {
    network: file,
    data: table,
    reading,
    technology: folder,
    layout,
    calibrateLayout,
    workers,
    ...options
  } = request;
  const network = readArtifact(file, TrainedNetworkKind);
  const technology = loadTechnology(TEMPLATES, folder ?? network.technology);
  if (calibrateLayout === true) checkLayoutCalibration(technology, request);
  const lay = (circuit: Circuit): Metal | undefined => {
    const text = { circuitText: '', netlistText: renderNetlist(circuit, technology, network.inputs) };
    const made = laidOutOr({ circuit, network, technology, ...text });
    if ('none' in made) return undefined;
    const lines = onlyNets(made.lines()!, new Set(['0', ...Object.keys(technology.supplies)]));
    return (flat) => withLines(flat, lines);
  };
  const data = table === undefined ? undefined : readDatasetFor(network, table, reading);
  const drawn = draughtsman(layout);
  const { tell } = terminal();
  const result = await inLockedFolder(options.out, () =>
    withProgress(`compile ${network.name}`, (onProgress) =>
      compileOnThreads(
        {
          ...options,
          network,
          networkText: readTextFile(file),
          networkFile: file,
          technology,
          data,
          version: VERSION,
          drawings: drawn.drawings,
          ...(calibrateLayout === true ? { metalOf: lay } : {}),
          onProgress,
          onRung: tell && ((rung) => tell(rungTold(rung))),
        },
        workers,
      ),
    ),
  );
  return { ...result, layout: drawn.layout() };
}
