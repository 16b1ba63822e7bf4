import { join } from 'node:path';
import { flatten, hasMeasuredTransistors, hasSeries, type Technology, withoutFaults } from '@neuroprint/circuit';
import {
  availableCores,
  type Calibration,
  type Circuit,
  CircuitKind,
  Crew,
  type Dataset,
  fileExists,
  type Manifest,
  ManifestKind,
  makeArtifact,
  platform,
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
import { margins } from '@neuroprint/numeric';
import { countComponents, countInverters } from './bom.ts';
import { copyWatts, evenRows } from './budget/gauge.ts';
import { type Files, type PassContext, type PassOptions, passContext } from './context.ts';
import { LAID_OUT } from './ladder.ts';
import { readingOf } from './output-line.ts';
import { emitPass } from './passes/emit.ts';
import { PASSES, PASSES_WITH_LINES, type Passed, passesInRounds } from './passes.ts';
import { wattsByLayer } from './power.ts';
import { type Answers, doHere, doHereInTurns, doOnCrew, type Round, type Rounds, subjectOf } from './rounds.ts';
import { Workshop } from './workshop.ts';

export interface CompileOptions extends Omit<PassOptions, 'rows' | 'cases' | 'inputHashes'> {
  readonly network: TrainedNetwork;
  /** The text of network.json, which is carried over as it is, and its path for messages. */
  readonly networkText: string;
  readonly networkFile: string;
  readonly technology: Technology;
  /** The table to calibrate on and to verify with; without it the circuit is not calibrated and the cases are generated. */
  readonly data: Dataset | TargetDataset | undefined;
  readonly out: string;
  readonly overwrite: boolean;
  /** Version of neuroprint, for the manifest. */
  readonly version: string;
}

export interface CompileResult {
  readonly circuit: Circuit;
  readonly manifest: Manifest;
  readonly out: string;
  /** What every pass took on the clock. It is not in the manifest, whose bytes are those of its input. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** Weights times training rows from which on threads pay. */
const LARGE = 100_000;

/** Cases over which the power of printed copies is averaged, evenly taken. */
const COPY_ROWS = 32;

/** What other commands write into the folder of a compile, and the layout, which not every compile has. */
const DERIVED = [
  ...['report.json', 'simulated.csv', 'report.html', 'images'],
  ...['gds', 'svg', 'json', 'lvs', 'drc', 'cir'].map((ending) => `layout.${ending}`),
];

/**
 * network → folder of files that can be printed and verified: network.json, circuit.json, netlist.cir, testbench.cir,
 * expected.csv, bom.csv, manifest.json. The same input gives the same bytes. All of them are made before the first is written, every one is
 * written atomically and the manifest last, so that a folder with a manifest is complete.
 */
export function compile(options: CompileOptions): CompileResult {
  const { context, clippedCells } = contextOf(options);
  const workshop = new Workshop(subjectOf(context));
  return doHere(compileInRounds(options, context, clippedCells), (round) => workshop.do(round));
}

/** The same on so many threads; default one per core, none for what is done before they have started. The bytes do not depend on it. */
export async function compileOnThreads(options: CompileOptions, workers?: number): Promise<CompileResult> {
  const { context, clippedCells } = contextOf(options);
  const threads = workers ?? (isSmall(context) ? 1 : availableCores());
  if (threads === 1) {
    const workshop = new Workshop(subjectOf(context));
    return doHereInTurns(compileInRounds(options, context, clippedCells), (round) => workshop.do(round));
  }
  const file = new URL('./workshop-worker.js', import.meta.url);
  const crew = new Crew<Round, Answers>({ file, workers: threads, shared: subjectOf(context) });
  try {
    return await doOnCrew(compileInRounds(options, context, clippedCells), crew);
  } finally {
    await crew.close();
  }
}

/** Whether a calibration takes little longer than a thread takes to start. */
function isSmall({ network, rows }: PassContext): boolean {
  const weights = network.layers.reduce((sum, { conductancesSiemens }) => sum + conductancesSiemens.flat().length, 0);
  return weights * (rows?.train.labels.length ?? 0) < LARGE;
}

function* compileInRounds(options: CompileOptions, context: PassContext, clippedCells: number): Rounds<CompileResult> {
  const passed = yield* passesInRounds(context, options.metalOf === undefined ? PASSES : PASSES_WITH_LINES);
  const files = { 'network.json': options.networkText, ...passed.files };
  const manifest = describe(options, context, passed, clippedCells, files);
  write(options, files, manifest);
  const made = { circuit: passed.circuit!, manifest: makeArtifact(ManifestKind, manifest), out: options.out };
  return { ...made, seconds: passed.seconds };
}

/** What became of a circuit after its compile. */
export interface Retuned {
  /** The manifest of the compile. */
  readonly manifest: Manifest;
  readonly circuit: Circuit;
  /** The name of what was done, and of its rung of the ladder. */
  readonly pass: string;
  readonly rung: string;
  readonly note: string;
  readonly changed: number;
  readonly calibration: Calibration;
  /** SHA-256 of what it was done by. */
  readonly inputHashes: Readonly<Record<string, string>>;
}

/** The folder of a circuit whose values were changed after its compile, complete as that of a compile. */
export function compileRetuned(options: CompileOptions, retuned: Retuned): CompileResult {
  const made = contextOf(options);
  const context = { ...made.context, inputHashes: { ...made.context.inputHashes, ...retuned.inputHashes } };
  const { manifest: before, pass, note, changed } = retuned;
  const { kind: _, version: __, checksum: ___, ...content } = retuned.circuit;
  const circuit = makeArtifact(CircuitKind, { ...content, inputHashes: context.inputHashes });
  const workshop = new Workshop(subjectOf(context));
  const here = <T>(rounds: Rounds<T>): T => doHere(rounds, (round) => workshop.do(round));
  const emitted = emitPass.run(circuit, context);
  emitPass.check(emitted.output!, context, circuit);
  const files = { 'network.json': options.networkText, ...emitted.output };
  const passes = [
    ...before.passes.filter(({ name }) => name !== emitPass.name),
    { name: pass, note, changed },
    { name: emitPass.name, note: emitted.note, changed: emitted.changed },
  ];
  const ladder = [
    ...before.ladder.filter(({ step }) => step !== LAID_OUT),
    ...here(here(context.ladder.withCopies([context.ladder.rungOf(retuned.rung, circuit, true)]))()),
    ...here(context.ladder.laidOutRungs()),
  ];
  const passed = { circuit, ladder, passes, calibration: retuned.calibration, seconds: {} };
  const manifest = describe(options, context, passed, made.clippedCells, files);
  write(options, files, manifest);
  return { circuit, manifest: makeArtifact(ManifestKind, manifest), out: options.out, seconds: {} };
}

/** What does not belong together, or has no place to go, is refused before any work. */
function refuse({ network, networkFile, technology, data, out, overwrite }: CompileOptions): void {
  if (network.technology !== technology.name)
    throw new UsageError(
      `${networkFile} was trained for the technology ${network.technology}, and ${technology.name} was asked for.`,
      `Add --technology ${network.technology}, or train again.`,
    );
  if (data !== undefined && (regressionOf(network) === undefined) !== 'classNames' in data)
    throw new UsageError(
      `${networkFile} and ${data.file} are not for the same task: one has classes, the other a target.`,
      'Give the table that the network was trained on.',
    );
  if (fileExists(out)) prepareOutputFolder(out, overwrite);
}

/** The table as the passes take it: training and validation rows to tune on, test rows as the cases. What cannot be is refused. */
function contextOf(all: CompileOptions) {
  refuse(all);
  const { network, technology, data, ...options } = all;
  const inputHashes = { 'network.json': sha256(options.networkText), 'technology.json': technology.hash };
  if (data === undefined)
    return { context: passContext(network, technology, { ...options, inputHashes }), clippedCells: 0 };
  const [train, valid, test] = (['train', 'valid', 'test'] as const).map((split) =>
    toVoltageRows(data, network.inputs, network.classes, split),
  );
  const context = passContext(network, technology, {
    ...options,
    inputHashes: { ...inputHashes, [`${data.name}.csv`]: data.sha256 },
    rows: { train: train!, valid: valid! },
    cases: {
      rows: test!.labels.length,
      inputVolts: test!.volts,
      labels: test!.labels,
      sourceRows: test!.sourceRows.map((row) => row + 1),
    },
  });
  return { context, clippedCells: test!.clipped };
}

function describe(
  { network, technology, data, version, series }: CompileOptions,
  context: PassContext,
  passed: Passed,
  clippedCells: number,
  files: Files,
): Omit<Manifest, 'kind' | 'version' | 'checksum'> {
  const { ladder, cases, inputHashes = {} } = context;
  const circuit = passed.circuit!;
  const solution = ladder.solutionOf(circuit);
  return {
    name: network.name,
    neuroprint: version,
    technology: technology.name,
    ...(circuit.task === undefined ? {} : { task: circuit.task }),
    ...countComponents(circuit, technology),
    watts: solution.meanWatts,
    ...budgetOf(network, circuit, technology, cases.inputVolts, solution.meanWatts),
    wattsByLayer: wattsByLayer(circuit, technology, cases.inputVolts, solution),
    ...(regressionOf(network) === undefined
      ? { marginVolts: summariseMargins(margins(solution.outputs, circuit.classes.length)) }
      : { reading: readingOf(circuit, context) }),
    cases: { count: cases.rows, from: data === undefined ? 'generated inputs' : 'test rows', clippedCells },
    series: series ?? null,
    passes: passed.passes,
    ladder: [...passed.ladder],
    ...(passed.calibration === undefined ? {} : { calibration: passed.calibration }),
    assumed: technology.assumed,
    files: Object.fromEntries(Object.entries(files).map(([name, text]) => [name, sha256(text)])),
    inputHashes,
  };
}

/** The budget of a network, and what its circuit takes of what the manifest has not elsewhere. */
function budgetOf(
  { budget, variation: printed, training }: TrainedNetwork,
  circuit: Circuit,
  technology: Technology,
  caseVolts: Float64Array,
  watts: number,
): Pick<Manifest, 'budget'> {
  if (budget === undefined) return {};
  const variation = withoutFaults(printed);
  const flat = flatten(circuit, technology, {
    series: hasSeries(variation),
    spread: hasMeasuredTransistors(variation),
  });
  const rows = evenRows(caseVolts, circuit.inputs.length, COPY_ROWS);
  const { share } = copyWatts(flat, rows, variation, training?.seed ?? 0);
  return { budget: { ...budget, copyWatts: watts * share, inverters: countInverters(circuit, technology) } };
}

function write(
  { out, overwrite }: CompileOptions,
  files: Files,
  manifest: Omit<Manifest, 'kind' | 'version' | 'checksum'>,
): void {
  prepareOutputFolder(out, overwrite);
  // without its manifest the folder of another compile is none, and what verify and report made of it does not belong to this one
  for (const name of ['manifest.json', ...DERIVED]) platform.files.remove(join(out, name));
  const written: string[] = [];
  try {
    for (const [name, text] of Object.entries(files)) {
      writeFileAtomic(join(out, name), text);
      written.push(name);
    }
    writeArtifact(join(out, 'manifest.json'), ManifestKind, manifest);
  } catch (error) {
    // a part of a circuit is of no use, and would be in the way of the next attempt
    for (const name of written) platform.files.remove(join(out, name));
    throw error;
  }
}
