import { proxy, type Remote } from 'comlink';
import type { LinkedRun } from '../folder/link.ts';
import { noteOf, textOf } from '../folder/note.ts';
import type { Keeping, OpenedCircuit } from '../session/folder-view.ts';
import type {
  Refusal,
  Session,
  SessionEvent,
  Step,
  StepResult,
  TableView,
  TechnologyView,
} from '../session/session.ts';
import { argumentsOf, type Choices, DEFAULT_CHOICES, foldersOf, tableOptions } from './choices.ts';
import { NO_PROGRESS, type Progress, told } from './progress.ts';

export const STEPS = ['train', 'compile', 'verify'] as const;
/** What the command line gives where it was interrupted. */
const INTERRUPTED = 130;
export type RunStep = (typeof STEPS)[number];

/** A page has less memory than the command line, and a table is in it several times over. */
const MOST_TABLE_BYTES = 32 * 2 ** 20;

/** A step as it stands. */
export interface StepState {
  readonly status: 'waiting' | 'running' | 'done' | 'refused' | 'cancelled';
  readonly progress: Progress;
  readonly outcome: StepResult | undefined;
  /** Of the run that is shown, or that runs. */
  readonly args: readonly string[];
  /** Which run of this step it is, and which run of the step before it went on from. */
  readonly run: number;
  readonly from: number;
}

const WAITING: StepState = { status: 'waiting', progress: NO_PROGRESS, outcome: undefined, args: [], run: 0, from: 0 };

/** What the person sees: a table, choices, and how far every step is. One step runs at a time. */
export class Flow {
  table: TableView | undefined;
  /** Its name, where it is a table that comes along. */
  example: string | undefined;
  /** Whether what is open is a circuit out of a zip, without the table that it was made of. */
  isOpened = false;
  /** A link whose table has still to be given. */
  linked: LinkedRun | undefined;
  /** Whether what is done here outlives the tab; undefined as long as nobody knows. */
  keeping: Keeping | undefined;
  technologies: readonly TechnologyView[] = [];
  choices: Choices = DEFAULT_CHOICES;
  readonly steps: Record<RunStep, StepState> = { train: WAITING, compile: WAITING, verify: WAITING };
  /** Why no table could be opened, or why the page cannot work at all. */
  problem: Refusal | undefined;
  /** What is being done before any step can run, in words. */
  opening: string | undefined;
  simd = true;
  /** How many were opened: another one is another circuit. */
  #zips = 0;
  readonly #session: Remote<Session>;
  readonly #changed: () => void;

  constructor(session: Remote<Session>, changed: () => void) {
    this.#session = session;
    this.#changed = changed;
  }

  get session(): Remote<Session> {
    return this.#session;
  }

  get running(): RunStep | undefined {
    return STEPS.find((step) => this.steps[step].status === 'running');
  }

  /** The folder of the circuit, once compile has written it. */
  get circuitFolder(): string | undefined {
    return this.table !== undefined && this.steps.compile.status === 'done' ? foldersOf(this.table).circuit : undefined;
  }

  /** Whether what a step shows was made by other choices than those that stand now, or from an earlier run of the step before it. */
  isStale(step: RunStep): boolean {
    const { outcome, args, from, status } = this.steps[step];
    if (outcome?.result === undefined || status === 'running' || this.table === undefined) return false;
    const before = this.#before(step);
    const isOlder = before !== undefined && (this.steps[before].run !== from || this.isStale(before));
    return isOlder || args.join('\0') !== argumentsOf(step, this.choices, this.table).join('\0');
  }

  /** Why a step was refused, as long as the choices are those that were refused. */
  problemOf(step: RunStep): Refusal | undefined {
    const { outcome, args, status } = this.steps[step];
    if (status !== 'refused' || this.table === undefined) return undefined;
    return args.join('\0') === argumentsOf(step, this.choices, this.table).join('\0') ? outcome?.problem : undefined;
  }

  /** Whether a step can begin: the one before it has ended, and nothing runs. */
  canRun(step: RunStep): boolean {
    if (this.table === undefined || this.table.refusals.length > 0 || this.running !== undefined) return false;
    const before = this.#before(step);
    return before === undefined || (this.steps[before].status === 'done' && !this.isStale(before));
  }

