import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasNgspice, IRIS, json, neuroprint, ROOT, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const IV = join(ROOT, '..', 'shared', 'data', 'iv');
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('usability', () => {
  it('tells two devices apart, draws them, and makes presets of them', async () => {
    const curve = (spread: number): string =>
      Array.from({ length: 40 }, (_, i) => {
        const amperes = (i / 50) * 1e-6 * (1 + i);
        return [i / 50, amperes, amperes * (1 + spread), amperes * (1 - spread)].join(',');
      }).join('\n');
    const good = file('good.csv', `voltage,I1,I2,I3\n${curve(0.01)}\n`);
    const bad = file('bad.csv', `voltage,I1,I2,I3\n${curve(0.8)}\n`);
    const out = join(folder, 'usability');
    const { devices, images } = await json<{ devices: { usability: number }[]; images: string[] }>([
      'usability',
      good,
      bad,
      '--out',
      out,
    ]);
    expect(devices[0]!.usability).toBeGreaterThan(0.95);
    expect(devices[1]!.usability).toBeLessThan(0.7);
    expect(images.every((image) => readFileSync(image, 'utf8').startsWith('<svg'))).toBe(true);
    const presets = JSON.parse(readFileSync(join(out, 'non-idealities.json'), 'utf8')) as Record<string, unknown>;
    expect(Object.keys(presets)).toEqual(['good', 'bad']);
  });

  it('refuses a curve of one cycle', async () => {
    const { code, err } = await neuroprint(['usability', file('one.csv', 'voltage,I\n1,1\n')]);
    expect(code).toBe(2);
    expect(err).toContain('has 1 cycle');
  });

  it('joins files to cycles of one device, by the columns and the unit that are said, and says what it read', async () => {
    const [run1, run2] = [1, 2].map((run) =>
      file(
        `run${run}.csv`,
        `Time,Vtop,Itop\n${Array.from({ length: 40 }, (_, i) => `${i},${20 * i},${i * (1 + i) * (1 + 0.01 * run)}`).join('\n')}\n`,
      ),
    );
    const columns = ['--voltage', 'Vtop', '--volts-in', 'mV', '--current', 'Itop', '--amperes-in', 'nA'];
    const { devices } = await json<{ devices: { name: string; cycles: number; notes: string[] }[] }>([
      ...['usability', '--one-device', run1!, run2!],
      ...columns,
    ]);
    expect(devices).toHaveLength(1);
    expect(devices[0]).toMatchObject({ cycles: 2, monotonePoints: 39 });
    expect(devices[0]!.notes).toContain('run1.csv: not read: Time');
  });

  it.skipIf(!existsSync(IV))(
    'gives the measured devices what docs/notebook/laboratory.md says (skipped where the curves are not at hand)',
    async () => {
      const { devices } = await json<{ devices: { name: string; usability: number }[] }>([
        'usability',
        ...readdirSync(IV).map((name) => join(IV, name)),
      ]);
      const page = readFileSync(join(ROOT, 'docs', 'notebook', 'laboratory.md'), 'utf8');
      for (const { usability } of devices) expect(page).toContain(usability.toFixed(3));
    },
  );
});

describe('optimise', () => {
  it('asks, is told, and asks again for something else', async () => {
    const experiments = join(folder, 'past.csv');
    const ask = [
      'optimise',
      '--space',
      join(ROOT, 'examples', 'experiments.json'),
      '--experiments',
      experiments,
      '--append',
    ];
    expect((await json<{ settings: number }>([...ask, '--count', '12'])).settings).toBe(8400);
    const told = readFileSync(experiments, 'utf8')
      .trim()
      .split('\n')
      .map((line, i) => (i === 0 ? line : `${line}${i / 10}`));
    writeFileSync(experiments, `${told.join('\n')}\n`);
    const { suggestions, out } = await json<{
      suggestions: { reason: string; expectedImprovement: number }[];
      out: number;
    }>(ask);
    expect(out).toBe(0);
    expect(suggestions[0]!.expectedImprovement).toBeGreaterThan(0);
    expect(new Set(readFileSync(experiments, 'utf8').trim().split('\n')).size).toBe(14);
  });
});

