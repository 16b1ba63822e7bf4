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
import { withLines } from '@neuroprint/layout';
import { benchSheet, schematicSvg } from '@neuroprint/report';
import { promises } from '@neuroprint/verifier';
import { withProgress } from './output.ts';
import { TEMPLATES, VERSION } from './paths.ts';
import { drawnElements, filesOfLayout, type LaidOut, laidOutOr, type NoLayout } from './run-layout.ts';
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
  /** Default true. */
  readonly layout?: boolean;
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
    const lines = layout.lines();
    return {
      files: { ...files, ...drawn },
      elements: drawnElements(layout.layout),
      metal: (flat) => withLines(flat, lines),
    };
  };
  return { drawings, layout: () => layout };
}

/** Compiles a network file into a folder. */
export async function runCompile({
  network: file,
  data: table,
  reading,
  technology,
  layout,
  ...options
}: CompileRequest) {
  const network = readArtifact(file, TrainedNetworkKind);
  const data = table === undefined ? undefined : readDatasetFor(network, table, reading);
  const drawn = draughtsman(layout);
  const result = await inLockedFolder(options.out, () =>
    withProgress(`compile ${network.name}`, (onProgress) =>
      compile({
        ...options,
        network,
        networkText: readTextFile(file),
        networkFile: file,
        technology: loadTechnology(TEMPLATES, technology ?? network.technology),
        data,
        version: VERSION,
        drawings: drawn.drawings,
        onProgress,
      }),
    ),
  );
  return { ...result, layout: drawn.layout() };
}