  openFile(file: File): Promise<void> {
    if (/\.zip$/i.test(file.name)) return this.#openZip(file);
    return this.#open(`Reading ${file.name}`, async () => {
      if (file.size > MOST_TABLE_BYTES) throw tooLarge(file);
      // in place of what was open
      await this.#session.forget();
      this.#take(await this.#session.openTable(file.name, file));
      await this.#follow(this.linked);
    });
  }

  /** Opens a table that comes along; `change` is what has to be chosen for it. */
  async openExample(name: string, change: Partial<Choices> = {}): Promise<void> {
    await this.#open(`Opening ${name}`, async () => {
      await this.#session.forget();
      this.#take(await this.#session.openExample(name), name);
      await this.#follow(this.linked);
    });
    await this.choose(change);
  }

  /** Takes over what a link says; its table is opened where it comes along. */
  openLink(run: LinkedRun): Promise<void> {
    this.linked = run;
    this.#changed();
    return run.example === undefined ? Promise.resolve() : this.openExample(run.example);
  }

  #openZip(file: File): Promise<void> {
    return this.#open(`Opening ${file.name}`, async () => {
      const opened = await this.#session.openZip(file.name, file);
      if ('refusal' in opened) throw Object.assign(new Error(opened.refusal.message), { hint: opened.refusal.hint });
      this.#take(tableOf(opened));
      this.isOpened = true;
      // somebody has made it
      this.#zips += 1;
      this.steps.compile = { ...WAITING, status: 'done', run: -this.#zips };
    });
  }

  /** Goes on with what the last tab left behind; says whether there was anything. */
  async bringBack(): Promise<void> {
    const { version } = await this.#session.ready();
    const { note: text, keeping } = await this.#session.recall();
    this.keeping = keeping;
    const note = text === undefined ? undefined : noteOf(text, version);
    if (note === undefined || this.table !== undefined || this.opening !== undefined) return this.#changed();
    await this.#open(`Going on with ${note.table.name}`, async () => {
      this.#take(note.isOpened ? note.table : await this.#session.reopenTable(note.table.path), note.example);
      this.isOpened = note.isOpened;
      this.choices = note.choices;
      if (!note.isOpened && this.table !== undefined)
        this.table = await this.#session.describeTable(tableOptions(this.choices, this.table.columns));
      Object.assign(this.steps, note.steps);
    });
  }

  /** Says what cannot be done, where no step could say it. */
  refuse(error: Error): void {
    this.problem = problemOf(error);
    this.#changed();
  }

  /** Forgets everything, here and in the browser. */
  async forget(): Promise<void> {
    if (this.running !== undefined) await this.cancel();
    this.table = undefined;
    await this.#session.forget();
    this.#changed();
  }

  async #open(words: string, read: () => Promise<void>): Promise<void> {
    if (this.running !== undefined) await this.cancel();
    this.opening = words;
    this.problem = undefined;
    this.#changed();
    try {
      const { simd } = await this.#session.ready();
      this.simd = simd;
      this.keeping ??= (await this.#session.recall()).keeping;
      this.technologies = await this.#session.technologies();
      await read();
      this.#keep();
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.opening = undefined;
    this.#changed();
  }

  /** Shows another table: nothing is done with it yet. */
  #take(table: TableView, example?: string): void {
    this.table = table;
    this.example = example;
    this.isOpened = false;
    this.choices = { ...DEFAULT_CHOICES, technology: this.choices.technology };
    for (const step of STEPS) this.steps[step] = WAITING;
  }

  async #follow(run: LinkedRun | undefined): Promise<void> {
    this.linked = undefined;
    if (run === undefined || this.table === undefined) return;
    this.choices = run.choices;
    this.table = await this.#session.describeTable(tableOptions(this.choices, this.table.columns));
  }

  /** Keeps what stands on the page, for the next tab. */
  #keep(): void {
    const { table, example, isOpened, choices, steps } = this;
    if (table === undefined) return;
    void this.#session
      .ready()
      .then(({ version }) => this.#session.remember(textOf({ version, table, example, isOpened, choices, steps })));
  }

  /** Takes choices over; where they are about the table it is read again. */
  async choose(change: Partial<Choices>): Promise<void> {
    const { table } = this;
    const before = table && JSON.stringify(tableOptions(this.choices, table.columns));
    this.choices = { ...this.choices, ...change };
    this.#changed();
    if (table === undefined) return;
    const options = tableOptions(this.choices, table.columns);
    if (JSON.stringify(options) === before) return;
    const read = await this.#session.describeTable(options);
    // meanwhile another choice may have been made, or another table opened
    if (
      this.table?.path !== table.path ||
      JSON.stringify(tableOptions(this.choices, table.columns)) !== JSON.stringify(options)
    )
      return;
    this.table = read;
    this.#keep();
    this.#changed();
  }

  /** Sets one option of a step, as it is typed. */
  setOption(step: Step, name: string, value: string): Promise<void> {
    const { options } = this.choices;
    return this.choose({ options: { ...options, [step]: { ...options[step], [name]: value } } });
  }

  /** Runs a step and says whether it ended with a result. */
  async run(step: RunStep): Promise<boolean> {
    const { table, choices } = this;
    if (table === undefined || !this.canRun(step)) return false;
    const args = argumentsOf(step, choices, table);
    const before = this.#before(step);
    const [run, from] = [this.steps[step].run + 1, before === undefined ? 0 : this.steps[before].run];
    this.#set(step, { status: 'running', progress: NO_PROGRESS, outcome: undefined, args, run, from });
    let outcome = await this.#runOnce(step, args);
    // what was interrupted goes on from its checkpoint; what has ended, or was asked for otherwise, begins anew
    if (outcome.problem?.hint?.includes('--overwrite') === true)
      outcome = await this.#runOnce(step, [...args, '--overwrite']);
    const isDone = outcome.exitCode === 0 || outcome.exitCode === 3;
    const status = isDone ? 'done' : outcome.exitCode === INTERRUPTED ? 'cancelled' : 'refused';
    this.#set(step, { ...this.steps[step], status, outcome });
    return isDone;
  }

  async #runOnce(step: RunStep, args: readonly string[]): Promise<StepResult> {
    try {
      const listen = proxy((event: SessionEvent) => {
        const now = this.steps[step];
        if (now.status === 'running') this.#set(step, { ...now, progress: told(now.progress, event) });
      });
      return await this.#session.run(step, args, listen);
    } catch (error) {
      const problem = problemOf(error);
      return { exitCode: 1, result: undefined, remarks: [], problem, commandLine: '', seconds: 0 };
    }
  }

  /** Runs every step from the first that has to be done. */
  async runAll(onStep: (step: RunStep) => void): Promise<void> {
    for (const step of STEPS) {
      if (this.steps[step].status === 'done' && !this.isStale(step)) continue;
      onStep(step);
      if (!(await this.run(step))) return;
    }
  }

  async cancel(): Promise<void> {
    await this.#session.cancel();
  }

  #before(step: RunStep): RunStep | undefined {
    return STEPS[STEPS.indexOf(step) - 1];
  }

  #set(step: RunStep, state: StepState): void {
    const isNew = this.steps[step].status !== state.status;
    this.steps[step] = state;
    if (isNew) this.#keep();
    this.#changed();
  }
}

function tooLarge({ name, size }: File): Error {
  const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
  const hint = `The command line reads it: npx neuroprint train --data ${name} --out networks/mine`;
  return Object.assign(
    new Error(`${name}: has ${megabytes(size)}, and the page takes ${megabytes(MOST_TABLE_BYTES)}.`),
    { hint },
  );
}

/** A circuit out of a zip, as far as it stands for a table. */
function tableOf({ name, folder, task }: OpenedCircuit): TableView {
  return { name, path: folder, rows: 0, columns: [], label: undefined, task, classes: [], notes: [], refusals: [] };
}

/** What went wrong where no command could say it: a worker that ended, a file that was not loaded. */
function problemOf(error: unknown): Refusal {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : undefined;
  return { column: undefined, message, hint };
}
