import {
  type Budget,
  inputRanges,
  makeArtifact,
  type TrainedNetwork,
  TrainedNetworkKind,
  toVoltageRows,
} from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { countComponents } from '../src/bom.ts';
import { fitBudget } from '../src/budget/fit.ts';
import { BudgetGauge, printedAreaOf } from '../src/budget/gauge.ts';
import { BudgetPressure } from '../src/budget/pressure.ts';
import { circuitOf, layeredOf, passContext, runPasses } from '../src/index.ts';
import { CalibrationParameters } from '../src/passes/calibrate/parameters.ts';
import { LayeredVector } from '../src/vector.ts';
import { dataset, egt, network } from './example.ts';

const data = dataset();
const rowsOf = (split: 'train' | 'valid' | 'test') => toVoltageRows(data, inputRanges(data), data.classNames, split);
const test = rowsOf('test');
const plain = network(4);
const start = layeredOf(plain, egt, { until: 'share inverters' });
const gaugeOf = (budget: Budget) =>
  new BudgetGauge(budget, {
    ...{ technology: egt, variation: plain.variation, seed: 0, inputs: 2 },
    ...{ tableVolts: rowsOf('train').volts, caseVolts: test.volts },
  });

function withBudget(budget: Budget): TrainedNetwork {
  const { kind: _, version: __, checksum: ___, ...content } = plain;
  return makeArtifact(TrainedNetworkKind, { ...content, budget });
}

const contextOf = (of: TrainedNetwork, steps = 100) =>
  passContext(of, egt, {
    rows: { train: rowsOf('train'), valid: rowsOf('valid') },
    cases: { rows: test.labels.length, inputVolts: test.volts, labels: test.labels, sourceRows: test.sourceRows },
    calibrationSteps: steps,
  });

describe('a circuit beyond its budget', () => {
  const { watts } = { watts: gaugeOf({}).watts(start) };
  const area = printedAreaOf(start, egt);

  it('has the power of the exact circuit and the area of its parts', () => {
    const context = contextOf(plain);
    const circuit = circuitOf(start, plain, egt);
    const { meanWatts } = context.ladder.solutionOf(circuit);
    const gauge = new BudgetGauge(
      {},
      { technology: egt, variation: plain.variation, seed: 0, inputs: 2, tableVolts: undefined, caseVolts: test.volts },
    );
    expect(gauge.watts(start) / meanWatts).toBeCloseTo(1, 9);
    const { printedSquareMetres } = countComponents(circuit, egt);
    // the parts are drawn on a grid
    expect(area / (printedSquareMetres.transistors + printedSquareMetres.resistors)).toBeCloseTo(1, 1);
  });

  it('is brought within its power by larger loads and narrower channels, and its columns stay', () => {
    const gauge = gaugeOf({ maximumPowerWatts: 0.6 * watts });
    const fitted = fitBudget(start, gauge, egt);
    expect(gauge.excess(fitted)).toBeLessThanOrEqual(0);
    expect(fitted.layers[0]!.siemens).toEqual(start.layers[0]!.siemens);
    const [before, after] = [start, fitted].map(({ layers }) => layers[0]!.activation.values[0]!);
    // R·W/L, the shape of the curve
    expect((after![0]! * after![1]!) / after![2]! / ((before![0]! * before![1]!) / before![2]!)).toBeCloseTo(1, 1);
  });

  it('is brought within its area by columns of smaller resistances, with the same weights', () => {
    const gauge = gaugeOf({ maximumPrintedSquareMetres: 0.7 * area });
    const fitted = fitBudget(start, gauge, egt);
    expect(gauge.excess(fitted)).toBeLessThanOrEqual(0);
    const { siemens, columns } = fitted.layers[0]!;
    for (let c = 0; c < columns; c += 1) {
      const ratios = Array.from(siemens, (g, at) => g / start.layers[0]!.siemens[at]!).filter(
        (_, at) => at % columns === c,
      );
      for (const ratio of ratios) expect(ratio).toBeCloseTo(ratios[0]!, 9);
    }
  });

  it('is left alone where it keeps it', () => {
    expect(fitBudget(start, gaugeOf({ maximumPowerWatts: 1 }), egt)).toBe(start);
  });
});

it('the pressure of a budget on power points downhill: along it the exact power falls as it says', () => {
  const gauge = gaugeOf({ maximumPowerWatts: 0.5 * gaugeOf({}).watts(start) });
  const parameters = new CalibrationParameters(start, egt, 8);
  const pressure = new BudgetPressure(gauge, start, egt);
  pressure.look(parameters);
  const gradient = new Float64Array(parameters.values.length);
  pressure.addTo(gradient);
  const length = Math.hypot(...gradient);
  const step = 1e-3;
  const before = gauge.watts(start);
  for (let k = 0; k < gradient.length; k += 1) parameters.values[k]! -= (step * gradient[k]!) / length;
  const change = Math.log(gauge.watts(parameters.layered()) / before);
  expect(change).toBeLessThan(0);
  // the price is what the slope is in nats for each e-fold; stages are taken without load, so that it is that size only
  const price = (0.5 + 0.1) * gauge.excessOf('power', start);
  expect(-change / ((step * length) / price)).toBeGreaterThan(0.5);
  expect(-change / ((step * length) / price)).toBeLessThan(1.5);
});

describe('calibration and rounding', () => {
  it('keep a budget of power, area and inverters', () => {
    const { watts } = { watts: gaugeOf({}).watts(start) };
    const budget = {
      maximumPowerWatts: 0.8 * watts,
      maximumPrintedSquareMetres: 0.9 * printedAreaOf(start, egt),
      maximumInverters: start.layers.reduce(
        (sum, { siemens, inputs, columns }) =>
          sum +
          Array.from({ length: inputs }, (_, i) =>
            siemens.subarray(i * columns, (i + 1) * columns).some((g) => g < 0),
          ).filter(Boolean).length,
        0,
      ),
    };
    const context = contextOf(withBudget(budget));
    const { scaled, passes } = runPasses(context);
    expect(context.gauge!.excess(scaled!)).toBeLessThanOrEqual(0);
    expect(passes.find(({ name }) => name === 'calibrate')!.note).toContain('to keep the budget');
  });

  it('give the circuit of before where the budget is wide', () => {
    const [wide, free] = [withBudget({ maximumPowerWatts: 1 }), plain].map(
      (of) => runPasses(contextOf(of, 50)).scaled!,
    );
    expect(new LayeredVector(wide!).values()).toEqual(new LayeredVector(free!).values());
  });

  it('bring a circuit within its budget without rows to tune on, too', () => {
    const of = withBudget({ maximumPowerWatts: 0.7 * gaugeOf({}).watts(start) });
    const context = passContext(of, egt);
    expect(context.gauge!.excess(runPasses(context).scaled!)).toBeLessThanOrEqual(0);
  });
});
