import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, spawnNeuroprint, temporaryFolder } from './cli.ts';

const page = readFileSync(join(ROOT, 'docs', 'manual', 'technology.md'), 'utf8');
const written = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split('\n'));
/** As written, but of half of the designs: surrogates of them are made in a third of the time. */
const commands = written.map((command) => command.replace('--count 300', '--count 150'));

describe('the commands of the page about a process of one’s own, from a measured p-type card to a verified circuit at 40 V', () => {
  const cwd = temporaryFolder();
  symlinkSync(join(ROOT, 'examples'), join(cwd, 'examples'));

  it('are nine, of which two say how many designs', () => {
    expect(written).toHaveLength(9);
    expect(commands.filter((command, at) => command !== written[at])).toHaveLength(2);
  });

  it.each(commands)('%s', { timeout: 600_000 }, (command) => {
    const { code, err } = spawnNeuroprint(command.split(/\s+/).slice(2), { cwd });
    expect(code, err).toBe(0);
  });

  it('end with ngspice at the voltages that the exact solver predicts', () => {
    const report = JSON.parse(readFileSync(join(cwd, 'netlists-out', 'iris', 'report.json'), 'utf8'));
    expect(report.maxErrorVolts).toBeLessThan(1e-5 * 40);
    expect(report.decisionAgreement).toBeGreaterThan(0.97);
  });
});
