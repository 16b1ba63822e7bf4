import { NeuroprintError } from '@neuroprint/core';
import { METRES_PER_UNIT, type Process } from '../process.ts';
import type { Pen } from './drawing.ts';

/** A device that no shape allowed by the rules can be. */
export class ImpossibleShapeError extends NeuroprintError {
  override readonly exitCode = 2;
}

/**
 * A resistor as drawn: an odd number of straight legs of ink side by side, joined by metal at alternating ends, so that no corner is of ink.
 * It begins at the bottom of its first leg and ends on top of the last, which is as long as the others or a little longer.
 */
export interface ResistorShape {
  readonly ink: Process['inks'][number];
  readonly width: number;
  readonly legs: number;
  /** Ink between metal, of every leg but the last, and of the last. */
  readonly length: number;
  readonly lastLength: number;
  readonly drawnOhms: number;
  /** From the left of the first pad to the right of the last, and from the bottom of the lower joints to the upper end of the last pad. */
  readonly boxWidth: number;
  readonly boxHeight: number;
}

/** Widths that are tried, as multiples of the narrowest. */
const WIDEST = 3;
/** Most widths that are tried. */
const TRIALS = 60;
/** A drawn resistance nearer than this share of a printing step is near enough. */
const NEAR_ENOUGH = 0.1;

/** Height of joints and pads of bottom metal: they hold the ink's end, and a via. */
export function jointHeight({ inkOverlap, inkEnclosure, line }: Process): number {
  return Math.max(line, inkOverlap + inkEnclosure);
}

/**
 * The smallest drawing of a resistor with legs of about `leg` units in one of the inks. `device` is for the message.
 * Throws ImpossibleShapeError where no box of the rules holds it.
 */
export function resistorShape(device: string, ohms: number, process: Process, leg: number): ResistorShape {
  const shapes = process.inks.map((ink) => shapeIn(ink, ohms, process, leg));
  const fit = shapes.filter(({ boxWidth, boxHeight }) => Math.max(boxWidth, boxHeight) <= process.box);
  if (fit.length === 0) {
    const micrometres = (units: number): string => `${Math.round((units * METRES_PER_UNIT) / 1e-6)} µm`;
    const least = shapes[0]!;
    throw new ImpossibleShapeError(
      `${device}: ${ohms} ohms are ${(ohms / least.ink.inkSheetOhms).toPrecision(3)} squares of ${least.ink.name}, which take ${micrometres(least.boxWidth)} by ${micrometres(least.boxHeight)}, and the rules ${process.rules} allow ${micrometres(process.box)}.`,
      'Print it in another ink, or give the technology one with another sheet resistance.',
    );
  }
  return fit.reduce((best, one) => (one.boxWidth * one.boxHeight < best.boxWidth * best.boxHeight ? one : best));
}

function shapeIn(ink: Process['inks'][number], ohms: number, process: Process, leg: number): ResistorShape {
  const { grid, bottom, inkEnclosure } = process;
  const squares = ohms / ink.inkSheetOhms;
  const narrowest = Math.max(ink.width, grid);
  // joints at either end of the ink keep the metal's gap
  const shortest = Math.max(bottom.gap, process.inkOverlap);
  let best = { width: narrowest, length: shortest, error: Number.POSITIVE_INFINITY };
  const step = Math.max(grid, Math.ceil(((WIDEST - 1) * narrowest) / TRIALS / grid) * grid);
  const enough = NEAR_ENOUGH * process.technology.printing.resistanceStep;
  for (let k = 0; k <= TRIALS && best.error > enough; k += 1) {
    let width = narrowest + k * step;
    let length = Math.round((width * squares) / grid) * grid;
    if (length < shortest) {
      length = shortest + k * step;
      width = Math.max(narrowest, Math.round(length / squares / grid) * grid);
    }
    const error = Math.abs(length / width / squares - 1);
    if (error < best.error) best = { width, length, error };
  }
  const { width, length } = best;
  let legs = Math.max(1, Math.round(length / leg));
  if (legs % 2 === 0) legs += 1;
  while (legs > 1 && length / legs < shortest) legs -= 2;
  const each = Math.floor(length / legs / grid) * grid;
  const lastLength = length - (legs - 1) * each;
  return {
    ink,
    width,
    legs,
    length: each,
    lastLength,
    drawnOhms: (ink.inkSheetOhms * length) / width,
    boxWidth: (legs - 1) * legPitch(process, width, ink.gap) + width + 2 * inkEnclosure,
    boxHeight: 2 * jointHeight(process) + lastLength,
  };
}

function legPitch({ bottom, inkEnclosure }: Process, width: number, inkGap: number): number {
  return width + Math.max(2 * inkEnclosure + bottom.gap, inkGap);
}

/**
 * Draws the box of a resistor with its lower left corner at 0, 0: the bottom of the lower joints. The first leg stands on a stub of metal that
 * reaches down to `stubTo`, the last ends under a pad that reaches right to `padTo`.
 */
export function drawResistor(
  pen: Pen,
  process: Process,
  shape: ResistorShape,
  nets: { readonly device: string; readonly first: string; readonly last: string },
  { stubTo, stubFrom = 0, padTo }: { readonly stubTo: number; readonly stubFrom?: number; readonly padTo: number },
): void {
  const { bottom, inkEnclosure, inkOverlap } = process;
  const { ink, width, legs, length, lastLength } = shape;
  const joint = jointHeight(process);
  const pitch = legPitch(process, width, ink.gap);
  const inner = (k: number): string => (k === 0 ? nets.first : k === legs ? nets.last : `${nets.device}:${k}`);
  pen(bottom, Math.min(0, stubFrom), stubTo, width + 2 * inkEnclosure, joint, nets.first);
  for (let k = 0; k < legs; k += 1) {
    const x = inkEnclosure + k * pitch;
    const end = joint + (k === legs - 1 ? lastLength : length);
    pen(ink, x, joint - inkOverlap, x + width, end + inkOverlap);
    const right = x + width + inkEnclosure;
    if (k === legs - 1) pen(bottom, x - inkEnclosure, end, Math.max(padTo, right), end + joint, nets.last);
    else if (k % 2 === 0) pen(bottom, x - inkEnclosure, end, right + pitch, end + joint, inner(k + 1));
    else pen(bottom, x - inkEnclosure, 0, right + pitch, joint, inner(k + 1));
  }
}
