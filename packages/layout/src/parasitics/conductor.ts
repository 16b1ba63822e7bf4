import { type Island, signedArea } from '../geometry/region.ts';
import { BandMatrix } from './band-matrix.ts';
import { type Mesh, meshOf } from './mesh.ts';
import { coarseCutsFor, cutsFor, placeOf, type Shares, sharesOf, type Terminal } from './terminals.ts';

/**
 * Where lines of two metals meet, both carry the current: an arm has 0.2 squares within a via as wide as the lines, and 0.35 in one half as wide, not 0.5. By
 * finite differences it is 0.15 around a corner and 0.2 straight on (0.35 and 0.39).
 */
const IN_VIA = 0.6;

/** A resistor of a conductor: its ends are sites of terminals (numbers from 0) or inner places of the conductor (below 0). */
interface Piece {
  readonly ends: readonly [number, number];
  readonly squares: number;
}

/** A conductor as resistors; `same` are sites that are one place, `places` where the inner ends −1, −2, … are. */
export interface Pieces {
  readonly pieces: readonly Piece[];
  readonly same: readonly (readonly [number, number])[];
  readonly places: readonly { readonly x: number; readonly y: number }[];
}

const NOTHING: Pieces = { pieces: [], same: [], places: [] };
const NO_CUTS = { xs: [], ys: [] };
/** Most cells of a mesh between two terminals alone; a fine one that has more stays coarse. */
const MOST_CELLS = 4000;

/** Squares between two terminals of conductors that are alike, which a layout has by the thousand. */
export type Known = Map<string, number>;

/**
 * The resistors of a conductor between its terminals. Between two terminals alone it is what the sheet has on a fine mesh, with current
 * that enters evenly along each and the mean voltage there: that gives a third of its squares to an electrode beside a channel, and 0.6 to a corner. With more
 * terminals, or a pad, it is a coarse mesh of straight pieces: a junction is one cell, a pad one place all over. Undefined where an edge slants.
 */
export function piecesOf(island: Island, terminals: readonly Terminal[], known: Known = new Map()): Pieces | undefined {
  if (terminals.length < 2) return NOTHING;
  const corners = meshOf(island, NO_CUTS);
  if (corners === undefined) return undefined;
  const isPad = terminals.some(({ kind }) => kind === 'point');
  if (terminals.length > 2 || isPad) return coarsePieces(meshOf(island, coarseCutsFor(corners, terminals))!, terminals);
  const cuts = cutsFor(terminals);
  const coarse = meshOf(island, cuts)!;
  if (coarse.cells.length > MOST_CELLS) return coarsePieces(coarse, terminals);
  const [a, b] = [terminals[0]!, terminals[1]!];
  if (a.site === b.site) return NOTHING;
  const key = signature(island, terminals);
  let squares = known.get(key);
  if (squares === undefined) {
    const fine = meshOf(island, cuts, true)!;
    const mesh = fine.cells.length > MOST_CELLS ? coarse : fine;
    squares = squaresBetween(mesh, sharesOf(mesh, a), sharesOf(mesh, b));
    known.set(key, squares);
  }
  return squares > 0
    ? { pieces: [{ ends: [a.site, b.site], squares }], same: [], places: [] }
    : { ...NOTHING, same: [[a.site, b.site]] };
}

/** Outline and terminals from the first corner on. */
function signature({ outline, holes }: Island, terminals: readonly Terminal[]): string {
  const { x, y } = outline[0]!;
  const path = (points: Island['outline']): string => points.map((p) => `${p.x - x},${p.y - y}`).join(' ');
  return [
    path(outline),
    ...holes.map(path),
    ...terminals.map((terminal) => {
      if (terminal.kind === 'area') return [terminal.island.outline, ...terminal.island.holes].map(path).join('/');
      const at = placeOf(terminal);
      const size = terminal.kind === 'edge' ? `${terminal.end.upright} ${terminal.end.level}` : '';
      return `${at.x - x},${at.y - y} ${size}`;
    }),
  ].join('|');
}

