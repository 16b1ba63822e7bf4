import { join } from 'node:path';
import { prepareOutputFolder, ResistorNetworkKind, readArtifact } from '@neuroprint/core';
import { NETLIST_FILES, writeState } from '@neuroprint/studies';
import { defineCommand, outcome } from '../command.ts';
import { choice, number, overwriteOption, required, text } from '../options.ts';

/** `neuroprint local netlist`: a state of a resistor network, ready for verify. */
export const netlistCommand = defineCommand({
  options: {
    network: required(text('network.json that local train wrote')),
    state: choice('Whether the outputs are held too', ['free', 'clamped'], 'free'),
    nudge: number('Of the clamped state; as in learning unless given', { min: 1e-6, max: 1 }),
    out: required(text(`Folder for ${NETLIST_FILES.join(', ')}`)),
    overwrite: overwriteOption,
  },
  examples: [
    [
      '$0 local netlist --network learnt/iris/network.json --state clamped --out clamped',
      'Then: verify --netlist clamped/netlist.cir --map clamped/map.json --expected clamped/expected.csv',
    ],
  ],
  run: (argv) => {
    const file = readArtifact(argv.network, ResistorNetworkKind);
    prepareOutputFolder(argv.out, argv.overwrite);
    const written = writeState(argv.out, file, argv.state, argv.nudge);
    const at = (name: string) => join(argv.out, name);
    const [netlist, ports, expected] = NETLIST_FILES.map(at);
    return outcome({ state: argv.state, ...written, out: argv.out }, [
      `${argv.state} state of ${file.name}: ${written.resistors} resistors, ${written.nodes} nodes, ${written.cases} cases`,
      `verify     neuroprint verify --netlist ${netlist} --map ${ports} --expected ${expected}`,
    ]);
  },
});
