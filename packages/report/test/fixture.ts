import { fileURLToPath } from 'node:url';
import { loadTechnology } from '@neuroprint/circuit';
import type { Circuit, Eta, Surrogate, TrainedNetwork, VerificationReport } from '@neuroprint/core';
import type { CompileReportData } from '../src/pages/compile-data.ts';
import type { SurrogateReportData } from '../src/pages/surrogate-data.ts';

export const TEMPLATES = fileURLToPath(new URL('../../../spice-templates', import.meta.url));
export const technology = loadTechnology(TEMPLATES, 'egt');
const hash = 'a3f1c2d4e5b60718'.repeat(4);
const activation = technology.cells.ptanh!.typical;
const falling = technology.cells.negweight!.typical;

/** Two inputs, two classes, one layer; the second input is negated for the first class. */
export function networkOf(classes: readonly string[], features: readonly string[]): TrainedNetwork {
  return {
    kind: 'TrainedNetwork',
    version: 1,
    inputHashes: { dataset: hash },
    name: 'small',
    technology: 'egt',
    inputs: features.map((name) => ({ name, minimum: 0, maximum: 1 })),
    classes,
    layers: [
      {
        nodeRule: 'inverter',
        conductancesSiemens: [
          [1e-6, 2e-6],
          [-2e-6, 1e-6],
          [1e-6, 0],
          [5e-7, 1e-6],
        ],
        activationStages: [{ cell: 'ptanh', values: activation, eta: [0.5, 0.45, 0.5, 8] }],
        fallingStages: [{ cell: 'negweight', values: falling, eta: [-0.5, 0.45, 0.5, 8] }],
      },
    ],
    variation: { kind: 'uniform', relativeSpread: 0.1 },
    training: {
      seed: 7,
      epochs: 100,
      bestEpoch: 80,
      draws: 4,
      activation: 'learned',
      dataset: 'toy',
      label: 'label',
      split: 'split',
    },
    metrics: {
      accuracy: { train: 0.98, valid: 0.95, test: 0.96 },
      underVariation: { relativeSpread: 0.1, draws: 20, mean: 0.91, std: 0.03, p5: 0.86 },
    },
  };
}

function circuitOf(classes: readonly string[]): Circuit {
  const resistor = (
    name: string,
    from: string,
    to: string,
    ohms: number,
    origin: Circuit['devices'][number]['origin'],
  ) => ({ kind: 'resistor', name, nodes: [from, to], ohms, origin }) as const;
  return {
    kind: 'Circuit',
    version: 1,
    inputHashes: { network: hash },
    name: 'small',
    technology: 'egt',
    inputs: ['in0', 'in1'],
    outputs: ['out0', 'out1'],
    classes,
    devices: [
      {
        kind: 'stage',
        name: 'neg1',
        cell: 'negweight',
        input: 'in1',
        output: 'inv1',
        values: falling,
        origin: { role: 'falling', layer: 0, row: 1 },
      },
      resistor('r00', 'in0', 'z0', 1e6, { role: 'crossbar', layer: 0, row: 0, column: 0 }),
      resistor('r01', 'in0', 'z1', 5e5, { role: 'crossbar', layer: 0, row: 0, column: 1 }),
      resistor('r10', 'inv1', 'z0', 5e5, { role: 'crossbar', layer: 0, row: 1, column: 0 }),
      resistor('r11', 'in1', 'z1', 1e6, { role: 'crossbar', layer: 0, row: 1, column: 1 }),
      resistor('rb0', 'vdd', 'z0', 1e6, { role: 'bias', layer: 0, column: 0 }),
      resistor('rp0', 'z0', '0', 2e6, { role: 'pull-down', layer: 0, column: 0 }),
      resistor('rp1', 'z1', '0', 1e6, { role: 'pull-down', layer: 0, column: 1 }),
      ...[0, 1].map(
        (j) =>
          ({
            kind: 'stage',
            name: `act${j}`,
            cell: 'ptanh',
            input: `z${j}`,
            output: `out${j}`,
            values: activation,
            origin: { role: 'activation', layer: 0, column: j },
          }) as const,
      ),
    ],
  };
}

