import { join } from 'node:path';
import { prepareOutputFolder, ResistorNetworkKind, readArtifact } from '@neuroprint/core';
import type { StateName } from '@neuroprint/studies';
import { NETLIST_FILES, writeState } from '@neuroprint/studies';
import type { CommandModule } from 'yargs';
import { jsonOption, numberOption, overwriteOption, textOption } from '../options.ts';
import { printResult } from '../output.ts';

interface Arguments {
  network: string;
  state: StateName;
  nudge: number | undefined;
  out: string;
  overwrite: boolean;
  json: boolean;
}

/** `neuroprint local netlist`: a state of a resistor network, ready for verify. */
export const localNetlistCommand: CommandModule<object, Arguments> = {
  command: 'netlist',
  describe: 'Write the free or the clamped state of a network of resistors as a netlist that verify takes',
  builder: (yargs) =>
    yargs
      .options({
        network: { ...textOption('network', 'network.json that local train wrote'), demandOption: true },
        state: {
          choices: ['free', 'clamped'] as const,
          default: 'free' as const,
          requiresArg: true,
          describe: 'Whether the outputs are held too',
        },
        nudge: numberOption(
          'nudge',
          { min: 1e-6, max: 1, describe: 'Of the clamped state; as in learning unless given' },
          false,
        ),
        out: { ...textOption('out', `Folder for ${NETLIST_FILES.join(', ')}`), demandOption: true },
        overwrite: overwriteOption,
        json: jsonOption,
      })
      .example(
        '$0 local netlist --network learnt/iris/network.json --state clamped --out clamped',
        'Then: verify --netlist clamped/netlist.cir --map clamped/map.json --expected clamped/expected.csv',
      ) as never,
  handler: (argv) => {
    const file = readArtifact(argv.network, ResistorNetworkKind);
    prepareOutputFolder(argv.out, argv.overwrite);
    const written = writeState(argv.out, file, argv.state, argv.nudge);
    const at = (name: string) => join(argv.out, name);
    const [netlist, ports, expected] = NETLIST_FILES.map(at);
    printResult(argv.json, { state: argv.state, ...written, out: argv.out }, [
      `${argv.state} state of ${file.name}: ${written.resistors} resistors, ${written.nodes} nodes, ${written.cases} cases`,
      `verify     neuroprint verify --netlist ${netlist} --map ${ports} --expected ${expected}`,
    ]);
  },
};
