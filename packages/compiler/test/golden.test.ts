import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTechnology, printCircuit } from '@neuroprint/circuit';
import {
  readArtifact,
  readDataset,
  readTargets,
  readTextFile,
  regressionOf,
  TrainedNetworkKind,
  toVoltageRows,
} from '@neuroprint/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { PASSES, type PassContext, type PassOptions, passContext, runPasses } from '../src/index.ts';
import { TEMPLATES } from './example.ts';

/**
 * One folder a case: network.json, and where it wants another circuit than the defaults give case.json with `negativeForm`, `series`,
 * `calibrationSteps` and `table` (a path from the folder). Beside them the circuit after every pass, so that a diff of two files shows what
 * a pass changed. `npx vitest run packages/compiler/test/golden.test.ts -u` writes them anew.
 */
const GOLDEN = fileURLToPath(new URL('golden', import.meta.url));

/** Emitting gives files and no circuit. */
const CIRCUIT_PASSES = PASSES.filter(({ to }) => to !== 'files');
const FILES = CIRCUIT_PASSES.map(({ name }, k) => `${k + 1}-${name.replaceAll(' ', '-')}.txt`);

function contextOf(folder: string): PassContext {
  const network = readArtifact(join(folder, 'network.json'), TrainedNetworkKind);
  const file = join(folder, 'case.json');
  const { table, ...options }: PassOptions & { table?: string } = existsSync(file)
    ? JSON.parse(readTextFile(file))
    : {};
  // the plain solver is the same everywhere
  const all = { ...options, solver: 'typescript' } as const;
  const technology = loadTechnology(TEMPLATES, network.technology);
  if (table === undefined) return passContext(network, technology, all);
  const target = regressionOf(network)?.target;
  const data =
    target === undefined
      ? readDataset(join(folder, table), { seed: 0 })
      : readTargets(join(folder, table), { seed: 0, target });
  const rows = (split: 'train' | 'valid') => toVoltageRows(data, network.inputs, network.classes, split);
  return passContext(network, technology, { ...all, rows: { train: rows('train'), valid: rows('valid') } });
}

describe.each(readdirSync(GOLDEN))('the golden case %s', (name) => {
  const folder = join(GOLDEN, name);
  const texts = new Map<string, string>();

  beforeAll(() => {
    const context = contextOf(folder);
    runPasses(context, CIRCUIT_PASSES, ({ name: pass, note, changed }, { circuit, scaled, layered }) => {
      const after = circuit ?? context.ladder.circuitOf((scaled ?? layered)!);
      texts.set(pass, `; ${changed} changed: ${note}\n${printCircuit(after)}`);
    });
  });

  it.each(CIRCUIT_PASSES.map((pass, k) => [pass.name, FILES[k]!] as const))(
    'has its circuit after %s in %s',
    async (pass, file) => {
      await expect(texts.get(pass)).toMatchFileSnapshot(join(folder, file));
    },
  );

  it('holds nothing of another pass', () => {
    const known = ['network.json', 'case.json', 'table.csv', ...FILES];
    expect(readdirSync(folder).filter((file) => !known.includes(file))).toEqual([]);
  });
});
