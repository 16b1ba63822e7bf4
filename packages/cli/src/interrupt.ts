import { EXIT_INTERRUPTED, InterruptedError } from './interrupted.ts';

/** A signal that Ctrl-C aborts: the first one asks, the second one ends at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
      controller.abort(new InterruptedError());
      // work that looks at the signal ends in order; other work has written nothing that is not whole
      setTimeout(() => process.exit(EXIT_INTERRUPTED), 2000).unref();
    });
  }
  return controller.signal;
}