/**
 * wᵀ·L⁻¹·w with w the shares of the current that enters less those of the one that leaves, L the mesh's conductances in 1/squares; and the way
 * from edges to the middles of their cells.
 */
function squaresBetween({ cells, links }: Mesh, first: Shares, second: Shares): number {
  const size = cells.length - 1;
  const w = new Float64Array(size + 1);
  let edges = 0;
  for (const [shares, sign] of [[first, 1] as const, [second, -1] as const])
    for (const [cell, { share, squares }] of shares) {
      w[cell]! += sign * share;
      edges += share * share * squares;
    }
  // the last cell is the ground; cells come row by row, so that the matrix is a band
  const reach = links.reduce((most, { cells: [a, b] }) => Math.max(most, Math.abs(a - b)), 0);
  const band = new BandMatrix(size, reach);
  for (const { cells: ends, squares } of links)
    for (const [a, b] of [ends, [ends[1], ends[0]] as const]) {
      if (a === size) continue;
      band.add(a, a, 1 / squares);
      if (b < a) band.add(a, b, -1 / squares);
    }
  const volts = band.solve(w);
  return volts.reduce((sum, v, i) => sum + v * w[i]!, edges);
}

function coarsePieces({ cells, links }: Mesh, terminals: readonly Terminal[]): Pieces {
  const siteOf = new Map<number, number>();
  const same: (readonly [number, number])[] = [];
  // what of the way from its middle to its sides a cell does not have
  const without = new Map<number, number>();
  const feet: { readonly site: number; readonly cell: number; readonly squares: number }[] = [];
  for (const terminal of terminals)
    for (const [cell, { squares }] of sharesOf({ cells, links }, terminal)) {
      const { site } = terminal;
      // a pad is touched all over
      if (terminal.kind === 'point') without.set(cell, 1);
      if (terminal.kind === 'area') without.set(cell, IN_VIA * shareOf(cells[cell]!, terminal.island));
      const other = siteOf.get(cell);
      if (squares > 0) feet.push({ site, cell, squares });
      else if (other === undefined) siteOf.set(cell, site);
      else if (other !== site) same.push([other, site]);
    }
  const places: { x: number; y: number }[] = [];
  const ends = cells.map(({ x1, y1, x2, y2 }, k) => {
    const site = siteOf.get(k);
    if (site !== undefined) return site;
    places.push({ x: (x1 + x2) / 2, y: (y1 + y2) / 2 });
    return -places.length;
  });
  const between = links.map(({ cells: [a, b], squares }): Piece => {
    const level = cells[a]!.x2 === cells[b]!.x1;
    const within = [a, b].reduce((sum, k) => sum + (without.get(k) ?? 0) * squaresToEdge(cells[k]!, level), 0);
    return { ends: [ends[a]!, ends[b]!], squares: squares - within };
  });
  const toEdges = feet.map(({ site, cell, squares }): Piece => ({ ends: [site, ends[cell]!], squares }));
  const pieces = [...between, ...toEdges].filter(({ ends: [a, b] }) => a !== b);
  const joined = pieces.flatMap(({ ends, squares }) => (squares > 0 ? [] : [ends]));
  return { pieces: pieces.filter(({ squares }) => squares > 0), same: [...same, ...joined], places };
}

/** Width of a via over that of its cell. */
function shareOf({ x1, y1, x2, y2 }: Mesh['cells'][number], { outline }: Island): number {
  return Math.min(1, Math.sqrt(Math.abs(signedArea(outline)) / ((x2 - x1) * (y2 - y1))));
}

/** From the middle of a cell to its side, to the right and left or up and down. */
function squaresToEdge({ x1, y1, x2, y2 }: Mesh['cells'][number], level: boolean): number {
  return level ? (x2 - x1) / 2 / (y2 - y1) : (y2 - y1) / 2 / (x2 - x1);
}
