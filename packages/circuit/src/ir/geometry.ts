import type { Circuit, Origin } from '@neuroprint/core';
import { findCell, type PrintingRules, type Technology } from '../technology/technology.ts';

/**
 * A printed resistor: R = sheet resistance · length/width. Its line is folded into `legs` side by side, joined by conductor, so that it
 * fits a box that is nearly square.
 */
export interface ResistorGeometry {
  readonly ink: string;
  readonly squares: number;
  readonly widthMetres: number;
  readonly lengthMetres: number;
  /** What width and length, on the layout grid, come to; next to the value that was asked for. */
  readonly drawnOhms: number;
  readonly legs: number;
  readonly box: Box;
}

/** Outer size in metres. */
interface Box {
  readonly widthMetres: number;
  readonly heightMetres: number;
}

/** One thing that is printed: a resistor, or a transistor's channel with its contacts. */
export type PrintedElement = {
  /** `r_l0_i1_c2`, or `act_l0_c1.load1` for an element of a stage. */
  readonly name: string;
  readonly device: string;
  readonly origin: Origin;
  readonly nodes: readonly string[];
  /** Ink on the paper: length times width. */
  readonly areaSquareMetres: number;
  readonly box: Box;
} & (
  | { readonly kind: 'resistor'; readonly ohms: number; readonly geometry: ResistorGeometry }
  | { readonly kind: 'transistor'; readonly widthMetres: number; readonly lengthMetres: number }
);

/** Widths that are tried, as multiples of the narrowest. */
const WIDEST = 3;
/** A drawn resistance that is nearer than this share of a printing step is near enough. */
const NEAR_ENOUGH = 0.1;

/** The geometry of a resistor in the ink that needs the smallest box. Assumes straight legs; contacts and corners count nothing. */
export function resistorGeometry(ohms: number, printing: PrintingRules): ResistorGeometry {
  const choices = printing.resistorInks.map((ink) => drawn(ohms, ink, printing));
  return choices.reduce((best, one) => (boxArea(one.box) < boxArea(best.box) ? one : best));
}

function drawn(
  ohms: number,
  { name, sheetOhms }: PrintingRules['resistorInks'][number],
  printing: PrintingRules,
): ResistorGeometry {
  const { gridMetres: grid, minimumWidthMetres, minimumGapMetres: gap, resistanceStep } = printing;
  const squares = ohms / sheetOhms;
  const narrowest = Math.ceil(minimumWidthMetres / grid - 1e-9);
  let best = { width: 0, length: 0, error: Number.POSITIVE_INFINITY };
  // in steps of the grid: the shorter side runs from the narrowest up until the other side falls on the grid
  for (let short = narrowest; short <= WIDEST * narrowest; short += 1) {
    const long = Math.max(short, Math.round(squares >= 1 ? short * squares : short / squares));
    const [width, length] = squares >= 1 ? [short, long] : [long, short];
    const error = Math.abs(length / width / squares - 1);
    if (error < best.error) best = { width, length, error };
    if (best.error <= NEAR_ENOUGH * resistanceStep) break;
  }
  const { width, length } = best;
  const legs = Math.max(1, Math.round(Math.sqrt(length / (width + gap / grid))));
  return {
    ink: name,
    squares: length / width,
    widthMetres: width * grid,
    lengthMetres: length * grid,
    drawnOhms: (sheetOhms * length) / width,
    legs,
    box: {
      widthMetres: legs * width * grid + (legs - 1) * gap,
      heightMetres: Math.ceil(length / legs) * grid,
    },
  };
}

/**
 * Ink of a resistor drawn as narrow as can be, in m², and its slope d ln area/d ln ohms: w²·s for s squares, w²/s for less than one. What
 * `resistorGeometry` draws differs by the rounding to the layout grid.
 */
export function resistorInk(
  ohms: number,
  { resistorInks, minimumWidthMetres: width }: Pick<PrintingRules, 'resistorInks' | 'minimumWidthMetres'>,
): { readonly squareMetres: number; readonly logSlope: 1 | -1 } {
  const choices = resistorInks.map(({ sheetOhms }) => {
    const squares = ohms / sheetOhms;
    return squares >= 1
      ? ({ squareMetres: width * width * squares, logSlope: 1 } as const)
      : ({ squareMetres: (width * width) / squares, logSlope: -1 } as const);
  });
  return choices.reduce((best, one) => (one.squareMetres < best.squareMetres ? one : best));
}

function boxArea({ widthMetres, heightMetres }: Box): number {
  return widthMetres * heightMetres;
}

/** Everything that is printed of a circuit, in the order of its devices. An op-amp is a part beside the print. */
export function printedElements(circuit: Pick<Circuit, 'devices'>, technology: Technology): PrintedElement[] {
  const { printing } = technology;
  const resistor = (
    rest: Pick<PrintedElement, 'name' | 'device' | 'origin' | 'nodes'>,
    ohms: number,
  ): PrintedElement => {
    const geometry = resistorGeometry(ohms, printing);
    const areaSquareMetres = geometry.widthMetres * geometry.lengthMetres;
    return { ...rest, kind: 'resistor', ohms, geometry, areaSquareMetres, box: geometry.box };
  };
  return circuit.devices.flatMap((device): PrintedElement[] => {
    const { name, origin } = device;
    if (device.kind === 'opamp') return [];
    if (device.kind === 'resistor') return [resistor({ name, device: name, origin, nodes: device.nodes }, device.ohms)];
    const local = (node: string): string => {
      if (node === 'in') return device.input;
      if (node === 'out') return device.output;
      return node === '0' || Object.hasOwn(technology.supplies, node) ? node : `x${name}.${node}`;
    };
    return findCell(technology, device.cell).elements.flatMap((element): PrintedElement[] => {
      const rest = { name: `${name}.${element.name}`, device: name, origin };
      if (element.kind === 'opamp') return [];
      if (element.kind === 'resistor')
        return [resistor({ ...rest, nodes: element.nodes.map(local) }, device.values[element.ohms]!)];
      const [widthMetres, lengthMetres] = [device.values[element.width]!, device.values[element.length]!];
      return [
        {
          ...rest,
          kind: 'transistor',
          nodes: [element.drain, element.gate, element.source].map(local),
          widthMetres,
          lengthMetres,
          areaSquareMetres: widthMetres * lengthMetres,
          // source and drain are lines of the smallest width along the channel
          box: { widthMetres, heightMetres: lengthMetres + 2 * printing.minimumWidthMetres },
        },
      ];
    });
  });
}
