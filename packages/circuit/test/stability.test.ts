import type { Device } from '@neuroprint/core';
import { eigenvalues, eigenvectorMagnitudes } from '@neuroprint/numeric';
import { describe, expect, it } from 'vitest';
import { componentValues, flatten } from '../src/ir/flatten.ts';
import { ExactSolver } from '../src/solver/exact-solver.ts';
import {
  isStable,
  isStableForAnyCapacitances,
  participation,
  stabilityOf,
  worstNode,
} from '../src/solver/stability.ts';
import { egt, randomCircuit } from './example.ts';
import { amplifier, columnWithNegatives, MANY_NEGATIVES, opamp, withSourceResistances } from './negative.ts';
import { solvedAt, type Wired } from './solved-at.ts';

/** n × n resistors between wires of resistors, three inputs in turn, columns read through a resistor. */
function wiredCrossbar(n: number): Wired {
  const all = Array.from({ length: n }, (_, i) => i);
  const resistor = (name: string, from: string, to: string, ohms: number): Device => ({
    ...{ kind: 'resistor', name, nodes: [from, to], ohms },
    origin: { role: 'crossbar', layer: 0 },
  });
  const devices = all.flatMap((i) => [
    ...all.flatMap((j) => [
      resistor(`rw_${i}_${j}`, j === 0 ? `in${i % 3}` : `a_${i}_${j - 1}`, `a_${i}_${j}`, 50),
      resistor(`rx_${i}_${j}`, `a_${i}_${j}`, `b_${i}_${j}`, 1e5 * (1 + ((7 * i + 3 * j) % 11))),
      resistor(`rv_${i}_${j}`, `b_${i}_${j}`, i === n - 1 ? `out${j}` : `b_${i + 1}_${j}`, 50),
    ]),
    resistor(`rt_${i}`, `out${i}`, '0', 1000),
  ]);
  return { name: 'wired', inputs: ['in0', 'in1', 'in2'], outputs: ['out0'], devices };
}

/** Two inverters in a ring, reached from the input through a resistor. */
function ring(i: number, ohms: number): Device[] {
  const values = { R: 5e5, W: 4e-4, L: 4e-5 };
  const origin = { role: 'falling', layer: 0 } as const;
  const stage = (name: string, input: string, output: string): Device => ({
    ...{ kind: 'stage', name, cell: 'negweight', input, output, values },
    origin,
  });
  return [
    { kind: 'resistor', name: `r${i}`, nodes: ['in0', `a${i}`], ohms, origin },
    stage(`n${i}`, `a${i}`, `b${i}`),
    stage(`m${i}`, `b${i}`, `a${i}`),
  ];
}

const gainBandwidth = 2 * Math.PI * opamp.opamp!.gainBandwidthHertz;

