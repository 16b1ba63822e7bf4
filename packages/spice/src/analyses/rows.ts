import type { Technology } from '@neuroprint/circuit';
import { findCell } from '@neuroprint/circuit';
import { type NodeTable, UsageError } from '@neuroprint/core';
import { buildDeck, type Engine, type RunOptions, runOrNothing } from '../engine/engine.ts';
import { NoConvergenceError } from '../engine/errors.ts';
import { alterResistor, alterSource, CellAlterer } from '../render/alter.ts';
import { type CircuitLike, renderLibrary } from '../render/netlist.ts';
import { NetworkDeck, type SimulatedCircuit } from '../render/network-deck.ts';
import { sweepFromZero } from '../render/ramp.ts';

/** Longer `pwl` tables cost more a row, and the embedded engine runs out of stack at 30,000. */
const ROWS_PER_RUN = 5000;

/** Volts of every node, and the static watts of every row by the simulator's own currents, where it gave them. */
export type SimulatedRows = NodeTable & { readonly watts?: Float64Array };

/**
 * Simulates all rows, 5,000 a run. `volts` row-major [rows × inputs]. Where Newton gets stuck at a row coming from the row
 * before it, the sweep starts anew at that row, and where it gets stuck from there too, with a ramp of all sources. Throws SimulationError that names a row without an operating point, or a
 * voltage that is not finite or beyond the supplies.
 */
export async function simulateRows(
  engine: Engine,
  circuit: SimulatedCircuit,
  technology: Technology,
  volts: Float64Array,
  options: RunOptions = {},
): Promise<SimulatedRows> {
  const block = ROWS_PER_RUN * circuit.inputs.length;
  const parts: SimulatedRows[] = [];
  for (let at = 0; at === 0 || at < volts.length; at += block) {
    parts.push(
      await sweepRows(
        engine,
        circuit,
        technology,
        volts.subarray(at, at + block),
        (at / block) * ROWS_PER_RUN,
        options,
      ),
    );
  }
  if (parts.length === 1) return parts[0]!;
  const nodes = parts[0]!.nodes;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const out = new Float64Array(rows * nodes.length);
  parts.forEach((part, i) => {
    out.set(part.volts, i * ROWS_PER_RUN * nodes.length);
  });
  const watts = parts.every((part) => part.watts !== undefined)
    ? Float64Array.from(parts.flatMap((part) => [...part.watts!]))
    : undefined;
  return { nodes, rows, volts: out, ...(watts && { watts }) };
}

/** `firstRow` is the number of the deck's first row for messages. */
async function sweepRows(
  engine: Engine,
  circuit: SimulatedCircuit,
  technology: Technology,
  volts: Float64Array,
  firstRow: number,
  options: RunOptions,
): Promise<SimulatedRows> {
  const deck = new NetworkDeck(circuit, technology, volts, firstRow);
  const { unknowns } = deck.flat;
  const label = engineLabel(engine);
  const out = new Float64Array(deck.rows * unknowns.length);
  let watts: Float64Array | undefined = new Float64Array(deck.rows);
  const ofLength = { values: out.length, ...options };
  for (let first = 0; first < deck.rows; ) {
    const plot =
      (await runOrNothing(engine, buildDeck(deck.body, deck.sweep(first), deck.options), ofLength))[0] ??
      (await sweepFromZero(
        engine,
        circuit,
        technology,
        volts.subarray(first * circuit.inputs.length),
        firstRow + first,
        ofLength,
      ));
    deck.copy(label, plot, first, out, firstRow);
    const own = deck.watts(plot, first);
    if (own === undefined) watts = undefined;
    else watts?.set(own, first);
    first += plot.points;
  }
  return { nodes: unknowns, rows: deck.rows, volts: out, ...(watts && { watts }) };
}

/** Values that a run may hold before it is read: keeps memory and files small. */
const VALUES_PER_RUN = 4_000_000;
const VARIANTS_PER_RUN = 250;

