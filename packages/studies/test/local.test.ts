import { componentValues, ExactSolver, flatten } from '@neuroprint/circuit';
import { type Device, Draws, NeuroprintError } from '@neuroprint/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { egt } from '../../training/test/fixtures.ts';
import { DisconnectedGraphError, ResolutionError, TerminalError } from '../src/local/errors.ts';
import { cosine, descentDirection, ruleDirection } from '../src/local/gradient.ts';
import { smallWorld, unreached } from '../src/local/graph.ts';
import { LaplacianSolver } from '../src/local/laplacian.ts';
import { LearningNetwork } from '../src/local/learn.ts';
import { checkNetwork, checkScale, DEFAULT_SCALE, placeTerminals, randomLevels } from '../src/local/resistors.ts';
import { newStates, solveStates } from '../src/local/rules.ts';
import { runStudy, type StudyJob } from '../src/local/study.ts';
import { regressionTask } from '../src/local/tasks.ts';

const job: StudyJob = {
  graph: { nodes: 16, neighbours: 6, rewire: 0.5 },
  scale: { ...DEFAULT_SCALE, levels: 1280 },
  rule: 'voltage-drop',
  options: { nudge: 0.1, rate: 0.3, epochs: 60, targets: 'updated', separation: 1.5 },
  seed: 1,
  task: { kind: 'regression', name: 'one-input', trainRows: 20, testRows: 50 },
};

/** A network of some size, levels and volts of its sources, all by the seed. */
function drawn(nodes: number, seed: number) {
  const graph = smallWorld({ nodes, seed });
  const network = placeTerminals(graph, 3, 2, seed);
  const level = randomLevels(graph.edges.length, DEFAULT_SCALE, seed);
  return { network, learning: new LearningNetwork(network, DEFAULT_SCALE, level) };
}

/** All node voltages by the exact solver of circuits, the nodes of `held` driven. */
function exact(learning: LearningNetwork, held: readonly number[], volts: Float64Array): Float64Array {
  const { graph } = learning.network;
  const { siemens } = learning;
  const devices = graph.edges.map(
    ([a, b], e): Device => ({
      kind: 'resistor',
      name: `r${e}`,
      nodes: [`n${a}`, `n${b}`],
      ohms: 1 / siemens[e]!,
      origin: { role: 'crossbar', layer: 0 },
    }),
  );
  const flat = flatten({ inputs: held.map((node) => `n${node}`), devices }, egt);
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const state = solver.newState(1);
  expect(
    solver.solveRow(
      Float64Array.from(held, (node) => volts[node]!),
      0,
      state,
    ),
  ).toBe(true);
  const out = volts.slice();
  flat.unknowns.forEach((name, k) => {
    out[Number(name.slice(1))] = state[k]!;
  });
  return out;
}

describe('the solver of resistor networks', () => {
  test('finds the free and the clamped state of the exact solver', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 40 }), fc.integer({ min: 0, max: 1e6 }), (nodes, seed) => {
        const { network, learning } = drawn(nodes, seed);
        const random = new Draws(seed, 'volts');
        const drive = Float64Array.from({ length: 3 }, (_, k) => random.uniform(0, k));
        const targets = Float64Array.from({ length: 2 }, (_, k) => random.uniform(1, k));
        const states = newStates(nodes);
        solveStates(learning.solver, drive, targets, 0, 0.4, states);
        const free = exact(learning, network.driven, states.free);
        const clamped = exact(learning, [...network.driven, ...network.outputs], states.clamped);
        for (let node = 0; node < nodes; node += 1) {
          expect(Math.abs(states.free[node]! - free[node]!)).toBeLessThan(1e-10);
          expect(Math.abs(states.clamped[node]! - clamped[node]!)).toBeLessThan(1e-10);
        }
        network.outputs.forEach((node, k) => {
          expect(states.clamped[node]).toBeCloseTo(free[node]! + 0.4 * (targets[k]! - free[node]!), 10);
        });
      }),
      { numRuns: 25 },
    );
  });

  test('counts currents into its nodes', () => {
    const graph = {
      nodes: 3,
      edges: [
        [0, 1],
        [1, 2],
      ] as const,
    };
    const solver = new LaplacianSolver({ graph, driven: [0], outputs: [2] });
    solver.setSiemens(Float64Array.of(0.5, 0.25));
    const volts = Float64Array.of(1, 0, 0);
    solver.solveFree(volts, Float64Array.of(0, 0, 0.1));
    expect([...volts]).toEqual([1, expect.closeTo(1.2, 12), expect.closeTo(1.6, 12)]);
  });
});

