import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatJson, readArtifact, writeArtifact } from '../src/files/artifact.ts';
import { writeFileAtomic } from '../src/files/atomic-files.ts';
import { InputFileError } from '../src/files/errors.ts';
import { DesignSpaceKind } from '../src/schemas/design-space.ts';
import { TrainedNetworkKind } from '../src/schemas/network.ts';

const folder = mkdtempSync(join(tmpdir(), 'neuroprint-core-'));
const content = {
  technology: 'egt',
  cell: 'negweight',
  parameters: [{ name: 'R', unit: 'ohms', min: 1e4, max: 1e6, scale: 'log' }],
  constraints: [],
  inputHashes: {},
} as const;

describe('an artifact', () => {
  it('reads back as it was written, and has a checksum', () => {
    const path = join(folder, 'a.json');
    writeArtifact(path, DesignSpaceKind, content);
    expect(readArtifact(path, DesignSpaceKind)).toMatchObject({ ...content, kind: 'DesignSpace', version: 1 });
  });

  it('is written whole or not at all, and leaves no temporary file', () => {
    writeFileAtomic(join(folder, 'whole', 'b.txt'), 'text');
    expect(readdirSync(join(folder, 'whole'))).toEqual(['b.txt']);
  });

  it.each<[string, (text: string) => string, RegExp]>([
    ['a flipped digit', (text) => text.replace('1000000', '1000001'), /checksum does not match/],
    ['a cut', (text) => text.slice(0, 60), /is not JSON/],
    [
      'another version',
      (text) => text.replace('"version": 1', '"version": 9'),
      /is version 9 of DesignSpace, and this neuroprint reads version 1/,
    ],
    ['another kind', (text) => text.replace('DesignSpace', 'Samples'), /is a Samples, and a DesignSpace is needed/],
    [
      'an unknown field without a checksum',
      (text) => text.replace(/"checksum": "\w+"/, '"extra": 1'),
      /Unrecognized key/,
    ],
    [
      'a range upside down',
      (text) => text.replace(/,\s*"checksum": "\w+"/, '').replace('10000,', '9e9,'),
      /parameters\[0\]: min must be below max/,
    ],
    ['an array', () => '[]', /holds no DesignSpace object/],
  ])('with %s is refused, and the message names the file', (_, damage, message) => {
    const path = join(folder, 'damaged.json');
    writeArtifact(path, DesignSpaceKind, content);
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    expect(() => readArtifact(path, DesignSpaceKind)).toThrow(message);
    expect(() => readArtifact(path, DesignSpaceKind)).toThrow(/damaged\.json/);
    expect(() => readArtifact(path, DesignSpaceKind)).toThrow(InputFileError);
  });

  it('that is missing is an error that says so', () => {
    expect(() => readArtifact(join(folder, 'nowhere.json'), TrainedNetworkKind)).toThrow(
      /nowhere\.json: there is no such file/,
    );
  });

  it('shows the rows of a matrix as lines', () => {
    expect(
      formatJson({
        m: [
          [1, -2.5e-7],
          [3, 4],
        ],
      }),
    ).toBe('{\n  "m": [\n    [1, -2.5e-7],\n    [3, 4]\n  ]\n}');
  });
});
