import { type Circuit, formatCaseTable, formatJson } from '@neuroprint/core';
import { parseNetlist, renderNetlist, renderTestbench } from '@neuroprint/spice';
import { billOfMaterials } from '../bom.ts';
import type { Files, PassContext } from '../context.ts';
import { PassCheckError } from '../errors.ts';
import type { PlainPass } from '../pass.ts';

export const emitPass: PlainPass<'circuit', 'files'> = {
  name: 'emit',
  from: 'circuit',
  to: 'files',
  run: (circuit, context) => {
    const output = emit(circuit, context);
    const names = Object.keys(output);
    return { output, changed: names.length, note: names.join(', ') };
  },
  check: (files, _, circuit) => checkText(String(files['netlist.cir']), circuit),
  // that of the layout is measured when all passes are done
  rungs: () => [],
};

/** circuit → what is written: circuit.json, netlist.cir, testbench.cir, expected.csv, bom.csv, drawings and layout. */
function emit(circuit: Circuit, { network, technology, cases, ladder, drawings }: PassContext): Files {
  const { nodes, volts } = ladder.solutionOf(circuit);
  const expected = { ...cases, nodes, volts };
  const circuitText = `${formatJson(circuit)}\n`;
  const netlistText = renderNetlist(circuit, technology, network.inputs);
  const drawn = drawings?.({ circuit, network, technology, expected, circuitText, netlistText });
  ladder.layOut(circuit, drawn?.metal);
  return {
    'circuit.json': circuitText,
    'netlist.cir': netlistText,
    'testbench.cir': renderTestbench(circuit, technology, cases.inputVolts, network.inputs),
    'expected.csv': formatCaseTable(expected, circuit, network.inputs),
    'bom.csv': billOfMaterials(circuit, technology, drawn?.elements),
    ...drawn?.files,
  };
}

/** The emitted text is a netlist, with every device of the circuit. */
function checkText(netlist: string, circuit: Circuit): void {
  const parsed = parseNetlist(netlist, 'netlist.cir').subckts.find(({ name }) => name === 'network');
  const written = new Set([
    ...(parsed?.resistors ?? []).map(({ name }) => name),
    ...(parsed?.instances ?? []).map(({ name }) => name.slice(1)),
  ]);
  for (const { name, origin } of circuit.devices)
    if (!written.has(name)) throw new PassCheckError(origin, `${name} is not in netlist.cir`);
}
