import type { Element } from './elements.ts';
import { type Block, type Group, UnroutableError } from './netlist.ts';

/** Where a net can be met below a block: the left edge of its vertical line and the y from which it goes down. */
export interface Tap {
  readonly net: string;
  readonly x: number;
  readonly y: number;
}

/** Lines of the whole print that a block joins. */
export interface Rails {
  /** Left edges of the vertical lines of supplies, by net. */
  readonly supplies: ReadonlyMap<string, number>;
  /** Left edges of the pads of inputs, in turn: two columns, so that rows may be nearer to each other than pads. */
  readonly padX: readonly [number, number];
  readonly inputs: readonly string[];
}

/** A track of a band; of a row, resistors stand on it. */
interface BandTrack {
  readonly net: string;
  readonly row: boolean;
}

/** Tracks from above, the first at the foot of the elements of a stage or an op-amp. */
export interface Band {
  readonly group?: PlannedGroup;
  readonly tracks: readonly BandTrack[];
}

export interface PlannedGroup extends Group {
  readonly planned: readonly Element[];
}

/** Plans the bands of the block, from above: rows without a stage, stages between two rows, supplies. */
export function bandsOf(
  block: Block,
  left: readonly PlannedGroup[],
  { supplies, inputs }: Rails,
  from: readonly Tap[],
): Band[] {
  const { layer, columns } = block;
  const bands: Band[] = [];
  const rows = rowCounts(block);
  const own = layer === 0 ? inputs : [];
  const sources = new Set([...own, ...supplies.keys(), ...from.map(({ net }) => net)]);
  const made = new Set(left.map(({ output }) => output));
  const open = new Set(rows.keys());
  const row = (net: string): BandTrack => ({ net, row: open.delete(net) });
  const read = [...new Set([...own, ...rows.keys(), ...left.flatMap(({ input }) => input ?? []), ...columns])];
  for (const net of read) {
    if (made.has(net) || supplies.has(net) || (columns.includes(net) && !sources.has(net))) continue;
    if (!sources.has(net))
      throw new UnroutableError(
        `${net} is read in layer ${layer}, and is neither an input of layer 0, nor an output of the layer before, a supply or a stage beside the crossbar.`,
        'This router lays lines from each layer to the next only.',
      );
    const stages = left.filter(({ input }) => input === net);
    if (stages.length === 0) bands.push({ tracks: [row(net)] });
    for (const group of stages) bands.push({ group, tracks: groupTracks(group, net, supplies, row) });
  }
  for (const group of left) {
    if (group.input !== undefined && sources.has(group.input) && !supplies.has(group.input)) continue;
    bands.push({ group, tracks: groupTracks(group, group.input, supplies, row) });
  }
  for (const net of supplies.keys()) if (rows.has(net)) bands.push({ tracks: [row(net)] });
  // resistors side by side between one row and one column stand on tracks of their own
  for (const [net, times] of rows) for (let k = 1; k < times; k += 1) bands.push({ tracks: [{ net, row: true }] });
  return bands;
}

function groupTracks(
  group: PlannedGroup,
  input: string | undefined,
  supplies: Rails['supplies'],
  row: (net: string) => BandTrack,
): BandTrack[] {
  const { output } = group;
  const nets = [...new Set(group.planned.flatMap(({ terminals }) => terminals.map(({ net }) => net)))];
  const middle = nets.filter((net) => net !== input && net !== output);
  return [
    ...(input === undefined || supplies.has(input) ? [] : [row(input)]),
    ...middle.map((net) => ({ net, row: false })),
    row(output),
  ];
}

/** Most resistors between each row and one column. */
function rowCounts({ resistors }: Block): Map<string, number> {
  const counts = new Map<string, number>();
  const between = new Map<string, number>();
  for (const { row, column } of resistors) {
    const times = (between.get(`${row} ${column}`) ?? 0) + 1;
    between.set(`${row} ${column}`, times);
    counts.set(row, Math.max(counts.get(row) ?? 0, times));
  }
  return counts;
}
