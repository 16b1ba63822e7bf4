import { conductorNodes, otherConductorNodes } from '../../ir/conductors.ts';
import type { FlatCircuit, FlatTransistor } from '../../ir/flatten.ts';
import { CURVE_LENGTH, WAVE_PERIOD } from '../../variation/series.ts';
import { type CircuitEquations, equationsOf } from '../equations.ts';
import { Arena, pair } from './arena.ts';
import { type Block, type BlockPlan, blockPlanOf } from './blocks.ts';
import { KernelDevices, type KernelGroup } from './devices.ts';
import { eliminationPrograms } from './programs.ts';

/** Rows that the kernel solves in one call. */
export const BATCH_ROWS = 32;
/** Memory that the elimination of a circuit may take in the kernel, in bytes. */
const MOST_BYTES = 2 ** 28;
/** Where the bounds (assembly/newton.ts) have the reach of the series sources, and when Newton is done. */
const REACH_BYTES = 32;
const CONVERGED_BYTES = 48;
/** Tables of drain currents reach so far beyond the supplies, as a share of their span. */
const TABLE_MARGIN = 0.25;

/** Where everything of a circuit stands in a kernel's memory. */
export interface KernelLayout {
  readonly arena: Arena;
  /** Address of the Plan (assembly/plan.ts). */
  readonly plan: number;
  /** Per conductor the places of its conductance, with signs + − − +; −1 where there is no equation. All of them, then all where they may stand instead. */
  readonly conductanceOf: Int32Array;
  readonly conductances: { readonly at: number; readonly count: number };
  /** Per conductor the addresses of λ and of the volts at its ends, in the same order. */
  readonly conductorEnds: Int32Array;
  readonly devices: KernelDevices;
  readonly place: Int32Array;
  readonly at: Readonly<
    Record<
      | 'values'
      | 'rowInputs'
      | 'rowState'
      | 'rowStatus'
      | 'iterations'
      | 'seed'
      | 'resistors'
      | 'resistorGradient'
      | 'outputGradient'
      | 'kept'
      | 'keptBytes'
      | 'sourceCurves'
      | 'rowVolts'
      | 'reach'
      | 'converged',
      number
    >
  >;
}

/** Whether a circuit is not so large that its elimination, written down step by step, and the factors of a batch would fill the memory. */
export function isForKernel(flat: FlatCircuit, mostBytes = MOST_BYTES): boolean {
  const plan = blockPlanOf(flat);
  return 4 * plan.multiplications + 8 * BATCH_ROWS * plan.slots <= mostBytes;
}

