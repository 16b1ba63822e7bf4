import type { MeasuredCurve } from './curve.ts';

/** Every point of a device's curves, one after the other, as an n-type device with its source at 0 V. */
export interface DevicePoints {
  readonly curves: readonly MeasuredCurve[];
  readonly count: number;
  /** Number of the curve of every point. */
  readonly curve: Int32Array;
  readonly gate: Float64Array;
  readonly drain: Float64Array;
  readonly amperes: Float64Array;
  /** Largest current of each curve, in amperes. */
  readonly largest: Float64Array;
  /** Least current above 0 of each curve. */
  readonly least: Float64Array;
  /** Volts from the lowest to the highest gate. */
  readonly gateSpan: number;
}

export function pointsOf(curves: readonly MeasuredCurve[]): DevicePoints {
  const count = curves.reduce((sum, { swept }) => sum + swept.length, 0);
  const curve = new Int32Array(count);
  const [gate, drain, amperes] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  let at = 0;
  curves.forEach(({ kind, held, swept, amperes: measured }, c) => {
    for (let i = 0; i < swept.length; i += 1, at += 1) {
      curve[at] = c;
      gate[at] = kind === 'transfer' ? swept[i]! : held;
      drain[at] = kind === 'transfer' ? held : swept[i]!;
      amperes[at] = measured[i]!;
    }
  });
  const extreme = (start: number, pick: (a: number, b: number) => number, sift = (_: number): boolean => true) =>
    Float64Array.from(curves, (one) => one.amperes.filter(sift).reduce((a, b) => pick(a, b), start));
  const gates = [...gate, 0];
  return {
    curves,
    count,
    curve,
    gate,
    drain,
    amperes,
    largest: extreme(0, Math.max),
    least: extreme(Infinity, Math.min, (i) => i > 0),
    gateSpan: Math.max(...gates) - Math.min(...gates),
  };
}
