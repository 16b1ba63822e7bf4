import { NeuroprintError, type NodeTable } from '@neuroprint/core';
import { buildDeck, type Engine, opampSubckt, optionsLine, textOf } from '@neuroprint/spice';
import type { ForeignCases } from './cases.ts';
import type { ForeignCircuit } from './circuit.ts';
import type { PortMap } from './map.ts';

/** ngspice makes something else of the text than neuroprint: a fault of neuroprint's reading, which must not go on. */
class OtherReadingError extends NeuroprintError {
  override readonly exitCode = 2;
}

/** So many cases of the text itself are simulated: another circuit is another one at any of them. */
const MOST_ROWS = 64;
/** What the same circuit may differ by, relative to the largest voltage of a node. */
const SAME_RELATIVE = 1e-6;
const SAME_VOLTS = 1e-8;

/** How far the text itself and the circuit as it was understood are apart in ngspice. */
export interface TextCheck {
  /** Cases in which ngspice found an operating point of the text. */
  readonly cases: number;
  readonly maxErrorVolts: number;
}

/**
 * Simulates the text itself: its statements as they were written, in their order, with ngspice's own reading of subcircuits,
 * parameters and expressions, and compares every node with what was understood of it. Only what the allow-list took is in the deck. Throws
 * OtherReadingError with the node.
 */
export async function checkText(
  engine: Engine,
  circuit: ForeignCircuit,
  map: PortMap,
  cases: Pick<ForeignCases, 'inputVolts' | 'rows'>,
  simulated: NodeTable,
  solverErrorVolts: number,
): Promise<TextCheck> {
  const { flat } = circuit;
  const rows = Math.min(cases.rows, MOST_ROWS);
  const mark = freeName(circuit);
  const deck = buildDeck(
    textDeck(circuit, map, cases.inputVolts, rows, mark),
    [`dc v${mark}row 0 ${Math.max(1, rows - 1)} 1`, 'write result.raw'],
    optionsLine(flat.technology, flat.unknowns.length),
  );
  const [plot] = await engine.run(deck).catch((error: unknown) => {
    if (error instanceof Error && /found no operating point/.test(error.message)) return [];
    throw error;
  });
  const points = Math.min(plot?.points ?? 0, rows);
  if (plot === undefined || points === 0) return { cases: 0, maxErrorVolts: 0 };
  const size = flat.unknowns.length;
  let maxErrorVolts = 0;
  const prefix = circuit.scope === circuit.netlist.top ? '' : `x${mark}.`;
  const column = new Map(plot.variables.map((name, i) => [name, i]));
  flat.unknowns.forEach((node, k) => {
    const key = node.toLowerCase().replace(/\)$/, '');
    const at = column.get(`v(${key})`) ?? column.get(`v(${prefix}${key})`);
    if (at === undefined)
      throw new OtherReadingError(`${circuit.netlist.file}: ngspice has no node ${node} where neuroprint reads one.`);
    let largest = 0;
    for (let row = 0; row < points; row += 1) largest = Math.max(largest, Math.abs(simulated.volts[row * size + k]!));
    const allowed = SAME_VOLTS + 10 * solverErrorVolts + SAME_RELATIVE * largest;
    for (let row = 0; row < points; row += 1) {
      const [is, read] = [plot.values[row * plot.variables.length + at]!, simulated.volts[row * size + k]!];
      const difference = Math.abs(is - read);
      maxErrorVolts = Math.max(maxErrorVolts, difference);
      if (!(difference <= allowed))
        throw new OtherReadingError(
          `${circuit.netlist.file}: ngspice reads the text otherwise than neuroprint: at ${node} in case ${row} it finds ${is} V, and ${read} V in the circuit as it was understood.`,
          'This is a fault of neuroprint: please report the netlist.',
        );
    }
  });
  return { cases: points, maxErrorVolts };
}

/** A beginning of names that the text has nowhere. */
function freeName({ netlist }: ForeignCircuit): string {
  let name = '_np_';
  while (netlist.kept.some((kept) => (typeof kept === 'string' ? kept : textOf(kept)).includes(name)))
    name = `_${name}`;
  return name;
}

function textDeck(circuit: ForeignCircuit, map: PortMap, inputVolts: Float64Array, rows: number, mark: string): string {
  const { netlist, scope, elements, modelText, flat } = circuit;
  const driven = new Set(elements.sources.filter((source) => !isMeter(circuit, source.name)).map(({ item }) => item));
  const opamps = new Map(map.opamps.map((opamp) => [opamp.name, opamp]));
  const top = new Set(netlist.top.items);
  const lines = netlist.kept
    .filter((kept) => typeof kept === 'string' || (!driven.has(kept) && (scope === netlist.top || !top.has(kept))))
    .map((kept) => {
      if (typeof kept === 'string') return kept;
      const opamp = kept.kind === 'instance' ? opamps.get(kept.words[0]!) : undefined;
      return opamp === undefined
        ? textOf(kept)
        : `${kept.name} ${kept.nodes[opamp.plus]} ${kept.nodes[opamp.minus]} ${kept.nodes[opamp.out]} ${opampSubckt(opamp.model)}`;
    });
  const width = flat.inputs.length;
  // a table of one point is none to ngspice
  const table = (i: number): string =>
    Array.from(
      { length: Math.max(2, rows) },
      (_, row) => `${row},${inputVolts[Math.min(row, rows - 1) * width + i]!.toExponential()}`,
    ).join(',\n+ ');
  return [
    modelText,
    ...lines,
    ...(scope === netlist.top ? [] : [`x${mark} ${scope.ports.join(' ')} ${scope.name}`]),
    ...map.supplies.map(({ node, volts }, i) => `v${mark}s${i} ${node} 0 ${volts.toExponential()}`),
    `v${mark}row ${mark}row 0 0`,
    ...map.inputs.map(({ node }, i) => `b${mark}i${i} ${node} 0 v=pwl(v(${mark}row),\n+ ${table(i)})`),
  ].join('\n');
}

function isMeter({ elements, branches }: ForeignCircuit, name: string): boolean {
  return elements.sources.some((source) => source.name === name && source.volts === 0) && branches().has(name);
}
