import { z } from 'zod';
import { type Artifact, artifactKind } from '../artifact.ts';
import { simulatorSchema } from './common.ts';

const share = z.number().min(0).max(1);

export const monteCarloSchema = z.strictObject({
  draws: z.int(),
  relativeSpread: z.number(),
  seed: z.int(),
  meanAccuracy: share,
  stdAccuracy: z.number(),
  /** Share of printed circuits with at least `yieldAccuracy`, and its 95 % Wilson interval. */
  yieldAccuracy: share,
  yield: share,
  yieldInterval: z.tuple([share, share]),
  /** Largest difference of any node between exact solver and ngspice over all draws and rows. */
  maxErrorVolts: z.number(),
  decisionsDiffering: z.int(),
});

/**
 * VerificationReport: max over cases and nodes of |v_ngspice − v_expected|, and what it means for the decisions.
 * A tie is a case whose two largest outputs are closer than twice the largest voltage error.
 */
export const VerificationReportKind = artifactKind('VerificationReport', 1, {
  netlist: z.string(),
  simulator: simulatorSchema,
  cases: z.int(),
  nodes: z.int(),
  maxErrorVolts: z.number(),
  p99ErrorVolts: z.number(),
  worst: z.strictObject({ case: z.int(), node: z.string(), expectedVolts: z.number(), simulatedVolts: z.number() }),
  /** Largest difference of each node over all cases, in volts. */
  nodeErrorVolts: z.record(z.string(), z.number()),
  decisionAgreement: share.nullable(),
  ties: z.int(),
  accuracy: z.strictObject({ network: share.nullable(), circuit: share.nullable(), ngspice: share.nullable() }),
  monteCarlo: monteCarloSchema.optional(),
});

export type VerificationReport = Artifact<typeof VerificationReportKind>;
export type MonteCarlo = Readonly<z.infer<typeof monteCarloSchema>>;
