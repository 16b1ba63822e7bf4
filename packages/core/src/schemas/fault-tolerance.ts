import { z } from 'zod';
import { type Artifact, artifactKind } from '../files/artifact.ts';
import { technologyNameSchema } from './common.ts';

const share = z.number().min(0).max(1);

/** A single fault, and what is left of the accuracy under it. */
const faultAccuracySchema = z.strictObject({
  name: z.string(),
  kind: z.string(),
  /** The broken part; none where lines are shorted or a contact resists. */
  components: z.array(z.string()),
  nodes: z.array(z.string()),
  accuracy: share,
  /** Rows without an operating point, which count as wrong. */
  unsolvedRows: z.int().min(0),
});

/** Copies in which every part is broken with one probability, beside their printing variation. */
const faultRateSchema = z.strictObject({
  rate: share,
  copies: z.int().min(1),
  meanAccuracy: share,
  stdAccuracy: z.number().min(0),
  yield: share,
  /** 95 % interval. */
  yieldInterval: z.tuple([share, share]),
  /** Copies that ngspice simulated too. */
  simulatedCopies: z.int().min(0),
  /** Copies under which it found no operating point. */
  unsimulatedCopies: z.int().min(0),
});

/** FaultTolerance: the accuracy of a circuit on its cases under every single fault, and of copies under fault rates. */
export const FaultToleranceKind = artifactKind('FaultTolerance', 1, {
  name: z.string(),
  technology: technologyNameSchema,
  rows: z.int().min(1),
  /** Without a fault. */
  accuracy: share,
  /** Worst first. */
  faults: z.array(faultAccuracySchema),
  leastAccuracy: share,
  meanAccuracy: share,
  /** A copy is good from this accuracy on; absent where no copies were judged. */
  yieldAccuracy: share.optional(),
  /** How good copies differ, in words. */
  law: z.string(),
  seed: z.int(),
  rates: z.array(faultRateSchema),
  /** What ngspice says of the worst faults, a sample of the others, and some copies of every rate. */
  ngspice: z.strictObject({
    engine: z.string(),
    faults: z.int().min(0),
    /** Of these, faults under which it found no operating point. */
    unsimulatedFaults: z.int().min(0),
    copies: z.int().min(0),
    maxErrorVolts: z.number().min(0),
    decisionsDiffering: z.int().min(0),
  }),
});

export type FaultTolerance = Artifact<typeof FaultToleranceKind>;
