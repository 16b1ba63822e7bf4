import { type FlatCircuit, opampModel, type Technology } from '@neuroprint/circuit';
import type { NodeTable } from '@neuroprint/core';
import { buildDeck, type Engine, optionsLine, type RunOptions, runOrNothing } from '../engine/engine.ts';
import { NoConvergenceError, SimulationError } from '../engine/errors.ts';
import type { Plot } from '../engine/raw.ts';
import { sizeWords, transistorModels } from './models.ts';
import { opampSubckt, renderLibrary } from './netlist.ts';
import { inputColumn } from './network-deck.ts';
import { ROW_SOURCE, rowSweep } from './row-source.ts';
import { formatNumber, formatRowTable } from './templates.ts';

/** Longer `pwl` tables cost more a row. */
const ROWS_PER_RUN = 5000;
/** Steps from no voltage at all to a row that Newton does not find from a cold start; more where these are too coarse. */
const LEAD_IN_STEPS = [20, 200];

/**
 * Simulates resistors, transistors and op-amps that come from anywhere: the deck holds numbers and names of our own making only
 * (`n0`, `n1`, …), nothing of a foreign text. `volts` row-major [rows × inputs]. A row without an operating point from a cold
 * start is reached by raising all sources together. Throws SimulationError with the row.
 */
export async function simulateFlat(
  engine: Engine,
  circuit: FlatCircuit,
  volts: Float64Array,
  options: RunOptions = {},
): Promise<NodeTable> {
  const flat = withOwnKinds(circuit);
  const width = flat.inputs.length;
  const size = flat.unknowns.length;
  const rows = volts.length / width;
  const out = new Float64Array(rows * size);
  const label = `${engine.name} ${engine.version}`;
  for (let start = 0; start < rows; start += ROWS_PER_RUN) {
    const end = Math.min(rows, start + ROWS_PER_RUN);
    for (let first = start; first < end; ) {
      const some = volts.subarray(first * width, end * width);
      const { plot, skip } = await sweep(engine, flat, some, options);
      const points = (plot?.points ?? 0) - skip;
      if (plot === undefined || points <= 0) throw new NoConvergenceError(label, first);
      const places = new Map(plot.variables.map((name, column) => [name, column]));
      const columns = flat.unknowns.map((_, k) => places.get(`v(${flatNode(flat, k)})`));
      for (let point = 0; point < points; point += 1) {
        columns.forEach((column, k) => {
          const value = plot.values[(skip + point) * plot.variables.length + (column ?? Number.NaN)];
          if (value === undefined || !Number.isFinite(value))
            throw new SimulationError(label, `row ${first + point}: no voltage of ${flat.unknowns[k]}`, '');
          out[(first + point) * size + k] = value;
        });
      }
      first += points;
    }
  }
  return { nodes: flat.unknowns, rows, volts: out };
}

/** A circuit whose transistors have parameters of their own, with a kind for each of these transistors. */
function withOwnKinds(flat: FlatCircuit): FlatCircuit {
  if (flat.transistors.every(({ parameters }) => parameters.length === 0)) return flat;
  const kinds = { ...flat.technology.transistors };
  const transistors = flat.transistors.map((transistor, i) => {
    const { model, parameters: own } = transistor;
    if (own.length === 0) return transistor;
    const kind = kinds[model]!;
    const parameters = kind.parameters.slice();
    own.forEach((component, k) => {
      parameters[kind.law.parameterNames.indexOf(kind.spread!.parameters[k]!)] = flat.components[component]!.value;
    });
    const name = `${model}__${i}`;
    kinds[name] = { ...kind, name, parameters };
    return { ...transistor, model: name, parameters: [] };
  });
  return { ...flat, technology: { ...flat.technology, transistors: kinds }, transistors };
}

/** The rows as far as Newton gets; `skip` points before them are the way up from zero. */
async function sweep(
  engine: Engine,
  flat: FlatCircuit,
  volts: Float64Array,
  options: RunOptions,
): Promise<{ readonly plot: Plot | undefined; readonly skip: number }> {
  const width = flat.inputs.length;
  // at 40 V the currents through metal round by more than fine tolerances allow
  const tolerances = flat.lines === undefined ? [undefined] : [undefined, true];
  for (const isCoarse of tolerances)
    for (const skip of [0, ...LEAD_IN_STEPS]) {
      const led = new Float64Array(skip * width + volts.length);
      for (let i = 0; i < skip * width; i += 1) led[i] = (volts[i % width]! * Math.floor(i / width)) / skip;
      led.set(volts, skip * width);
      const commands = [rowSweep(0, led.length / width - 1), 'write result.raw'];
      const line = optionsLine(flat.technology, flat.unknowns.length, isCoarse);
      const deck = buildDeck(flatBody(flat, led, skip), commands, line);
      const values = (led.length / width) * flat.unknowns.length;
      const [plot] = await runOrNothing(engine, deck, { values, ...options });
      if (plot !== undefined && plot.points > skip) return { plot, skip };
    }
  return { plot: undefined, skip: 0 };
}