/**
 * Simulates the same rows through variants of one circuit: same names and connections, other component values. Many
 * variants share a run; each is altered in place and swept. Those with voltages in series with their stages, which differ from row to
 * row, get a run each. Results come in the order of `variants`.
 * Throws as simulateRows does, with the number of the variant; where `onNoConvergence` is given, a variant in which the simulator finds no
 * operating point is told to it by its number, and left out.
 */
export async function* simulateVariants(
  engine: Engine,
  circuit: CircuitLike,
  technology: Technology,
  volts: Float64Array,
  variants: readonly SimulatedCircuit[],
  options: RunOptions & { readonly onNoConvergence?: (variant: number) => void } = {},
): AsyncGenerator<SimulatedRows> {
  const alone = async function* (number: number): AsyncGenerator<SimulatedRows> {
    try {
      yield await simulateRows(engine, variants[number]!, technology, volts, options);
    } catch (error) {
      if (!(error instanceof NoConvergenceError) || options.onNoConvergence === undefined) throw error;
      options.onNoConvergence(number);
    }
  };
  if (volts.length > ROWS_PER_RUN * circuit.inputs.length || variants.some(({ series }) => series !== undefined)) {
    for (const number of variants.keys()) yield* alone(number);
    return;
  }
  const deck = new NetworkDeck(circuit, technology, volts);
  const label = engineLabel(engine);
  const { unknowns } = deck.flat;
  const size = deck.rows * unknowns.length;
  const cells = [...new Set(circuit.devices.flatMap((device) => (device.kind === 'stage' ? [device.cell] : [])))];
  const alterer = new CellAlterer(
    renderLibrary(
      technology,
      cells.map((name) => findCell(technology, name)),
    ),
  );
  const batch = Math.max(1, Math.min(VARIANTS_PER_RUN, Math.floor(VALUES_PER_RUN / size)));
  for (let start = 0; start < variants.length; start += batch) {
    const some = variants.slice(start, start + batch);
    const commands = some.flatMap((variant, i) => [
      ...alterCommands(deck, alterer, technology, circuit, variant, start + i),
      alterSource('v_tag', start + i),
      ...deck.sweep(),
    ]);
    const plots = await runOrNothing(engine, buildDeck(deck.body, commands, deck.options), {
      values: size * some.length,
      ...options,
    });
    const byTag = new Map(plots.map((plot) => [Math.round(plot.column('v(_tag)')[0] ?? Number.NaN), plot]));
    for (let i = 0; i < some.length; i += 1) {
      const plot = byTag.get(start + i);
      if (plot === undefined || plot.points !== deck.rows) {
        // alone it starts cold, and a row that fails is named
        yield* alone(start + i);
        continue;
      }
      const out = new Float64Array(size);
      deck.copy(`${label}, variant ${start + i}`, plot, 0, out);
      const watts = deck.watts(plot, 0);
      yield { nodes: unknowns, rows: deck.rows, volts: out, ...(watts && { watts }) };
    }
  }
}

function alterCommands(
  deck: NetworkDeck,
  alterer: CellAlterer,
  technology: Technology,
  circuit: CircuitLike,
  variant: CircuitLike,
  number: number,
): string[] {
  if (variant.devices.length !== circuit.devices.length) throw unlike(number, 'the number of devices');
  return variant.devices.flatMap((device, i) => {
    const original = circuit.devices[i]!;
    if (device.name !== original.name) throw unlike(number, device.name);
    if (device.kind === 'resistor') return alterResistor(deck.path(device.name), device.ohms);
    if (device.kind === 'opamp') return [];
    if (original.kind !== 'stage' || original.cell !== device.cell) throw unlike(number, device.name);
    const cell = findCell(technology, device.cell);
    return alterer.commands(deck.path(`x${device.name}`), cell, (name) => device.values[name]!);
  });
}

function unlike(variant: number, what: string): UsageError {
  return new UsageError(`Variant ${variant} is not a variant of the circuit: ${what} differs.`);
}

function engineLabel(engine: Engine): string {
  return `${engine.name} ${engine.version}`;
}
