import { ExactSolver, flatten } from '@neuroprint/circuit';
import { type Engine, openEngine } from '@neuroprint/spice';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from '../src/faults/list.ts';
import { climb } from '../src/patterns/ascent.ts';
import { startCandidates } from '../src/patterns/candidates.ts';
import { confirmPatterns, falseAlarmsOn } from '../src/patterns/confirm.ts';
import { equivalentFaults } from '../src/patterns/groups.ts';
import { isOutside, mostOutside, setLimits } from '../src/patterns/limits.ts';
import { PrintFit } from '../src/patterns/print-fit.ts';
import { respond } from '../src/patterns/responses.ts';
import { SheetSampler } from '../src/patterns/sheets.ts';
import { type PatternRequest, type TestPatterns, testPatterns } from '../src/patterns/test-patterns.ts';
import { egt, network } from './circuits.ts';

const circuit = network([2, 1, 2], 3);
const flat = flatten(circuit, egt);
const faults = faultsOf(flat);
const stages = circuit.devices.flatMap((device) => (device.kind === 'stage' ? [device] : []));
const base: PatternRequest = {
  ...{ flat, faults, stages, observed: circuit.outputs, variation: 0.1, meterVolts: 1e-3, seed: 1 },
  ...{ range: { minimum: 0, maximum: 1 }, mostPatterns: 6, falseAlarms: 0.01, foundShare: 0.95 },
  ...{ goodCopies: 300, faultyCopies: 20, fittedCopies: 0, candidates: 60 },
};

describe('limits of a sheet', () => {
  it('allow so few sheets outside that the share of all is as promised with 95 % confidence', () => {
    expect(mostOutside(298, 0.01)).toBe(-1);
    expect(mostOutside(299, 0.01)).toBe(0);
    expect(mostOutside(1000, 0.01)).toBe(4);
  });

  it('have at most the allowed sheets of the second set outside, whatever the sheets are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1200, maxLength: 1200 }),
        (cells) => {
          const first = Float64Array.from(cells.slice(0, 600));
          const second = Float64Array.from(cells.slice(600));
          if (
            new Set(first.filter((_, i) => i % 2 === 0)).size < 2 ||
            new Set(first.filter((_, i) => i % 2 === 1)).size < 2
          )
            return;
          const limits = setLimits(first, second, 2, 0.01, { minimum: -1, maximum: 1 });
          const outside = Array.from({ length: 300 }, (_, k) => isOutside(second.subarray(2 * k, 2 * k + 2), limits));
          expect(outside.filter(Boolean).length).toBeLessThanOrEqual(mostOutside(300, 0.01) + 300 * 1e-9);
        },
      ),
      { numRuns: 4, seed: 2 },
    );
  });

  it('do not lie beyond the volts that are possible', () => {
    const sheets = Float64Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? 0.1 : 0.9));
    sheets[299] = 0.95;
    const limits = setLimits(sheets, sheets, 1, 0.01, { minimum: 0, maximum: 0.92 });
    expect(limits.low[0]).toBeGreaterThanOrEqual(0);
    expect(limits.high[0]).toBe(0.92);
  });

  it('are refused where too few copies are to promise them', () => {
    expect(() => setLimits(new Float64Array(20), new Float64Array(20), 2, 0.01, { minimum: 0, maximum: 1 })).toThrow(
      /10 good copies are too few to promise at most 1 % false alarms/,
    );
  });
});

describe('candidates', () => {
  it('are the corners of the range, rows of the table within it, and points all over it', () => {
    const table = Float64Array.of(0.25, 0.5, 7, -7);
    const { inputVolts, rows } = startCandidates({
      range: { minimum: 0, maximum: 1 },
      inputs: 2,
      table,
      count: 30,
      seed: 0,
    });
    expect(rows).toBe(30);
    const pairs = Array.from({ length: 30 }, (_, k) => `${inputVolts[2 * k]} ${inputVolts[2 * k + 1]}`);
    expect(pairs.slice(0, 4).sort()).toEqual(['0 0', '0 1', '1 0', '1 1']);
    expect(pairs).toContain('0.25 0.5');
    for (const v of inputVolts) expect(v >= 0 && v <= 1 && Number.isInteger(Math.round(1e6 * v) / 1e3)).toBe(true);
  });

  it('are refused where the input range holds nothing', () => {
    const range = { minimum: 0.5, maximum: 0.5 };
    expect(() => startCandidates({ range, inputs: 2, count: 9, seed: 0 })).toThrow(
      /input range from 0.5 V to 0.5 V holds no two inputs/,
    );
  });

  it('are worth more for a fault after the climb than where it began', () => {
    const sampler = new SheetSampler(base);
    const first = startCandidates({ range: base.range, inputs: 2, count: 12, seed: 0 });
    const responses = respond(sampler, first);
    const hard = faults.findIndex(({ name }) => name === 'r_l0_i0_c0 x2');
    const climbed = climb(sampler, responses, [hard], base.range);
    const moveAt = (patterns: typeof first) => {
      const { moves } = respond(sampler, patterns);
      return Math.max(...moves[hard]!.map(Math.abs));
    };
    expect(moveAt(climbed)).toBeGreaterThan(0.9 * moveAt(first));
    for (const v of climbed.inputVolts) expect(v >= 0 && v <= 1).toBe(true);
  });
});