export const verification: VerificationReport = {
  kind: 'VerificationReport',
  version: 2,
  inputHashes: { 'expected.csv': hash },
  netlist: 'netlist.cir',
  simulator: { name: 'embedded', version: 'ngspice-45' },
  cases: 3,
  nodes: 3,
  maxErrorVolts: 4.2e-10,
  p99ErrorVolts: 3e-10,
  worst: { case: 2, node: 'out1', expectedVolts: 0.25, simulatedVolts: 0.25000000042 },
  nodeErrorVolts: { in0: 0, out0: 1e-10, out1: 4.2e-10 },
  decisionAgreement: 1,
  ties: 0,
  accuracy: { network: 2 / 3, circuit: 2 / 3, ngspice: 2 / 3 },
  solverErrorVolts: 4.2e-10,
  netlistDifferences: [],
  watts: 5.2e-5,
  areaSquareMetres: 8.1e-9,
  marginVolts: { p5: 0.03, median: 0.2 },
  coldStart: { rows: 3, maxDifferenceVolts: 2e-12 },
  monteCarlo: {
    draws: 50,
    requestedDraws: 50,
    p5Accuracy: 0.84,
    minAccuracy: 0.8,
    simulatedDraws: 50,
    ties: 0,
    relativeSpread: 0.1,
    seed: 11,
    meanAccuracy: 0.89,
    stdAccuracy: 0.03,
    yieldAccuracy: 0.85,
    yield: 0.9,
    yieldInterval: [0.79, 0.96],
    maxErrorVolts: 9e-10,
    decisionsDiffering: 0,
  },
};

/** What only some verifications look for. */
export const judged: VerificationReport = {
  ...verification,
  secondSimulator: { name: 'ngspice', version: '39', maxDifferenceVolts: 4e-16 },
  stability: {
    verdict: 'unstable',
    reason: 'at case 1 it leaves its operating point: an eigenvalue is 2.7e+5 /s, and z0 runs away',
    rows: 3,
    forAnyCapacitances: false,
    nodeFarads: 1e-11,
    assumed: true,
    largestRealPart: 2.7e5,
    worst: { case: 1, node: 'z0' },
    slowestSeconds: null,
    settlingSeconds: null,
    eigenvalues: [
      [2.7e5, 0],
      [-1e6, 2e6],
      [-1e6, -2e6],
    ],
    poles: { found: 2, of: 3, relativeDifference: null },
    operatingPoints: { starts: 18, elsewhere: 0, maxDifferenceVolts: 1e-10 },
    transients: {
      count: 5,
      elsewhere: 5,
      maxDifferenceVolts: 5,
      waveform: { case: 1, nodes: ['out0'], seconds: [0, 1e-6, 2e-6], volts: [0, 0.3, 5], operatingVolts: [0.4] },
    },
    copies: { draws: 50, relativeSpread: 0.1, unstable: 48 },
  },
  corners: [
    {
      factor: 'supply',
      unit: 'relative',
      points: [-0.1, 0, 0.1].map((value) => ({ value, accuracy: 0.9 - Math.max(0, value), agreement: 1 })),
      fails: { below: null, above: 0.08 },
      limitAccuracy: 0.85,
      simulatedPoints: 2,
      maxErrorVolts: 3e-10,
    },
  ],
  blame: {
    relativeSpread: 0.1,
    expectedFlips: 0.5,
    components: [
      { name: 'r_0', origin: 'resistor', share: 0.7, meanVoltsPerPercent: 1e-3, maxVoltsPerPercent: 2e-3 },
      { name: 'r_1', origin: 'resistor', share: 0.3, meanVoltsPerPercent: 5e-4, maxVoltsPerPercent: 1e-3 },
    ],
    decisions: [
      {
        case: 1,
        decision: 'yes',
        runnerUp: '<no>',
        marginVolts: 0.01,
        stdVolts: 0.02,
        flipProbability: 0.3,
        component: 'r_0',
      },
    ],
    worstCorner: { accuracy: 0.5, decisionsKept: 0.6, guaranteed: 0.4, simulatedCorners: 6, maxErrorVolts: 2e-10 },
    steps: [
      { step: 'network', cause: 'as it was trained', accuracy: 0.95, rmsVoltsFromNetwork: 0 },
      { step: 'ngspice', cause: 'the netlist as it is written', accuracy: 0.9, rmsVoltsFromNetwork: 0.02 },
    ],
  },
  specification: {
    file: 'spec.yaml',
    passes: false,
    lines: [
      { name: 'minimumAccuracy', line: 2, limit: 0.95, measured: 0.9, passes: false, message: 'accuracy: 0.9 <0.95>' },
    ],
  },
};

/** What a report needs at least. */
export function leastData(classes = ['yes', 'no'], features = ['width', 'height']): CompileReportData {
  return {
    name: 'small',
    technology,
    network: networkOf(classes, features),
    circuit: circuitOf(classes),
    totals: { resistors: 12, transistors: 5, opamps: 0, channelAreaSquareMetres: 8.1e-9, watts: 5.2e-5 },
    files: [{ name: 'netlist.cir' }, { name: 'testbench.cir' }, { name: 'notes.txt', purpose: 'notes' }],
  };
}

