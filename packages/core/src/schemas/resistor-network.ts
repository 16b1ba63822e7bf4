import { z } from 'zod';
import { type Artifact, artifactKind } from '../files/artifact.ts';
import { nameSchema } from './common.ts';

const terminalSchema = z.strictObject({ node: z.int().min(0), name: nameSchema });

/**
 * ResistorNetwork: Σ_j (v_j − v_i)/R_ij = 0 at every node without a source, R = minimum + level·(maximum − minimum)/(levels − 1). What a
 * local rule has learnt, and rows of it: volts of the sources, and the volts that the outputs were taught.
 */
export const ResistorNetworkKind = artifactKind('ResistorNetwork', 1, {
  name: z.string().min(1),
  nodes: z.int().min(2),
  edges: z.array(z.tuple([z.int().min(0), z.int().min(0)])).min(1),
  scale: z.strictObject({
    minimumOhms: z.number().positive(),
    maximumOhms: z.number().positive(),
    levels: z.int().min(2),
    resolutionOhms: z.number().positive(),
  }),
  /** From 0, one per edge. */
  level: z.array(z.int().min(0)).min(1),
  driven: z.array(terminalSchema).min(1),
  outputs: z.array(terminalSchema).min(1),
  learning: z.strictObject({
    task: z.string(),
    rule: z.string(),
    nudge: z.number(),
    rate: z.number(),
    epochs: z.int(),
    seed: z.int(),
  }),
  rows: z.array(z.strictObject({ driveVolts: z.array(z.number()), targetVolts: z.array(z.number()) })).min(1),
});

export type ResistorNetworkFile = Artifact<typeof ResistorNetworkKind>;
