import { z } from 'zod';
import { type Artifact, artifactKind } from '../files/artifact.ts';
import { nodeSchema, technologyNameSchema } from './common.ts';

const share = z.number().min(0).max(1);
const count = z.int().min(0);

/** An input to apply, and what a good sheet gives; lists in the order of `inputs` and `observed`. Volts. */
const patternSchema = z.strictObject({
  inputVolts: z.array(z.number()),
  expectedVolts: z.array(z.number()),
  lowVolts: z.array(z.number()),
  highVolts: z.array(z.number()),
});

/** How many printed copies with a fault a test calls broken. */
const foundSchema = z.strictObject({ copies: count, found: count, isFound: z.boolean() });

const findingSchema = z.strictObject({
  name: z.string(),
  kind: z.string(),
  components: z.array(z.string()),
  nodes: z.array(z.string()),
  /** Faults of one number move every reading alike, within the meter's error, at every input that was tried. */
  group: count,
  /** Most that it moves any reading at any input that was tried; null without an operating point. */
  mostVolts: z.number().nullable(),
  /** By the limits of the sheet. */
  limits: foundSchema,
  /** By limits, or by the fit of a good print to all readings together; absent where it was not asked for. */
  fit: foundSchema.optional(),
  /** Why neither finds it, and the stages that hide it. */
  reason: z.string().optional(),
  stages: z.array(z.string()).optional(),
});

/** Of all faults, and of those that move what is measured by more than the meter's error at any input that was tried. */
const coverageSchema = z.strictObject({
  found: count,
  coverage: share,
  coverageOfDetectable: share,
  /** Most good sheets that are called broken, with 95 % confidence; good copies that it was set with, and of these those outside. */
  falseAlarms: share,
  goodCopies: count,
  goodCopiesOutside: count,
});

/** TestPatterns: inputs that reveal the single faults of a printed sheet, and which they do reveal. */
export const TestPatternsKind = artifactKind('TestPatterns', 1, {
  name: z.string(),
  technology: technologyNameSchema,
  inputs: z.array(nodeSchema),
  observed: z.array(z.string()),
  innerNodes: z.boolean(),
  /** What says which lines lie side by side. */
  neighbours: z.enum(['layout', 'rows and columns']),
  meterVolts: z.number().min(0),
  /** How good copies differ, in words. */
  law: z.string(),
  seed: z.int(),
  /** A fault counts as found where at least this share of its printed copies is. */
  foundShare: share,
  patterns: z.array(patternSchema),
  faults: z.array(findingSchema),
  groups: count,
  detectable: count,
  limits: coverageSchema,
  /** By limits and fit together, with the most χ² that the fit may leave of a good sheet. */
  fit: coverageSchema.extend({ mostChiSquare: z.number() }).optional(),
  /** The better of the two: what a specification asks for. */
  coverage: share,
  /** Faults that were found, simulated as designed in ngspice too; none where it was not asked. */
  ngspice: z
    .strictObject({
      engine: z.string(),
      faults: count,
      confirmed: count,
      unsimulated: count,
      maxErrorVolts: z.number().min(0),
    })
    .optional(),
});

export type TestPatternsFile = Artifact<typeof TestPatternsKind>;
