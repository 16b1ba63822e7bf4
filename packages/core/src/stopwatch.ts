/** What work has taken: processor seconds of the whole process with its threads, and seconds on the clock. */
interface Cost {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

/** Starts to measure; the function says what has been taken since. */
export function stopwatch(): () => Cost {
  const began = performance.now();
  const usage = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(usage);
    return { cpuSeconds: (user + system) / 1e6, wallSeconds: (performance.now() - began) / 1000 };
  };
}