/** Plans a circuit for the kernel. */
export function layoutKernel(flat: FlatCircuit): KernelLayout {
  const equations = equationsOf(flat);
  const { size, rowOf, opampRows } = equations;
  const plan = blockPlanOf(flat);
  const arena = new Arena();
  const nodes = size + flat.driven.length;
  const place = new Int32Array(nodes).map((_, i) => i);
  plan.place.forEach((at, unknown) => {
    place[unknown] = at;
  });
  const range = tableVolts(flat);
  const devices = new KernelDevices(flat, range, plan.blocks.length, ({ drain, source }) =>
    drain < size ? plan.blockOf(rowOf[drain]!) : source < size ? plan.blockOf(rowOf[source]!) : 0,
  );

  const planBytes = arena.take(4 * PLAN_FIELDS.length);
  const volts = arena.pairs(nodes);
  const right = arena.pairs(size + 1);
  const matrix = arena.pairs(plan.slots + 1);
  const step = arena.pairs(size);
  const seed = arena.pairs(size + 1);
  const outputs = arena.pairs(devices.outputCount);
  const voltsAt = (node: number): number => pair(volts, place[node]!);
  const rowAt = (node: number): number => pair(right, node < size && rowOf[node]! >= 0 ? place[rowOf[node]!]! : size);
  const entryAt = (slot: number): number => pair(matrix, slot);
  const lambdaAt = (node: number): number => rowAt(node) - right + seed;

  const conductors = conductorNodes(flat);
  const linear = linearProgram(flat, equations, plan, voltsAt, entryAt);
  const slot = (node: number, column: number): number =>
    node < size && column < size ? plan.slot(rowOf[node]!, column) : plan.slots;
  const programOf = ({ drain: d, gate: g, source: s }: FlatTransistor): number[] => [
    ...[voltsAt(d), voltsAt(g), voltsAt(s), rowAt(d)],
    ...[entryAt(slot(d, d)), entryAt(slot(d, g))],
    ...(s >= size
      ? []
      : [...[entryAt(slot(d, s)), rowAt(s)], ...[entryAt(slot(s, d)), entryAt(slot(s, g)), entryAt(slot(s, s))]]),
  ];
  const opampRow = (i: number, column: number): number => entryAt(plan.slot(opampRows[i]!, column));
  const keptBytes = 16 * (plan.slots + nodes + devices.outputCount);
  const order = new Int32Array(size);
  plan.place.forEach((at, unknown) => {
    order[at] = unknown;
  });
  const conductances = { at: arena.float64(new Float64Array(linear.count)), count: linear.count };
  const boundsAt = arena.float64([
    ...[equations.lowestVolts, equations.highestVolts, ...range, 0],
    ...[WAVE_PERIOD * flat.technology.bias.volts, equations.convergedVolts, equations.beyondRailsVolts],
  ]);
  const at = {
    values: arena.take(8 * devices.valueCount),
    rowInputs: arena.take(8 * BATCH_ROWS * flat.inputs.length),
    rowState: arena.take(8 * BATCH_ROWS * size),
    rowStatus: arena.take(4 * BATCH_ROWS),
    iterations: arena.take(4),
    seed,
    resistors: arena.take(16 * conductors.length),
    resistorGradient: arena.pairs(conductors.length),
    outputGradient: arena.pairs(devices.outputCount),
    kept: arena.take((BATCH_ROWS / 2) * keptBytes),
    keptBytes,
    sourceCurves: arena.take(8 * CURVE_LENGTH * flat.sources.length),
    rowVolts: arena.take(8 * BATCH_ROWS * flat.sources.length),
    reach: boundsAt + REACH_BYTES,
    converged: boundsAt + CONVERGED_BYTES,
  };
  const laws = lawBlocks(devices, flat, arena, at.values, outputs, programOf);
  const programs = plan.blocks.map((block) =>
    eliminationPrograms(block, {
      entry: entryAt,
      right: (k) => pair(right, k),
      step: (k) => pair(step, k),
      lambda: (k) => pair(seed, k),
    }),
  );
  // own unknowns first, then those that the block's equations read
  const read = plan.blocks.map(({ first, plan: { size: count }, outer }) => [
    ...Array.from({ length: count }, (_, k) => first + k),
    ...new Set(outer.map(([, column]) => column)),
  ]);
  const blocks = plan.blocks.map((block, b): Readonly<Record<(typeof BLOCK_FIELDS)[number], number>> => {
    const { factor, back, transposed, outer } = programs[b]!;
    return {
      first: block.first,
      count: block.plan.size,
      isSymmetric: block.isSymmetric ? 1 : 0,
      firstSlot: block.firstSlot,
      slotCount: block.endSlot - block.firstSlot,
      conductances: conductances.at + 8 * linear.blocks[b]!.first,
      linear: arena.int32(linear.blocks[b]!.program),
      ...laws[b]!,
      factor: arena.int32(factor),
      back: arena.int32(back),
      transposed: arena.int32(transposed),
      outer: arena.int32(outer),
      outerCount: outer.length / 3,
      read: arena.int32(read[b]!.flatMap((k) => [8 * order[k]!, pair(volts, k)])),
      readCount: read[b]!.length,
    };
  });
  const fields: Readonly<Record<(typeof PLAN_FIELDS)[number], number>> = {
    ...at,
    size,
    inputs: flat.inputs.length,
    supplies: flat.supplyVolts.length,
    slots: plan.slots,
    volts,
    right,
    matrix,
    step,
    limits: arena.pairs(2 * flat.opamps.length),
    bounds: boundsAt,
    blocks: arena.int32(blocks.flatMap((block) => BLOCK_FIELDS.map((name) => block[name]))),
    blockCount: blocks.length,
    outputs,
    opamps: arena.int32(
      flat.opamps.flatMap(({ plus, minus, output }, i) => [
        ...[voltsAt(plus), voltsAt(minus), voltsAt(output), pair(right, place[opampRows[i]!]!)],
        ...[opampRow(i, plus), opampRow(i, minus), opampRow(i, output)],
      ]),
    ),
    opampCount: flat.opamps.length,
    opampLaws: arena.float64(
      flat.opamps.flatMap(({ gain, lowVolts, highVolts }) =>
        Number.isFinite(lowVolts) ? [gain, 0.5 * (lowVolts + highVolts), 0.5 * (highVolts - lowVolts)] : [gain, 0, 0],
      ),
    ),
    stepLimits: arena.float64(Array.from(order, (unknown) => equations.stepLimits[unknown]!)),
    supplyVolts: arena.float64(flat.supplyVolts),
    voltsCount: nodes,
    outputCount: devices.outputCount,
    resistorCount: conductors.length,
    outputEnds: arena.int32(
      devices.devices.flatMap(({ transistor: { drain, source }, of: { law } }) =>
        law.outputs.flatMap(() => [lambdaAt(drain), lambdaAt(source)]),
      ),
    ),
    sources: arena.int32(
      flat.sources.flatMap(({ input, open, output }) => [
        ...[voltsAt(input), voltsAt(open), voltsAt(output), pair(right, place[output]!)],
        ...[input, open, output].map((column) => entryAt(plan.slot(output, column))),
      ]),
    ),
    sourceCount: flat.sources.length,
    sourceVolts: arena.pairs(flat.sources.length),
  };
  arena.int32At(
    planBytes,
    PLAN_FIELDS.map((name) => fields[name]),
  );
  const conductorEnds = Int32Array.from(
    [...conductors, ...otherConductorNodes(flat)].flatMap(([a, b]) => [
      ...[lambdaAt(a), lambdaAt(b), voltsAt(a), voltsAt(b)],
    ]),
  );
  const { conductanceOf } = linear;
  return { arena, plan: planBytes, conductanceOf, conductorEnds, conductances, devices, place, at };
}

