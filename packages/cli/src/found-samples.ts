import { join } from 'node:path';
import { findCell, type Technology } from '@neuroprint/circuit';
import { InputFileError, readArtifact, type Samples, SamplesKind } from '@neuroprint/core';

/** A folder of samples that there is. */
export interface FoundSamples {
  readonly folder: string;
  readonly samples: Samples;
}

/** What of each kind there is for a cell. */
export type FoundByCell = ReadonlyMap<string, { readonly curves?: FoundSamples; readonly ports?: FoundSamples }>;

/**
 * The folders of samples by their cell. Throws InputFileError for samples of another technology or cell, of other ranges than the
 * technology's, and for two folders of one kind.
 */
export function foundSamples(
  folders: readonly string[],
  technology: Technology,
  cells: readonly string[],
): FoundByCell {
  const found = new Map<string, { curves?: FoundSamples; ports?: FoundSamples }>();
  for (const folder of folders) {
    const file = join(folder, 'samples.json');
    const samples = readArtifact(file, SamplesKind);
    if (samples.technology !== technology.name || !cells.includes(samples.cell))
      throw new InputFileError(
        { file },
        `is of ${samples.technology}/${samples.cell}, and surrogates of ${cells.map((cell) => `${technology.name}/${cell}`).join(', ')} are made`,
        'Leave it out of --from, or name its --technology.',
      );
    const { parameters, constraints } = findCell(technology, samples.cell);
    if (JSON.stringify([samples.parameters, samples.constraints]) !== JSON.stringify([parameters, constraints]))
      throw new InputFileError(
        { file },
        `the ranges of ${samples.cell} are no longer those of ${technology.name}`,
        'Sample again.',
      );
    const kind = samples.sweep.kind === 'port' ? 'ports' : 'curves';
    const known = found.get(samples.cell) ?? {};
    if (known[kind] !== undefined)
      throw new InputFileError(
        { file },
        `holds ${kind} of ${samples.cell}, and so does ${known[kind].folder}`,
        'Name one of them.',
      );
    found.set(samples.cell, { ...known, [kind]: { folder, samples } });
  }
  return found;
}
