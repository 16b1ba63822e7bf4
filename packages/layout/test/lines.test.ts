import { componentValues, ExactSolver, flatten, stabilityOf, toleranceVolts } from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import { openEngine, renderNetlist, simulateFlat, simulateTransients } from '@neuroprint/spice';
import { describe, expect, it } from 'vitest';
import { readLayout } from '../src/check.ts';
import { extract } from '../src/extract/extract.ts';
import { writeGds } from '../src/gds/write.ts';
import { piecesOf } from '../src/parasitics/conductor.ts';
import { ResistorGraph } from '../src/parasitics/graph.ts';
import { Metal } from '../src/parasitics/metal.ts';
import { onlyNets, withLines } from '../src/parasitics/with-lines.ts';
import { layOut } from '../src/place/place.ts';
import { egt, otftTechnology, randomCircuit } from './example.ts';
import { type Box, sheetVolts } from './sheet.ts';

const corners = ([x1, y1, x2, y2]: Box) =>
  [
    [x1, y1],
    [x2, y1],
    [x2, y2],
    [x1, y2],
  ].map(([x, y]) => ({ x: 1000 * x!, y: 1000 * y! }));
const edge = (site: number, [x, y]: readonly [number, number], length: number, side: 'upright' | 'level') =>
  ({
    kind: 'edge',
    site,
    end: { conductor: 0, x: 1000 * x, y: 1000 * y, upright: 0, level: 0, [side]: 1000 * length },
  }) as const;
const squares = (
  points: readonly (readonly [number, number])[],
  ...ends: readonly ReturnType<typeof edge>[]
): number => {
  const outline = points.map(([x, y]) => ({ x: 1000 * x, y: 1000 * y }));
  const { pieces } = piecesOf({ outline, holes: [] }, ends)!;
  expect(pieces).toHaveLength(1);
  return pieces[0]!.squares;
};

describe('a conductor between two ends', () => {
  const line = [
    [0, 0],
    [300, 0],
    [300, 20],
    [0, 20],
  ] as const;

  it('that is straight has its length over its width in squares', () => {
    const all = squares(line, edge(0, [0, 10], 20, 'upright'), edge(1, [300, 10], 20, 'upright'));
    expect(all).toBeCloseTo(15, 9);
  });

  it('has a third of its squares where current leaves evenly along its side, as an electrode beside a channel', () => {
    const side = squares(line, edge(0, [0, 10], 20, 'upright'), edge(1, [150, 20], 300, 'level'));
    expect(side / 15).toBeGreaterThan(0.333);
    expect(side / 15).toBeLessThan(0.36);
  });

  it('counts a corner as 0.6 squares, the arms to its edges as squares of their own', () => {
    const elbow = [
      [0, 0],
      [200, 0],
      [200, 200],
      [180, 200],
      [180, 20],
      [0, 20],
    ] as const;
    const all = squares(elbow, edge(0, [0, 10], 20, 'upright'), edge(1, [190, 200], 20, 'level'));
    // 0.559 exactly
    expect(all - 18).toBeGreaterThan(0.55);
    expect(all - 18).toBeLessThan(0.63);
  });
});

describe('a comb', () => {
  // a rail of top metal with two lines of bottom metal, each with two feet that ink stands on, and a pad below
  const rows = [200, 500];
  const feet = rows.flatMap((y) => [200, 600].map((x): Box => [x, y + 20, x + 70, y + 60]));
  const bottom: Box[] = [
    ...rows.map((y): Box => [0, y, 700, y + 20]),
    ...feet,
    [-340, -140, -40, 160],
    [-40, 0, 20, 20],
  ];
  const top: Box[] = [[0, 0, 20, 540]];
  const inks = feet.map(([x1, , x2, y2]): Box => [x1 + 10, y2 - 20, x2 - 10, y2 + 120]);
  const lids = feet.map(([x1, , x2, y2]): Box => [x1, y2 + 100, x2, y2 + 140]);

  it('drops the volts of a finite-difference solution of the sheet within 3 %', () => {
    const drawn = {
      polygons: new Map([
        ['1/0', [...bottom, ...lids].map(corners)],
        ['4/0', top.map(corners)],
        ['5/0', inks.map(corners)],
      ]),
      texts: new Map([['1/1', [{ x: -190_000, y: 10_000, text: 'vdd' }]]]),
    };
    const extracted = extract('comb.gds', drawn, egt);
    expect(extracted.devices).toHaveLength(4);
    const metal = new Metal('comb.gds', extracted, egt);
    const pad = metal.labelSites[0]!;
    const taps = extracted.devices.map(({ ends }) => metal.siteOf(ends.reduce((a, b) => (a.y < b.y ? a : b))));
    const { graph } = metal;
    const volts = voltsOf(graph.resistors(), (node) => graph.find(node), pad, taps);
    // ink takes its current along its edge
    const boxes = extracted.devices.map(({ ends }): Box => {
      const { x, y } = ends.reduce((a, b) => (a.y < b.y ? a : b));
      return [x / 1000 - 25, y / 1000 - 5, x / 1000 + 25, y / 1000];
    });
    const exact = sheetVolts(
      { bottom, top, vias: rows.map((y): Box => [0, y, 20, y + 20]).concat([[0, 0, 20, 20]]) },
      [-340, -140, -40, 160],
      boxes.map((box) => ({ box, amperes: 1 })),
      5,
    );
    exact.forEach((v, k) => {
      expect(Math.abs(volts[k]! / 0.2 / v - 1)).toBeLessThan(0.03);
    });
  });
});