describe('the gradient', () => {
  test('of the adjoint state is that of finite differences', () => {
    const { network, learning } = drawn(14, 5);
    const rows = {
      rows: 2,
      drive: Float64Array.of(0.2, 0.9, 0, 0.7, 0.1, 1),
      targets: Float64Array.of(0.3, 0.6, 0.5, 0.2),
    };
    const ohms = learning.siemens.map((g) => 1 / g);
    const descent = descentDirection(learning, rows);
    network.graph.edges.forEach((_, e) => {
      const cost = (by: number): number => {
        learning.useOhms(ohms.map((value, k) => (k === e ? value + by : value)));
        return 0.5 * network.outputs.length * learning.squaredError(rows);
      };
      const difference = (cost(1) - cost(-1)) / 2;
      expect(Math.abs(descent[e]! + difference)).toBeLessThan(1e-6 * Math.max(1e-6, Math.abs(difference)) + 1e-13);
    });
  });

  test('is what a small current nudge does, and what clamping does where there is one output', () => {
    const { network, learning } = drawn(14, 6);
    const rows = { rows: 1, drive: Float64Array.of(0.2, 0.9, 0), targets: Float64Array.of(0.3, 0.6) };
    const descent = descentDirection(learning, rows);
    expect(cosine(descent, ruleDirection(learning, rows, 'current', 1e-4))).toBeGreaterThan(0.99999);
    const one = new LearningNetwork(
      { ...network, outputs: network.outputs.slice(0, 1) },
      DEFAULT_SCALE,
      learning.level,
    );
    const single = { ...rows, targets: Float64Array.of(0.3) };
    expect(cosine(descentDirection(one, single), ruleDirection(one, single, 'power', 1e-4))).toBeGreaterThan(0.99999);
  });

  test('is not what voltage drops say, but never against it', () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const { network, learning } = drawn(12, seed);
      const one = new LearningNetwork(
        { ...network, outputs: network.outputs.slice(0, 1) },
        DEFAULT_SCALE,
        learning.level,
      );
      const rows = { rows: 1, drive: Float64Array.of(0.2, 0.9, 0), targets: Float64Array.of(0.8) };
      const angle = cosine(descentDirection(one, rows), ruleDirection(one, rows, 'voltage-drop', 1e-3));
      expect(angle).toBeGreaterThan(0);
      expect(angle).toBeLessThan(0.99);
    }
  });
});

describe('learning', () => {
  test.each(['voltage-drop', 'sign', 'ignore-free', 'gradient'] as const)('by %s makes the one-input line', (rule) => {
    const { result } = runStudy({ ...job, rule });
    expect(result.errorVolts!.before).toBeGreaterThan(0.05);
    expect(result.errorVolts!.after).toBeLessThan(0.006);
  });

  test('stays on the levels, and is the same for the same seed', () => {
    const { network } = runStudy({ ...job, scale: DEFAULT_SCALE, rule: 'sign' });
    expect([...network.level].every((k) => k >= 0 && k < 128)).toBe(true);
    expect(runStudy({ ...job, scale: DEFAULT_SCALE, rule: 'sign' }).network.level).toEqual(network.level);
  });

  test('compares its rules with the gradient where it is asked to', () => {
    const { result } = runStudy({ ...job, compareAt: [0, 60] });
    expect(result.comparisons.map(({ epoch }) => epoch)).toEqual([0, 60]);
    expect(result.comparisons[0]!.cosines.power).toBeGreaterThan(0.99);
  });
});

describe('a small world', () => {
  test('has as many edges as its ring, no edge twice, and is connected', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (nodes, rewire) => {
        const graph = smallWorld({ nodes, rewire, seed: nodes });
        expect(graph.edges).toHaveLength(2 * nodes);
        expect(new Set(graph.edges.map(([a, b]) => `${Math.min(a, b)} ${Math.max(a, b)}`)).size).toBe(2 * nodes);
        expect(unreached(graph)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  test('is a ring where nothing is rewired', () => {
    expect(smallWorld({ nodes: 4, neighbours: 2, rewire: 0 }).edges).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 0],
    ]);
  });
});

describe('what cannot be built is refused with its reason:', () => {
  const ring = smallWorld({ nodes: 6, neighbours: 2, rewire: 0 });
  const cases: readonly [string, new (...args: never[]) => NeuroprintError, RegExp, () => unknown][] = [
    [
      'a graph that falls apart',
      DisconnectedGraphError,
      /not connected: no path from node 0 to nodes 2, 3/,
      () =>
        checkNetwork({
          graph: {
            nodes: 4,
            edges: [
              [0, 1],
              [2, 3],
            ],
          },
          driven: [0],
          outputs: [1],
        }),
    ],
    [
      'an input that is an output',
      TerminalError,
      /node 3 is an input and an output/,
      () => checkNetwork({ graph: ring, driven: [0, 3], outputs: [3] }),
    ],
    [
      'a terminal named twice',
      TerminalError,
      /node 3 is named twice/,
      () => checkNetwork({ graph: ring, driven: [3, 3], outputs: [1] }),
    ],
    [
      'a terminal outside',
      TerminalError,
      /node 6 is not in the graph/,
      () => checkNetwork({ graph: ring, driven: [6], outputs: [1] }),
    ],
    ['too few nodes', TerminalError, /need 8 nodes, and the graph has 6/, () => placeTerminals(ring, 5, 3, 0)],
    [
      'more levels than the resolution',
      ResolutionError,
      /1280 levels .* are 77.6 ohms apart, and the resistors resolve 100 ohms/,
      () => checkScale({ ...DEFAULT_SCALE, levels: 1280, resolutionOhms: 100 }),
    ],
    [
      'one level',
      NeuroprintError as never,
      /1 levels cannot be learnt on/,
      () => checkScale({ ...DEFAULT_SCALE, levels: 1 }),
    ],
    [
      'a ring without room',
      NeuroprintError as never,
      /ring of 4 nodes with 4/,
      () => smallWorld({ nodes: 4, neighbours: 4 }),
    ],
    [
      'a nudge of 0',
      NeuroprintError as never,
      /nudge is 0/,
      () => runStudy({ ...job, options: { ...job.options, nudge: 0 } }),
    ],
    ['no rows', NeuroprintError as never, /0 is no number of rows/, () => regressionTask('one-input', 0, 1, 0)],
  ];
  test.each(cases)('%s', (_, type, message, act) => {
    expect(act).toThrow(type);
    expect(act).toThrow(message);
  });
});
