import { conductorNodes } from '../../ir/conductors.ts';
import type { FlatCircuit, FlatTransistor } from '../../ir/flatten.ts';
import { CURVE_LENGTH, WAVE_PERIOD } from '../../variation/series.ts';
import type { EliminationPlan } from '../elimination.ts';
import { type CircuitEquations, equationsOf } from '../equations.ts';
import { Arena, pair } from './arena.ts';
import { KernelDevices } from './devices.ts';

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
  /** Per resistor the places of its conductance, with signs + − − +; −1 where there is no equation. */
  readonly conductanceOf: Int32Array;
  readonly conductances: { readonly at: number; readonly count: number };
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
  const { plan } = equationsOf(flat);
  return 4 * plan.multiplications + 8 * BATCH_ROWS * plan.slots <= mostBytes;
}

/** Plans a circuit for the kernel. */
export function layoutKernel(flat: FlatCircuit): KernelLayout {
  const equations = equationsOf(flat);
  const { size, plan, rowOf, opampRows } = equations;
  const arena = new Arena();
  const nodes = size + flat.driven.length;
  const place = new Int32Array(nodes).map((_, i) => i);
  plan.order.forEach((unknown, k) => {
    place[unknown] = k;
  });
  const range = tableVolts(flat);
  const devices = new KernelDevices(flat, range);

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
  const linear = linearProgram(flat, equations, voltsAt, entryAt);
  const programOf = ({ drain: d, gate: g, source: s }: FlatTransistor): number[] => [
    ...[voltsAt(d), voltsAt(g), voltsAt(s), rowAt(d)],
    ...[entryAt(equations.slot(d, d)), entryAt(equations.slot(d, g))],
    ...(s >= size
      ? []
      : [
          ...[entryAt(equations.slot(d, s)), rowAt(s)],
          ...[entryAt(equations.slot(s, d)), entryAt(equations.slot(s, g)), entryAt(equations.slot(s, s))],
        ]),
  ];
  const opampRow = (i: number, column: number): number => entryAt(plan.slot(opampRows[i]!, column));
  const keptBytes = 16 * (plan.slots + nodes + devices.outputCount);
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
    resistorGradient: arena.pairs(conductors.length),
    outputGradient: arena.pairs(devices.outputCount),
    kept: arena.take((BATCH_ROWS / 2) * keptBytes),
    keptBytes,
    sourceCurves: arena.take(8 * CURVE_LENGTH * flat.sources.length),
    rowVolts: arena.take(8 * BATCH_ROWS * flat.sources.length),
    reach: boundsAt + REACH_BYTES,
    converged: boundsAt + CONVERGED_BYTES,
  };
  const elimination = eliminationPrograms(plan, {
    entry: entryAt,
    right: (k) => pair(right, k),
    step: (k) => pair(step, k),
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
    conductances: conductances.at,
    linear: arena.int32(linear.program),
    laws: lawBlocks(devices, flat, arena, at.values, outputs, programOf),
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
    factor: arena.int32(elimination.factor),
    back: arena.int32(elimination.back),
    transposed: arena.int32(elimination.transposed),
    order: arena.int32(place.subarray(0, size)),
    stepLimits: arena.float64(Array.from(plan.order, (unknown) => equations.stepLimits[unknown]!)),
    supplyVolts: arena.float64(flat.supplyVolts),
    voltsCount: nodes,
    outputCount: devices.outputCount,
    resistors: arena.int32(conductors.flatMap(([a, b]) => [lambdaAt(a), lambdaAt(b), voltsAt(a), voltsAt(b)])),
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
  return { arena, plan: planBytes, conductanceOf: linear.conductanceOf, conductances, devices, place, at };
}

/** Fields of Plan in assembly/plan.ts, in its order. */
const PLAN_FIELDS = [
  ...(['size', 'inputs', 'supplies', 'slots', 'volts', 'right', 'matrix', 'step', 'limits', 'bounds'] as const),
  ...(['conductances', 'linear', 'laws', 'outputs'] as const),
  ...(['opamps', 'opampCount', 'opampLaws', 'factor', 'back', 'transposed', 'order', 'stepLimits'] as const),
  ...(['supplyVolts', 'rowInputs', 'rowState', 'rowStatus', 'iterations', 'kept', 'keptBytes', 'voltsCount'] as const),
  ...(['outputCount', 'seed', 'resistors', 'resistorCount', 'resistorGradient', 'outputGradient'] as const),
  ...(['outputEnds', 'sources', 'sourceCount', 'sourceCurves', 'rowVolts', 'sourceVolts'] as const),
];

/** The blocks of all kinds (law/kernel/emit.ts): programs, values and outputs of their transistors, and their tables. */
function lawBlocks(
  devices: KernelDevices,
  flat: FlatCircuit,
  arena: Arena,
  values: number,
  outputs: number,
  programOf: (transistor: FlatTransistor) => number[],
): number {
  const words: number[] = [];
  for (const { law, grounded, floating } of devices.groups) {
    for (const list of [grounded, floating]) {
      const program = arena.int32(list.flatMap((i) => programOf(flat.transistors[i]!)));
      words.push(program, list.length, values, outputs);
      values += 8 * law.deviceNodes.length * list.length;
      outputs += 16 * law.outputs.length * list.length;
    }
    for (const { coefficients } of law.tables.values()) words.push(arena.float64(coefficients));
  }
  return arena.int32(words);
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
  { size, plan, rowOf }: CircuitEquations,
  voltsAt: (node: number) => number,
  entryAt: (slot: number) => number,
): { readonly program: readonly number[]; readonly conductanceOf: Int32Array; readonly count: number } {
  const columns = Array.from({ length: size }, () => new Map<number, number>());
  const touched = conductorNodes(flat).flatMap(([a, b]) => [[a, a] as const, [a, b], [b, a], [b, b]] as const);
  for (const [node, column] of touched) if (node < size && rowOf[node]! >= 0) columns[rowOf[node]!]!.set(column, 0);
  let count = 0;
  const program = Array.from(plan.order, (row) => {
    const own = columns[row]!;
    return [
      own.size,
      ...[...own.keys()].flatMap((column) => {
        own.set(column, count);
        count += 1;
        return [voltsAt(column), entryAt(plan.slot(row, column))];
      }),
    ];
  }).flat();
  const conductanceOf = Int32Array.from(touched, ([node, column]) =>
    node < size && rowOf[node]! >= 0 ? columns[rowOf[node]!]!.get(column)! : -1,
  );
  return { program, conductanceOf, count };
}

/**
 * The plan's steps as addresses: per pivot its entries below and what they change (0 and a list, or where the first stands if they stand one
 * after the other), the columns right of it from the last to the first, and both transposed. Entries right of a pivot stand behind it.
 */
function eliminationPrograms(
  { size, start, columns, diagonal }: EliminationPlan,
  at: Readonly<Record<'entry' | 'right' | 'step', (index: number) => number>>,
): Readonly<Record<'factor' | 'back' | 'transposed', readonly number[]>> {
  // rows with an entry below each pivot, and where it is stored
  const below: [row: number, slot: number][][] = Array.from({ length: size }, () => []);
  for (let row = 0; row < size; row += 1)
    for (let slot = start[row]!; slot < diagonal[row]!; slot += 1) below[columns[slot]!]!.push([row, slot]);
  const factor: number[] = [];
  const back: number[] = [];
  const forwardTransposed: number[] = [];
  const backTransposed: number[] = [];
  for (let k = 0; k < size; k += 1) {
    const [first, end] = [diagonal[k]! + 1, start[k + 1]!];
    factor.push(at.entry(diagonal[k]!), below[k]!.length, end - first);
    for (const [row, slot] of below[k]!) {
      const targets: number[] = [];
      let target = slot + 1;
      for (let source = first; source < end; source += 1) {
        while (columns[target]! < columns[source]!) target += 1;
        targets.push(target);
      }
      const isOneRun = targets.length > 0 && targets.at(-1)! - targets[0]! === targets.length - 1;
      factor.push(at.entry(slot), at.right(row), isOneRun ? at.entry(targets[0]!) : 0);
      if (!isOneRun) for (const one of targets) factor.push(at.entry(one));
    }
    forwardTransposed.push(at.entry(diagonal[k]!), end - first);
    for (let slot = first; slot < end; slot += 1) forwardTransposed.push(at.step(columns[slot]!));
  }
  for (let k = size - 1; k >= 0; k -= 1) {
    const [first, end] = [diagonal[k]! + 1, start[k + 1]!];
    back.push(at.entry(diagonal[k]!), end - first);
    for (let slot = first; slot < end; slot += 1) back.push(at.step(columns[slot]!));
    backTransposed.push(below[k]!.length);
    for (const [row, slot] of below[k]!) backTransposed.push(at.step(row), at.entry(slot));
  }
  return { factor, back, transposed: [...forwardTransposed, ...backTransposed] };
}