/** Fields of Plan in assembly/plan.ts, in its order. */
const PLAN_FIELDS = [
  ...(['size', 'inputs', 'supplies', 'slots', 'volts', 'right', 'matrix', 'step', 'limits', 'bounds'] as const),
  ...(['blocks', 'blockCount', 'outputs', 'opamps', 'opampCount', 'opampLaws', 'stepLimits'] as const),
  ...(['supplyVolts', 'rowInputs', 'rowState', 'rowStatus', 'iterations', 'kept', 'keptBytes', 'voltsCount'] as const),
  ...(['outputCount', 'seed', 'resistors', 'resistorCount', 'resistorGradient', 'outputGradient'] as const),
  ...(['outputEnds', 'sources', 'sourceCount', 'sourceCurves', 'rowVolts', 'sourceVolts'] as const),
];

/** Fields of Block in assembly/plan.ts, in its order. */
const BLOCK_FIELDS = [
  ...(['first', 'count', 'isSymmetric', 'firstSlot', 'slotCount', 'conductances', 'linear', 'laws'] as const),
  ...(['firstOutput', 'outputCount', 'factor', 'back', 'transposed', 'outer', 'outerCount'] as const),
  ...(['read', 'readCount'] as const),
] as const;

/** Per block where its kinds stand (law/kernel/emit.ts), with programs, values and outputs of their transistors, and their tables; and which outputs are its own. */
function lawBlocks(
  devices: KernelDevices,
  flat: FlatCircuit,
  arena: Arena,
  values: number,
  outputs: number,
  programOf: (transistor: FlatTransistor) => number[],
): Readonly<Record<'laws' | 'firstOutput' | 'outputCount', number>>[] {
  const tables = new Map<Float64Array, number>();
  const tableAt = (coefficients: Float64Array): number => {
    const at = tables.get(coefficients) ?? arena.float64(coefficients);
    tables.set(coefficients, at);
    return at;
  };
  const begin = outputs;
  const wordsOf = ({ law, grounded, floating }: KernelGroup): number[] => [
    ...[grounded, floating].flatMap((list) => {
      const words = [arena.int32(list.flatMap((i) => programOf(flat.transistors[i]!))), list.length, values, outputs];
      values += 8 * law.deviceNodes.length * list.length;
      outputs += 16 * law.outputs.length * list.length;
      return words;
    }),
    ...[...law.tables.values()].map(({ coefficients }) => tableAt(coefficients)),
  ];
  return devices.blocks.map((groups) => {
    const first = outputs;
    const laws = arena.int32(groups.flatMap(wordsOf));
    return { laws, firstOutput: (first - begin) / 16, outputCount: (outputs - first) / 16 };
  });
}