/** Volts of nodes that take 1 A each, by the metal's resistors, the pad being at 0 V. */
function voltsOf(
  resistors: ReturnType<ResistorGraph['resistors']>,
  find: (node: number) => number,
  pad: number,
  taps: readonly number[],
): number[] {
  const nodes = [...new Set(resistors.flatMap((one) => one.nodes))].filter((node) => node !== find(pad));
  const at = new Map(nodes.map((node, k) => [node, k]));
  const n = nodes.length;
  const matrix = nodes.map(() => new Float64Array(n + 1));
  for (const { nodes: ends, siemens } of resistors)
    for (const [a, b] of [ends, [ends[1], ends[0]] as const]) {
      const row = at.get(a);
      if (row === undefined) continue;
      matrix[row]![row]! += siemens;
      const column = at.get(b);
      if (column !== undefined) matrix[row]![column]! -= siemens;
    }
  for (const tap of taps) matrix[at.get(find(tap))!]![n]! += 1;
  for (let k = 0; k < n; k += 1)
    for (let i = 0; i < n; i += 1) {
      if (i === k) continue;
      const factor = matrix[i]![k]! / matrix[k]![k]!;
      if (factor !== 0) for (let j = k; j <= n; j += 1) matrix[i]![j]! -= factor * matrix[k]![j]!;
    }
  return taps.map((tap) => {
    const k = at.get(find(tap))!;
    return matrix[k]![n]! / matrix[k]![k]!;
  });
}

describe('resistors of a net', () => {
  it('keep the resistance between any two kept nodes when all others are left out', () => {
    const draws = new Draws(1, 'nets');
    for (let n = 0; n < 20; n += 1) {
      const graph = new ResistorGraph();
      const nodes = Array.from({ length: 14 }, () => graph.add());
      // a tree, and a few loops
      const pairs = nodes.slice(1).map((node, k) => [node, Math.floor((k + 1) * draws.uniform(n, k))] as const);
      pairs.push([0, 13], [Math.floor(13 * draws.uniform(n, 50)), 7]);
      pairs.forEach(([a, b], k) => {
        graph.connect(a, b, 1 + 9 * draws.uniform(n, 100 + k));
      });
      const kept = new Set([0, 5, 9]);
      const before = between(graph, [0, 5, 9]);
      graph.reduce(kept, new Set());
      const after = between(graph, [0, 5, 9]);
      expect(graph.resistors().length).toBeLessThan(pairs.length);
      after.forEach((ohms, k) => {
        expect(ohms / before[k]!).toBeCloseTo(1, 10);
      });
    }
  });

  it('give a node that is only looked at the volts of where its dead end begins', () => {
    const graph = new ResistorGraph();
    const [a, b, c, probe] = [graph.add(), graph.add(), graph.add(), graph.add()];
    graph.connect(a, b, 1);
    graph.connect(b, c, 1);
    graph.connect(b, probe, 1);
    graph.reduce(new Set([a, c]), new Set([probe]));
    // b stays, because somebody looks at it
    expect(graph.find(probe)).toBe(b);
    expect(graph.resistors()).toHaveLength(2);
  });
});

/** Ohms between the first and each other of some nodes: volts where 1 A flows. */
function between(graph: ResistorGraph, nodes: readonly number[]): number[] {
  const [ground, ...others] = nodes;
  return others.map((node) => voltsOf(graph.resistors(), (at) => graph.find(at), ground!, [node])[0]!);
}

