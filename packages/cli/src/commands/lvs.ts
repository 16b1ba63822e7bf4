import { loadTechnology } from '@neuroprint/circuit';
import { lvs, readNetlistFolder } from '@neuroprint/verifier';
import type { CommandModule } from 'yargs';
import { jsonOption, textOption } from '../options.ts';
import { printResult } from '../output.ts';
import { TEMPLATES } from '../paths.ts';

/** `neuroprint lvs`: is the netlist's text the circuit, and the circuit the network? */
export const lvsCommand: CommandModule<object, { netlist: string; json: boolean }> = {
  command: 'lvs',
  describe: 'Parse a netlist back and compare it with circuit.json and network.json',
  builder: (yargs) =>
    yargs
      .options({
        netlist: { ...textOption('netlist', 'Folder that compile wrote, or a netlist in it'), demandOption: true },
        json: jsonOption,
      })
      .example('$0 lvs --netlist netlists-out/iris', 'Compare text, circuit and network') as never,
  handler: ({ netlist, json }) => {
    const folder = readNetlistFolder(netlist);
    const result = lvs(folder, loadTechnology(TEMPLATES, folder.circuit.technology));
    printResult(
      json,
      result,
      result.matches
        ? ['The netlist is the circuit.']
        : ['The netlist is not the circuit:', ...result.differences.map((line) => `  ${line}`)],
    );
    if (!result.matches) process.exitCode = 3;
  },
};