/** What a flat circuit's node is called in decks: unknown nodes `n0`…, ground, then supplies and inputs `d1`…. */
export function flatNode(flat: FlatCircuit, node: number): string {
  const size = flat.unknowns.length;
  return node < size ? `n${node}` : node === size ? '0' : `d${node - size}`;
}

/** The technology as flat circuits need its models: gates and contacts of transistors are resistors beside them. */
export function bareTechnology(technology: Technology): Technology {
  const bare = { gateSiemens: 0, contactOhmMetres: 0 };
  return {
    ...technology,
    transistors: Object.fromEntries(
      Object.entries(technology.transistors).map(([name, kind]) => [name, { ...kind, ...bare }]),
    ),
  };
}

/** Resistors, what conducts in transistors, and metal lines, between nodes by the names that `node` gives them. */
export function flatConductors(flat: FlatCircuit, node = (i: number): string => flatNode(flat, i)): string[] {
  const value = (component: number): number => flat.components[component]!.value;
  return [
    ...flat.resistors.map(
      ({ nodes: [a, b], component }, i) => `r${i} ${node(a)} ${node(b)} ${formatNumber(value(component))}`,
    ),
    ...flat.leaks.map(({ nodes: [a, b], siemens, width, length }, i) => {
      const over = length === undefined ? 1 : value(length);
      return `rl${i} ${node(a)} ${node(b)} ${formatNumber(over / (siemens * value(width)))}`;
    }),
    ...(flat.lines ?? []).map(
      ({ nodes: [a, b], siemens }, i) => `rm${i} ${node(a)} ${node(b)} ${formatNumber(1 / siemens)}`,
    ),
  ];
}

/** Capacitors between nodes, which operating points do not see. */
export function flatCapacitors(flat: FlatCircuit, node = (i: number): string => flatNode(flat, i)): string[] {
  return (flat.capacitors ?? []).map(
    ({ nodes: [a, b], farads }, i) => `cx${i} ${node(a)} ${node(b)} ${formatNumber(farads)}`,
  );
}

/** Resistors, transistors and op-amps of a flat circuit, one line each. */
export function flatDevices(flat: FlatCircuit): string[] {
  const models = transistorModels(bareTechnology(flat.technology));
  const byName = new Map(models.map((model) => [model.name, model]));
  const node = (i: number): string => flatNode(flat, i);
  const value = (component: number): number => flat.components[component]!.value;
  return [
    ...flatConductors(flat),
    ...flat.transistors.map((t, i) => {
      const model = byName.get(t.model)!;
      const ends: Readonly<Record<string, number>> = { drain: t.drain, gate: t.gate, source: t.source };
      const nodes = model.ports.map((port) => node(ends[port]!)).join(' ');
      return `x${i} ${nodes} ${model.name} ${sizeWords(model, value(t.width), value(t.length))}`;
    }),
    ...flat.opamps.map(
      (o, i) => `xo${i} ${node(o.plus)} ${node(o.minus)} ${node(o.output)} ${opampSubckt(opampModel(o))}`,
    ),
  ];
}

/** Over the first `rampRows` rows the supplies rise from 0 V. */
function flatBody(flat: FlatCircuit, volts: Float64Array, rampRows: number): string {
  const supplies = flat.supplyVolts.length;
  return [
    renderLibrary(bareTechnology(flat.technology), []).models,
    ...flatDevices(flat),
    ...flat.supplyVolts
      .slice(1)
      .map((v, i) =>
        rampRows === 0
          ? `v_s${i} d${i + 1} 0 ${formatNumber(v)}`
          : `b_s${i} d${i + 1} 0 v=pwl(v(_row), 0,0, ${rampRows},${formatNumber(v)}, ${rampRows + 1},${formatNumber(v)})`,
      ),
    ...ROW_SOURCE,
    ...flat.inputs.map(
      (_, i) =>
        `b_i${i} d${supplies + i} 0 v=pwl(v(_row),\n+ ${formatRowTable(inputColumn(volts, flat.inputs.length, i))})`,
    ),
  ].join('\n');
}
