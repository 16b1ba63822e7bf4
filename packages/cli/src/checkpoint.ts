import { join } from 'node:path';
import {
  fileExists,
  InputFileError,
  platform,
  prepareOutputFolder,
  readArtifact,
  sha256,
  TrainingCheckpointKind,
  type TrainingState,
  writeArtifact,
} from '@neuroprint/core';
import { type PortableProblem, resolveOptions, type TrainingOptions } from '@neuroprint/training';

const NAME = 'checkpoint.json';

/** The checkpoint of a training in its output folder. */
export interface Checkpoint {
  /** Where an interrupted training of the same problem and options was. */
  readonly resume: TrainingState | undefined;
  readonly save: (state: TrainingState) => void;
  readonly remove: () => void;
}

/**
 * Prepares an output folder and finds the checkpoint in it. A folder that holds nothing else is gone on with; with
 * `overwrite` a checkpoint is forgotten. Throws InputFileError for a checkpoint that is damaged or of another training,
 * OutputInUseError where the folder holds other files.
 */
export function openCheckpoint(
  folder: string,
  overwrite: boolean,
  problem: PortableProblem,
  options: TrainingOptions,
): Checkpoint {
  const file = join(folder, NAME);
  const goesOn = !overwrite && fileExists(file) && !platform.files.list(folder).includes('network.json');
  prepareOutputFolder(folder, overwrite || goesOn);
  const { inputHashes, source, inputs, classes, task } = problem;
  const recipe = sha256(
    JSON.stringify({ inputHashes, source, inputs, classes, task, options: resolveOptions(options) }),
  );
  const remove = () => platform.files.remove(file);
  if (!goesOn) remove();
  return {
    resume: goesOn ? read(file, recipe) : undefined,
    save: (state) => writeArtifact(file, TrainingCheckpointKind, { inputHashes, recipe, state }),
    remove,
  };
}

function read(file: string, recipe: string): TrainingState {
  const checkpoint = readArtifact(file, TrainingCheckpointKind);
  if (checkpoint.recipe === recipe) return checkpoint.state;
  throw new InputFileError(
    { file },
    'is the checkpoint of a training with other data, surrogates or options',
    'Repeat the command that was interrupted, choose another --out, or begin anew with --overwrite.',
  );
}
