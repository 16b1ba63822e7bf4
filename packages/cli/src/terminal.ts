import { AsyncLocalStorage } from 'node:async_hooks';

/** Where a command line writes, and what asks it to stop: everything that one call has and another has not. */
export interface Terminal {
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Aborted by Ctrl-C: long work ends at the next point where nothing is lost. */
  readonly signal: AbortSignal;
  readonly colours: boolean;
}

interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

const calls = new AsyncLocalStorage<Terminal>();

/** Does the work of one call; whatever it starts finds this terminal. */
export function withTerminal<T>(terminal: Terminal, work: () => Promise<T>): Promise<T> {
  return calls.run(terminal, work);
}

/** The terminal of this call. */
export function terminal(): Terminal {
  const own = calls.getStore();
  if (own === undefined) throw new Error('only a command line has a terminal');
  return own;
}
