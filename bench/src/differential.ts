import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildDeck,
  type Elements,
  type Engine,
  expand,
  NetlistError,
  parseStatements,
  Refusals,
  readStatements,
} from '@neuroprint/spice';
import { randomNetlist } from './random-netlist.ts';

/** What became of random netlists that were read by neuroprint and simulated by ngspice as they stand. */
export interface DifferentialResult {
  /** Read, and the same circuit. */
  readonly same: number;
  /** Read, and ngspice refuses the text: found out, because the text itself is simulated too. */
  readonly refusedBySimulator: readonly number[];
  /** Read as another circuit: seeds. */
  readonly different: readonly number[];
  /** Refused, by the sentence without names and numbers. */
  readonly refused: ReadonlyMap<string, number>;
}

/** Relative difference of two resistances that rounding explains: conductances of 1e-6 to 1e6 S meet in one matrix. */
const SAME_OHMS = 1e-7;
/** The embedded engine does not come back from a text that it refuses. */
const TIMEOUT_MILLISECONDS = 10_000;

/** Reads netlists with these seeds, and simulates those that are taken; stops after `taken` of them where that is given. */
export async function compareRandomNetlists(
  engine: Engine,
  seeds: Iterable<number>,
  taken = Number.POSITIVE_INFINITY,
): Promise<DifferentialResult> {
  const folder = mkdtempSync(join(tmpdir(), 'neuroprint-differential-'));
  const file = join(folder, 'random.cir');
  const refused = new Map<string, number>();
  const [different, refusedBySimulator]: [number[], number[]] = [[], []];
  let same = 0;
  try {
    for (const seed of seeds) {
      if (same + different.length + refusedBySimulator.length >= taken) break;
      const text = randomNetlist(seed);
      writeFileSync(file, text);
      const read = readOhms(file);
      if (typeof read === 'string') {
        refused.set(read, (refused.get(read) ?? 0) + 1);
        continue;
      }
      const simulated = await simulatedOhms(engine, text);
      if (simulated === undefined) refusedBySimulator.push(seed);
      else if (Math.abs(simulated - read) <= SAME_OHMS * Math.abs(simulated)) same += 1;
      else different.push(seed);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { same, refusedBySimulator, different, refused };
}

/** Ohms between `out` and 0 as neuroprint reads the file, or why it does not. */
function readOhms(file: string): number | string {
  try {
    const refusals = new Refusals();
    const netlist = parseStatements(file, readStatements(file, refusals), 'foreign', refusals);
    refusals.check();
    return ohmsOf(expand(netlist, netlist.top, new Map()));
  } catch (error) {
    if (!(error instanceof NetlistError)) throw error;
    const [first] = error.message.split('\n');
    return first!
      .replace(/^.*?line \d+: /, '')
      .replace(/ \(.*\)$/, '')
      .replace(/"[^"]*"/g, '"…"')
      .replace(/\b(?:[xr]\d|c\d+i*|[wlrkab])\b/gi, '…')
      .replace(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g, 'n');
  }
}

/** The same in ngspice, from the text as it stands; undefined where it refuses the text. */
async function simulatedOhms(engine: Engine, text: string): Promise<number | undefined> {
  const body = text
    .split('\n')
    .slice(1)
    .filter((line) => line !== '.end');
  const deck = buildDeck([...body, 'i_ampere 0 out dc 1'].join('\n'), ['op', 'write result.raw']);
  try {
    const [plot] = await engine.run(deck, { timeoutMilliseconds: TIMEOUT_MILLISECONDS });
    return plot!.column('v(out)')[0];
  } catch {
    return undefined;
  }
}

/** Nodal analysis with partial pivoting: nothing that the product's solvers share. */
function ohmsOf({ resistors }: Elements): number {
  const places = new Map<string, number>([['0', -1]]);
  const place = (node: string): number => {
    if (!places.has(node)) places.set(node, places.size - 1);
    return places.get(node)!;
  };
  const ends = resistors.map(({ nodes, ohms }) => ({ a: place(nodes[0]), b: place(nodes[1]), siemens: 1 / ohms }));
  const size = places.size - 1;
  const rows = Array.from({ length: size }, () => new Float64Array(size + 1));
  for (const { a, b, siemens } of ends) {
    if (a === b) continue;
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      if (one < 0) continue;
      rows[one]![one]! += siemens;
      if (other >= 0) rows[one]![other]! -= siemens;
    }
  }
  const out = place('out');
  rows[out]![size] = 1;
  for (let k = 0; k < size; k += 1) {
    let pivot = k;
    for (let i = k; i < size; i += 1) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    for (let i = 0; i < size; i += 1) {
      if (i === k) continue;
      const factor = rows[i]![k]! / rows[k]![k]!;
      for (let j = k; j <= size; j += 1) rows[i]![j]! -= factor * rows[k]![j]!;
    }
  }
  return rows[out]![size]! / rows[out]![out]!;
}
