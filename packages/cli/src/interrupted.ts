export const EXIT_INTERRUPTED = 130;

/** The user asked to stop. */
export class InterruptedError extends Error {
  constructor() {
    super('Interrupted. What was finished is kept; the same command goes on from there.');
    this.name = 'InterruptedError';
  }
}
