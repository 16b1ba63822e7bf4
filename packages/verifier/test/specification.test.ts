import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputFileError, type StabilityReport } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { junitXml } from '../src/junit.ts';
import { checkSpecification, readSpecification } from '../src/specification.ts';

const folder = mkdtempSync(join(tmpdir(), 'neuroprint-spec-'));
const file = (text: string): string => {
  const path = join(folder, 'spec.yaml');
  writeFileSync(path, text);
  return path;
};
const facts = {
  accuracy: { network: 0.95, circuit: 0.9, ngspice: 0.9 },
  watts: 5e-5,
  areaSquareMetres: 1e-8,
  maxErrorVolts: 1e-9,
  marginVolts: { p5: 0.03, median: 0.2 },
};

describe('a specification', () => {
  it('passes where every limit holds, and knows the lines', () => {
    const spec = readSpecification(file('# what we need\nminimumAccuracy: 0.9\nmaximumPowerWatts: 1e-4\n'));
    const result = checkSpecification(spec, facts);
    expect(result.passes).toBe(true);
    expect(result.lines.map(({ name, line }) => [name, line])).toEqual([
      ['minimumAccuracy', 2],
      ['maximumPowerWatts', 3],
    ]);
  });

  it('says which line fails', () => {
    const result = checkSpecification(readSpecification(file('minimumAccuracy: 0.95\nmaximumPowerWatts: 1\n')), facts);
    expect(result.passes).toBe(false);
    expect(result.lines[0]).toMatchObject({ line: 1, passes: false, measured: 0.9 });
    expect(result.lines[0]!.message).toBe('accuracy in ngspice: 0.9, and must be at least 0.95');
    expect(result.lines[1]!.passes).toBe(true);
  });

  it('does not pass what was not measured', () => {
    const spec = readSpecification(file('minimumYield: 0.1\nmaximumSettlingSeconds: 1\nyieldAccuracy: 0.8\n'));
    expect(spec.yieldAccuracy).toBe(0.8);
    const { lines } = checkSpecification(spec, facts);
    expect(lines.map(({ passes }) => passes)).toEqual([false, false]);
    expect(lines[0]!.message).toMatch(/needs --monte-carlo/);
    expect(lines[1]!.message).toMatch(/needs --node-farads/);
  });

  it('holds decisions against those of the model that the network was made from', () => {
    const spec = readSpecification(file('minimumModelAgreement: 0.95\nminimumMeanModelAgreement: 0.9\n'));
    const agreement = { file: 'forest.onnx', network: 1, circuit: 0.97, ngspice: 0.96 };
    const without = checkSpecification(spec, facts);
    expect(without.lines.map(({ measured }) => measured)).toEqual([null, null]);
    expect(without.lines[0]!.message).toMatch(/needs a network that import made, and the table/);
    const { lines } = checkSpecification(spec, {
      ...facts,
      modelAgreement: { ...agreement, copies: { mean: 0.88, std: 0.02, p5: 0.8 } },
    });
    expect(lines.map(({ measured, passes }) => [measured, passes])).toEqual([
      [0.96, true],
      [0.88, false],
    ]);
  });

  it('says of a settling time that it rests on assumed numbers', () => {
    const spec = readSpecification(file('maximumSettlingSeconds: 1e-3\n'));
    const stability = { settlingSeconds: 2e-5, assumed: true } as StabilityReport;
    const { lines } = checkSpecification(spec, { ...facts, stability });
    expect(lines[0]).toMatchObject({ passes: true, measured: 2e-5 });
    expect(lines[0]!.message).toMatch(/rests on assumed numbers/);
  });

  it.each<[string, string, RegExp]>([
    ['an unknown name', 'minimumAccuracy: 0.9\nminimumSpeed: 3\n', /row 2: there is no limit "minimumSpeed"/],
    ['no number', 'minimumAccuracy: high\n', /row 1: minimumAccuracy must be a number/],
    ['no YAML', 'minimumAccuracy: [0.9\n', /is not YAML/],
    ['a list', '- 0.9\n', /holds no names and limits/],
    ['nothing', '', /holds no names and limits/],
    ['a name twice', 'minimumAccuracy: 0.9\nminimumAccuracy: 0.8\n', /is not YAML: Map keys must be unique/],
    ['a negative limit', 'minimumAccuracy: -1\n', /must be a number of 0 or more/],
  ])('with %s is refused with its line', (_, text, message) => {
    expect(() => readSpecification(file(text))).toThrow(InputFileError);
    expect(() => readSpecification(file(text))).toThrow(message);
  });
});

describe('JUnit XML', () => {
  it('has a test for every check and a failure for every fault, safe for XML', () => {
    const xml = junitXml({
      ...facts,
      inputHashes: {},
      netlist: 'a<b>&"c"',
      simulator: { name: 'embedded', version: '45' },
      cases: 3,
      nodes: 2,
      p99ErrorVolts: 0,
      worst: { case: 0, node: 'n', expectedVolts: 0, simulatedVolts: 0 },
      nodeErrorVolts: {},
      solverErrorVolts: 0,
      netlistDifferences: ['r1 is missing'],
      decisionAgreement: 1,
      ties: 0,
      coldStart: { rows: 1, maxDifferenceVolts: 0 },
    });
    expect(xml).toContain('tests="3" failures="1"');
    expect(xml).toContain('<failure message="r1 is missing">');
    expect(xml).toContain('a&#60;b&#62;&#38;&#34;c&#34;');
  });
});
