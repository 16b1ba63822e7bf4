import type { TableView } from '../session/session.ts';
import type { Choices } from '../steps/choices.ts';
import type { RunStep, StepState } from '../steps/flow.ts';
import { NO_PROGRESS } from '../steps/progress.ts';

/** What stands on the page beside the files: kept with them, so that a tab that was closed goes on. */
export interface Note {
  /** Of neuroprint: another one may write other files. */
  readonly version: string;
  readonly table: TableView;
  readonly example: string | undefined;
  readonly isOpened: boolean;
  readonly choices: Choices;
  readonly steps: Readonly<Record<RunStep, StepState>>;
}

/** Curves are not kept: they begin anew. */
export function textOf(note: Note): string {
  return JSON.stringify({ ...note, steps: stepsOf(note, (state) => state) });
}

/** The note, where it is one of this version. What ran when the tab was closed is cancelled, and can go on. */
export function noteOf(text: string, version: string): Note | undefined {
  let note: Note;
  try {
    note = JSON.parse(text) as Note;
  } catch {
    return undefined;
  }
  if (note.version !== version) return undefined;
  const steps = stepsOf(note, (state) => (state.status === 'running' ? { ...state, status: 'cancelled' } : state));
  return { ...note, steps };
}

function stepsOf({ steps }: Note, change: (state: StepState) => StepState): Note['steps'] {
  const all = Object.entries(steps).map(([step, state]) => [step, { ...change(state), progress: NO_PROGRESS }]);
  return Object.fromEntries(all) as Note['steps'];
}
