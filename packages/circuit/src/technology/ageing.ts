import { type Ageing, type DeepReadonly, InputFileError } from '@neuroprint/core';
import { z } from 'zod';
import { AGEING_LAWS } from '../law/ageing.ts';

/** A number with its unit and its mark: measured, published or assumed. */
const numberSchema = z.looseObject({ unit: z.string(), value: z.number() });

const resistorsSchema = z.strictObject({
  law: z.enum(['power', 'logarithm', 'saturating']),
  /** The law as text, for a reader. */
  ratio: z.string(),
  parameters: z.record(z.string(), numberSchema),
  spread: z
    .strictObject({
      parameters: z.array(z.string()).min(1).max(2),
      scale: z
        .array(z.enum(['linear', 'log']))
        .min(1)
        .max(2),
      covariance: z.array(z.array(z.number())).min(1).max(2),
      sheetShare: z.number().min(0).max(1),
      source: z.string().optional(),
    })
    .optional(),
  measuredDays: z.tuple([z.number().min(0), z.number().min(0)]),
  source: z.string().min(1),
});

/** `ageing` of technology.json, as `technology fit --ageing` writes it. */
export const ageingSchema = z.strictObject({
  resistors: resistorsSchema.optional(),
  thresholds: z.looseObject({}).optional(),
});

/** How the resistors of a process age, whatever the days. */
export type ResistorAgeingModel = Omit<Ageing, 'days'>;

/** Throws InputFileError where law, text and parameters do not belong together. */
export function resistorAgeingOf(
  path: string,
  file: DeepReadonly<z.infer<typeof ageingSchema>> | undefined,
): ResistorAgeingModel | undefined {
  const resistors = file?.resistors;
  if (resistors === undefined) return undefined;
  const { law, ratio, parameters, spread, measuredDays } = resistors;
  const { change, shape } = AGEING_LAWS[law];
  const fail = (what: string): never => {
    throw new InputFileError({ file: path }, `ageing.resistors: ${what}`, 'technology fit --ageing --into writes it.');
  };
  if (ratio !== `1 + ${change}`) fail(`ratio is "${ratio}", and the law ${law} is "1 + ${change}"`);
  const number = (name: string): number => parameters[name]?.value ?? fail(`the law ${law} has no parameter ${name}`);
  const [a, b] = [number('a'), number(shape)];
  if (!(b > 0)) fail(`${shape} is ${b}, and it must be above 0`);
  const names = ['a', shape].slice(0, spread?.parameters.length);
  if (spread !== undefined) {
    const { covariance, scale } = spread;
    if (spread.parameters.join() !== names.join())
      fail(`spread is of ${spread.parameters.join(', ')}, and goes by a, ${shape}`);
    if (scale.length !== names.length || (scale[1] ?? 'log') !== 'log')
      fail(`spread: ${shape} spreads by its logarithm`);
    if (covariance.length !== names.length || covariance.some((row) => row.length !== names.length))
      fail('spread: the covariance has not a row and a column for each parameter');
  }
  return {
    law,
    a,
    shape: b,
    measuredDays,
    ...(spread && {
      spread: { scale: spread.scale[0]!, covariance: spread.covariance, sheetShare: spread.sheetShare },
    }),
  };
}
