import { UsageError } from '@neuroprint/core';

/** Where the sinh grid of one curve is dense. */
export interface SinhShape {
  readonly centreVolts: number;
  readonly widthVolts: number;
}

/** t₀ and step of the auxiliary variable: v = centre + width·sinh(t₀ + step·i) runs from start to stop over the points. */
export function sinhParameters(
  { centreVolts, widthVolts }: SinhShape,
  points: number,
  startVolts: number,
  stopVolts: number,
): { first: number; step: number } {
  if (!(points >= 2) || !Number.isInteger(points) || !(widthVolts > 0) || !(stopVolts > startVolts)) {
    throw new UsageError(
      `A sweep of ${points} points from ${startVolts} V to ${stopVolts} V (width ${widthVolts} V) is none.`,
      'Give two points or more, a positive width, and the start below the stop.',
    );
  }
  const first = Math.asinh((startVolts - centreVolts) / widthVolts);
  const last = Math.asinh((stopVolts - centreVolts) / widthVolts);
  return { first, step: (last - first) / (points - 1) };
}

/** What the auxiliary source is swept over: volts for an even grid, t of `sinhParameters` for a sinh-spaced one. */
export function sweepParameters(
  {
    points,
    startVolts,
    stopVolts,
  }: { readonly points: number; readonly startVolts: number; readonly stopVolts: number },
  shape: SinhShape | undefined,
): { first: number; step: number } {
  if (shape !== undefined) return sinhParameters(shape, points, startVolts, stopVolts);
  return { first: startVolts, step: (stopVolts - startVolts) / (points - 1) };
}

/** The input volts of a sinh-spaced sweep: v_i = centre + width·sinh(t₀ + step·i), v_0 = start, v_{n−1} = stop. */
export function sinhGrid(shape: SinhShape, points: number, startVolts: number, stopVolts: number): Float64Array {
  const { first, step } = sinhParameters(shape, points, startVolts, stopVolts);
  return Float64Array.from(
    { length: points },
    (_, i) => shape.centreVolts + shape.widthVolts * Math.sinh(first + step * i),
  );
}

/** The input volts of an evenly spaced sweep. */
export function uniformGrid(points: number, startVolts: number, stopVolts: number): Float64Array {
  return Float64Array.from({ length: points }, (_, i) => startVolts + ((stopVolts - startVolts) / (points - 1)) * i);
}
