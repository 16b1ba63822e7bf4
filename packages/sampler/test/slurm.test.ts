import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCell, loadTechnology } from '@neuroprint/circuit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slurmProblem, startSlurm } from '../../../test/slurm-cluster.ts';
import { sample } from '../src/sample.ts';
import { partFolder, SlurmError, sampleOnSlurm } from '../src/slurm.ts';

const here = dirname(fileURLToPath(import.meta.url));
const TEMPLATES = join(here, '../../../spice-templates');
const problem = slurmProblem();
const root = mkdtempSync(join(tmpdir(), 'sampler-slurm-'));
const COUNT = 1000;
const whole = join(root, 'whole');
const script = join(root, 'task.mjs');
const dist = (name: string) => JSON.stringify(join(here, `../../${name}/dist/index.js`));
const bytesOf = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));

/** What the command line does with `--shard` and `--out`; task 3 kills itself the first time, at its work. */
const TASK = `
import { existsSync, writeFileSync } from 'node:fs';
import { findCell, loadTechnology } from ${dist('circuit')};
import { sample } from ${dist('sampler')};
const [index, of] = process.argv[process.argv.indexOf('--shard') + 1].split('/').map(Number);
const technology = loadTechnology(${JSON.stringify(TEMPLATES)}, 'egt');
const killed = ${JSON.stringify(join(root, 'killed'))};
const work = sample({
  technology, cell: findCell(technology, 'negweight'), count: ${COUNT}, shard: { index, of }, workers: 1,
  out: process.argv[process.argv.indexOf('--out') + 1],
});
if (index === 3 && !existsSync(killed)) {
  writeFileSync(killed, '');
  setImmediate(() => process.kill(process.pid, 'SIGKILL'));
}
await work;
`;

describe.skipIf(problem !== undefined)(
  `a Slurm job array${problem === undefined ? '' : ` (skipped: ${problem})`}`,
  () => {
    let cluster: { stop(): Promise<void> } | undefined;
    beforeAll(async () => {
      cluster = await startSlurm();
      writeFileSync(script, TASK);
      const technology = loadTechnology(TEMPLATES, 'egt');
      await sample({ technology, cell: findCell(technology, 'negweight'), count: COUNT, out: whole });
    });
    afterAll(() => {
      cluster?.stop();
      rmSync(root, { recursive: true, force: true });
    });

    const options = { command: [process.execPath, script], count: COUNT, tasks: 8, pollMilliseconds: 200 };

    it('gives the bits of one machine, although one task is killed and one cannot write', async () => {
      const out = join(root, 'out');
      const blocked = partFolder(out, 5);
      mkdirSync(join(out, '.parts'), { recursive: true });
      writeFileSync(blocked, 'a file where the folder of task 5 should be');
      const events: string[] = [];
      const summary = await sampleOnSlurm({
        ...options,
        out,
        onEvent: (line) => {
          events.push(line);
          if (/again.*\b5\b/.test(line)) rmSync(blocked, { force: true });
        },
      });
      expect(summary).toMatchObject({ firstIndex: 0, rows: COUNT, failed: 0 });
      expect(events[0]).toMatch(/^submitted as job \d+: tasks 0, 1, 2, 3, 4, 5, 6, 7$/);
      expect(events.slice(1).join('\n')).toMatch(/again.*\b3\b/);
      expect(existsSync(join(root, 'killed'))).toBe(true);
      expect(bytesOf(out)).toEqual(bytesOf(whole));
    });

    it('ends with the task and its last words when it dies every time', async () => {
      const out = join(root, 'never');
      mkdirSync(join(out, '.parts'), { recursive: true });
      writeFileSync(partFolder(out, 1), 'a file for good');
      const attempt = sampleOnSlurm({ ...options, out, tasks: 2, retries: 1 });
      await expect(attempt).rejects.toThrow(SlurmError);
      await expect(attempt).rejects.toThrow(/Task 1 has died 2 times\. It said:\n.*/);
    });
  },
);
