import { loadTechnology } from '@neuroprint/circuit';
import { lvs, readNetlistFolder } from '@neuroprint/verifier';
import { TEMPLATES } from '#host';
import { defineCommand, outcome } from '../command.ts';
import { required, text } from '../options.ts';

/** `neuroprint lvs`: is the netlist's text the circuit, and the circuit the network? */
export const lvsCommand = defineCommand({
  options: {
    netlist: required(text('Folder that compile wrote, or a netlist in it')),
  },
  examples: [['$0 lvs --netlist netlists-out/iris', 'Compare text, circuit and network']],
  run: ({ netlist }) => {
    const folder = readNetlistFolder(netlist);
    const result = lvs(folder, loadTechnology(TEMPLATES, folder.circuit.technology));
    return outcome(
      result,
      result.matches
        ? ['The netlist is the circuit.']
        : ['The netlist is not the circuit:', ...result.differences.map((line) => `  ${line}`)],
      result.matches ? 0 : 3,
    );
  },
});
