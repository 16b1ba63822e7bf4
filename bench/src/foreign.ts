import { parseArgs } from 'node:util';
import { openEngine } from '@neuroprint/spice';
import { compareRandomNetlists, type DifferentialResult } from './differential.ts';
import { wholeNumber } from './options.ts';

/**
 * Random netlists of resistors, read by neuroprint and simulated by ngspice as they stand: by the program (all of `--program` seeds) and by
 * the embedded one (until `--embedded` were taken). Fails where one was read as another circuit.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      program: { type: 'string', default: '2000' },
      embedded: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
    },
  });
  const from = wholeNumber('seed', values.seed);
  const counts = {
    ngspice: wholeNumber('program', values.program),
    embedded: wholeNumber('embedded', values.embedded),
  };
  for (const name of ['ngspice', 'embedded'] as const) {
    const count = counts[name];
    if (count === 0) continue;
    const engine = await openEngine(name);
    try {
      const seeds = Array.from({ length: name === 'ngspice' ? count : 10 * count }, (_, i) => from + i);
      const result = await compareRandomNetlists(engine, seeds, name === 'ngspice' ? undefined : count);
      process.stdout.write(`${engine.name} ${engine.version}\n${tableOf(result)}\n\n`);
      if (result.different.length > 0) process.exitCode = 3;
    } finally {
      await engine.close();
    }
  }
}

function tableOf({ same, different, refusedBySimulator, refused }: DifferentialResult): string {
  const refusals = [...refused].sort((a, b) => b[1] - a[1]);
  const all = refusals.reduce((sum, [, count]) => sum + count, 0);
  return [
    '| random netlists | |',
    '|---|--:|',
    `| read, and the same circuit | ${same} |`,
    `| read, and refused by ngspice | ${refusedBySimulator.length}${seedsOf(refusedBySimulator)} |`,
    `| **read as another circuit** | **${different.length}**${seedsOf(different)} |`,
    `| refused | ${all} |`,
    ...refusals.map(([reason, count]) => `| … ${reason.replaceAll('|', '\\|')} | ${count} |`),
  ].join('\n');
}

function seedsOf(seeds: readonly number[]): string {
  return seeds.length === 0 ? '' : ` (seeds ${seeds.slice(0, 10).join(', ')})`;
}
