import { DesignPolytope } from '@neuroprint/circuit';
import { Draws, UsageError } from '@neuroprint/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createVariation } from '../src/printed/evaluate.ts';
import { startParameters } from '../src/printed/initialise.ts';
import { Float64Loop } from '../src/printed/kernel/float64.ts';
import { createTensors } from '../src/printed/kernel/tensors.ts';
import { StageSpace } from '../src/printed/layer/components.ts';
import { conductanceRange, normalise, printedMagnitude, project } from '../src/printed/layer/weights.ts';
import { PrintedModel } from '../src/printed/model.ts';
import { resolveOptions } from '../src/printed/options.ts';
import { architectureOf } from '../src/printed/problem.ts';
import { blocksOf } from '../src/printed/rows.ts';
import { ClosedFormCurve, centralDifference, egt, exclusiveOr } from './fixtures.ts';

const range = conductanceRange(egt.crossbar);
const printedOf = (theta: Float64Array) => theta.map((value) => printedMagnitude(value, range));

describe('printed conductances', () => {
  test('are no resistor or within the printable range, and zero below half of the smallest', () => {
    expect(range.min * range.unitSiemens).toBeCloseTo(1 / egt.crossbar.maxOhms, 18);
    expect(range.max * range.unitSiemens).toBeCloseTo(1 / egt.crossbar.minOhms, 18);
    expect(printedMagnitude(range.min * 0.49, range)).toBe(0);
    expect(printedMagnitude(-range.min * 0.51, range)).toBe(range.min);
    fc.assert(
      fc.property(fc.double({ min: -1e3, max: 1e3, noNaN: true }), (theta) => {
        const printed = printedMagnitude(theta, range);
        expect(printed === 0 || (printed >= range.min && printed <= range.max)).toBe(true);
      }),
    );
  });

  test('can be normalised after projection whatever training made of them', () => {
    const [inputs, neurons] = [3, 2];
    const theta = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(theta, (values) => {
        const flat = Float64Array.from(values);
        project(flat, inputs, neurons, range);
        const layer = createTensors([{ inputs, neurons }], 1).layers[0]!;
        const totals = new Float64Array(neurons);
        normalise(flat, printedOf(flat), new Float64Array(10).fill(1), layer, totals, egt.bias.volts);
        expect(flat.subarray(inputs * neurons).every((value) => value >= 0)).toBe(true);
        for (let k = 0; k < neurons; k += 1) {
          const column = Array.from({ length: inputs + 2 }, (_, row) =>
            printedMagnitude(flat[row * neurons + k]!, range),
          );
          const magnitude = column.reduce((sum, g) => sum + g, 0);
          expect(totals[k]).toBeGreaterThanOrEqual(0.999 * magnitude);
          expect(totals[k]).toBeGreaterThan(0);
        }
      }),
    );
  });

  test('weigh the node as the design says: bias at 1 V, pull-down at 0 V, negative entries through the falling stage', () => {
    const layer = createTensors([{ inputs: 2, neurons: 1 }], 1).layers[0]!;
    const totals = new Float64Array(1);
    const theta = Float64Array.of(1, -2, 0.5, 0.5);
    normalise(theta, printedOf(theta), new Float64Array(4).fill(1), layer, totals, egt.bias.volts);
    expect([...layer.weights, ...layer.offsets, ...layer.inverted, ...totals]).toEqual([0.25, 0.5, 0.125, 0, 1, 4]);
    normalise(theta, printedOf(theta), new Float64Array(4).fill(1), layer, totals, 0.8);
    expect([...layer.weights, ...layer.offsets]).toEqual([0.25, 0.5, 0.1]);
  });
});