/** The volts between which the tables of drain currents hold: supplies and inputs, and some more. */
function tableVolts(flat: FlatCircuit): [number, number] {
  const { inputVolts } = flat.technology;
  const known = [
    inputVolts.minimum,
    inputVolts.maximum,
    ...flat.supplyVolts,
    ...flat.opamps.flatMap(({ lowVolts, highVolts }) => [lowVolts, highVolts]),
  ];
  const finite = known.filter(Number.isFinite);
  const low = Math.min(0, ...finite);
  const high = Math.max(...finite);
  const margin = TABLE_MARGIN * (high - low);
  return [low - margin, high + margin];
}

/** Σ G·v of every equation, and G itself into the matrix: conductances between the same nodes are one. */
function linearProgram(
  flat: FlatCircuit,
  { size, rowOf }: CircuitEquations,
  plan: BlockPlan,
  voltsAt: (node: number) => number,
  entryAt: (slot: number) => number,
): {
  readonly blocks: readonly { readonly first: number; readonly program: readonly number[] }[];
  readonly conductanceOf: Int32Array;
  readonly count: number;
} {
  const columns = Array.from({ length: size }, () => new Map<number, number>());
  const touched = [...conductorNodes(flat), ...otherConductorNodes(flat)].flatMap(
    ([a, b]) => [[a, a] as const, [a, b], [b, a], [b, b]] as const,
  );
  for (const [node, column] of touched) if (node < size && rowOf[node]! >= 0) columns[rowOf[node]!]!.set(column, 0);
  const rows = new Int32Array(size);
  plan.place.forEach((at, row) => {
    rows[at] = row;
  });
  let count = 0;
  const programOf = (row: number): number[] => {
    const own = columns[row]!;
    const program = [own.size];
    for (const column of own.keys()) {
      own.set(column, count);
      count += 1;
      program.push(voltsAt(column), entryAt(plan.slot(row, column)));
    }
    return program;
  };
  const blocks = plan.blocks.map(({ first, plan: { size: own } }: Block) => ({
    first: count,
    program: Array.from(rows.subarray(first, first + own), programOf).flat(),
  }));
  const conductanceOf = Int32Array.from(touched, ([node, column]) =>
    node < size && rowOf[node]! >= 0 ? columns[rowOf[node]!]!.get(column)! : -1,
  );
  return { blocks, conductanceOf, count };
}
