import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { diffCircuits } from '@neuroprint/compiler';
import { type Circuit, CircuitKind, InputFileError, ManifestKind, readArtifact, sha256OfFile } from '@neuroprint/core';
import { defineCommand, outcome } from '../command.ts';
import { required, text } from '../options.ts';

/** Changes that a person is shown; --json has all. */
const SHOWN = 20;

/** `neuroprint diff`: which components changed from one compile to another, and by how much. */
export const diffCommand = defineCommand({
  positionals: {
    before: required(text('Folder that compile wrote, or its circuit.json')),
    after: required(text('The other one')),
  },
  options: {},
  examples: [['$0 diff netlists-out/iris netlists-out/iris-2', 'Compare two compiles']],
  run: ({ before, after }) => {
    const diff = diffCircuits(readCircuit(before), readCircuit(after));
    const { added, removed, reconnected, changed } = diff;
    const named = (what: string, names: readonly string[]): string[] =>
      names.length === 0 ? [] : [`${what}: ${names.join(', ')}`];
    return outcome(diff, [
      ...(diff.same ? ['The circuits are the same.'] : []),
      ...named('added', added),
      ...named('removed', removed),
      ...named('connected otherwise', reconnected),
      ...changed
        .slice(0, SHOWN)
        .map(
          ({ device, parameter, before: was, after: is, relativeChange }) =>
            `${device} ${parameter}: ${was} → ${is} (${relativeChange > 0 ? '+' : ''}${(100 * relativeChange).toFixed(2)} %)`,
        ),
      ...(changed.length > SHOWN ? [`and ${changed.length - SHOWN} smaller changes (all with --json)`] : []),
    ]);
  },
});

function readCircuit(path: string): Circuit {
  if (!existsSync(path))
    throw new InputFileError({ file: path }, 'there is no such file or folder', 'Give a folder that compile wrote.');
  if (!statSync(path).isDirectory()) return readArtifact(path, CircuitKind);
  const circuit = readArtifact(join(path, 'circuit.json'), CircuitKind);
  const { files } = readArtifact(join(path, 'manifest.json'), ManifestKind);
  for (const name of ['circuit.json', 'netlist.cir']) {
    const file = join(path, name);
    if (existsSync(file) && sha256OfFile(file) !== files[name])
      throw new InputFileError(
        { file },
        'is not the file that was compiled, and diff compares what was',
        'Run lvs to see what was changed, or give circuit.json itself.',
      );
  }
  return circuit;
}
