import { basename, dirname, join } from 'node:path';
import {
  type Circuit,
  CircuitKind,
  fileExists,
  InputFileError,
  type Manifest,
  ManifestKind,
  platform,
  readArtifact,
  readTextFile,
  sha256OfFile,
  type TrainedNetwork,
  TrainedNetworkKind,
} from '@neuroprint/core';

/** A compiled netlist with what it promises. */
export interface NetlistFolder {
  readonly folder: string;
  readonly netlistFile: string;
  readonly netlistText: string;
  readonly circuit: Circuit;
  readonly network: TrainedNetwork;
  readonly manifest: Manifest;
}

/**
 * Reads a folder that `compile` wrote, or one netlist file in such a folder. The netlist itself may have been edited (that is what
 * lvs and verify find out); circuit.json, network.json and expected.csv must be those that the manifest lists.
 * Throws InputFileError that names the file.
 */
export function readNetlistFolder(path: string): NetlistFolder {
  if (!fileExists(path))
    throw new InputFileError({ file: path }, 'there is no such file or folder', 'Give a folder that compile wrote.');
  const isFolder = platform.files.stat(path)?.kind === 'folder';
  const folder = isFolder ? path : dirname(path);
  const netlistFile = isFolder ? join(path, 'netlist.cir') : path;
  if (fileExists(netlistFile) && platform.files.stat(netlistFile)?.kind !== 'file')
    throw new InputFileError({ file: netlistFile }, 'is no regular file', 'Give the netlist that compile wrote.');
  const netlistText = readTextFile(netlistFile);
  const manifestFile = join(folder, 'manifest.json');
  // compile writes it last
  if (!fileExists(manifestFile))
    throw new InputFileError(
      { file: manifestFile },
      'is missing: this is no folder that compile has finished',
      'Compile again, with --overwrite; a netlist that another tool wrote needs --map.',
    );
  const manifest = readArtifact(manifestFile, ManifestKind);
  for (const name of ['network.json', 'circuit.json', 'expected.csv']) {
    const file = join(folder, name);
    if (!fileExists(file)) throw new InputFileError({ file }, 'is missing', 'Compile again.');
    if (sha256OfFile(file) !== manifest.files[name]) {
      throw new InputFileError(
        { file },
        'is not the file that was compiled: its checksum differs from the manifest',
        'Compile again, or restore the file.',
      );
    }
  }
  return {
    folder,
    netlistFile,
    netlistText,
    circuit: readArtifact(join(folder, 'circuit.json'), CircuitKind),
    network: readArtifact(join(folder, 'network.json'), TrainedNetworkKind),
    manifest,
  };
}

/** How messages name a netlist. */
export function netlistName(netlist: NetlistFolder): string {
  return basename(netlist.folder);
}
