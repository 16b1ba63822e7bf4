import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/*
 * Loaded into a process before its own program (node --import): as it ends, writes what it has taken with all of its threads to the
 * file that NEUROPRINT_USAGE names.
 */
const file = process.env.NEUROPRINT_USAGE;
if (isMainThread && file !== undefined)
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const used = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, wallSeconds: performance.now() / 1000 };
    writeFileSync(file, JSON.stringify({ ...used, megabytes: maxRSS / 1000 }));
  });