describe('stability', () => {
  it('of a follower is that of its gain-bandwidth', () => {
    const device: Device = {
      kind: 'opamp',
      name: 'op',
      model: 'gain',
      plus: 'in0',
      minus: 'x',
      output: 'x',
      origin: { role: 'opamp', layer: 0, column: 0 },
    };
    const circuit = { name: 'follower', inputs: ['in0'], outputs: ['x'], devices: [device] };
    const found = stabilityOf(solvedAt(circuit, opamp, [0.5]));
    expect(found.stable).toBe(true);
    expect(found.largestRealPart).toBeCloseTo(-gainBandwidth * (1 + 1 / opamp.opamp!.gain), 4);
    expect(found.slowestSeconds).toBeCloseTo(1 / gainBandwidth, 10);
  });

  it('of a resistor and its capacitance is 1/(RC)', () => {
    const origin = { role: 'crossbar', layer: 0 } as const;
    const devices: Device[] = [
      { kind: 'resistor', name: 'r1', nodes: ['in0', 'a'], ohms: 1e6, origin },
      { kind: 'resistor', name: 'r2', nodes: ['a', '0'], ohms: 1e6, origin },
    ];
    const circuit = { name: 'divider', inputs: ['in0'], outputs: ['a'], devices };
    expect(stabilityOf(solvedAt(circuit, egt, [1]), 1e-9).slowestSeconds).toBeCloseTo(0.5e-3, 12);
    expect(() => stabilityOf(solvedAt(circuit, egt, [1]))).toThrow('egt gives no capacitance of a node');
  });

  it('counts a capacitance between two nodes twice where they move against each other, and none at the inner places of metal', () => {
    const origin = { role: 'crossbar', layer: 0 } as const;
    const devices = ['a', 'b'].flatMap((node): Device[] => [
      { kind: 'resistor', name: `r_${node}`, nodes: ['in0', node], ohms: 1e6, origin },
      { kind: 'resistor', name: `r_${node}_0`, nodes: [node, '0'], ohms: 1e6, origin },
    ]);
    const flat = flatten({ inputs: ['in0'], devices }, egt);
    const [a, b, size] = [flat.unknowns.indexOf('a'), flat.unknowns.indexOf('b'), flat.unknowns.length];
    const capacitors = [{ nodes: [a, b] as const, farads: 2e-9 }];
    const slowest = (one: typeof flat): number => {
      const solver = new ExactSolver(one);
      solver.setValues(componentValues(one));
      expect(solver.solveRow(Float64Array.of(1), 0, solver.newState(1))).toBe(true);
      return stabilityOf(solver, 1e-9).slowestSeconds;
    };
    // together they have 1 nF each, against each other 1 + 2·2
    expect(slowest({ ...flat, capacitors })).toBeCloseTo(5 * 0.5e-3, 12);
    // the resistor to ground of a stands at the end of a line
    const moved = (node: number): number => (node < size ? node : node + 1);
    const resistors = flat.resistors.map((r) => ({
      ...r,
      nodes: r.nodes.map((node, k) => (r.name === 'r_a_0' && k === 0 ? size : moved(node))) as [number, number],
    }));
    const lined = {
      ...flat,
      unknowns: [...flat.unknowns, 'a@1,1'],
      metalNodes: 1,
      resistors,
      lines: [{ nodes: [a, size] as const, siemens: 1e-6 }],
    };
    // a: 1 Mohm beside 1 + 1 Mohm
    expect(slowest(lined)).toBeCloseTo((2 / 3) * 1e-3, 12);
  });

  it('of a large circuit is that of its slowest mode, found without a dense matrix, and so is the node that takes most part in it', () => {
    const solver = solvedAt(wiredCrossbar(12), egt, [0.1, 0.9, 0.4]);
    const { size } = solver;
    expect(size).toBe(300);
    const matrix = solver.jacobian().map((siemens) => -siemens / 1e-12);
    const { real } = eigenvalues(matrix, size);
    const slowest = real.reduce((most, value) => Math.max(most, value));
    const found = stabilityOf(solver, 1e-12);
    expect(found.eigenvalues.real).toHaveLength(1);
    expect(found.largestRealPart / slowest).toBeCloseTo(1, 9);
    const right = eigenvectorMagnitudes(matrix, size, slowest, 0);
    // conductances between nodes are the same both ways: so is the left one
    const shares = right.map((value) => value ** 2);
    participation(solver, 1e-12).forEach((share, node) => {
      expect(share).toBeCloseTo(shares[node]!, 6);
    });
  });

  it('of more than 1,500 nodes whose op-amps are in loops is that of one of them, found without a dense matrix', () => {
    const followers = Array.from(
      { length: 1501 },
      (_, i): Device => ({
        ...{ kind: 'opamp', name: `op${i}`, model: 'gain', plus: 'in0', minus: `x${i}`, output: `x${i}` },
        origin: { role: 'opamp', layer: 0, column: i },
      }),
    );
    const solver = solvedAt({ name: 'many', inputs: ['in0'], outputs: ['x0'], devices: followers }, opamp, [0.5]);
    const found = stabilityOf(solver);
    expect(found.largestRealPart / (-gainBandwidth * (1 + 1 / opamp.opamp!.gain))).toBeCloseTo(1, 9);
    expect(isStable(solver)).toBe(true);
  });

  it('of 800 rings of two inverters is lost in the one that is driven least', () => {
    const rings = Array.from({ length: 800 }, (_, i) => ring(i, i === 417 ? 1e9 : 2e3)).flat();
    const solver = solvedAt({ name: 'rings', inputs: ['in0'], outputs: ['a0'], devices: rings }, egt, [0.2]);
    expect(solver.size).toBeGreaterThan(1500);
    const found = stabilityOf(solver, 1e-12);
    expect(found.stable).toBe(false);
    expect(isStable(solver, 1e-12)).toBe(false);
    const alone = solvedAt({ name: 'ring', inputs: ['in0'], outputs: ['a0'], devices: ring(0, 1e9) }, egt, [0.2]);
    expect(found.largestRealPart / stabilityOf(alone, 1e-12).largestRealPart).toBeCloseTo(1, 6);
    expect(['a417', 'b417']).toContain(worstNode(solver, 1e-12));
    const crossed = new ExactSolver({ ...solver.flat, capacitors: [{ nodes: [0, 1], farads: 1e-12 }] });
    crossed.setValues(componentValues(solver.flat));
    expect(crossed.solveRow(Float64Array.of(0.2), 0, crossed.newState(1))).toBe(true);
    for (const ask of [stabilityOf, isStable, worstNode])
      expect(() => ask(crossed, 1e-12)).toThrow('or capacitances where lines cross, at most 1,500 nodes');
  });

  it.each(['ideal', 'gain', 'rails'] as const)(
    'of a column with more positive than negative conductance holds, %s',
    (model) => {
      const solver = solvedAt(columnWithNegatives(model, [1e5, 2e5], [4e5, 1e6]), opamp, [0.2, 0.9, 0.4, 0.7]);
      expect(stabilityOf(solver).stable).toBe(true);
    },
  );

  it('is lost through the resistances of the sources although the sum of conductances stays positive', () => {
    const { circuit, sourceOhms, inputVolts } = MANY_NEGATIVES;
    expect(stabilityOf(solvedAt(circuit, opamp, inputVolts)).stable).toBe(true);
    const driven = solvedAt(withSourceResistances(circuit, sourceOhms), opamp, inputVolts);
    const found = stabilityOf(driven);
    expect(found.stable).toBe(false);
    expect(found.slowestSeconds).toBe(Number.POSITIVE_INFINITY);
    expect(['z', 'x', 'minus']).toContain(worstNode(driven));
    expect(participation(driven).every((share) => share >= 0 && share <= 1)).toBe(true);
  });

  it('of an amplifier with its inputs exchanged is none, though it has an operating point', () => {
    const right = amplifier('rails');
    const wrong = {
      ...right,
      devices: right.devices.map((d): Device => (d.kind === 'opamp' ? { ...d, plus: d.minus, minus: d.plus } : d)),
    };
    expect(stabilityOf(solvedAt(right, opamp, [0.1])).stable).toBe(true);
    expect(stabilityOf(solvedAt(wrong, opamp, [0.1])).stable).toBe(false);
  });

  it('of a printed network does not hang on its capacitances', () => {
    const circuit = randomCircuit(egt, [3, 3, 2], 1);
    const solver = solvedAt(circuit, egt, [0.2, 0.6, 0.9]);
    expect(stabilityOf(solver, 1e-12).stable).toBe(true);
    expect(isStableForAnyCapacitances(solver)).toBe(true);
  });

  it('of two inverters in a ring is lost between their states', () => {
    const circuit = { name: 'ring', inputs: ['in0'], outputs: ['a0'], devices: ring(0, 1e9) };
    const solver = solvedAt(circuit, egt, [0.2]);
    expect(isStableForAnyCapacitances(solver)).toBe(false);
    expect(stabilityOf(solver, 1e-12).stable).toBe(false);
  });

  it('for any capacitances is never claimed of op-amps', () => {
    expect(isStableForAnyCapacitances(solvedAt(amplifier('rails'), opamp, [0.1]))).toBe(false);
  });
});
