import { idealVoltages } from '@neuroprint/circuit';
import { describe, expect, test } from 'vitest';
import { CostModel } from '../src/printed/cost/cost.ts';
import { Exporter } from '../src/printed/export.ts';
import { Parameters } from '../src/printed/layer/parameters.ts';
import { resolveOptions } from '../src/printed/options.ts';
import { architectureOf } from '../src/printed/problem.ts';
import { trainNetwork } from '../src/printed/train.ts';
import { centralDifference, egt, exclusiveOr, randomParameters } from './fixtures.ts';

describe.each(['layer', 'neuron'] as const)('the cost of a network whose stages are shared by %s', (share) => {
  const problem = exclusiveOr();
  const architecture = architectureOf(problem, resolveOptions({ share }));
  const parameters = randomParameters(architecture);
  const model = new CostModel(architecture, egt, problem.train);

  test('counts resistors, falling stages, channels and watts', () => {
    const cost = model.measure(parameters);
    expect(cost.resistors).toBe(parameters.layers.reduce((sum, { theta }) => sum + theta.length, 0));
    expect(cost.fallingStages).toBeGreaterThan(0);
    // microwatts a stage, and channels of hundreds of square micrometres and more
    expect(cost.watts).toBeGreaterThan(1e-6);
    expect(cost.watts).toBeLessThan(1e-3);
    expect(cost.areaSquareMetres).toBeGreaterThan(1e-9);
  });

  test('has the gradient of finite differences in the component values of its stages', () => {
    const prices = { power: 0.3, area: 0.2 };
    const gradient = new Parameters(architecture);
    model.addGradient(parameters, prices, gradient);
    const nats = () => model.nats(parameters, prices);
    // the last layer's activations have no stage behind them whose input they move
    const { activation } = parameters.layers.at(-1)!;
    const own = gradient.layers.at(-1)!.activation;
    activation.forEach((_, i) => {
      expect(own[i]).toBeCloseTo(centralDifference(activation, i, nats, 1e-3), 4);
    });
  });
});

test('the power of a column has the gradient of finite differences, though its node moves with its conductances', () => {
  const problem = exclusiveOr(32);
  const architecture = architectureOf(problem, resolveOptions({}));
  const parameters = randomParameters(architecture);
  const model = new CostModel(architecture, egt, problem.train);
  const gradient = new Parameters(architecture);
  model.addGradient(parameters, { power: 1, area: 0 }, gradient);
  const { watts } = model.measure(parameters);
  const { theta } = parameters.layers[1]!;
  const { inputs, neurons } = architecture.shapes[1]!;
  const columnWatts = () => {
    const layers = new Exporter(architecture).layers(parameters);
    const { columns, outputs } = idealVoltages({ layers }, problem.train.volts, 32);
    let sum = 0;
    theta.forEach((_, at) => {
      const [row, k] = [Math.floor(at / neurons), at % neurons];
      for (let r = 0; r < 32; r += 1) {
        const volts = row < inputs ? outputs[0]![r * inputs + row]! : row === inputs ? 1 : 0;
        const [e1, e2, e3, e4] = layers[1]!.fallingStages[0]!.eta;
        const source = theta[at]! < 0 ? -(e1 + e2 * Math.tanh((volts - e3) * e4)) : volts;
        sum +=
          (Math.abs(layers[1]!.conductancesSiemens[row]![k]!) * (source - columns[1]![r * neurons + k]!) ** 2) / 32;
      }
    });
    return sum / watts;
  };
  theta.forEach((_, at) => {
    expect(gradient.layers[1]!.theta[at]!).toBeCloseTo(centralDifference(theta, at, columnWatts, 1e-5), 7);
  });
});

test('training under prices of power and area needs less of both', () => {
  const options = { epochs: 120, restarts: 1, draws: 5, variation: 0.05 };
  const [free, priced] = [
    trainNetwork(exclusiveOr(), options),
    trainNetwork(exclusiveOr(), { ...options, powerPenalty: 0.1, areaPenalty: 0.1 }),
  ];
  expect(priced!.cost!.watts).toBeLessThan(0.7 * free!.cost!.watts);
  expect(priced!.cost!.areaSquareMetres).toBeLessThan(0.8 * free!.cost!.areaSquareMetres);
});
