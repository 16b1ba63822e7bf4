import { Worker } from 'node:worker_threads';

/**
 * Does jobs 0 to count − 1 on at most `workers` threads of the module `file`, each thread one after the other; `run` sends a job
 * and waits for its answer. The first failure ends all threads and is thrown.
 */
export async function runOnThreads(
  count: number,
  workers: number,
  file: URL,
  run: (worker: Worker, job: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const threads: Worker[] = [];
  const work = async (): Promise<void> => {
    if (next >= count) return;
    const worker = new Worker(file);
    threads.push(worker);
    while (next < count) {
      const job = next;
      next += 1;
      await run(worker, job);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.max(1, Math.min(workers, count)) }, work));
  } finally {
    next = count;
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}
