import { InputFileError, parseJson, readTextFile, type Variation, variationSchema } from '@neuroprint/core';

/** A variation model from a JSON file. Throws InputFileError that says which field is wrong. */
export function readVariation(file: string): Variation {
  const { data, error } = variationSchema.safeParse(parseJson(file, readTextFile(file)));
  if (error === undefined) return data as Variation;
  const issue = error.issues[0]!;
  throw new InputFileError({ file }, `is no variation model: ${issue.path.join('.') || 'the object'} ${issue.message}`);
}
