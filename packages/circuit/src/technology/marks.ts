import { z } from 'zod';

/** How a number came to be: published, nobody's, or measured. */
export function marked<Shape extends z.ZodRawShape>(also: Shape) {
  return z.union([
    z.strictObject({ ...also, value: z.number(), source: z.string().min(1) }),
    z.strictObject({ ...also, value: z.number(), assumed: z.literal(true), why: z.string().min(1) }),
    z.strictObject({
      ...also,
      value: z.number(),
      /** The file it was fitted to, the day it was measured, and its standard error in its own unit. */
      measured: z.strictObject({
        file: z.string().min(1),
        date: z.iso.date().optional(),
        standardError: z.number().nonnegative(),
      }),
    }),
  ]);
}

/** A number of the process. */
export const sourced = marked({});
