import type { Remote } from 'comlink';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type {
  CaseView,
  Changes,
  CheckedRow,
  CircuitSession,
  CircuitView,
  Drawing,
  FaultView,
  Score,
  SensitivityView,
  Shade,
  SolvedRow,
} from '../session/circuit-view.ts';
import { begin, type History, record, redo, undo } from './history.ts';
import { latest } from './latest.ts';

export type Which = 'schematic' | 'layout';

/** What was asked about a device. */
export interface Answers {
  readonly device: string;
  readonly sensitivity: readonly SensitivityView[];
  readonly faults: readonly FaultView[];
}

/**
 * What the page and the worker say to each other about the circuit that is open: inputs, values that are tried, the device that is
 * looked at, and the answers to them. The host is drawn anew with every answer.
 */
export class Conversation implements ReactiveController {
  circuit: CircuitView | undefined;
  /** The row of the table that the inputs were taken from. */
  case: { readonly at: number; readonly view: CaseView } | undefined;
  /** Inputs, in the units of the table. */
  values: readonly number[] = [];
  row: SolvedRow | undefined;
  /** The row with the values of the netlist, where others are tried. */
  before: SolvedRow | undefined;
  score: Score | undefined;
  which: Which = 'schematic';
  shade: Shade = 'none';
  drawing: Drawing | undefined;
  device: string | undefined;
  answers: Answers | undefined;
  /** What ngspice said of the row as it is; `asking` while it simulates. */
  checked: CheckedRow | 'asking' | undefined;
  problem: string | undefined;
  history: History<Changes> = begin({});
  readonly #host: ReactiveControllerHost;
  #session: Remote<CircuitSession> | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {}

  /** What is tried and recorded. */
  get changes(): Changes {
    return this.history.present;
  }

  async open(session: Remote<CircuitSession>, folder: string): Promise<void> {
    this.#session = session;
    this.circuit = undefined;
    this.case = undefined;
    this.row = undefined;
    this.before = undefined;
    this.device = undefined;
    this.answers = undefined;
    this.drawing = undefined;
    this.checked = undefined;
    this.problem = undefined;
    this.history = begin({});
    this.shade = 'none';
    this.#host.requestUpdate();
    try {
      const circuit = await session.circuit(folder);
      this.circuit = circuit;
      this.score = circuit.score;
      this.#draw({ which: this.which, shade: this.shade, changes: {} });
      await this.take(0);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Takes the inputs from row `at` of the table. */
  async take(at: number): Promise<void> {
    if (this.#session === undefined) return;
    const view = await this.#session.caseRow(at);
    this.case = { at, view };
    this.setValues(view.values);
  }

  /** Inputs that move under a hand. */
  moveValues(values: readonly number[]): void {
    this.values = values;
    this.checked = undefined;
    this.#solve({ values, changes: this.changes });
    this.#host.requestUpdate();
  }

  /** Inputs that stay. */
  setValues(values: readonly number[]): void {
    this.moveValues(values);
    this.#inquire();
  }

  /** A component's value while it moves. */
  moveComponent(component: string, value: number | undefined): void {
    const changes = withChange(this.changes, component, value);
    this.checked = undefined;
    this.#solve({ values: this.values, changes });
    this.#judge(changes);
  }

  /** A component's value that stays. */
  setComponent(component: string, value: number | undefined): void {
    if (this.changes[component] !== value)
      this.history = record(this.history, withChange(this.changes, component, value));
    this.#tried();
  }

  /** All values as they are in the netlist. */
  reset(): void {
    this.history = record(this.history, {});
    this.#tried();
  }

  undo(): void {
    this.history = undo(this.history);
    this.#tried();
  }

  redo(): void {
    this.history = redo(this.history);
    this.#tried();
  }

  select(device: string): void {
    this.device = device;
    this.#inquire();
  }

  show(which: Which, shade: Shade): void {
    [this.which, this.shade] = [which, shade];
    this.#draw({ which, shade, changes: this.changes });
    this.#host.requestUpdate();
  }

  /** Asks ngspice about the row as it is. */
  async check(): Promise<void> {
    if (this.#session === undefined) return;
    this.checked = 'asking';
    this.#host.requestUpdate();
    const { values, changes } = this;
    try {
      const checked = await this.#session.check(values, changes);
      if (this.values === values && this.changes === changes) this.checked = checked;
    } catch (error) {
      this.checked = undefined;
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
    this.#host.requestUpdate();
  }

  async netlist(): Promise<string> {
    return this.#session === undefined ? '' : this.#session.netlist(this.changes);
  }

  /** After a change of values that stays. */
  #tried(): void {
    const { values, changes, which, shade } = this;
    this.checked = undefined;
    this.#solve({ values, changes });
    this.#judge(changes);
    this.#draw({ which, shade, changes });
    this.#inquire();
  }

  #inquire(): void {
    const { device, values, changes } = this;
    if (device !== undefined) this.#ask({ device, values, changes });
    this.#host.requestUpdate();
  }

  readonly #fail = (error: Error): void => {
    const hint = 'hint' in error && typeof error.hint === 'string' ? ` ${error.hint}` : '';
    this.problem = `${error.message}${hint}`;
    this.#host.requestUpdate();
  };

  /** Shows an answer, if it is about the circuit that is still open. */
  #shows<Q, A>(ask: (session: Remote<CircuitSession>, question: Q) => Promise<A>, show: (answer: A) => void) {
    return latest<Q, () => void>(
      async (question) => {
        const { circuit } = this;
        const answer = await ask(this.#session!, question);
        return () => {
          if (this.circuit !== circuit) return;
          show(answer);
          this.problem = undefined;
          this.#host.requestUpdate();
        };
      },
      (showAnswer) => showAnswer(),
      this.#fail,
    );
  }

  readonly #solve = this.#shows(
    async (session, { values, changes }: { values: readonly number[]; changes: Changes }) => [
      await session.solve(values, changes),
      Object.keys(changes).length === 0 ? undefined : await session.solve(values, {}),
    ],
    ([row, before]) => {
      this.row = row;
      this.before = before;
    },
  );

  readonly #judge = this.#shows(
    (session, changes: Changes) => session.judge(changes),
    (score) => {
      this.score = score;
    },
  );

  readonly #draw = this.#shows(
    async (session, { which, shade, changes }: { which: Which; shade: Shade; changes: Changes }): Promise<Drawing> =>
      session.drawing(which, shade, changes),
    (drawing) => {
      this.drawing = drawing;
    },
  );

  readonly #ask = this.#shows(
    async (
      session,
      { device, values, changes }: { device: string; values: readonly number[]; changes: Changes },
    ): Promise<Answers> => ({
      device,
      sensitivity: await session.sensitivity(device, values, changes),
      faults: await session.faults(device, values, changes),
    }),
    (answers) => {
      this.answers = answers;
    },
  );
}

/** Changes with one more, or without it. */
function withChange(changes: Changes, component: string, value: number | undefined): Changes {
  const { [component]: _, ...others } = changes;
  return value === undefined ? others : { ...others, [component]: value };
}
