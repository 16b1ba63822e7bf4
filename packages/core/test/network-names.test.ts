import { expect, it } from 'vitest';
import { TrainedNetworkKind } from '../src/schemas/network.ts';

const range = { minimum: 0, maximum: 1 };
const network = {
  kind: 'TrainedNetwork',
  version: 1,
  inputHashes: {},
  name: 'two',
  technology: 'egt',
  inputs: [
    { name: 'x', ...range },
    { name: 'y', ...range },
  ],
  classes: ['a', 'b'],
  layers: [
    {
      nodeRule: 'inverter',
      conductancesSiemens: [
        [1e-5, 1e-5],
        [1e-5, 1e-5],
        [1e-5, 1e-5],
        [1e-5, 1e-5],
      ],
      activationStages: [{ cell: 'ptanh', values: { R1: 1 } }],
      fallingStages: [{ cell: 'negweight', values: { R: 1 } }],
    },
  ],
  variation: { kind: 'uniform', relativeSpread: 0.1 },
};

const bare = { ...network.layers[0]!, activationStages: [] };
const regression = { classes: ['p'], task: { kind: 'regression', target: 'p', interceptUnits: 1, unitsPerVolt: 2 } };
const STAGES = 'only the last layer of a regression network may be without activation stages';

it.each<[string, object, string]>([
  ['nothing changed', {}, ''],
  ['a range without width', { inputs: [{ name: 'x', minimum: 5, maximum: 5 }] }, 'minimum and maximum must differ'],
  ['two classes of one name', { classes: ['a', 'a'] }, 'two classes have one name'],
  ['a bare column read by a line', { ...regression, layers: [network.layers[0], bare] }, ''],
  ['a bare column before the last', { ...regression, layers: [bare, network.layers[0]] }, STAGES],
  ['bare columns that are classes', { layers: [bare] }, STAGES],
  ['a bare column with op-amps', { ...regression, layers: [{ ...bare, nodeRule: 'kirchhoff' }] }, STAGES],
  ['two inputs of one name', { inputs: [network.inputs[0], network.inputs[0]] }, 'two inputs have one name'],
])('a network file with %s is read or refused', (_, change, message) => {
  const { error } = TrainedNetworkKind.schema.safeParse({ ...network, ...change });
  expect(error?.issues.map((issue) => issue.message) ?? []).toEqual(message === '' ? [] : [message]);
});