const sweep = Array.from({ length: 41 }, (_, i) => -2 + i * 0.1);
const curve = sweep.map((v) => 0.5 + 0.45 * Math.tanh((v - 0.5) * 8));

/** A report with every part. */
export function fullData(): CompileReportData {
  return {
    ...leastData(),
    dataset: { name: 'toy', rows: { train: 9, valid: 3, test: 3 } },
    verification,
    netlistComparison: { matches: true, differences: [] },
    ladder: [
      { step: 'network', accuracyTest: 1, underVariation: { mean: 0.9, std: 0.05 }, rmsVoltsFromNetwork: 0 },
      { step: 'naive circuit', accuracyTest: 0.7, rmsVoltsFromNetwork: 0.13 },
      { step: 'ngspice', accuracyTest: null, rmsVoltsFromNetwork: 0.09 },
    ],
    stageCurves: [
      {
        title: 'Layer 0: activation',
        inputVolts: sweep,
        simulatedVolts: curve,
        exactVolts: curve.map((v) => v + 1e-9),
        predictedVolts: curve.map((v) => v + 2e-3),
      },
    ],
    rows: {
      split: 'test',
      nodes: ['in0', 'out0', 'out1'],
      expectedVolts: [0.1, 0.8, 0.2, 0.2, 0.3, 0.7, 0.3, 0.6, 0.25],
      simulatedVolts: [0.1, 0.8000000001, 0.2, 0.2, 0.3, 0.7, 0.3, 0.6, 0.25000000042],
      labels: [0, 1, 1],
      networkDecisions: [0, 1, 0],
    },
    calibration: [0, 10, 20].map((step) => ({ step, loss: 1 / (step + 1), validationAccuracy: 0.8 + step / 200 })),
    calibrationKept: 20,
    seeds: { calibration: 3 },
    hashes: { technology: technology.hash },
  };
}

const etas: Eta[] = Array.from({ length: 30 }, (_, i) => [-0.5 + i / 100, 0.1 + i / 100, 0.3 + i / 60, 2 * 1.2 ** i]);
const cell = technology.cells.negweight!;

const surrogate: Surrogate = {
  kind: 'Surrogate',
  version: 1,
  inputHashes: { samples: hash },
  technology: 'egt',
  cell: 'negweight',
  parameters: cell.parameters,
  constraints: cell.constraints,
  features: [{ name: 'ln R', exponents: { R: 1 } }],
  featureMean: [0],
  featureStd: [1],
  activation: 'silu',
  layers: [{ weights: [[1], [1], [1], [1]], biases: [0, 0, 0, 0] }],
  outputs: [false, true, false, true].map((log) => ({ mean: 0, std: 1, log })),
  etaMin: [-0.5, 0.1, 0.3, 2],
  etaMax: [-0.2, 0.4, 0.8, 400],
  trainedOn: { rows: 100, validationRows: 10, seed: 5 },
  test: { rows: 30, mseNormalised: 6e-7, r2: [0.9999, 0.9998, 0.9997, 0.998], rmse: [1e-4, 2e-4, 3e-4, 0.3] },
};

export const surrogateData: SurrogateReportData = {
  surrogate,
  curve: 'falling',
  simulator: { name: 'ngspice', version: '42' },
  heldOut: {
    values: etas.flatMap((_, i) => [5e4 + 1e3 * i, 1e-4, 2e-5]),
    fitted: etas,
    predicted: etas.map(([a, b, c, d]) => [a + 1e-3, b, c, d * 1.01]),
  },
  port: {
    test: { points: 900, rmsVolts: 5e-5, p99Volts: 2e-4, largestVolts: 1e-3 },
    unloaded: {
      rows: 60,
      curve: { median: 1e-4, p95: 5e-4, p99: 1e-3, largest: 5e-3 },
      averageWatts: { median: 1e-5, p99: 1e-4, largest: 1e-3 },
      watts: { median: 1e-4, p99: 1e-3, largest: 5e-3 },
    },
  },
  curves: [
    {
      rank: 'worst',
      values: cell.typical,
      inputVolts: sweep,
      simulatedVolts: curve,
      predictedVolts: curve.map((v) => v + 0.01),
    },
  ],
  curveRmsVolts: { median: 1e-3, p95: 5e-3 },
  samples: { requested: 150, converged: 140, failed: 10 },
  command: 'neuroprint surrogates regenerate',
};
