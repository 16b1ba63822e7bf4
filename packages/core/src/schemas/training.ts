import { z } from 'zod';
import { type Artifact, artifactKind } from '../files/artifact.ts';

const numbers = z.array(z.number());

/** A random start on its way: where it is, its optimiser, the mean of its last epochs, and the best of them. */
const candidateSchema = z.strictObject({
  epoch: z.int().min(0),
  bestEpoch: z.int().min(0),
  /** Absent before the first look at the validation rows. */
  bestScore: z.number().nullable(),
  /** With a budget: e-folds by which the best is beyond it (absent likewise), and the start's multipliers. */
  bestExcess: z.number().nullable().optional(),
  multipliers: numbers.optional(),
  parameters: numbers,
  adam: numbers,
  mean: numbers,
  best: numbers,
});

/**
 * TrainingCheckpoint: a training that goes on from it gives the same bits as one that was never stopped. Numbers are
 * written with all their digits.
 */
export const TrainingCheckpointKind = artifactKind('TrainingCheckpoint', 1, {
  /** SHA-256 of data, surrogates, technology and options; a checkpoint of others is not taken over. */
  recipe: z.string().regex(/^[0-9a-f]{64}$/),
  state: z.strictObject({
    /** Epochs of all starts together. */
    epochs: z.int().min(0),
    /** Places of the starts that continue; null while all are scouting. */
    survivors: z.array(z.int().min(0)).nullable(),
    /** Null where a start has not begun. */
    candidates: z.array(candidateSchema.nullable()).min(1),
    history: z.array(
      z.strictObject({
        restart: z.int(),
        epoch: z.int(),
        trainLoss: z.number(),
        validLoss: z.number(),
        /** Absent in regression, which has the root mean square error in units of the target instead. */
        validAccuracy: z.number().optional(),
        validRmse: z.number().optional(),
      }),
    ),
  }),
});

type TrainingCheckpoint = Artifact<typeof TrainingCheckpointKind>;
export type TrainingState = TrainingCheckpoint['state'];
