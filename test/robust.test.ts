import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellCurve, findCell, loadTechnology } from '@neuroprint/circuit';
import { CircuitKind, ManifestKind, readArtifact, type StageDevice } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { whyUnchanged } from '../packages/cli/src/measured-sheet.ts';
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

describe('--spread measured', () => {
  it.each<[string, string[], string]>([
    ['a technology that measured none', ['--spread', 'measured'], 'egt has no measured spread of its transistors egt'],
    ['noise of stages', ['--spread', 'measured', '--non-ideality', 'noise:0.05'], 'do not go together with noise'],
    ['networks with op-amps', ['--spread', 'measured', '--node-rule', 'kirchhoff'], 'not for networks with op-amps'],
  ])('is refused with %s', async (_, options, message) => {
    const { code, err } = await neuroprint(['train', '--data', IRIS, '--out', join(folder, 'never'), ...options]);
    expect(err).toContain(message);
    expect(code).toBe(2);
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

  /** The curves of all stages whose components differ from the design by up to a share. */
  const stageCurves = (spread: number) => {
    const circuit = readArtifact(join(netlist, 'circuit.json'), CircuitKind);
    const technology = loadTechnology(join(ROOT, 'spice-templates'), circuit.technology);
    const stages = circuit.devices.filter((device): device is StageDevice => device.kind === 'stage');
    const up = Float64Array.from({ length: 26 }, (_, k) => k / 25);
    const curves = stages.map(({ cell, values }, s) => {
      const { parameters } = findCell(technology, cell);
      const printed = Float64Array.from(
        parameters,
        ({ name }, k) => values[name]! * (1 + spread * Math.sin(7 * s + k)),
      );
      return cellCurve(technology, findCell(technology, cell), printed, up);
    });
    return { curves, stages, technology, up };
  };

  it('tunes to curves that no stage has, and says so', async () => {
    const stages = new Set(readFileSync(join(netlist, 'netlist.cir'), 'utf8').match(/(?<=^x)(act|neg)_\w+/gim));
    const flat = [...stages].flatMap((stage) => [0, 0.25, 0.5, 0.75, 1].map((v) => `${stage},${v},-0.5`));
    const measured = file('flat.csv', `stage,v_in,v_out\n${flat.join('\n')}\n`);
    const { code, out } = await neuroprint([
      ...['after-print', '--netlist', netlist, '--data', IRIS, '--measured', measured, '--steps', '5'],
      ...['--out', join(folder, 'flat'), ...(hasNgspice ? [] : ['--engine', 'embedded'])],
    ]);
    expect(code).toBe(3);
    expect(out).toContain('no values of the cell make the curves of');
  });

  it('is tuned to a table as an instrument wrote it, and what is written is a folder that lvs, verify and report take', async () => {
    const { curves, stages, technology, up } = stageCurves(0.15);
    const back = 0.004;
    const rows = [...up.keys(), ...[...up.keys()].reverse()].map((k, i) =>
      [1000 * up[k]!, ...curves.map((curve) => 1000 * (curve[k]! + (i > 25 ? back : 0)))].join(','),
    );
    const header = ['Vin', ...stages.map(({ name }) => `${name} (mV)`)].join(',');
    const measured = file('wide.csv', ['Model,2450', 'Sweep,both', header, ...rows].join('\n'));
    const engine = hasNgspice ? [] : ['--engine', 'embedded'];
    const out = join(folder, 'sheet7');
    const after = [
      'after-print',
      '--netlist',
      netlist,
      '--data',
      IRIS,
      '--measured',
      measured,
      '--out',
      out,
      ...engine,
    ];
    const result = await neuroprint([...after, '--steps', '60', '--json']);
    const {
      notes,
      hysteresis,
      stages: fits,
    } = JSON.parse(result.out) as {
      notes: string[];
      hysteresis: { volts: number; sweeps: number }[];
      stages: { residualVolts: number }[];
    };
    expect([0, 3]).toContain(result.code);
    expect(notes).toEqual([
      '2 lines before the table were skipped',
      'Vin is read as millivolts: it goes to 1000, and no voltage of the process is above 1 V',
    ]);
    expect(hysteresis).toHaveLength(stages.length);
    for (const { volts, sweeps } of hysteresis) expect([sweeps, volts]).toEqual([2, expect.closeTo(back, 9)]);
    for (const { residualVolts } of fits) expect(residualVolts).toBeLessThan(0.005);
    expect(readdirSync(out)).toEqual(
      expect.arrayContaining([...readdirSync(netlist).filter((name) => !/report|simulated/.test(name)), 'report.html']),
    );
    expect((await neuroprint(['lvs', '--netlist', out])).code).toBe(0);
    const { maxErrorVolts } = JSON.parse((await neuroprint(['verify', '--netlist', out, '--json', ...engine])).out) as {
      maxErrorVolts: number;
    };
    expect(maxErrorVolts).toBeLessThan(1e-6);
    const { passes, calibration, files } = readArtifact(join(out, 'manifest.json'), ManifestKind);
    expect(passes.map(({ name }) => name).slice(-2)).toEqual(['after print', 'emit']);
    expect(calibration!.steps).toBe(60);
    expect(Object.keys(files)).toContain('bench-test-sheet.csv');
    const tuned = readArtifact(join(out, 'circuit.json'), CircuitKind);
    const grid = 1 + technology.printing.resistanceStep;
    for (const device of tuned.devices) {
      if (device.kind !== 'resistor') continue;
      const steps = Math.log(device.ohms / technology.crossbar.minOhms) / Math.log(grid);
      expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-3);
    }
  });

  it('says why it changed nothing', () => {
    const fit = { stage: 'act_l0_c0', values: {}, designedVolts: 0.001, residualVolts: 1e-4 };
    const history = [0.9, 0.95].map((validAccuracy, k) => ({
      ...{ step: 20 * (k + 1), trainLoss: 1, validLoss: 1, score: 0.5, validAccuracy },
    }));
    const calibration = { seed: 0, steps: 40, draws: 2, relativeSpread: 0.05, trainRows: 90, validRows: 30, history };
    const worse = { fits: [fit], validAccuracy: [1, 1] as const, calibration: { ...calibration, bestStep: 0 } };
    expect(whyUnchanged(worse, 0.005)).toBe(
      'no resistor changed: with the measured stages 100.0 % of 30 validation rows are right, and none of 40 steps did better (best 95.0 %, or as many with less margin); the stages are within 1.0 mV of the design',
    );
    expect(whyUnchanged({ ...worse, fits: [{ ...fit, designedVolts: 0.1 }] }, 0.005)).not.toContain('of the design');
    const tiny = { ...worse, calibration: { ...calibration, bestStep: 20 } };
    expect(whyUnchanged(tiny, 0.005)).toBe('no resistor changed: what the tuning moved is less than a printable step');
  });

  it('of stages as they were designed is as good as the design', async () => {
    const { curves, stages, up } = stageCurves(0);
    const rows = Array.from(up, (v, k) => [v, ...curves.map((curve) => curve[k]!)].join(','));
    const designed = file(
      'designed.csv',
      ['v_in', ...stages.map(({ name }) => name)].join(',').concat('\n', rows.join('\n')),
    );
    const { code, out } = await neuroprint([
      ...['after-print', '--netlist', netlist, '--data', IRIS, '--measured', designed, '--steps', '20', '--json'],
      ...['--out', join(folder, 'same'), ...(hasNgspice ? [] : ['--engine', 'embedded'])],
    ]);
    expect([0, 3]).toContain(code);
    const result = JSON.parse(out) as {
      resistorsMoved: number;
      unchanged?: string;
      stages: { designedVolts: number }[];
    };
    expect(result.unchanged === undefined).toBe(result.resistorsMoved > 0);
    for (const { designedVolts } of result.stages) expect(designedVolts).toBeLessThan(1e-6);
    expect((await neuroprint(['lvs', '--netlist', join(folder, 'same')])).code).toBe(0);
  });
});