describe.each(['inkjet', 'otft'])('a circuit with the lines of its layout under the rules %s', (rules) => {
  const circuit = randomCircuit([3, 2, 2]);
  const netlist = { text: renderNetlist(circuit, egt), file: 'netlist.cir' };
  const lines = readLayout('layout.gds', writeGds(layOut(circuit, egt, { rules })), netlist, egt, rules).lines()!;
  const ideal = flatten(circuit, egt);
  const flat = withLines(ideal, lines);
  const inputVolts = Float64Array.of(0.1, 0.9, 0.4, 0.8, 0.2, 0.6);
  const solved = (one: typeof flat): Float64Array => {
    const solver = new ExactSolver(one);
    solver.setValues(componentValues(one));
    const state = solver.newState(2);
    expect(solver.solve(inputVolts, 2, state)).toEqual([]);
    return state;
  };

  it('has the same voltages within 10 µV at every node by the exact solver and in ngspice', async () => {
    const exact = solved(flat);
    const engine = await openEngine('auto');
    try {
      const { volts } = await simulateFlat(engine, flat, inputVolts);
      expect(Math.max(...exact.map((v, k) => Math.abs(v - volts[k]!)))).toBeLessThan(1e-5);
    } finally {
      await engine.close();
    }
  });

  it('settles in ngspice as fast as its eigenvalues say, crossings of a thousand times their capacitance included', async () => {
    const farads = 1e-11;
    const capacitors = flat.capacitors!.map((one) => ({ ...one, farads: 1000 * one.farads }));
    const slow = { ...flat, capacitors };
    const solver = new ExactSolver(slow);
    solver.setValues(componentValues(slow));
    const rest = solver.newState(1);
    solver.solveRow(inputVolts, 0, rest);
    const { slowestSeconds } = stabilityOf(solver, farads);
    const without = new ExactSolver(ideal);
    without.setValues(componentValues(ideal));
    without.solveRow(inputVolts, 0, without.newState(1));
    expect(slowestSeconds / stabilityOf(without, farads).slowestSeconds).toBeGreaterThan(1.5);
    const engine = await openEngine('auto');
    try {
      const seconds = 14 * slowestSeconds;
      const cases = [{ inputVolts: inputVolts.slice(0, 3), start: 'rest' as const }];
      const request = { flat: slow, nodeFarads: farads, seconds, stepSeconds: seconds / 2000, cases };
      const [wave] = await simulateTransients(engine, request);
      const size = slow.unknowns.length;
      const away = (at: number): number => {
        const point = wave!.seconds.findIndex((t) => t >= at * slowestSeconds);
        return Math.max(...ideal.unknowns.map((_, k) => Math.abs(wave!.volts[point * size + k]! - rest[k]!)));
      };
      // late, only the slowest mode is left
      expect(Math.log(away(6) / away(9))).toBeCloseTo(3, 1);
      expect(away(13.9)).toBeLessThan(1e-5);
    } finally {
      await engine.close();
    }
  });

  it('has every end of every device at the metal of its net, and no net in two pieces', () => {
    const names = new Set(flat.unknowns);
    expect(lines.nodes.every((node) => names.has(node) || flat.driven.includes(node))).toBe(true);
    const size = flat.unknowns.length;
    const touched = [...flat.resistors, ...flat.leaks].flatMap(({ nodes }) => nodes);
    for (const t of flat.transistors) touched.push(t.drain, t.source);
    // supplies and inputs reach devices through lines only
    expect(touched.every((node) => node < size)).toBe(true);
  });

  it('is moved by the lines of its supplies as by all lines, within 5 %', () => {
    const supplies = withLines(ideal, onlyNets(lines, new Set(['0', 'vdd'])));
    expect(supplies.unknowns.length).toBeLessThan(0.6 * flat.unknowns.length);
    const [none, some, all] = [ideal, supplies, flat].map((one) => ({ volts: solved(one), size: one.unknowns.length }));
    const between = (a: NonNullable<typeof none>, b: NonNullable<typeof none>): number =>
      Math.max(
        ...[0, 1].flatMap((r) =>
          ideal.unknowns.map((_, k) => Math.abs(a.volts[r * a.size + k]! - b.volts[r * b.size + k]!)),
        ),
      );
    expect(between(some!, all!)).toBeLessThan(0.05 * between(none!, all!));
  });

  it('is the ideal circuit in the limit of metal that resists a million times less', () => {
    const shift = (share: number): number => {
      const thin = { ...lines, resistors: lines.resistors.map((one) => ({ ...one, siemens: one.siemens / share })) };
      const real = withLines(ideal, thin);
      const [a, b] = [solved(ideal), solved(real)];
      return Math.max(
        ...ideal.unknowns.map((_, k) => Math.abs(a[k]! - b[k]!)),
        ...ideal.unknowns.map((_, k) => Math.abs(a[ideal.unknowns.length + k]! - b[real.unknowns.length + k]!)),
      );
    };
    const [whole, thousandth] = [shift(1), shift(1e-3)];
    expect(whole).toBeGreaterThan(1e-4);
    expect(thousandth / whole).toBeGreaterThan(0.9e-3);
    expect(thousandth / whole).toBeLessThan(1.1e-3);
    expect(shift(1e-6)).toBeLessThan(1e-6 * 1.1 * whole + 1e-9);
  });
});

