import { z } from 'zod';
import { artifactKind } from '../files/artifact.ts';
import { nameSchema, technologyNameSchema } from './common.ts';

const count = z.int().min(0);
/** Lower left and upper right corner in metres from the lower left corner of the print. */
const corners = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/** LayoutReport: what was drawn, how large, and what two checks of it found. Areas are of what is covered, overlaps counted once. */
export const LayoutReportKind = artifactKind('LayoutReport', 2, {
  name: z.string().min(1),
  technology: technologyNameSchema,
  rules: z.string().min(1),
  /** Numbers of the layers and rules that nobody has given. */
  assumed: z.array(z.string()),
  metresPerUnit: z.number().positive(),
  widthMetres: z.number().positive(),
  heightMetres: z.number().positive(),
  /** Width times height. */
  areaSquareMetres: z.number().positive(),
  layers: z.array(
    z.strictObject({
      name: nameSchema,
      role: z.string(),
      gds: z.strictObject({ layer: count, datatype: count }),
      shapes: count,
      areaSquareMetres: z.number().min(0),
      /** Area times thickness, where the technology gives one. */
      cubicMetres: z.number().min(0).optional(),
    }),
  ),
  /** Areas of the boxes around the devices of each kind, of pads and of lines: what the print is the sum of, but for what is left free. */
  parts: z.record(z.string(), z.strictObject({ count, areaSquareMetres: z.number().min(0) })),
  /** Every device by its name in bom.csv, and the smallest upright box around all that belongs to it. */
  devices: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(['resistor', 'transistor', 'op-amp']),
      boxMetres: corners,
      /** Layer of the ink or of the semiconductor; op-amps have none of what follows. */
      ink: nameSchema.optional(),
      /** Of the ink between metal, all legs one after the other; W and L of a channel. */
      widthMetres: z.number().positive().optional(),
      lengthMetres: z.number().positive().optional(),
      /** Of the polygons of the ink. */
      inkSquareMetres: z.number().positive().optional(),
    }),
  ),
  /** Nets whose lines run side by side on a layer with no other line between them: the nearest first, and of those the longest. */
  neighbours: z.array(
    z.strictObject({
      layer: nameSchema,
      nets: z.tuple([z.string(), z.string()]),
      /** Between the two where they are nearest. */
      gapMetres: z.number().positive(),
      /** Length of all the runs side by side. */
      runMetres: z.number().positive(),
      /** What lies between them along the nearest run; where several are, the longest. */
      placeMetres: corners,
    }),
  ),
  /** Nets whose lines cross, a dielectric between them: how often, the area of all crossings, and the place of the first. */
  crossings: z.array(
    z.strictObject({
      /** The lower one, then the upper one. */
      nets: z.tuple([z.string(), z.string()]),
      times: z.int().min(1),
      areaSquareMetres: z.number().positive(),
      placeMetres: corners,
    }),
  ),
  violations: z.array(
    z.strictObject({
      rule: z.string(),
      layer: nameSchema,
      device: z.string(),
      placeMetres: corners,
    }),
  ),
  /** The polygons of layout.gds read back, against netlist.cir. */
  extracted: z.strictObject({
    matches: z.boolean(),
    differences: z.array(z.string()),
    nets: count,
    resistors: count,
    transistors: count,
    worstOhms: z.number().min(0),
    worstMetres: z.number().min(0),
  }),
  /** Of the bitmaps, where some were written; all have one size. */
  bitmaps: z
    .strictObject({
      /** Along x and along y. */
      dropSpacingMetres: z.tuple([z.number().positive(), z.number().positive()]),
      columns: count,
      rows: count,
      edgeCompensationMetres: z.number().min(0),
      marginMetres: z.number().min(0),
      inverted: z.boolean(),
      mirrored: z.boolean(),
      layers: z.array(
        z.strictObject({
          name: nameSchema,
          /** Before an inversion. */
          drops: count,
          /** Drops times their spacings. */
          areaSquareMetres: z.number().min(0),
          /** Of the polygons with their edges compensated. */
          polygonSquareMetres: z.number().min(0),
        }),
      ),
    })
    .optional(),
  /** SHA-256 of the files beside it. */
  files: z.record(z.string(), z.string()),
});
