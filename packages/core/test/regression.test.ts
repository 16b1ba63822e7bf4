import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNamedFor, type Regression } from '../src/schemas/task.ts';
import { formatCaseTable, parseCaseTable } from '../src/tables/case-table.ts';
import { readTargets } from '../src/tables/dataset.ts';
import { friedman1, generatedCsv } from '../src/tables/generated.ts';
import { inputRanges } from '../src/tables/input-ranges.ts';
import { lineInWords, scoreTarget, unitsOf, voltsOf } from '../src/tables/target-line.ts';
import { toVoltageRows } from '../src/tables/voltage-rows.ts';

const line: Regression = { kind: 'regression', target: 'price', interceptUnits: -3, unitsPerVolt: 40 };
const file = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'neuroprint-targets-')), 'table.csv');
  writeFileSync(path, text);
  return path;
};

describe('the line of an output', () => {
  it('is read in both directions', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (volts) => {
        expect(voltsOf(line, unitsOf(line, [volts]))[0]).toBeCloseTo(volts, 12);
      }),
    );
    expect(lineInWords(line)).toBe('price = -3 + 40·v_out');
  });
});

describe('the score of predictions', () => {
  it('is the error in units and the correlation', () => {
    expect(scoreTarget([1, 2, 3], [2, 3, 4])).toEqual({ rmse: 1, r: 1 });
    expect(scoreTarget([3, 2, 1], [1, 2, 3]).r).toBeCloseTo(-1, 12);
    expect(scoreTarget([2, 2, 2], [1, 2, 3]).r).toBe(0);
  });
});

describe('Friedman #1', () => {
  it('is the published function of its first five features, and reads back as a regression table', () => {
    const table = friedman1({ rows: 50, seed: 3 });
    table.rows.forEach((row, i) => {
      const [a, b, c, d, e] = row as [number, number, number, number, number];
      const wanted = 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e;
      expect(Math.abs(Number(table.labels[i]) - wanted)).toBeLessThan(1e-4);
    });
    const data = readTargets(file(generatedCsv(table)));
    expect([data.targetName, data.featureNames.length]).toEqual(['target', 10]);
    const rows = toVoltageRows(data, inputRanges(data), [], 'train');
    expect(rows.labels).toHaveLength(30);
    expect(rows.labels[0]).toBe(Number(table.labels[rows.sourceRows[0]!]));
  });

  it('refuses negative noise', () => {
    expect(() => friedman1({ rows: 5, seed: 0, noise: -1 })).toThrow(/noise is -1/);
  });
});

describe('a table of targets', () => {
  const rows = Array.from({ length: 20 }, (_, i) => `${i}.5,${2.5 * i},5`).join('\n');
  it.each([
    ['a column that is not there', { target: 'cost' }, /column cost: there is no such column/],
    ['a constant target', { target: 'same' }, /column same: is constant \(5\) in the training rows/],
    ['a split column that is not there', { target: 'price', split: 'part' }, /column part: there is no such column/],
  ])('is refused for %s', (_, options, message) => {
    expect(() => readTargets(file(`x,price,same\n${rows}\n`), options)).toThrow(message);
  });
});

describe('cases of a regression circuit', () => {
  const circuit = { inputs: ['in0'], outputs: ['y'], classes: ['price'], task: line };
  it('are written with target and prediction, and read back to the same bits', () => {
    const cases = {
      rows: 2,
      inputVolts: Float64Array.of(0.1, 0.2),
      nodes: ['z', 'y'],
      volts: Float64Array.of(0.3, 0.5, 0.4, 0.25),
      labels: Float64Array.of(16.5, 1 / 3),
      sourceRows: Int32Array.of(1, 2),
    };
    const text = formatCaseTable(cases, circuit);
    expect(text.split('\n').slice(0, 2)).toEqual(['case,row,target,in0,z,y,prediction', '0,1,16.5,0.1,0.3,0.5,17']);
    expect(parseCaseTable('expected.csv', text, circuit)).toEqual(cases);
  });
});

describe('the names of outputs', () => {
  it.each([
    ['two classes', ['a', 'b'], undefined, true],
    ['one class', ['a'], undefined, false],
    ['the target', ['price'], line, true],
    ['another name than the target', ['cost'], line, false],
    ['two names in regression', ['price', 'cost'], line, false],
  ])('are checked: %s', (_, classes, task, fits) => {
    expect(isNamedFor({ classes, task })).toBe(fits);
  });
});
