import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOCK_NAME, lockFolder } from '@neuroprint/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasKit13, hasNgspice, IRIS, json, KIT13, neuroprint, temporaryFolder } from './cli.ts';

interface Verification {
  readonly simulator: { readonly name: string };
  readonly cases: number;
  readonly nodes: number;
  readonly maxErrorVolts: number;
  readonly decisionAgreement: number;
  readonly accuracy: { readonly network: number; readonly circuit: number; readonly ngspice: number };
  readonly monteCarlo?: {
    readonly draws: number;
    readonly meanAccuracy: number;
    readonly maxErrorVolts: number;
    readonly decisionsDiffering: number;
  };
}

const folder = temporaryFolder();
const network = join(folder, 'network');
const netlist = join(folder, 'netlist');
const engines = ['embedded', ...(hasNgspice ? ['ngspice'] : [])];

beforeAll(async () => {
  await json(['train', '--data', IRIS, '--out', network, '--epochs', '200', '--draws', '10']);
  await json([
    'compile',
    '--network',
    join(network, 'network.json'),
    '--data',
    IRIS,
    '--out',
    netlist,
    '--steps',
    '200',
  ]);
});

describe('the flow from a table to a proven netlist', () => {
  it('trains a network that decides most flowers rightly when printed', () => {
    const file = JSON.parse(readFileSync(join(network, 'network.json'), 'utf8'));
    expect(file.metrics.underVariation.mean).toBeGreaterThan(0.85);
  });

  it.each(engines)('every node of every test row is within a microvolt of what was promised, by %s', async (engine) => {
    const report = await json<Verification>(['verify', '--netlist', netlist, '--engine', engine, '--monte-carlo', '5']);
    expect(report.simulator.name).toBe(engine);
    expect(report.cases).toBe(30);
    expect(report.nodes).toBeGreaterThan(20);
    expect(report.maxErrorVolts).toBeLessThan(1e-6);
    expect(report.accuracy.ngspice).toBe(report.accuracy.circuit);
    expect(report.accuracy.ngspice).toBeGreaterThan(0.85);
    expect(report.monteCarlo).toMatchObject({ draws: 5, decisionsDiffering: 0 });
    expect(report.monteCarlo!.maxErrorVolts).toBeLessThan(1e-6);
  });

  it('verifies on the test rows of a table as well as on expected.csv', async () => {
    const report = await json<Verification>(['verify', '--netlist', netlist, '--data', IRIS]);
    expect(report.cases).toBe(30);
    expect(report.maxErrorVolts).toBeLessThan(1e-6);
  });

  it('makes a page that needs nothing from outside', async () => {
    const { html } = await json<{ html: string }>(['report', '--of', netlist]);
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('ngspice finds the predicted voltages');
    expect(page).not.toMatch(/(src|href)="https?:/);
  });

  it('shows nothing of a verification whose netlist was edited since, and says so', async () => {
    const copy = temporaryFolder();
    cpSync(netlist, copy, { recursive: true });
    const file = join(copy, 'netlist.cir');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/^(r_l0_i\d_c\d \S+ \S+) \S+$/m, '$1 1e6'));
    const { code, out, err } = await neuroprint(['report', '--of', copy, '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(out).stale).toEqual(['netlist.cir']);
    expect(err).toContain('netlist.cir is not the file that was verified');
    const page = readFileSync(join(copy, 'report.html'), 'utf8');
    expect(page).toContain('Not simulated as it is.');
    expect(page).toContain('of the circuit as it was compiled, not of the netlist as it is');
    expect(page).toContain('The netlist is not the network: 1 difference.');
    expect(page).not.toContain('ngspice finds the predicted voltages');
    expect(page).not.toContain('decisions are those of the trained network');
    expect(page).not.toContain('Expected and simulated voltages');
    // verified again, the page speaks of the netlist as it is
    expect((await neuroprint(['verify', '--netlist', copy])).code).toBe(3);
    expect((await neuroprint(['report', '--of', copy])).code).toBe(0);
    const again = readFileSync(join(copy, 'report.html'), 'utf8');
    expect(again).toContain('ngspice does not find the predicted voltages');
  });

  it.each(['testbench.cir', 'simulated.csv'])('shows nothing of a verification whose %s is another', async (name) => {
    const copy = temporaryFolder();
    cpSync(netlist, copy, { recursive: true });
    writeFileSync(join(copy, name), `${readFileSync(join(copy, name), 'utf8')}\n`);
    const { code, out } = await neuroprint(['report', '--of', copy, '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(out).stale).toEqual([name]);
  });

  it('finds out a testbench that was edited', async () => {
    const copy = temporaryFolder();
    cpSync(netlist, copy, { recursive: true });
    const file = join(copy, 'testbench.cir');
    writeFileSync(file, readFileSync(file, 'utf8').replace('v_vdd vdd 0 1', 'v_vdd vdd 0 1.2'));
    for (const command of ['verify', 'lvs']) {
      const { code, out, err } = await neuroprint([command, '--netlist', copy]);
      expect(code).toBe(3);
      expect(out + err).toContain('testbench.cir is not the file that was compiled');
      expect(out + err).toContain('the testbench holds vdd at 1.2 V, and egt at 1 V');
    }
  });

  it('refuses to verify where somebody else does', async () => {
    const copy = temporaryFolder();
    cpSync(netlist, copy, { recursive: true });
    const unlock = lockFolder(copy);
    const { code, err } = await neuroprint(['verify', '--netlist', copy]);
    unlock();
    expect(err).toMatch(/process \d+ on .* is writing here/);
    expect(code).toBe(2);
    expect((await neuroprint(['verify', '--netlist', copy])).code).toBe(0);
    expect(existsSync(join(copy, LOCK_NAME))).toBe(false);
  });

  it('compares no compile whose netlist was edited since', async () => {
    const copy = temporaryFolder();
    cpSync(netlist, copy, { recursive: true });
    writeFileSync(join(copy, 'netlist.cir'), '* nothing\n');
    const { code, err } = await neuroprint(['diff', netlist, copy]);
    expect(err).toContain('netlist.cir: is not the file that was compiled, and diff compares what was');
    expect(code).toBe(2);
    expect((await neuroprint(['diff', netlist, join(copy, 'circuit.json')])).out).toContain(
      'The circuits are the same.',
    );
  });

  it.runIf(hasNgspice)('the testbench runs by hand and prints what expected.csv says', async () => {
    const { spawnSync } = await import('node:child_process');
    const run = spawnSync('ngspice', ['-b', 'testbench.cir'], { cwd: netlist, encoding: 'utf8' });
    const lines = run.stdout
      .split('\n')
      .filter((line) => /^\d+\t/.test(line))
      .map((line) => line.trim().split(/\s+/).map(Number));
    const [header, ...rows] = readFileSync(join(netlist, 'expected.csv'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    expect(lines).toHaveLength(rows.length);
    const outputs = ['y_l1_c0', 'y_l1_c1', 'y_l1_c2'].map((node) => header!.indexOf(node));
    rows.forEach((row, i) => {
      outputs.forEach((at, c) => {
        expect(Math.abs(Number(row[at]) - lines[i]![2 + c]!)).toBeLessThan(1e-6);
      });
    });
  });

  it('compiles to the same bytes again', async () => {
    const again = join(folder, 'again');
    await json([
      'compile',
      '--network',
      join(network, 'network.json'),
      '--data',
      IRIS,
      '--out',
      again,
      '--steps',
      '200',
    ]);
    for (const name of ['circuit.json', 'netlist.cir', 'testbench.cir', 'expected.csv', 'bom.csv', 'manifest.json']) {
      expect(readFileSync(join(again, name), 'utf8'), name).toBe(readFileSync(join(netlist, name), 'utf8'));
    }
  });
});

describe('lvs', () => {
  const text = (): string => readFileSync(join(netlist, 'netlist.cir'), 'utf8');
  const edited = (edit: (text: string) => string): string => {
    const copy = temporaryFolder();
    cpSync(netlist, copy, { recursive: true });
    const changed = edit(text());
    expect(changed).not.toBe(text());
    writeFileSync(join(copy, 'netlist.cir'), changed);
    return copy;
  };
  const resistors = (): string[] => text().match(/^r_l0_i\d_c\d .*$/gm)!;

  it('finds that the emitted netlist is the circuit and the network', async () => {
    expect(await json(['lvs', '--netlist', netlist])).toEqual({ matches: true, differences: [] });
  });

  it.each<[string, (text: string) => string, RegExp]>([
    [
      'a dropped resistor',
      (t) => t.replace(`${resistors()[0]}\n`, ''),
      /r_l0_i\d_c\d \(layer 0, row \d, column \d: crossbar resistor\) is missing/,
    ],
    [
      'a doubled value',
      (t) => t.replace(/^(r_l0_i\d_c\d \S+ \S+) (\S+)$/m, (_, head, value) => `${head} ${2 * Number(value)}`),
      /ohms, and should be/,
    ],
    [
      'a swapped sign',
      (t) =>
        t.replace(
          /^(r_l\d_i(\d)_c\d) inv_l(\d)_i\d/m,
          (_, name, i, l) => `${name} ${l === '0' ? `in${i}` : `y_l0_c${i}`}`,
        ),
      /connects .*, and should connect/,
    ],
    [
      'a transposed crossbar',
      (t) => {
        const values = new Map(resistors().map((line) => [line.split(' ')[0]!, line.split(' ')[3]!]));
        return t.replaceAll(/^r_l0_i(\d)_c(\d) (\S+) (\S+) (\S+)$/gm, (line, i, c, a, b) =>
          values.has(`r_l0_i${c}_c${i}`) ? `r_l0_i${i}_c${c} ${a} ${b} ${values.get(`r_l0_i${c}_c${i}`)}` : line,
        );
      },
      /ohms, and should be/,
    ],
    ['a stage with another value', (t) => t.replace(/^(xact_l0_c0 .* w1=)\S+/m, '$11e-4'), /act_l0_c0 .*W1 is 0\.0001/],
    [
      'two outputs exchanged',
      (t) => t.replaceAll('y_l1_c0', 'swap').replaceAll('y_l1_c1', 'y_l1_c0').replaceAll('swap', 'y_l1_c1'),
      /and should be y_l1_c|the wires lead to/,
    ],
    ['another transistor', (t) => t.replace('1.1006e-07', '2e-07'), /subcircuit egt .* is not that of the technology/],
    [
      'a resistor more',
      (t) => t.replace('.ends network', 'r_extra in0 z_l0_c0 1e6\n.ends network'),
      /r_extra is in the text and not in the circuit/,
    ],
    ['a command', (t) => `${t}\n.control\nshell touch owned\n.endc\n`, /\.control is not allowed/],
  ])('catches %s', async (_, edit, message) => {
    const copy = edited(edit);
    const { code, out } = await neuroprint(['lvs', '--netlist', copy, '--json']);
    const result = JSON.parse(out) as { matches: boolean; differences: string[] };
    expect(result.matches).toBe(false);
    expect(result.differences.join('\n')).toMatch(message);
    expect(code).toBe(3);
    expect(existsSync(join(copy, 'owned'))).toBe(false);
  });

  it('and verify simulates what the text says: a doubled resistance is far off, and exit code 3 tells', async () => {
    const copy = edited((t) =>
      t.replace(/^(r_l0_i\d_c\d \S+ \S+) (\S+)$/m, (_, head, value) => `${head} ${2 * Number(value)}`),
    );
    const { code, err } = await neuroprint(['verify', '--netlist', copy]);
    expect(code).toBe(3);
    expect(err).toMatch(/not what was promised/);
  });

  it('an expected.csv that was edited is refused', async () => {
    const copy = temporaryFolder();
    cpSync(netlist, copy, { recursive: true });
    writeFileSync(join(copy, 'expected.csv'), readFileSync(join(netlist, 'expected.csv'), 'utf8').replace('0.', '0.1'));
    const { code, err } = await neuroprint(['verify', '--netlist', copy]);
    expect(code).toBe(2);
    expect(err).toMatch(/expected\.csv: is not the file that was compiled/);
  });
});

describe.skipIf(!hasKit13)('on the kit13 tables (skipped where they are not beside the project)', () => {
  it.each(['iris', 'seeds', 'vertebralcolumn3clases'])(
    '%s: the netlist is the circuit, and both engines agree with it to a microvolt',
    async (name) => {
      const data = join(KIT13, `${name}.csv`);
      const out = temporaryFolder();
      await json(['train', '--data', data, '--out', join(out, 'network'), '--epochs', '60', '--draws', '4']);
      await json([
        'compile',
        '--network',
        join(out, 'network', 'network.json'),
        '--data',
        data,
        '--out',
        join(out, 'netlist'),
        '--steps',
        '30',
      ]);
      expect((await json<{ matches: boolean }>(['lvs', '--netlist', join(out, 'netlist')])).matches).toBe(true);
      for (const engine of engines) {
        expect(
          (await json<Verification>(['verify', '--netlist', join(out, 'netlist'), '--engine', engine])).maxErrorVolts,
        ).toBeLessThan(1e-6);
      }
    },
  );
});
