import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './cli.ts';

/** Packages that hold files and no code. */
const FILES_ONLY = ['spice-templates', 'shipped-surrogates', 'examples'];

/** What each package may import, as docs/architecture.md has it. */
function tableOfDocs(): Map<string, readonly string[]> {
  const groups: Record<string, string[]> = { leaves: ['core', 'numeric'], physics: ['circuit', 'spice'] };
  const rows = readFileSync(join(ROOT, 'docs', 'architecture.md'), 'utf8').match(/^\| [\w ]*\| `\w+` \|.*$/gm) ?? [];
  const packages = rows.map((row) => /`(\w+)`/.exec(row)![1]!);
  return new Map(
    rows.map((row, i) => {
      const words = row.split('|')[4]!.trim().split(', ');
      return [
        packages[i]!,
        words.flatMap((word) =>
          word === 'all' ? packages : word === 'nothing of ours' ? [] : (groups[word] ?? [word]),
        ),
      ];
    }),
  );
}

describe('the import table of docs/architecture.md', () => {
  const table = tableOfDocs();

  it('names every package', () => {
    expect([...table.keys()].sort()).toEqual(readdirSync(join(ROOT, 'packages')).sort());
  });

  it.each([...table])('holds for %s', (name, allowed) => {
    const { dependencies = {} } = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    const ours = Object.keys(dependencies)
      .filter((key) => key.startsWith('@neuroprint/'))
      .map((key) => key.replace('@neuroprint/', ''))
      .filter((key) => !FILES_ONLY.includes(key));
    expect(ours.filter((key) => !allowed.includes(key))).toEqual([]);
  });
});