describe('bayesmulti', () => {
  it('goes on where it was, to the same result', async () => {
    const args = (out: string, trials: number): string[] => [
      'bayesmulti',
      '--data',
      IRIS,
      '--hidden',
      '8',
      '--epochs',
      '20',
      '--trials',
      String(trials),
      '--out',
      join(folder, out),
    ];
    const whole = await json<{ seeds: unknown }>(args('whole', 7));
    await json(args('parts', 3));
    const rest = await json<{ seeds: unknown }>([...args('parts', 7), '--overwrite']);
    expect(rest.seeds).toEqual(whole.seeds);
    const { code, err } = await neuroprint([...args('parts', 9), '--overwrite', '--resplit']);
    expect(code).toBe(2);
    expect(err).toContain('the trials there are of other settings');
  });
});

describe('--non-ideality', () => {
  it.each([
    ['drift:0.1,multinomial:0.8:0.4', 'together are more than 1'],
    ['cauchy:0.1', 'no kind and no preset'],
    ['noise', 'noise reads noise:volts'],
    ['smooth:-0.1', 'volts'],
  ])('refuses %s', async (list, message) => {
    const { code, err } = await neuroprint([
      'train',
      '--data',
      IRIS,
      '--out',
      join(folder, 'never'),
      '--non-ideality',
      list,
    ]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('a printed sheet', () => {
  const [network, netlist] = [join(folder, 'network'), join(folder, 'netlist')];

  it('is trained for its devices, verified under the same draws in ngspice, and tuned after the print', async () => {
    const noise = ['--non-ideality', 'aged,levels:64:0.01'];
    await json(['train', '--data', IRIS, '--out', network, '--epochs', '30', '--restarts', '1', ...noise]);
    await json([
      'compile',
      '--network',
      join(network, 'network.json'),
      '--data',
      IRIS,
      '--out',
      netlist,
      '--steps',
      '40',
    ]);
    const engine = hasNgspice ? [] : ['--engine', 'embedded'];
    const { monteCarlo } = await json<{
      monteCarlo: { law: string; maxErrorVolts: number; decisionsDiffering: number };
    }>(['verify', '--netlist', netlist, '--monte-carlo', '5', ...noise, ...engine]);
    expect(monteCarlo.law).toBe('log-normal drift 0.3 + 64 levels with write error 1 %');
    expect(monteCarlo.maxErrorVolts).toBeLessThan(1e-6);
    expect(monteCarlo.decisionsDiffering).toBe(0);
    const uneven = (workers: string) =>
      json<{ monteCarlo: { law: string; maxErrorVolts: number } }>([
        ...['verify', '--netlist', netlist, '--monte-carlo', '40', '--workers', workers, ...engine],
        ...['--non-ideality', 'smooth:0.1,noise:0.05'],
      ]);
    const one = await uneven('1');
    expect(one.monteCarlo.law).toBe('uneven curves 0.1 V + activation noise 0.05 V');
    expect(one.monteCarlo.maxErrorVolts).toBeLessThan(1e-6);
    expect((await uneven('2')).monteCarlo).toEqual(one.monteCarlo);
    const sheets = await json<{ sheets: { residualVolts: number }[] }>([
      'after-print',
      '--netlist',
      netlist,
      '--data',
      IRIS,
      '--sheets',
      '1',
      '--steps',
      '40',
      ...engine,
    ]);
    expect(sheets.sheets[0]!.residualVolts).toBeLessThan(2e-3);
  });

  it('says what is missing of what was measured', async () => {
    const measured = file(
      'measured.csv',
      `stage,v_in,v_out\n${[0, 1, 2, 3, 4].map((v) => `act_l9_c9,${v},1`).join('\n')}\n`,
    );
    const after = ['after-print', '--netlist', netlist, '--data', IRIS];
    const unknown = await neuroprint([...after, '--measured', measured, '--out', join(folder, 'tuned')]);
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain('has no stage act_l9_c9');
    expect((await neuroprint(after)).code).toBe(2);
  });

  it('tunes to curves that no stage has, and says so', async () => {
    const stages = new Set(readFileSync(join(netlist, 'netlist.cir'), 'utf8').match(/(?<=^x)(act|neg)_\w+/gim));
    const flat = [...stages].flatMap((stage) => [0, 0.25, 0.5, 0.75, 1].map((v) => `${stage},${v},-0.5`));
    const measured = file('flat.csv', `stage,v_in,v_out\n${flat.join('\n')}\n`);
    const { code, out } = await neuroprint([
      ...['after-print', '--netlist', netlist, '--data', IRIS, '--measured', measured, '--steps', '5'],
      ...['--out', join(folder, 'flat'), ...(hasNgspice ? [] : ['--engine', 'embedded'])],
    ]);
    expect(code).toBe(3);
    expect(out).toContain('no values of the cell make these curves');
  });
});
