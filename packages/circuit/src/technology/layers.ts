import { InputFileError, nameSchema } from '@neuroprint/core';
import { z } from 'zod';

/** A number of the process: where it is from, or that nobody has given it. */
const sourced = z.union([
  z.strictObject({ value: z.number().positive(), source: z.string().min(1) }),
  z.strictObject({ value: z.number().positive(), assumed: z.literal(true), why: z.string().min(1) }),
]);

/** What a printed layer is for. Several layers may be `resistor` (one an ink) or `semiconductor` (one a kind of transistor). */
const roleSchema = z.enum([
  'bottom metal',
  'crossover dielectric',
  'via',
  'top metal',
  'resistor',
  'semiconductor',
  'gate dielectric',
  'gate',
  'title',
]);

/** The stack in the order of printing. Net labels of a layer are GDSII texts on its layer and the datatype that follows. */
export const layersSchema = z.array(
  z.strictObject({
    name: nameSchema,
    role: roleSchema,
    gds: z.strictObject({ layer: z.int().min(0).max(255), datatype: z.int().min(0).max(254) }),
    /** Of `printing.resistorInks`, for a resistor. */
    ink: nameSchema.optional(),
    /** The kind of transistor that is made of this semiconductor; absent: every kind. */
    model: nameSchema.optional(),
    /** Ohms a square of a metal. */
    sheetOhms: sourced.optional(),
    /** Capacitance of a crossing by area, of the crossover dielectric. */
    faradsPerSquareMetre: sourced.optional(),
    thicknessMetres: sourced.optional(),
  }),
);

const byLayer = z.record(nameSchema, sourced);

const ruleSetSchema = z.strictObject({
  description: z.string().min(1),
  /** Every corner lies on it. */
  gridMetres: sourced,
  /** Smallest width and gap of each layer; of a via the smallest place where the metals meet. */
  widthMetres: byLayer,
  gapMetres: byLayer,
  /** Distance of neighbouring lines from centre to centre; absent: what widths, gaps and crossings need. */
  pitchMetres: byLayer.optional(),
  via: z.strictObject({
    /** Whether a via is an opening in the dielectric, drawn on the layer `via`; else metals meet wherever no dielectric is between them. */
    cut: z.boolean(),
    /** How far both metals reach beyond a cut. */
    enclosureMetres: sourced,
  }),
  /** How far the dielectric of a crossing reaches beyond both metals. */
  crossing: z.strictObject({ enclosureMetres: sourced }),
  resistor: z.strictObject({
    /** Length of ink that lies on metal at either end. */
    overlapMetres: sourced,
    /** How far that metal reaches beyond the ink. */
    enclosureMetres: sourced,
    /** Longest side of a folded resistor. */
    boxMetres: sourced,
  }),
  transistor: z.strictObject({
    /** Shortest channel. */
    lengthMetres: sourced,
    /** How far the semiconductor and the gate reach over source and drain. */
    overlapMetres: sourced,
    /** How far the gate dielectric reaches beyond the semiconductor, and source and drain beyond the channel's ends. */
    enclosureMetres: sourced,
  }),
  /** Between inks that must not touch, and from them to the top metal and the dielectric. */
  apartMetres: sourced,
  pad: z.strictObject({ sizeMetres: sourced, gapMetres: sourced }),
});

/** Rule sets by name; the first is the default. */
export const rulesSchema = z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), ruleSetSchema);

type LayerFile = z.infer<typeof layersSchema>[number];
export type LayerRole = LayerFile['role'];

/** A number for each of an object's marked numbers, all the way down. */
type Plain<T> = T extends { value: number } ? number : T extends object ? { readonly [K in keyof T]: Plain<T[K]> } : T;

/** One printed layer; ohms a square, farads a square metre, metres. */
export type LayerSpec = Plain<LayerFile>;
/** Widths, gaps and overlaps in metres that a layout keeps to. */
export type RuleSet = Plain<z.infer<typeof ruleSetSchema>>;

/** Strips the marks of a part of technology.json: `{ value, source }` becomes the value. */
export function plain<T>(value: T): Plain<T> {
  if (typeof value !== 'object' || value === null) return value as Plain<T>;
  if ('value' in value && ('source' in value || 'assumed' in value)) return value.value as Plain<T>;
  if (Array.isArray(value)) return value.map((entry) => plain(entry)) as Plain<T>;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)])) as Plain<T>;
}

/** Roles that a layout cannot do without, and those of which there is one. */
const NEEDED: readonly LayerRole[] = ['bottom metal', 'crossover dielectric', 'top metal', 'resistor', 'title'];
const MANY: readonly LayerRole[] = ['resistor', 'semiconductor'];

/** Checks that the layers are a stack: names, numbers and roles used once, inks that are printed. Throws InputFileError. */
export function checkLayers(path: string, layers: readonly LayerSpec[], inks: readonly string[]): void {
  const fail = (message: string): never => {
    throw new InputFileError({ file: path }, `layers: ${message}`);
  };
  const once = (what: string, keys: readonly string[]): void => {
    const twice = keys.find((key, k) => keys.indexOf(key) !== k);
    if (twice !== undefined) fail(`${what} ${twice} is given twice`);
  };
  once(
    'the name',
    layers.map(({ name }) => name),
  );
  once(
    'the GDSII layer',
    layers.flatMap(({ gds }) => [`${gds.layer}/${gds.datatype}`, `${gds.layer}/${gds.datatype + 1}`]),
  );
  once(
    'the role',
    layers.map(({ role }) => role).filter((role) => !MANY.includes(role)),
  );
  for (const role of NEEDED) if (!layers.some((layer) => layer.role === role)) fail(`there is no ${role}`);
  for (const { name, role, ink } of layers) {
    if ((role === 'resistor') !== (ink !== undefined)) fail(`${name}: a resistor, and nothing else, names its ink`);
    if (ink !== undefined && !inks.includes(ink))
      fail(`${name}: printing.resistorInks has no ${ink}, but ${inks.join(', ')}`);
  }
}