describe('equivalent faults', () => {
  it('move every reading alike within the meter, and one without an operating point stands alone', () => {
    const moves = [Float64Array.of(0, 1), Float64Array.of(1e-4, 1), Float64Array.of(0, 0.9), undefined, undefined];
    expect(equivalentFaults(moves, 1e-3)).toEqual([[0, 1], [2], [3], [4]]);
  });
});

describe('test patterns', () => {
  let tested: TestPatterns;
  let engine: Engine;
  beforeAll(async () => {
    tested = testPatterns(base);
    engine = await openEngine('auto');
  });
  afterAll(() => engine.close());

  it('expect what the exact solver gives at their inputs', () => {
    const solver = new ExactSolver(flat);
    solver.setValues(Float64Array.from(flat.components, ({ value }) => value));
    for (const { inputVolts, expectedVolts } of tested.summary.patterns) {
      const state = solver.newState(1);
      solver.solveRow(Float64Array.from(inputVolts), 0, state);
      circuit.outputs.forEach((node, o) => {
        expect(Math.abs(state[flat.unknowns.indexOf(node)]! - expectedVolts[o]!)).toBeLessThan(1e-9);
      });
    }
  });

  it('find faults by a few patterns, and say of all others why not', () => {
    const { faults: list, patterns, limits, coverage } = tested.summary;
    expect(patterns.length).toBeLessThanOrEqual(6);
    expect(coverage).toBeGreaterThan(0.2);
    expect(limits.found).toBe(list.filter(({ limits: own }) => own.isFound).length);
    for (const one of list) expect(one.reason === undefined, one.name).toBe(one.limits.isFound);
    const reasonOf = (name: string) => list.find((one) => one.name === name)!.reason;
    expect(reasonOf('neg_l0_i0.drive gate-source short')).toBe('between driven nodes');
  });

  it('call next to no fresh good sheets broken', () => {
    expect(falseAlarmsOn(base, tested, 300)).toBeLessThanOrEqual(8);
  });

  it('are the same whenever they are asked for with one seed', () => {
    expect(testPatterns(base).summary).toEqual(tested.summary);
  });

  it('find in ngspice what they find in the exact solver', async () => {
    const { faults: simulated, confirmed, maxErrorVolts } = await confirmPatterns(engine, base, tested, 8);
    expect([simulated, confirmed]).toEqual([8, 8]);
    expect(maxErrorVolts).toBeLessThan(1e-6);
  });

  it('find more where the outputs of all stages are measured', () => {
    const observed = [...circuit.outputs, ...stages.map(({ output }) => output)];
    const inner = testPatterns({ ...base, observed: [...new Set(observed)] });
    expect(inner.summary.coverage).toBeGreaterThan(tested.summary.coverage);
  });

  it('separate next to nothing where printing varies by 90 %, and say so', () => {
    const wide = testPatterns({ ...base, variation: 0.9 });
    expect(wide.summary.coverage).toBeLessThan(0.5 * tested.summary.coverage);
    expect(wide.findings.filter(({ missed }) => missed?.reason === 'below printing tolerance').length).toBeGreaterThan(
      10,
    );
  });
});

describe('a print fitted to a sheet', () => {
  it('explains good sheets, and no sheet with a fault that their limits pass over', () => {
    const sampler = new SheetSampler(base);
    const patterns = startCandidates({ range: base.range, inputs: 2, count: 20, seed: 4 });
    const start = sampler.goodState(patterns);
    const fit = new PrintFit(flat, patterns, circuit.outputs, { variation: 0.1, meterVolts: 1e-3, start });
    const good = [0, 1, 2, 3].map((copy) => fit.chiSquare(sampler.sheet('good', copy, patterns, start)));
    for (const chiSquare of good) expect(chiSquare).toBeLessThan(100);
    const open = faults.findIndex(({ name }) => name === 'r_l0_i0_c0 open');
    const sheet = sampler.sheet('bad', 0, patterns, start, open);
    expect(fit.chiSquare(sheet)).toBeGreaterThan(Math.max(...good));
  });
});
