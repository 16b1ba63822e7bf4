import { z } from 'zod';
import { variationSchemaFields } from './common.ts';

/** The one output is read by a straight line: target = interceptUnits + unitsPerVolt·v_out, in the units of the target's column. */
export const regressionSchema = z.strictObject({
  kind: z.literal('regression'),
  /** Name of the target's column. */
  target: z.string().min(1),
  interceptUnits: z.number(),
  unitsPerVolt: z.number().positive(),
});

/** What the output voltages mean. `classification`, and where there is no task: the class is the output with the largest voltage. */
export const taskSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('classification') }),
  regressionSchema,
]);

/** Root mean square error over printed copies, in units of the target: as for accuracies, and the 95th percentile. */
export const errorSpreadSchema = z.strictObject({ ...variationSchemaFields, p95: z.number() });

/** Root mean square error in units of the target, and Pearson's correlation of what was predicted with the target. */
export const targetScoreSchema = z.strictObject({ rmse: z.number(), r: z.number() });

/** Whether outputs are named as the task wants it: two classes or more, or the one target. */
export function isNamedFor({ classes, task }: { classes: readonly string[]; task?: Task | undefined }): boolean {
  return task?.kind === 'regression' ? classes.length === 1 && classes[0] === task.target : classes.length >= 2;
}
export const NAMES_WANTED = 'two classes or more are needed, or in regression the name of the target alone';

export type Task = Readonly<z.infer<typeof taskSchema>>;
export type Regression = Readonly<z.infer<typeof regressionSchema>>;
export type ErrorSpread = Readonly<z.infer<typeof errorSpreadSchema>>;
export type TargetScore = Readonly<z.infer<typeof targetScoreSchema>>;
