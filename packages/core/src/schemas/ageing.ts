import { z } from 'zod';
import type { DeepReadonly } from '../files/artifact.ts';

const days = z
  .tuple([z.number().min(0), z.number().min(0)])
  .refine(([from, to]) => from <= to, 'the first is the earlier day');

/** How resistors age: R(t)/R(0) = 1 + change(days, a, shape), the change as the law has it (see AGEING_LAWS of circuit). */
const resistorAgeingFields = {
  law: z.enum(['power', 'logarithm', 'saturating']),
  /** Of a typical resistor: its size, and the exponent b of a power or the days τ of the others. */
  a: z.number(),
  shape: z.number().positive(),
  /** How resistors differ: covariance of a (`linear`) or ln a (`log`), and of ln shape where it has two rows. */
  spread: z
    .strictObject({
      scale: z.enum(['linear', 'log']),
      covariance: z.array(z.array(z.number()).min(1).max(2)).min(1).max(2),
      /** Share of the variance that all resistors of a sheet have in common. */
      sheetShare: z.number().min(0).max(1),
    })
    .optional(),
  /** The days over which it was measured: beyond them the law is only continued. */
  measuredDays: days,
};

/** Ageing among the variation: the law, and the days between which a print is looked at: first + (last − first)·u², u uniform in 0..1. */
export const ageingSchema = z.strictObject({ ...resistorAgeingFields, days });

export type Ageing = DeepReadonly<z.infer<typeof ageingSchema>>;
