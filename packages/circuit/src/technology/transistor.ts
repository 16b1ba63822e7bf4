import { type DeepReadonly, InputFileError, nameSchema, type VoltRange } from '@neuroprint/core';
import { z } from 'zod';
import { checkLaw, type LawRange } from '../law/check.ts';
import { symbolsOf } from '../law/graph.ts';
import { type Law, LawError, parseLaw } from '../law/law.ts';
import { covarianceRoot } from './covariance.ts';
import { marked, sourced } from './marks.ts';

/** At which temperature the numbers of a process are given. */
export const NOMINAL_CELSIUS = 27;
/** Width and length at which a law is looked at. */
const ORDINARY_METRES = 1e-4;

const lawSchema = z.strictObject({
  source: z.string().min(1),
  /** Quantities by name; each may read those before it. */
  let: z.record(z.string(), z.string()).optional(),
  /** Amperes from drain to source of an n-type device. */
  drainAmperes: z.string(),
});

/** How devices of one kind differ: normal, correlated, by device and by sheet. */
const spreadSchema = z.strictObject({
  parameters: z.array(z.string()).min(1),
  /** Of each parameter: a share of its value (`log`) or in its own unit. */
  scale: z.array(z.enum(['log', 'linear'])),
  covariance: z.array(z.array(z.number())),
  /** The share of the variance that all devices of a sheet have in common. */
  sheetShare: z.number().min(0).max(1),
  source: z.string().min(1),
});

/** A kind of transistor: its law, with the values of its parameters. */
const transistorSchema = z.strictObject({
  polarity: z.enum(['n', 'p']),
  description: z.string(),
  /** Lines above the model in netlists; absent: the description. */
  comment: z.array(z.string()).optional(),
  law: lawSchema,
  parameters: z.record(z.string(), marked({ unit: z.string().min(1) })),
  /** Conductance between gate and source for W/L = 1. */
  gateSiemens: sourced.optional(),
  /** Resistance times width of each contact, in series with source and with drain. */
  contactOhmMetres: sourced.optional(),
  spread: spreadSchema.optional(),
});

export const transistorsSchema = z
  .record(nameSchema, transistorSchema)
  .refine((kinds) => Object.keys(kinds).length > 0, 'there is no transistor');

type TransistorFile = DeepReadonly<z.infer<typeof transistorSchema>>;
export type TransistorSpread = DeepReadonly<z.infer<typeof spreadSchema>>;

/** A kind of transistor of a process. */
export interface TransistorKind {
  readonly name: string;
  readonly description: string;
  readonly comment: readonly string[];
  /** `p`: I(vg, vd, vs) = −law(−vg, −vd, −vs). */
  readonly polarity: 'n' | 'p';
  readonly law: Law;
  /** Values in the order of the law's parameterNames. */
  readonly parameters: readonly number[];
  /** Between gate and source for W/L = 1; 0: none. */
  readonly gateSiemens: number;
  /** Resistance times width of each contact; 0: none. */
  readonly contactOhmMetres: number;
  readonly spread?: TransistorSpread;
}

/** Where the laws of transistors have to hold: over supplies and sweep, for a device of ordinary size. */
export function lawRange({
  supplies,
  sweepVolts,
}: {
  readonly supplies: readonly number[];
  readonly sweepVolts: VoltRange;
}): LawRange {
  return {
    lowVolts: Math.min(0, sweepVolts.minimum, ...supplies),
    highVolts: Math.max(0, sweepVolts.maximum, ...supplies),
    width: ORDINARY_METRES,
    length: ORDINARY_METRES,
    celsius: NOMINAL_CELSIUS,
  };
}

/**
 * Reads and checks a kind of transistor: `range` says where its law has to hold. Throws InputFileError with the place in the law.
 */
export function readTransistor(path: string, name: string, file: TransistorFile, range: LawRange): TransistorKind {
  const fail = (what: string, hint?: string): never => {
    throw new InputFileError({ file: path }, `transistors.${name}.${what}`, hint);
  };
  const parameterNames = Object.keys(file.parameters);
  const parameters = parameterNames.map((parameter) => file.parameters[parameter]!.value);
  const { gateSiemens, contactOhmMetres, spread } = file;
  for (const [key, value] of Object.entries({ gateSiemens, contactOhmMetres }))
    if (value !== undefined && !(value.value >= 0)) fail(`${key}: is ${value.value}, and may not be negative`);
  if (spread !== undefined) checkSpread(spread, file, fail);
  let law: Law;
  try {
    law = parseLaw(file.law, parameterNames);
    // a law is written for n-type voltages
    const { lowVolts, highVolts } = range;
    checkLaw(law, parameters, file.polarity === 'n' ? range : { ...range, lowVolts: -highVolts, highVolts: -lowVolts });
  } catch (error) {
    if (!(error instanceof LawError)) throw error;
    const place = error.where.startsWith('parameters.') ? error.message : `law.${error.message}`;
    return fail(place, error.hint);
  }
  return {
    name,
    description: file.description,
    comment: file.comment ?? [file.description],
    polarity: file.polarity,
    law,
    parameters,
    gateSiemens: gateSiemens?.value ?? 0,
    contactOhmMetres: contactOhmMetres?.value ?? 0,
    ...(spread === undefined ? {} : { spread }),
  };
}

function checkSpread(spread: TransistorSpread, { parameters }: TransistorFile, fail: (what: string) => never): void {
  const { parameters: names, scale, covariance } = spread;
  const count = names.length;
  for (const [i, name] of names.entries()) {
    if (!Object.hasOwn(parameters, name)) fail(`spread: there is no parameter ${name}`);
    if (names.indexOf(name) !== i) fail(`spread: the parameter ${name} is named twice`);
    if (scale[i] === 'log' && !(parameters[name]!.value > 0))
      fail(`spread: ${name} is not positive, and its scale is log`);
  }
  if (scale.length !== count || covariance.length !== count || covariance.some((row) => row.length !== count))
    fail(`spread: ${count} parameters need ${count} scales and ${count} × ${count} covariances`);
  for (let i = 0; i < count; i += 1)
    for (let j = 0; j <= i; j += 1) {
      const [a, b] = [covariance[i]![j]!, covariance[j]![i]!];
      if (a !== b) fail(`spread: the covariance of ${names[i]} and ${names[j]} is ${a} and ${b}`);
      if (a * a > covariance[i]![i]! * covariance[j]![j]! * (1 + 1e-9))
        fail(`spread: the covariance of ${names[i]} and ${names[j]} is larger than their variances allow`);
    }
  if (covarianceRoot(covariance) === undefined) fail('spread: the covariance would make a variance negative');
}

/** The same kind with one parameter moved; the kind itself where its law has none of that name. */
export function withParameter(kind: TransistorKind, name: string, change: (value: number) => number): TransistorKind {
  const at = kind.law.parameterNames.indexOf(name);
  return at < 0 ? kind : { ...kind, parameters: kind.parameters.with(at, change(kind.parameters[at]!)) };
}

/** Whether the law of a kind reads the temperature. */
export function readsTemperature({ law }: TransistorKind): boolean {
  return symbolsOf(law.current).has('temp');
}