describe('component values', () => {
  const cells = ['negweight', 'ptanh'] as const;
  const spaceOf = (cell: (typeof cells)[number], spread = 0.1) =>
    new StageSpace(egt.cells[cell]!, new ClosedFormCurve(cell), spread);

  test.each(cases())('of %s stay in the design space under every corner of the variation', (cell) => {
    const space = spaceOf(cell);
    const whole = new DesignPolytope(egt.cells[cell]!);
    const logs = new Float64Array(space.size);
    const free = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), {
      minLength: space.size,
      maxLength: space.size,
    });
    fc.assert(
      fc.property(free, fc.integer({ min: 0, max: 2 ** space.size - 1 }), (numbers, corner) => {
        space.logsAt(Float64Array.from(numbers), logs);
        const values = Object.values(space.valuesOf(logs));
        const varied = values.map(
          (value, k) => value * ((corner >> k) & 1 ? 1.1 : 0.9) * (1 + ((corner >> k) & 1 ? -1e-8 : 1e-8)),
        );
        expect(whole.contains(varied)).toBe(true);
      }),
    );
  });

  test.each(cases())('of %s have the gradient of finite differences', (cell) => {
    const space = spaceOf(cell);
    const free = Float64Array.from({ length: space.size }, (_, k) => Math.sin(3 * k + 1));
    const weight = Float64Array.from({ length: space.size }, (_, k) => Math.cos(k));
    const logs = new Float64Array(space.size);
    const gradient = new Float64Array(space.size);
    space.logsAt(free, logs);
    space.backward(free, logs, weight, gradient);
    const value = () => {
      space.logsAt(free, logs);
      return logs.reduce((sum, log, k) => sum + weight[k]! * log, 0);
    };
    free.forEach((_, k) => {
      expect(gradient[k]).toBeCloseTo(centralDifference(free, k, value), 7);
    });
  });

  test('refuse a surrogate of another cell and a variation that no range can bear', () => {
    expect(() => new StageSpace(egt.cells.ptanh!, new ClosedFormCurve('negweight'), 0.1)).toThrow(UsageError);
    expect(() => spaceOf('negweight', 0.97)).toThrow(UsageError);
  });

  function cases() {
    return cells.map((cell) => [cell] as const);
  }
});

describe('variation', () => {
  const architecture = architectureOf(exclusiveOr(), resolveOptions({}));

  test('multiplies every conductance and component of every print by its own factor, uniform within ± the spread', () => {
    const { layers } = createVariation(architecture, 400, 0.1).fill(new Draws(5, 'test'), 0);
    for (const { conductances, falling, activation } of layers) {
      for (const factors of [conductances, falling.map(Math.exp), activation.map(Math.exp)]) {
        const mean = factors.reduce((sum, f) => sum + f, 0) / factors.length;
        const variance = factors.reduce((sum, f) => sum + (f - mean) ** 2, 0) / factors.length;
        expect(mean).toBeCloseTo(1, 2);
        expect(Math.sqrt(variance)).toBeCloseTo(0.1 / Math.sqrt(3), 2);
        expect(Math.max(...factors)).toBeLessThan(1.1);
        expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.9);
        expect(new Set(factors).size).toBe(factors.length);
      }
    }
  });

  test('of zero prints the network exactly', () => {
    const { layers } = createVariation(architecture, 2, 0).fill(new Draws(5, 'test'), 0);
    expect(layers.every(({ conductances }) => conductances.every((factor) => factor === 1))).toBe(true);
    expect(layers.every(({ activation }) => activation.every((log) => log === 0))).toBe(true);
  });
});

describe('the start', () => {
  test('puts the mean of every column on the middle of its activation', () => {
    const problem = exclusiveOr();
    const architecture = architectureOf(problem, resolveOptions({}));
    const blocks = blocksOf(problem.train, 2, 2);
    const parameters = startParameters(architecture, blocks, new Draws(0, 'start'), 0);
    const loop = new Float64Loop(architecture.shapes, 1, blocks);
    const model = new PrintedModel(architecture, 1, blocks, loop);
    model.print(parameters, createVariation(architecture, 1, 0));
    architecture.shapes.forEach(({ neurons }, l) => {
      const output = loop.layerOutputs(0, blocks[0]!, l + 1);
      const { rows } = blocks[0]!;
      for (let k = 0; k < neurons; k += 1) {
        const [eta1, eta2, , eta4] = model.eta(l, 'activation').subarray(k * 4, k * 4 + 4);
        // the node voltages behind the outputs; their mean is η₃ but for conductances that are raised to the smallest
        const column = output.slice(k * rows, (k + 1) * rows);
        const offset = column.reduce((sum, y) => sum + Math.atanh((y - eta1!) / eta2!) / eta4!, 0) / rows;
        expect(Math.abs(offset)).toBeLessThan(0.02);
      }
    });
    expect(parameters.layers.some(({ theta }) => theta.some((value) => value < 0))).toBe(true);
  });
});
