import { z } from 'zod';
import { type Artifact, artifactKind } from '../files/artifact.ts';
import { constraintSchema, nameSchema, parameterSchema, technologyNameSchema } from './common.ts';

/**
 * DesignSpace: the set { ω : min_k ≤ ω_k ≤ max_k, every constraint holds } of one cell's component values,
 * ω in ohms and metres.
 */
export const DesignSpaceKind = artifactKind('DesignSpace', 1, {
  technology: technologyNameSchema,
  cell: nameSchema,
  parameters: z.array(parameterSchema).min(1),
  constraints: z.array(constraintSchema),
});

export type DesignSpace = Artifact<typeof DesignSpaceKind>;
