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

/** A number, or a law, of technology.json with where it is from. */
export interface Mark {
  /** Place in the file: `transistors.egt.parameters.vth`. */
  readonly path: string;
  readonly value?: number;
  readonly unit?: string;
  readonly kind: 'measured' | 'published' | 'assumed';
  /** File, day and standard error; the source; or why it was chosen. */
  readonly text: string;
}

/** Everything in a technology that says where it is from, in the order of the file. */
export function marksOf(value: unknown, path = ''): Mark[] {
  if (typeof value !== 'object' || value === null) return [];
  const { value: number, unit, source, why, measured } = value as Readonly<Record<string, unknown>>;
  const of = {
    path,
    ...(typeof number === 'number' ? { value: number } : {}),
    ...(typeof unit === 'string' ? { unit } : {}),
  };
  if (typeof why === 'string' && 'assumed' in value) return [{ ...of, kind: 'assumed', text: why }];
  if (typeof measured === 'object' && measured !== null) {
    const { file, date, standardError } = measured as { file: string; date?: string; standardError: number };
    return [{ ...of, kind: 'measured', text: `${file}${date === undefined ? '' : `, ${date}`}: ± ${standardError}` }];
  }
  // a law or a spread says as a whole where it is from
  const own: Mark[] =
    typeof source === 'string'
      ? [{ ...of, kind: source.startsWith('measured: ') ? 'measured' : 'published', text: source }]
      : [];
  const inner = Object.entries(value).flatMap(([key, part]) => marksOf(part, path === '' ? key : `${path}.${key}`));
  return [...own, ...inner];
}