it('transistors whose contacts resist and whose gates leak stand at the metal by those', async () => {
  const [[name, kind]] = Object.entries(otftTechnology.transistors) as [[string, (typeof egt.transistors)[string]]];
  const leaky = { ...kind, contactOhmMetres: 100, gateSiemens: 1e-10 };
  const technology = { ...otftTechnology, transistors: { ...otftTechnology.transistors, [name]: leaky } };
  const circuit = randomCircuit([3, 2, 2], 1, technology);
  const netlist = { text: renderNetlist(circuit, otftTechnology), file: 'netlist.cir' };
  const lines = readLayout('layout.gds', writeGds(layOut(circuit, technology)), netlist, technology).lines()!;
  const ideal = flatten(circuit, technology);
  const flat = withLines(ideal, lines);
  expect(flat.leaks).toHaveLength(3 * flat.transistors.length);
  const isMetal = (node: number): boolean => node < flat.unknowns.length && flat.unknowns[node]!.includes('@');
  // the ends at the supply are on its metal
  expect(flat.leaks.filter(({ nodes }) => nodes.some(isMetal)).length).toBeGreaterThan(flat.transistors.length);
  const volts = Float64Array.from([0.2, 0.7, 0.5], (share) => share * technology.bias.volts);
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const state = solver.newState(1);
  expect(solver.solve(volts, 1, state)).toEqual([]);
  const engine = await openEngine('auto');
  try {
    const simulated = await simulateFlat(engine, flat, volts);
    const most = Math.max(...state.map((v, k) => Math.abs(v - simulated.volts[k]!)));
    expect(most).toBeLessThan(toleranceVolts(technology));
  } finally {
    await engine.close();
  }
});

describe('lines', () => {
  const circuit = randomCircuit([3, 2, 2]);
  const netlist = { text: renderNetlist(circuit, egt), file: 'netlist.cir' };

  it('are of a layout that is the circuit, and of no other', () => {
    const layout = layOut(circuit, egt);
    const row = layout.shapes.find(
      (s) => s.layer.role === 'bottom metal' && s.net === 'in1' && s.x2 - s.x1 > s.y2 - s.y1,
    )!;
    const cut = { ...layout, shapes: layout.shapes.filter((shape) => shape !== row) };
    const read = readLayout('cut.gds', writeGds(cut), netlist, egt);
    expect(read.comparison.matches).toBe(false);
    expect(() => read.lines()).toThrow(/cut\.gds is not the circuit of netlist\.cir: /);
  });

  it('are unknown where the technology does not say how a metal resists', () => {
    const layers = egt.layout!.layers.map(({ sheetOhms, ...layer }) =>
      layer.role === 'top metal' || sheetOhms === undefined ? layer : { ...layer, sheetOhms },
    );
    const silent = { ...egt, layout: { ...egt.layout!, layers } };
    expect(readLayout('layout.gds', writeGds(layOut(circuit, egt)), netlist, silent).lines()).toBeUndefined();
  });

  it('with a slanting edge are refused with their place', () => {
    const slanting = [
      [0, 0],
      [300, 0],
      [330, 20],
      [0, 20],
    ].map(([x, y]) => ({ x: 1000 * x!, y: 1000 * y! }));
    const drawn = {
      polygons: new Map([['1/0', [slanting]]]),
      texts: new Map([['1/1', [10_000, 250_000].map((x) => ({ x, y: 10_000, text: 'a' }))]]),
    };
    const extracted = extract('foreign.gds', drawn, egt);
    const ends = [0, 300].map((x) => edge(0, [x, 10], 20, 'upright').end);
    const devices = ends.map((end) => ({ ends: [end, end] }) as unknown as (typeof extracted.devices)[number]);
    expect(() => new Metal('foreign.gds', { ...extracted, devices }, egt)).toThrow(
      /foreign\.gds: the bottom metal at x .* µm has a slanting edge/,
    );
  });
});
