import { join } from 'node:path';
import { z } from 'zod';
import { CircuitKind } from '../schemas/circuit.ts';
import { DesignSpaceKind } from '../schemas/design-space.ts';
import { FaultToleranceKind } from '../schemas/fault-tolerance.ts';
import { JobsKind } from '../schemas/jobs.ts';
import { LayoutReportKind } from '../schemas/layout.ts';
import { ManifestKind } from '../schemas/manifest.ts';
import { TrainedNetworkKind } from '../schemas/network.ts';
import { PortModelKind } from '../schemas/port.ts';
import { ResistorNetworkKind } from '../schemas/resistor-network.ts';
import { SampleShardKind, SamplesKind } from '../schemas/samples.ts';
import { SurrogateKind } from '../schemas/surrogate.ts';
import { TrainingCheckpointKind } from '../schemas/training.ts';
import { VerificationReportKind } from '../schemas/verification.ts';
import { writeFileAtomic } from './atomic-files.ts';

/** Every kind of file, in the order of the flow. */
const ARTIFACT_KINDS = [
  DesignSpaceKind,
  SamplesKind,
  SampleShardKind,
  PortModelKind,
  SurrogateKind,
  TrainingCheckpointKind,
  TrainedNetworkKind,
  CircuitKind,
  ManifestKind,
  VerificationReportKind,
  LayoutReportKind,
  FaultToleranceKind,
  ResistorNetworkKind,
  JobsKind,
] as const;

/** The JSON Schemas of all kinds of files, by file name, for editors and for other people's tools. */
export function jsonSchemas(): Record<string, string> {
  return Object.fromEntries(
    ARTIFACT_KINDS.map(({ kind, schema }) => [
      `${kind}.schema.json`,
      `${JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any' }), null, 2)}\n`,
    ]),
  );
}

/** Writes them into a folder. */
export function writeJsonSchemas(folder: string): void {
  for (const [name, text] of Object.entries(jsonSchemas())) writeFileAtomic(join(folder, name), text);
}
