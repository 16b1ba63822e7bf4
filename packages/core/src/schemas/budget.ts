import { z } from 'zod';

/**
 * What a network may take when it is printed; absent: no limit. Power is the mean over rows that 95 % of the printed copies keep to under
 * the variation of the training, area the sum of the parts in bom.csv (channels and the ink of resistors), inverters falling stages.
 */
export const budgetSchema = z.strictObject({
  maximumPowerWatts: z.number().positive().optional(),
  maximumPrintedSquareMetres: z.number().positive().optional(),
  maximumInverters: z.int().min(0).optional(),
});

export type Budget = Readonly<z.infer<typeof budgetSchema>>;
