import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTechnology } from '@neuroprint/circuit';
import {
  type Dataset,
  Draws,
  makeArtifact,
  readDataset,
  type TrainedNetwork,
  TrainedNetworkKind,
} from '@neuroprint/core';
import type { Layered, PassContext } from '../src/index.ts';
import type { PassResult, RoundsPass } from '../src/pass.ts';
import { doHere, subjectOf } from '../src/rounds.ts';
import { Workshop } from '../src/workshop.ts';

export const TEMPLATES = fileURLToPath(new URL('../../../spice-templates', import.meta.url));
export const egt = loadTechnology(TEMPLATES, 'egt');

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'neuroprint-compiler-'));
}

/** A 2-2-2 network of the technology's typical stages with random signed conductances. */
export function network(seed = 1): TrainedNetwork {
  const draws = new Draws(seed, 'test network');
  const matrix = (layer: number): number[][] =>
    [0, 1, 2, 3].map((row) =>
      [0, 1].map((column) => {
        const siemens = 1e-7 + 2e-6 * draws.uniform(layer, 2 * row + column);
        return row < 2 && draws.uniform(layer, 100 + 2 * row + column) < 0.5 ? -siemens : siemens;
      }),
    );
  const layer = (l: number) => ({
    nodeRule: 'inverter' as const,
    conductancesSiemens: matrix(l),
    fallingStages: [{ cell: 'negweight', values: egt.cells.negweight!.typical, eta: [-0.64, 0.36, 0.26, 8] as const }],
    activationStages: [{ cell: 'ptanh', values: egt.cells.ptanh!.typical, eta: [0.63, 0.29, 0.31, 9] as const }],
  });
  return makeArtifact(TrainedNetworkKind, {
    name: 'example',
    technology: 'egt',
    inputs: ['x', 'y'].map((name) => ({ name, minimum: 0, maximum: 1 })),
    classes: ['left', 'right'],
    layers: [layer(0), layer(1)],
    variation: { kind: 'uniform', relativeSpread: 0.1 },
    inputHashes: {},
  });
}

/** Points in the unit square; the class is which side of x = y they lie on. */
export function dataset(rows = 60): Dataset {
  const draws = new Draws(2, 'test table');
  const lines = Array.from({ length: rows }, (_, i) => {
    const [x, y] = [draws.uniform(i, 0), draws.uniform(i, 1)];
    return `${x},${y},${x > y ? 'right' : 'left'}`;
  });
  const file = join(temporaryFolder(), 'square.csv');
  writeFileSync(file, `x,y,label\n${lines.join('\n')}\n`);
  return readDataset(file);
}

/** Runs a pass whose work goes on in rounds. */
export function roundsHere(
  pass: RoundsPass<'scaled', 'scaled'>,
  layered: Layered,
  context: PassContext,
): PassResult<Layered> {
  const workshop = new Workshop(subjectOf(context));
  return doHere(pass.rounds(layered, context), (round) => workshop.do(round));
}
