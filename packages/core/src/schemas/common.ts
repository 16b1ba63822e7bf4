import { z } from 'zod';

/** A name that is safe in a netlist: ngspice folds case, and a netlist is a program. */
export const nameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'must be a lower-case letter followed by lower-case letters, digits or _');

/** A node: a name, or 0 for ground. */
export const nodeSchema = z.string().regex(/^(0|[a-z][a-z0-9_]*)$/, 'must be 0 or a lower-case name');

/** A technology's name is its folder's name. */
export const technologyNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and dashes');

/** A component parameter such as R1 or W. */
export const parameterNameSchema = z
  .string()
  .regex(/^[A-Z][A-Za-z0-9]{0,15}$/, 'must be a capital letter followed by letters or digits');

/** The range of one component value, in SI base units, and how it is spread. */
export const parameterSchema = z
  .strictObject({
    name: parameterNameSchema,
    unit: z.enum(['ohms', 'metres']),
    min: z.number().positive(),
    max: z.number().positive(),
    scale: z.enum(['linear', 'log']),
  })
  .refine((p) => p.min < p.max, 'min must be below max');

const monomial = String.raw`(?:[A-Z]\w*|\d+(?:\.\d+)?(?:e-?\d+)?)`;

/** `R1>R2`, `R1/R2>R3/R4` or `R*W/L>20000`: products and quotients of parameters and numbers (SI base units) on both sides. */
export const constraintSchema = z
  .string()
  .regex(
    new RegExp(`^${monomial}(?:[*/]${monomial})*>${monomial}(?:[*/]${monomial})*$`),
    'must read like R1>R2 or R*W/L>20000',
  );

/** ptanh parameters: v_out = η₁ + η₂·tanh((v_in − η₃)·η₄); η₁..η₃ in volts, η₄ in 1/volts, η₂ > 0, η₄ > 0. */
export const etaSchema = z.tuple([z.number(), z.number().positive(), z.number(), z.number().positive()]);

/** Component values by parameter name, in ohms and metres. */
export const valuesSchema = z.record(parameterNameSchema, z.number().positive());

export const simulatorSchema = z.strictObject({ name: z.enum(['ngspice', 'embedded']), version: z.string() });

/** Accuracy over printed draws: the spread of every component, how many draws, mean, standard deviation, 5th percentile. */
export const variationSchemaFields = {
  relativeSpread: z.number(),
  /** How prints differ where it is not uniform and independent: the kinds of the model, in words. */
  law: z.string().optional(),
  draws: z.int(),
  mean: z.number(),
  std: z.number(),
  p5: z.number(),
};

export type Parameter = Readonly<z.infer<typeof parameterSchema>>;
export type Eta = readonly [number, number, number, number];
export type Simulator = Readonly<z.infer<typeof simulatorSchema>>;
