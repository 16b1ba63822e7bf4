const controller = new AbortController();

/** Aborted by Ctrl-C: long work ends at the next point where nothing is lost. */
export const interrupted: AbortSignal = controller.signal;

export const EXIT_INTERRUPTED = 130;

/** The first Ctrl-C asks, the second one ends at once. */
export function handleInterrupts(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
      controller.abort(new InterruptedError());
      // work that looks at the signal ends in order; other work has written nothing that is not whole
      setTimeout(() => process.exit(EXIT_INTERRUPTED), 2000).unref();
    });
  }
}

/** The user asked to stop. */
export class InterruptedError extends Error {
  constructor() {
    super('Interrupted. What was finished is kept; the same command goes on from there.');
    this.name = 'InterruptedError';
  }
}
