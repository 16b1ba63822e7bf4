import { z } from 'zod';

/**
 * Whether a circuit stays at its operating points: the eigenvalues of C·dv/dt = −i(v), linearised, have negative real parts; no other
 * operating point is found; and transients in ngspice end there.
 */
export const stabilitySchema = z.strictObject({
  /**
   * `unstable`: it leaves an operating point, or never comes to rest; `latching`: there are several points at which it may stay.
   */
  verdict: z.enum(['stable', 'unstable', 'latching']),
  /** In words, with what was looked at or what is wrong. */
  reason: z.string(),
  /** Rows that were linearised. */
  rows: z.int(),
  /** No loop amplifies at any of these rows: stable whatever the capacitances, so that nothing had to be simulated. */
  forAnyCapacitances: z.boolean(),
  /** Capacitance of every node; assumed unless the technology names a source. */
  nodeFarads: z.number().nullable(),
  assumed: z.boolean(),
  /** Largest real part of all eigenvalues, in 1/s, with its row and the node that takes most part in it. */
  largestRealPart: z.number().nullable(),
  worst: z.strictObject({ case: z.int(), node: z.string() }).nullable(),
  /** Time constant of the slowest mode, and the time in which it decays to 1 %; null where there is no capacitance. */
  slowestSeconds: z.number().nullable(),
  settlingSeconds: z.number().nullable(),
  /** Eigenvalues at the worst row, real and imaginary parts in 1/s. */
  eigenvalues: z.array(z.tuple([z.number(), z.number()])),
  /** How many of the eigenvalues `.pz` finds at the worst row, and, where all, how far its largest real part is from ours. */
  poles: z.strictObject({ found: z.int(), of: z.int(), relativeDifference: z.number().nullable() }).nullable(),
  /** Starts of Newton's method, in the exact solver and in ngspice, and how many of them led elsewhere. */
  operatingPoints: z.strictObject({ starts: z.int(), elsewhere: z.int(), maxDifferenceVolts: z.number() }),
  /** Transients in ngspice: how many, the largest distance of their end from the operating point, and one of them. */
  transients: z
    .strictObject({
      count: z.int(),
      elsewhere: z.int(),
      maxDifferenceVolts: z.number(),
      /** Of the outputs, row-major [points × nodes], from rest at the worst row. */
      waveform: z.strictObject({
        case: z.int(),
        nodes: z.array(z.string()),
        seconds: z.array(z.number()),
        volts: z.array(z.number()),
        operatingVolts: z.array(z.number()),
      }),
    })
    .nullable(),
  /** Copies of the print that are unstable at the worst row, by their eigenvalues. */
  copies: z
    .strictObject({ draws: z.int(), relativeSpread: z.number(), law: z.string().optional(), unstable: z.int() })
    .nullable(),
});
