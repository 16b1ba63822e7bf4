import { join } from 'node:path';
import {
  DesignSpaceKind,
  fileExists,
  InputFileError,
  PortModelKind,
  readArtifact,
  type Surrogate,
  SurrogateKind,
  writeArtifact,
  writeFileAtomic,
} from '@neuroprint/core';
import { type SurrogateContent, SurrogateModel } from './eta/model.ts';
import { encodeOnnx } from './exchange/onnx.ts';
import { type PortContent, PortModel } from './port/port.ts';

/**
 * Writes designSpace.json, surrogate.onnx and surrogate.json, the last one last. The same surrogate gives the same
 * bytes. Returns the SHA-256 of surrogate.json.
 */
export function writeSurrogate(folder: string, surrogate: SurrogateContent): string {
  const { technology, cell, parameters, constraints } = surrogate;
  writeArtifact(join(folder, 'designSpace.json'), DesignSpaceKind, {
    inputHashes: {},
    technology,
    cell,
    parameters,
    constraints,
  });
  writeFileAtomic(join(folder, 'surrogate.onnx'), encodeOnnx(surrogate));
  return writeArtifact(join(folder, 'surrogate.json'), SurrogateKind, surrogate);
}

/**
 * Reads surrogate.json of a folder. Throws InputFileError where it is missing, damaged, of matrices that do not fit
 * together, or of another technology or cell than `expected`.
 */
export function readSurrogate(
  folder: string,
  expected?: { readonly technology: string; readonly cell: string },
): Surrogate {
  const path = join(folder, 'surrogate.json');
  if (expected !== undefined && !fileExists(path))
    throw new InputFileError(
      { file: path },
      `there is no such file: nobody has made the surrogate of ${expected.technology}/${expected.cell} here`,
      `Make it: npx neuroprint surrogates make --technology ${expected.technology} --surrogates ${join(folder, '..', '..')}`,
    );
  const surrogate = readArtifact(path, SurrogateKind);
  if (expected !== undefined && (surrogate.technology !== expected.technology || surrogate.cell !== expected.cell)) {
    throw new InputFileError(
      { file: path },
      `is of ${surrogate.technology}/${surrogate.cell}, and ${expected.technology}/${expected.cell} is needed`,
      'Check --surrogates, or train a surrogate for this cell.',
    );
  }
  try {
    SurrogateModel.of(surrogate);
  } catch (error) {
    throw new InputFileError({ file: path }, error instanceof Error ? error.message : String(error), 'Train it again.');
  }
  return surrogate;
}

const PORT_FILE = 'port.json';

/** Writes port.json. Returns its SHA-256. */
export function writePort(folder: string, port: PortContent): string {
  return writeArtifact(join(folder, PORT_FILE), PortModelKind, port);
}

/** Reads port.json of a folder. Throws InputFileError where it is missing, damaged, or of matrices that do not fit together. */
export function readPort(folder: string): PortModel {
  const path = join(folder, PORT_FILE);
  if (!fileExists(path))
    throw new InputFileError(
      { file: path },
      'there is no such file: nobody has made the port model of this cell here',
      'Make it with surrogates make, or with sample --port and surrogate train --port.',
    );
  const port = readArtifact(path, PortModelKind);
  try {
    return PortModel.of(port);
  } catch (error) {
    throw new InputFileError({ file: path }, error instanceof Error ? error.message : String(error), 'Train it again.');
  }
}
