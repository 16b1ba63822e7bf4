import { type PrintedElement, printedElements, type Technology } from '@neuroprint/circuit';
import { type Circuit, NeuroprintError } from '@neuroprint/core';

/** Two printed areas are nearer to each other than the process allows. */
class OverlapError extends NeuroprintError {
  override readonly exitCode = 1;
}

/** A printed element and where it lies: its box's lower left corner in metres. */
export interface Placed {
  readonly element: PrintedElement;
  readonly xMetres: number;
  readonly yMetres: number;
}

/** What is printed of one layer of the network: a strip across the print. */
interface PlacedLayer {
  readonly layer: number;
  readonly yMetres: number;
  readonly heightMetres: number;
  readonly areaSquareMetres: number;
}

export interface Placement {
  readonly placed: readonly Placed[];
  readonly layers: readonly PlacedLayer[];
  readonly widthMetres: number;
  readonly heightMetres: number;
}

/** Between boxes there is this many times the smallest gap, for the lines that lead to them. */
const GAPS = 3;
/** Width to height of the print that is aimed at. */
const ASPECT = 1.6;

/**
 * Lays the printed areas of a circuit out, layer under layer, the elements of a column or a stage side by side, on shelves of the print's
 * width. Areas only: lines are not routed. Nothing overlaps, which `checkOverlaps` makes sure of.
 */
export function place(circuit: Pick<Circuit, 'devices'>, technology: Technology): Placement {
  const gap = GAPS * technology.printing.minimumGapMetres;
  const elements = printedElements(circuit, technology);
  const total = elements.reduce((sum, { box }) => sum + (box.widthMetres + gap) * (box.heightMetres + gap), 0);
  const widest = Math.max(...elements.map(({ box }) => box.widthMetres));
  const width = Math.max(widest, Math.sqrt(total * ASPECT));
  const placed: Placed[] = [];
  const layers: PlacedLayer[] = [];
  let y = 0;
  const last = Math.max(...elements.map(({ origin }) => origin.layer));
  for (let layer = 0; layer <= last; layer += 1) {
    const own = elements.filter(({ origin }) => origin.layer === layer).sort(byPlace);
    const top = y;
    let [x, height] = [0, 0];
    for (const element of own) {
      if (x > 0 && x + element.box.widthMetres > width * (1 + 1e-9)) {
        y += height + gap;
        x = 0;
        height = 0;
      }
      placed.push({ element, xMetres: x, yMetres: y });
      x += element.box.widthMetres + gap;
      height = Math.max(height, element.box.heightMetres);
    }
    y += height + gap;
    layers.push({
      layer,
      yMetres: top,
      heightMetres: y - gap - top,
      areaSquareMetres: own.reduce((sum, { areaSquareMetres }) => sum + areaSquareMetres, 0),
    });
  }
  const placement = { placed, layers, widthMetres: width, heightMetres: y - gap };
  checkOverlaps(placed, technology.printing.minimumGapMetres);
  return placement;
}

/** Falling stages first, then column by column: its crossbar, then its stage. */
function byPlace(a: PrintedElement, b: PrintedElement): number {
  const rank = ({ origin }: PrintedElement): number => (origin.role === 'falling' ? -1 : (origin.column ?? 0));
  const inColumn = ({ origin }: PrintedElement): number => (origin.role === 'activation' ? 1 : 0);
  return rank(a) - rank(b) || inColumn(a) - inColumn(b) || b.box.heightMetres - a.box.heightMetres;
}

/** Throws OverlapError, with both names, where two areas are nearer than the gap in metres. */
export function checkOverlaps(placed: readonly Placed[], gapMetres: number): void {
  const sorted = [...placed].sort((a, b) => a.xMetres - b.xMetres);
  const slack = 1e-9;
  sorted.forEach((a, i) => {
    const right = a.xMetres + a.element.box.widthMetres + gapMetres - slack;
    for (let j = i + 1; j < sorted.length && sorted[j]!.xMetres < right; j += 1) {
      const b = sorted[j]!;
      const apart =
        b.yMetres >= a.yMetres + a.element.box.heightMetres + gapMetres - slack ||
        a.yMetres >= b.yMetres + b.element.box.heightMetres + gapMetres - slack;
      if (!apart)
        throw new OverlapError(
          `${a.element.name} and ${b.element.name} are printed nearer than ${gapMetres} metres to each other.`,
          'This should not happen; please report it with the circuit file.',
        );
    }
  });
}
