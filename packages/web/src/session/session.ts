/**
 * What the page asks of its worker. Everything that computes runs there: the worker holds a folder in memory, and runs the commands of
 * the command line on it. Paths are those of that folder; `/` is its root, and a table that was dropped lies in it under its own name.
 * The worker's side is wrapped by comlink, so that every method of Session returns a promise there.
 */

import type { FlowEvent, Refusal } from 'neuroprint/page';
import type { CircuitSession } from './circuit-view.ts';
import type { FolderSession } from './folder-view.ts';

export type { LadderEvent, Refusal, TrainingEvent, WorkEvent } from 'neuroprint/page';

/** A step of the flow: the command of that name. */
export type Step = 'train' | 'compile' | 'verify' | 'layout';

/** How a table is to be read: the options of the command line, by their names there (`label`, `missing`, `delimiter` …). */
export type TableOptions = Readonly<Record<string, string | number | boolean>>;

export interface TableView {
  /** The file's name without its ending. */
  readonly name: string;
  /** Its path in the session's folder, which `--data` takes. */
  readonly path: string;
  readonly rows: number;
  readonly columns: readonly ColumnView[];
  /** The column with the classes or the target; undefined where none was found. */
  readonly label: string | undefined;
  readonly task: 'classification' | 'regression';
  /** Sorted by name; empty in regression. */
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  /** What was understood and left out, each a sentence. */
  readonly notes: readonly string[];
  /** Why the table cannot be read as it is; the sentences of the command line. */
  readonly refusals: readonly Refusal[];
}

export interface ColumnView {
  readonly name: string;
  /** `label`, `split`, numbers to be inputs, words, or left out. */
  readonly kind: 'input' | 'label' | 'split' | 'text' | 'ignored';
  /** Cells without a value. */
  readonly missing: number;
  /** Values that are far from the rest of their column. */
  readonly outliers: number;
  /** Of the numbers in it; undefined where there are none. */
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  /** The unit in its name, as in `sepal length (cm)`. */
  readonly unit: string | undefined;
  /** How often each value is there: ten bins of equal width from minimum to maximum. */
  readonly histogram: readonly number[];
}

export interface TechnologyView {
  readonly name: string;
  readonly description: string;
  /** Every supply in volts. */
  readonly supplies: Readonly<Record<string, number>>;
  /** Its numbers with where they are from, as the file of the technology marks them. */
  readonly numbers: readonly TechnologyNumber[];
  readonly hasLayout: boolean;
  /** Whether there are surrogates for it, so that networks can be trained. */
  readonly canTrain: boolean;
}

export interface TechnologyNumber {
  /** Where it stands, such as `crossbar.minOhms`. */
  readonly path: string;
  /** Nobody has measured or published what is assumed. */
  readonly kind: 'measured' | 'published' | 'assumed';
  readonly value: number | undefined;
  readonly unit: string | undefined;
  /** The file and the day, the source, or why it is assumed so. */
  readonly text: string;
}

/** What a step tells while it runs. */
export type SessionEvent = FlowEvent;

export interface StepResult {
  /** 0 done, 1 the machine failed, 2 wrong use, 3 done and not as promised, 130 cancelled. */
  readonly exitCode: number;
  /** The object that `--json` prints; undefined where the step was refused. */
  readonly result: object | undefined;
  /** What the command line says on standard error: refusals, warnings, remarks. */
  readonly remarks: readonly string[];
  /** Why there is no result. */
  readonly problem: Refusal | undefined;
  /** The same on the command line: `neuroprint train --data iris.csv …`. */
  readonly commandLine: string;
  readonly seconds: number;
}

/** What ngspice made of the test rows, once verify has written it; in classification. */
export interface DecisionsView {
  readonly classes: readonly string[];
  /** True class and decided class of every row, as places in `classes`. */
  readonly labels: readonly number[];
  readonly decided: readonly number[];
}

/** A listener that comlink can call from the worker: wrap it with `proxy`. */
export type Listener = (event: SessionEvent) => void;

export interface Session extends CircuitSession, FolderSession {
  /** Resolves when the worker can run steps: kernels, technologies and templates are there. Rejects with what is missing. */
  ready(): Promise<{ readonly simd: boolean; readonly version: string }>;
  technologies(): Promise<readonly TechnologyView[]>;
  /** Names of the tables that come along: `iris.csv` … */
  examples(): Promise<readonly string[]>;
  /** Puts a table into the folder; a table of the same name gives way. What is no table at all has refusals and no columns. */
  openTable(name: string, file: Blob): Promise<TableView>;
  openExample(name: string): Promise<TableView>;
  /** The table at a path that the last tab left behind. */
  reopenTable(path: string): Promise<TableView>;
  describeTable(options: TableOptions): Promise<TableView>;
  /** Runs one command, with `args` as on the command line (without the command and --json). One at a time. */
  run(step: Step, args: readonly string[], listener?: Listener): Promise<StepResult>;
  /** Ends the step that runs, at the next point where nothing is lost: its StepResult has exit code 130. */
  cancel(): Promise<void>;
  /** Every file of the folder `out`, by its path in there. */
  files(folder: string): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Of a folder that verify was run on; undefined in regression, and where the rows have no classes. */
  decisions(folder: string): Promise<DecisionsView | undefined>;
}
