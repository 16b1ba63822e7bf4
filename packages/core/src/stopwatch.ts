import { platform } from '#platform';

/** What work has taken: processor seconds of the whole process with its threads, and seconds on the clock. */
interface Cost {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

/** Starts to measure; the function says what has been taken since. */
export function stopwatch(): () => Cost {
  const began = performance.now();
  const usage = platform.cpuSeconds();
  return () => ({
    cpuSeconds: platform.cpuSeconds() - usage,
    wallSeconds: (performance.now() - began) / 1000,
  });
}
