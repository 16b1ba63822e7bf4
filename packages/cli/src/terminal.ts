import { calls } from '#host';
import type { FlowEvent, Refusal } from './events.ts';

/** Where a command line writes, and what asks it to stop: everything that one call has and another has not. */
export interface Terminal {
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Aborted by Ctrl-C: long work ends at the next point where nothing is lost. */
  readonly signal: AbortSignal;
  readonly colours: boolean;
  /** Hears what long work tells, beside its line on standard error. */
  readonly tell?: (event: FlowEvent) => void;
  /** Hears in parts what standard error says of a command that was refused or failed. */
  readonly refuse?: (problem: Refusal) => void;
}

interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** One command line, and its terminal. */
export interface Call extends Terminal {
  /** Its words, without the program. */
  readonly args: readonly string[];
}

/** Does the work of one call; whatever it starts finds this terminal. */
export function withTerminal<T>(terminal: Terminal, args: readonly string[], work: () => Promise<T>): Promise<T> {
  return calls.run({ ...terminal, args }, work);
}

/** The terminal of this call. */
export function terminal(): Call {
  const own = calls.getStore();
  if (own === undefined) throw new Error('only a command line has a terminal');
  return own;
}
