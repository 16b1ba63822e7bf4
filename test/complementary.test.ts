import { join } from 'node:path';
import { Draws, formatJson, makeArtifact, TrainedNetworkKind } from '@neuroprint/core';
import { expect, it } from 'vitest';
import { mixedProcess } from '../packages/circuit/test/process.ts';
import { compile } from '../packages/compiler/src/compile.ts';
import { openEngine } from '../packages/spice/src/engine/open.ts';
import { readNetlistFolder } from '../packages/verifier/src/folder.ts';
import { lvs } from '../packages/verifier/src/lvs/lvs.ts';
import { verify } from '../packages/verifier/src/verify.ts';
import { temporaryFolder } from './cli.ts';

const siemens = (value: number) => ({ value, source: 'test' });
const technology = mixedProcess((file) => {
  file.crossbar = { minOhms: siemens(2e5), maxOhms: siemens(1e8) };
});

/** Two layers of complementary stages at 5 V, with random conductances. */
function network() {
  const draws = new Draws(3, 'complementary network');
  const layer = (l: number) => ({
    nodeRule: 'inverter' as const,
    conductancesSiemens: [0, 1, 2, 3].map((row) =>
      [0, 1].map((column) => {
        const at = 2 * row + column;
        return (row < 2 && draws.uniform(l, 100 + at) < 0.5 ? -1 : 1) * (2e-8 + 1e-7 * draws.uniform(l, at));
      }),
    ),
    fallingStages: [{ cell: 'leaking', values: technology.cells.leaking!.typical, eta: [-2.5, 2.5, 2, 3] as const }],
    activationStages: [{ cell: 'rising', values: technology.cells.rising!.typical, eta: [2.5, 2.5, 2, 4] as const }],
  });
  return makeArtifact(TrainedNetworkKind, {
    ...{ name: 'complementary', technology: 'mixed', biasVolts: 5, inputHashes: {} },
    inputs: ['x', 'y'].map((name) => ({ name, minimum: 0, maximum: 1 })),
    classes: ['left', 'right'],
    layers: [layer(0), layer(1)],
    variation: { kind: 'uniform', relativeSpread: 0.1 },
  });
}

it('a network of complementary stages is compiled, is its netlist, and has the voltages of ngspice at every node', async () => {
  const out = join(temporaryFolder(), 'out');
  const of = network();
  const rest = { networkFile: 'network.json', data: undefined, overwrite: false, version: 'test' };
  const { manifest } = compile({ network: of, networkText: formatJson(of), technology, out, ...rest });
  expect(manifest.components).toMatchObject({ transistors: 20, opamps: 0 });
  const netlist = readNetlistFolder(out);
  expect(lvs(netlist, technology)).toEqual({ matches: true, differences: [] });
  const engine = await openEngine('auto');
  try {
    const { report } = await verify(netlist, technology, engine);
    expect(report.netlistDifferences).toEqual([]);
    expect(report.maxErrorVolts).toBeLessThan(5e-5);
  } finally {
    await engine.close();
  }
});
