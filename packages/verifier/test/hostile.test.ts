import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTechnology } from '@neuroprint/circuit';
import { NeuroprintError } from '@neuroprint/core';
import { type Engine, NetlistError, openEngine, parseNetlist } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyForeign } from '../src/foreign/verify-foreign.ts';

const HOSTILE = fileURLToPath(new URL('../../../test/hostile', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../../../docs/manual/hostile-netlists.md', import.meta.url));
const technology = loadTechnology(fileURLToPath(new URL('../../../spice-templates', import.meta.url)), 'egt');
const names = readdirSync(HOSTILE).filter((name) => name.endsWith('.cir'));

const sandbox = mkdtempSync(join(tmpdir(), 'neuroprint-hostile-'));
const inner = join(sandbox, 'inner');
const startedIn = process.cwd();
let engine: Engine;
const outcomes = new Map<string, string>();

/** Every file below a folder with its hash. */
function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`)
    .sort();
}

beforeAll(async () => {
  cpSync(HOSTILE, inner, { recursive: true });
  writeFileSync(join(sandbox, 'secret.cir'), 'r_secret a b 1k\n');
  symlinkSync(join(sandbox, 'secret.cir'), join(inner, 'link-out.inc'));
  engine = await openEngine('auto');
  process.chdir(inner);
});

afterAll(async () => {
  process.chdir(startedIn);
  await engine.close();
  rmSync(sandbox, { recursive: true, force: true });
});

describe('hostile netlists', () => {
  it('are more than sixty', () => {
    expect(names.length).toBeGreaterThan(60);
  });

  it.each(names)('%s executes nothing, writes nothing and does not hang', async (name) => {
    const before = listing(sandbox);
    try {
      const report = await verifyForeign(
        { netlist: name, map: 'map.json', technology, expected: expectedTable() },
        engine,
      );
      expect(report.solverErrorVolts).toBeLessThan(1e-6);
      const { resistors, transistors } = report.components;
      outcomes.set(name, `read: ${resistors} resistors and ${transistors} transistors, simulated`);
    } catch (error) {
      expect(error).toBeInstanceOf(NeuroprintError);
      expect((error as NeuroprintError).exitCode).toBe(2);
      outcomes.set(name, (error as Error).message.replaceAll(inner, '.').slice(0, 160));
    }
    expect(listing(sandbox)).toEqual(before);
    expect(existsSync('/tmp/owned')).toBe(false);
  });

  it.each(names)('%s does nothing to the reader of our own netlists either', (name) => {
    const text = readFileSync(join(HOSTILE, name), 'utf8');
    try {
      parseNetlist(text, name);
    } catch (error) {
      expect(error).toBeInstanceOf(NetlistError);
    }
  });

  it('end as the documentation says', async () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a hostile file may have put them into a message
    const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/[\u0000-\u001f]/g, '?');
    const rows = [...outcomes].map(([name, outcome]) => `| ${name.replace('.cir', '')} | ${cell(outcome)} |`);
    await expect(
      [
        '# Hostile netlists, and what happens to each',
        '',
        `The ${names.length} files of \`test/hostile\` try to run commands, to read or write outside of their folder, to say`,
        'something else to a simulator than to a reader, or to take for ever. Each goes through `verify --map`; what neuroprint',
        'answers is in the table, which a test keeps true. None executes anything, writes anything or hangs.',
        '',
        '| file | what happens |',
        '|---|---|',
        ...rows,
        '',
      ].join('\n'),
    ).toMatchFileSnapshot(DOCUMENT);
  });
});

/** Two rows of inputs and an output, inside the sandbox's parent so that the listing stays as it is. */
function expectedTable(): string {
  return join(HOSTILE, 'expected.csv');
}
