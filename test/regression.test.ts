import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IRIS, json, neuroprint, ROOT, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const FRIEDMAN = join(ROOT, 'examples', 'friedman1.csv');
const [net, out] = [join(folder, 'net'), join(folder, 'out')];
const network = join(net, 'network.json');

interface Score {
  readonly rmse: number;
  readonly r: number;
}
interface Trained {
  readonly task: { readonly kind: string; readonly unitsPerVolt: number };
  readonly rmse: { readonly test: number };
  readonly r: { readonly test: number };
  readonly underVariation: { readonly mean: number; readonly p95: number };
  readonly accuracy?: unknown;
}
interface Compiled {
  readonly regression: { readonly network: Score; readonly circuit: Score };
  readonly accuracy?: unknown;
}
interface Verified {
  readonly maxErrorVolts: number;
  readonly accuracy: Record<string, number | null>;
  readonly decisionAgreement: number | null;
  readonly regression: Record<'network' | 'circuit' | 'ngspice', Score> & {
    readonly monteCarlo: {
      readonly draws: number;
      readonly mean: number;
      readonly p5: number;
      readonly p95: number;
      readonly yield: number;
      readonly yieldRmse: number;
      readonly maxErrorVolts: number;
    };
  };
}

describe('a regression network', { timeout: 110_000 }, () => {
  it('is trained to a target, read by a stated line', async () => {
    const trained = await json<Trained>([
      ...['train', '--data', FRIEDMAN, '--target', 'target', '--out', net],
      ...['--epochs', '150', '--restarts', '4'],
    ]);
    expect(trained.task.kind).toBe('regression');
    expect(trained.r.test).toBeGreaterThan(0.6);
    expect(trained.underVariation.p95).toBeGreaterThan(trained.rmse.test);
    expect(trained.accuracy).toBeUndefined();
    expect(readFileSync(join(net, 'report.html'), 'utf8')).toContain('v_out');
  });

  it('is compiled and calibrated, with errors on every rung of the ladder', async () => {
    const compiled = await json<Compiled>([
      ...['compile', '--network', network, '--data', FRIEDMAN, '--out', out, '--steps', '100'],
    ]);
    expect(compiled.accuracy).toBeUndefined();
    expect(compiled.regression.circuit.rmse).toBeLessThan(2 * compiled.regression.network.rmse);
    expect(readFileSync(join(out, 'netlist.cir'), 'utf8')).toMatch(
      /which means target = -?[\d.]+ \+ [\d.]+ V\(z_l1_c0\)/,
    );
    expect(readFileSync(join(out, 'expected.csv'), 'utf8').split('\n')[0]).toMatch(/^case,row,target,.*,prediction$/);
    expect(readFileSync(join(out, 'bench-test-sheet.html'), 'utf8')).toContain('the table says');
    expect((await json<{ matches: boolean }>(['lvs', '--netlist', out])).matches).toBe(true);
    expect((await json<{ same: boolean }>(['diff', out, out])).same).toBe(true);
  });

  it('gives in ngspice the errors that the exact solver predicts, of every row and of printed copies', async () => {
    const report = await json<Verified>(['verify', '--netlist', out, '--engine', 'embedded', '--monte-carlo', '3']);
    expect(report.maxErrorVolts).toBeLessThan(1e-5);
    expect(report.accuracy).toEqual({ network: null, circuit: null, ngspice: null });
    expect(report.decisionAgreement).toBeNull();
    const { network, circuit, ngspice, monteCarlo } = report.regression;
    expect(Math.abs(ngspice.rmse / circuit.rmse - 1)).toBeLessThan(1e-5);
    expect(monteCarlo.maxErrorVolts).toBeLessThan(1e-5);
    expect(monteCarlo.p5).toBeLessThanOrEqual(monteCarlo.p95);
    expect(monteCarlo.yieldRmse).toBeCloseTo(1.5 * network.rmse, 4);
  });

  it('has a page with predictions against targets in place of decisions', async () => {
    await json(['report', '--of', out, '--engine', 'embedded']);
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    expect(page).toContain('id="predictions"');
    expect(page).not.toContain('id="decisions"');
    expect(existsSync(join(out, 'images', 'predictions-ngspice.svg'))).toBe(true);
  });

  it('is verified as a netlist from elsewhere, with a single output', async () => {
    const map = join(folder, 'map.json');
    const inputs = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`x${i}`, `in${i}`]));
    const { task } = JSON.parse(readFileSync(join(out, 'circuit.json'), 'utf8'));
    const ports = {
      technology: 'egt',
      subckt: 'network',
      inputs,
      outputs: { target: 'z_l1_c0' },
      supplies: { vdd: 'vdd' },
      line: { interceptUnits: task.interceptUnits, unitsPerVolt: task.unitsPerVolt },
    };
    writeFileSync(map, JSON.stringify(ports));
    const report = await json<Verified>([
      ...['verify', '--netlist', join(out, 'netlist.cir'), '--map', map],
      ...['--network', network, '--data', FRIEDMAN, '--engine', 'embedded'],
    ]);
    expect(report.accuracy).toEqual({ network: null, circuit: null, ngspice: null });
    expect(Math.abs(report.regression.ngspice.rmse / report.regression.circuit.rmse - 1)).toBeLessThan(1e-5);
  });

  it('is held against a specification of errors, and not of accuracies', async () => {
    const spec = join(folder, 'spec.yaml');
    writeFileSync(spec, 'maximumRmse: 0.001\nminimumCorrelation: 0.1\n');
    const held = await neuroprint(['verify', '--netlist', out, '--spec', spec]);
    expect(held.code).toBe(3);
    expect(held.out).toMatch(/FAILS .*root mean square error/);
    writeFileSync(spec, 'minimumAccuracy: 0.5\n');
    const refused = await neuroprint(['verify', '--netlist', out, '--spec', spec]);
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/row 1: minimumAccuracy is for classification/);
  });

  it.each([
    ['verify --corners', () => ['verify', '--netlist', out, '--corners'], /--corners speaks of decisions/],
    ['verify --blame', () => ['verify', '--netlist', out, '--blame'], /--blame speaks of decisions/],
    ['a yield of accuracies', () => ['verify', '--netlist', out, '--yield-accuracy', '0.9'], /Use --yield-rmse/],
    [
      'after-print',
      () => ['after-print', '--netlist', out, '--data', FRIEDMAN, '--sheets', '1'],
      /decisions of classifiers only/,
    ],
    [
      'a table of classes',
      () => ['compile', '--network', network, '--data', IRIS, '--out', `${out}2`],
      /no such column/,
    ],
  ])('refuses %s', async (_, args, message) => {
    const { code, err } = await neuroprint(args());
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

describe('train --target', () => {
  const table = (text: string): string => {
    const file = join(folder, 'table.csv');
    writeFileSync(file, text);
    return file;
  };
  const rows = Array.from({ length: 20 }, (_, i) => `${i},${(i * 7) % 5},${i % 3 === 0 ? 'x' : 'y'},3`).join('\n');
  const file = table(`a,b,name,same\n${rows}\n`);

  it.each([
    ['a column that is not there', ['--target', 'price'], /column price: there is no such column/],
    ['text', ['--target', 'name'], /row 2, column name: "x" is not a finite number/],
    ['a class beside it', ['--target', 'b', '--label', 'name'], /--target b asks for regression, and --label name/],
    ['balanced classes', ['--target', 'b', '--class-weights', 'balanced'], /--class-weights is for classes/],
    ['op-amps', ['--target', 'b', '--node-rule', 'kirchhoff'], /classifiers only/],
  ])('refuses %s', async (_, args, message) => {
    const { code, err } = await neuroprint(['train', '--data', file, '--out', join(folder, 'refused'), ...args]);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(existsSync(join(folder, 'refused'))).toBe(false);
  });

  it('refuses a target that is constant in the training rows', async () => {
    const numbers = table(`a,same\n${Array.from({ length: 20 }, (_, i) => `${i}.5,3`).join('\n')}\n`);
    const { code, err } = await neuroprint([
      'train',
      '--data',
      numbers,
      '--target',
      'same',
      '--out',
      join(folder, 'refused'),
    ]);
    expect(code).toBe(2);
    expect(err).toMatch(/column same: is constant \(3\) in the training rows/);
  });
});
